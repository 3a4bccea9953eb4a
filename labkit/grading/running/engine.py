"""Grade one submission: its answers in the pristine notebook, nbval in a process of its own.

The process costs what it costs: a crash, a kill or an endless wait in it ends with one record that
says so, and the next submission starts clean.
"""

import hmac
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil

from labkit.grading.hashes import seal
from labkit.kernels.sandbox import box
from labkit.kernels.scratch import Scratch
from labkit.kernels.variables import for_students
from labkit.kernels.warm import client as warm
from labkit.notebooks import pristine

__all__ = ["MachineError", "run_answers"]

SPARE = 8  # times the time of one answer: all added cells, and bringing new kernels up to date
SLACK = 240  # seconds for starting kernels and imports, on top of what the cells may take


class MachineError(RuntimeError):
    """Grading failed for a reason that is not the student's; the text says which.

    `done` holds the exercises that were judged before, `log` the end of pytest's output.
    """

    def __init__(self, reason, done, log):
        super().__init__(reason)
        self.done, self.log = done, log


def run_answers(notebook, answers, seeds, timeout, sandbox=True):
    """Run `answers` ({exercise: source}) in a copy of the pristine `notebook`; what came out.

    They run in a box of their own (:mod:`labkit.kernels.sandbox.box`), or, with ``sandbox=False``,
    with the grader's rights. May be called in several threads and processes at once.

    The notebook may hold cells that the student added (role "extra"); they are run where they are.
    `seeds` ({exercise: int}) say which exercises to judge, and decide their hidden inputs. Returns
    ``{exercise: {...}}`` as :mod:`labkit.grading.running.plugin` reports it. Raises
    :class:`MachineError` when an exercise could not be judged, or there is no sandbox here.
    """
    if sandbox and box.why_not():
        raise MachineError(box.why_not(), {}, "")
    with Scratch("grade") as scratch:
        desk, private = scratch / "desk", scratch / "private"
        desk.mkdir()
        private.mkdir()
        merged = pristine.with_answers(notebook, answers)
        path = desk / "notebook.ipynb"
        nbformat.write(merged, path)
        result = private / "result.json"
        key = secrets.token_hex(32)
        job = {"result": str(result), "key": key, "timeout": timeout, "exercises": seeds}
        job |= {"sandbox": sandbox, "spare": SPARE * timeout, "parent": os.getpid()}
        (private / "pytest.ini").write_text("[pytest]\n")  # no other configuration is looked for
        # each exercise may use up its time twice, for its cell and its probe; beside that there are
        # the lab's own cells and what the plugin gives for all the rest
        own = sum(cell.metadata["labkit"]["role"] in ("code", "predict") for cell in merged.cells)
        limit = SLACK + timeout * (3 * len(seeds) + own + 2 * SPARE)
        code, log = _pytest(path, private, json.dumps(job), _environment(desk, sandbox), limit)
        found = _read_result(result, key, log)
    done = found["exercises"]
    if all("score" in done.get(exercise, {}) for exercise in seeds):
        return done
    reason = f"it took more than {limit:g} s" if code is None else f"pytest ended with code {code}"
    errors = [line for line in log.splitlines() if line.startswith(("ERROR", "FAILED", "E  "))]
    reason += "".join(f": {line}" for line in errors[-1:])
    raise MachineError(found.get("stopped", reason), done, log)


def _read_result(path, key, log):
    """What the plugin reported; nothing, if it had not come to report anything."""
    if not path.exists():
        return {"exercises": {}}
    try:
        found = json.loads(path.read_bytes())
        if hmac.compare_digest(found.pop("seal"), seal(key, found)):
            return found
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    reason = "the results were tampered with while grading: look at this submission's code"
    raise MachineError(reason, {}, log)


def _pytest(notebook, private, job, environment, limit):
    """Run the plugin on `notebook`: its exit code (None: had to be killed), and its last words."""
    command = [sys.executable, "-P", "-m", "pytest", str(notebook)]
    command += [
        "-p",
        "nbval.plugin",
        "-p",
        "labkit.grading.running.plugin",
        "-p",
        "no:cacheprovider",
    ]
    command += ["-s", "--labkit-grade", "-c", str(private / "pytest.ini")]
    command += ["--rootdir", str(private), "--color=no", "-q", "--tb=line"]
    with open(private / "log", "w+b") as log:
        process = subprocess.Popen(
            command,
            cwd=private,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.communicate(job.encode(), timeout=limit)
            code = process.returncode
        except subprocess.TimeoutExpired:
            code = None
        finally:
            _kill_tree(process)
        log.seek(max(0, log.seek(0, os.SEEK_END) - 10_000))
        return code, log.read().decode("utf-8", "replace")


def _kill_tree(process):
    """End `process` and all that it started: kernels, too, which live in sessions of their own."""
    if process.poll() is not None:
        return
    with_children = [psutil.Process(process.pid)]
    with_children += with_children[0].children(recursive=True)
    for one in with_children:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()


def _environment(desk, sandbox):
    """The environment of nbval's process: ours, cut down, with a home folder for one day."""
    home = Path.home()
    # Jupyter and IPython keep their files in the home folder: a student's must not reach the next
    # one's kernel. The cache stays, it holds matplotlib's list of fonts and downloaded data sets.
    made = for_students(os.environ) | {
        "HOME": str(desk),
        "USERPROFILE": str(desk),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(home / ".cache")),
        "COLUMNS": "1000",  # pytest cuts its summary to this
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    if sandbox:
        try:
            made[warm.VARIABLE] = warm.share(made)
        except warm.NotWarm as error:
            raise MachineError(str(error), {}, "") from None
    return made
