"""The pytest plugin that grades one submission: nbval's collector and items, keyed by exercise.

``pytest -p nbval.plugin -p labkit.grading.running.plugin -s --labkit-grade NOTEBOOK < JOB``
collects one notebook: the pristine one with a student's answers in it. Its answer cells run as in
nbval; in the place of each check cell stands a probe, which asks the kernel for values and judges
them here. Nothing that the notebook says about itself (NBVAL markers, outputs, kernelspec) is
looked at.

The job comes from :mod:`labkit.grading.running.engine` as JSON on standard input, where student
code cannot read it from a file::

    {"result": path, "key": secret, "timeout": seconds, "spare": seconds,
     "exercises": {id: seed}, "sandbox": bool, "parent": process id of the grader}

with the exercises to judge, and the time for all that is neither an answer nor a probe (added
cells, and those that a new kernel has to run again); the result is ``{"exercises": {id: {...}},
"seal": …}``, sealed with the key, because student code can find and write the file.
"""

import json
import os
import select
import sys
import threading

import nbformat
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from labkit.checks import registry
from labkit.files import write_atomically
from labkit.grading.hashes import seal
from labkit.grading.running import probe
from labkit.grading.running.context import needed_cells
from labkit.grading.running.guarded_kernel import GuardedKernel, Reply
from labkit.grading.running.shortcuts import shortcuts

__all__ = ["AnswerCell", "ContextCell", "ExtraCell", "GradedNotebook", "Probe"]

MUTE = 5  # seconds for an empty cell
STARTUP = 120  # seconds for a kernel to answer: a machine under load, not the student's fault


def pytest_addoption(parser):
    group = parser.getgroup("labkit", "grading by labkit")
    group.addoption(
        "--labkit-grade",
        action="store_true",
        help="Grade the given notebook as the job on standard input says; needs -s.",
    )


def pytest_collect_file(file_path, parent):
    if parent.config.option.labkit_grade and file_path.suffix == ".ipynb":
        job = json.load(sys.stdin)
        _end_with(job["parent"])
        return GradedNotebook.from_parent(parent, path=file_path, job=job)
    return None


def _end_with(grader):
    """End this process when the one that started it has ended; with it, its kernel ends."""
    if not hasattr(os, "pidfd_open"):  # not Linux
        return
    ended = os.pidfd_open(grader)
    if os.getppid() != grader:
        os._exit(1)

    def wait():
        select.select([ended], [], [])
        os._exit(1)

    threading.Thread(target=wait, name="labkit-grader", daemon=True).start()


class NotRight(Exception):
    """How an item tells pytest that a cell or an exercise went wrong; the record says more."""


class GradedNotebook(IPyNbFile):
    """One submission. Results are written after every step, so that a crash loses nothing."""

    def __init__(self, *args, job, **kwargs):
        super().__init__(*args, **kwargs)
        self.job = job
        self.results = {}
        self.ran = []  # [(source, is it the student's)] to run again in a new kernel
        self.spare = job["spare"]  # seconds; without an end, one student could take the whole night
        self.answering = False  # whether an answer, or the gap where it should be, has run

    def setup(self):
        self.kernel = GuardedKernel(str(self.path.parent), STARTUP, sandbox=self.job["sandbox"])
        self.kernel.run(f"{probe.ASK}.check_nothing()", STARTUP)

    def teardown(self):
        if self.kernel is not None:
            self.kernel.stop()

    def collect(self):
        self.nb = nbformat.read(self.path, as_version=4)
        cells = [cell for cell in self.nb.cells if cell.cell_type == "code"]
        runnable = [c for c in cells if _role(c) in ("code", "predict", "answer", "extra")]
        sources = [(cell.source, _role(cell) in ("answer", "extra")) for cell in runnable]
        needed = {runnable[index].id for index in needed_cells(sources)}
        for number, cell in enumerate(cells):
            kind = ContextCell if cell.id in needed else None
            if _role(cell) == "extra":
                kind = ExtraCell
            if cell.metadata["labkit"].get("exercise") in self.job["exercises"]:
                kind = {"answer": AnswerCell, "check": Probe}.get(_role(cell))
            if kind:
                yield kind.from_parent(self, name=cell.id, cell_num=number, cell=cell, options={})

    def run_cell(self, source, expressions=None, more_time=0):
        """Run `source` in a kernel that lives: if need be a new one, brought to the same state."""
        self._live()
        return self.kernel.run(source, self.job["timeout"] + more_time, expressions)

    def run_extra(self, source):
        """The same for an added cell, in the time that there is for all of them."""
        self._live()
        return self._in_spare_time(source)

    def _live(self):
        while not self.kernel.is_alive():
            self._start_again()

    def _in_spare_time(self, source):
        if self.spare <= 0:
            return Reply("timeout", 0.0)
        reply = self.kernel.run(source, min(self.job["timeout"], self.spare))
        self.spare -= reply.seconds - reply.waited
        return reply

    def _start_again(self):
        """A new kernel, brought to the state of the old one; without the cell that mutes it."""
        self.kernel.stop()
        self.setup()
        for earlier, _ in self.ran:
            self._in_spare_time(earlier)
        if self.kernel.run("", MUTE).status == "ok":
            return
        self.kernel.stop()
        theirs = [place for place, (_, students) in enumerate(self.ran) if students]
        if not theirs:
            self.stop("the kernel does not answer after the lab's own cells")
        del self.ran[theirs[-1]]  # it ran, and then nothing else did: it costs no other exercise

    def report(self, exercise, **found):
        """Add to what is known about an exercise, and make it durable."""
        self.results.setdefault(exercise, {}).update(found)
        self._write({"exercises": self.results})

    def stop(self, reason):
        """End grading: the machine is at fault, and no mark can be given."""
        self._write({"exercises": self.results, "stopped": reason})
        pytest.exit(reason, returncode=pytest.ExitCode.INTERNAL_ERROR)

    def _write(self, result):
        sealed = result | {"seal": seal(self.job["key"], result)}
        write_atomically(self.job["result"], json.dumps(sealed, allow_nan=False))


def _role(cell):
    return cell.metadata["labkit"]["role"]


class ContextCell(IPyNbCell):
    """A cell of the lab's own that some answer needs: run as nbval would, outputs not compared."""

    students = False

    def setup(self):
        self.exercise = self.cell.metadata["labkit"].get("exercise")

    def runtest(self):
        self.parent.answering |= self.students or _role(self.cell) == "answer"
        reply = self.run()
        if reply.status != "ok" and not self.parent.answering:
            why = f"{reply.status} {reply.error}".strip()
            self.parent.stop(f"cell {self.name} of the lab itself does not run here: {why}")
        if reply.status in ("ok", "error"):
            self.parent.ran.append((self.cell.source, self.students))
        self.seen(reply)
        if reply.status != "ok":
            self.raise_cell_error(reply.error or reply.status, reply.traceback)

    def run(self):
        return self.parent.run_cell(self.cell.source)

    def seen(self, reply):
        """What to keep of `reply`: nothing, if the cell is the lab's."""


class ExtraCell(ContextCell):
    """A cell that the student added, and an answer needs. That it fails costs nothing by itself."""

    students = True

    def run(self):
        return self.parent.run_extra(self.cell.source)


class AnswerCell(ContextCell):
    """A student's answer. Whether it runs is noted; only the probe after it earns points."""

    students = True

    def seen(self, reply):
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
    "timeout": "did not come to an end",
    "died": "ended its own kernel",
}


class Probe(ContextCell):
    """In a check cell's place: ask for values on fresh inputs, and judge them in this process."""

    def runtest(self):
        exercise = registry.get(self.exercise)
        cases = exercise.cases(seed=self.parent.job["exercises"][self.exercise])
        question, nonce = probe.question(exercise, cases)
        # run() in the kernel stops a function that does not end, and may take this long to do so
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
