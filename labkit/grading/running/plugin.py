"""The pytest plugin that grades one submission, built on nbval's collector and items.

``pytest -p nbval.plugin -p labkit.grading.running.plugin -s --labkit-grade NOTEBOOK < JOB``
collects one notebook: the pristine one with a student's answers in it. Its answer cells run as
under nbval. Each check cell is replaced by a probe, which asks the kernel for values and judges
them in this process. What the notebook says about itself (NBVAL markers, outputs, kernelspec) is
ignored.

The job comes from :mod:`labkit.grading.running.engine` as JSON on standard input, so that there is
no file in which student code could read it::

    {"result": path, "key": secret, "timeout": seconds, "spare": seconds,
     "exercises": {id: seed}, "sandbox": bool, "parent": process id of the grader}

"exercises" lists the exercises to judge; "spare" is the time for all that is neither an answer nor
a probe: added cells, and cells that a new kernel has to run again. The result is
``{"exercises": {id: {...}}, "seal": …}``. It is sealed with the key, because without a sandbox
student code can find the file and write to it.
"""

import json
import os
import select
import sys
import threading

import nbformat
import pytest
from nbval.plugin import IPyNbFile

from labkit.files import write_atomically
from labkit.grading.hashes import seal
from labkit.grading.running import probe
from labkit.grading.running.context import needed_cells
from labkit.grading.running.guarded_kernel import GuardedKernel
from labkit.grading.running.items import AnswerCell, ContextCell, ExtraCell, Probe, role
from labkit.grading.running.reply import Reply

__all__ = ["GradedNotebook"]

MUTE = 5  # seconds in which a kernel that is not mute answers an empty cell
STARTUP = 120  # seconds in which a new kernel must answer, even on a machine under load


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
    """End this process, and with it the kernel, when the grader that started it has ended."""
    if not hasattr(os, "pidfd_open"):  # not Linux
        return
    ended = os.pidfd_open(grader)
    if os.getppid() != grader:
        os._exit(1)

    def wait():
        select.select([ended], [], [])
        os._exit(1)

    threading.Thread(target=wait, name="labkit-grader", daemon=True).start()


class GradedNotebook(IPyNbFile):
    """One submission. Results are written after every step, so that a crash loses none."""

    def __init__(self, *args, job, **kwargs):
        super().__init__(*args, **kwargs)
        self.job = job
        self.results = {}
        self.ran = []  # [(source, whether it is the student's)], to run again in a new kernel
        self.spare = job[
            "spare"
        ]  # seconds that are left; one student must not take the whole night
        self.answering = (
            False  # whether an answer cell has been reached; before it, all is the lab's
        )

    def setup(self):
        self.kernel = GuardedKernel(str(self.path.parent), STARTUP, sandbox=self.job["sandbox"])
        self.kernel.run(f"{probe.ASK}.check_nothing()", STARTUP)

    def teardown(self):
        if self.kernel is not None:
            self.kernel.stop()

    def collect(self):
        self.nb = nbformat.read(self.path, as_version=4)
        cells = [cell for cell in self.nb.cells if cell.cell_type == "code"]
        runnable = [c for c in cells if role(c) in ("code", "predict", "answer", "extra")]
        sources = [(cell.source, role(cell) in ("answer", "extra")) for cell in runnable]
        needed = {runnable[index].id for index in needed_cells(sources)}
        for number, cell in enumerate(cells):
            kind = ContextCell if cell.id in needed else None
            if role(cell) == "extra":
                kind = ExtraCell
            if cell.metadata["labkit"].get("exercise") in self.job["exercises"]:
                kind = {"answer": AnswerCell, "check": Probe}.get(role(cell))
            if kind:
                yield kind.from_parent(self, name=cell.id, cell_num=number, cell=cell, options={})

    def run_cell(self, source, expressions=None, more_time=0):
        """Run `source`; if the kernel has died, first bring a new one to the same state."""
        self._ensure_kernel()
        return self.kernel.run(source, self.job["timeout"] + more_time, expressions)

    def run_extra(self, source):
        """Run an added cell likewise, in the time that is left for all added cells."""
        self._ensure_kernel()
        return self._in_spare_time(source)

    def _ensure_kernel(self):
        while not self.kernel.is_alive():
            self._start_again()

    def _in_spare_time(self, source):
        if self.spare <= 0:
            return Reply("timeout", 0.0)
        reply = self.kernel.run(source, min(self.job["timeout"], self.spare))
        self.spare -= reply.seconds - reply.waited
        return reply

    def _start_again(self):
        """Start a new kernel and bring it to the old one's state, without a cell that mutes it."""
        self.kernel.stop()
        self.setup()
        for earlier, _ in self.ran:
            self._in_spare_time(earlier)
        if self.kernel.run("", MUTE).status == "ok":
            return
        self.kernel.stop()
        of_student = [index for index, (_, students) in enumerate(self.ran) if students]
        if not of_student:
            self.stop("the kernel does not answer after the lab's own cells")
        # After the student's last cell the kernel answered nothing. Without that cell, the other
        # exercises can still be judged.
        del self.ran[of_student[-1]]

    def report(self, exercise, **results):
        """Add to the results of an exercise, and write them to disk."""
        self.results.setdefault(exercise, {}).update(results)
        self._write({"exercises": self.results})

    def stop(self, reason):
        """End grading without marks, because the machine is at fault."""
        self._write({"exercises": self.results, "stopped": reason})
        pytest.exit(reason, returncode=pytest.ExitCode.INTERNAL_ERROR)

    def _write(self, result):
        sealed = result | {"seal": seal(self.job["key"], result)}
        write_atomically(self.job["result"], json.dumps(sealed, allow_nan=False))
