"""The pytest items of a graded notebook: the cells that run, and the probes that judge answers.

Their parent is the :class:`~labkit.grading.running.plugin.GradedNotebook` that collected them; it
owns the kernel and the results.
"""

from nbval.plugin import IPyNbCell

from labkit.checks import registry
from labkit.grading.running import probe
from labkit.grading.running.shortcuts import shortcuts

__all__ = ["AnswerCell", "ContextCell", "ExtraCell", "Probe", "role"]


class NotRight(Exception):
    """Tells pytest that a cell or an exercise went wrong; the record says more."""


def role(cell):
    """Return what a cell of the pristine notebook is for: "answer", "check", "code", …"""
    return cell.metadata["labkit"]["role"]


class ContextCell(IPyNbCell):
    """A cell of the lab itself that some answer needs. Its outputs are not compared."""

    students = False

    def setup(self):
        self.exercise = self.cell.metadata["labkit"].get("exercise")

    def runtest(self):
        self.parent.answering |= self.students or role(self.cell) == "answer"
        reply = self.run()
        if reply.status != "ok" and not self.parent.answering:
            why = f"{reply.status} {reply.error}".strip()
            self.parent.stop(f"cell {self.name} of the lab itself does not run here: {why}")
        if reply.status in ("ok", "error"):
            self.parent.ran.append((self.cell.source, self.students))
        self.keep(reply)
        if reply.status != "ok":
            self.raise_cell_error(reply.error or reply.status, reply.traceback)

    def run(self):
        return self.parent.run_cell(self.cell.source)

    def keep(self, reply):
        """Keep in the results what `reply` says; of a cell of the lab itself, that is nothing."""


class ExtraCell(ContextCell):
    """A cell that the student added and an answer needs. Its failure costs no points by itself."""

    students = True

    def run(self):
        return self.parent.run_extra(self.cell.source)


class AnswerCell(ContextCell):
    """A student's answer. The results say whether it ran; only the probe after it earns points."""

    students = True

    def keep(self, reply):
        forbidden = registry.get(self.exercise).forbidden
        others = [cell.source for cell in self.parent.nb.cells if cell.cell_type == "code"]
        self.parent.report(
            self.exercise,
            cell={"status": reply.status, "error": reply.error, "seconds": round(reply.seconds, 3)},
            printed=reply.text,
            traceback=reply.traceback,
            shortcuts=shortcuts(self.cell.source, forbidden, others),
        )


_ENDED = {
    "error": "ended with an error before the function was defined",
    "timeout": "did not finish in time",
    "died": "ended its own kernel",
}


class Probe(ContextCell):
    """Replaces a check cell: asks the kernel for values on fresh inputs and judges them here."""

    def runtest(self):
        exercise = registry.get(self.exercise)
        cases = exercise.cases(seed=self.parent.job["exercises"][self.exercise])
        question, nonce = probe.question(exercise, cases)
        # run() in the kernel stops a function that does not end, which may take this much longer.
        reply = self.parent.run_cell("", {"answer": question}, more_time=2 * exercise.seconds)
        result = probe.verdict(exercise, cases, reply, nonce)
        cell = self.parent.results[self.exercise]["cell"]
        if result["status"] == "undefined" and cell["status"] != "ok":
            result |= {"status": cell["status"], "text": f"the cell {_ENDED[cell['status']]}"}
            result["text"] += f" ({cell['error']})" if cell["error"] else ""
        self.parent.report(self.exercise, **result, probe_seconds=round(reply.seconds, 3))
        if result["score"] < 1:
            raise NotRight(result["text"])

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, NotRight):
            return f"{self.exercise}: {excinfo.value}"
        return super().repr_failure(excinfo)
