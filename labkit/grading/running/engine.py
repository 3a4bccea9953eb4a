"""Grade one submission: run its answers in the pristine notebook, in a process of their own.

That grading process may crash, hang or be killed; the result is then one record that says so, and
the next submission starts clean.
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
from labkit.grading.running.preloaded import PRELOADED
from labkit.kernels.sandbox import box
from labkit.kernels.scratch import Scratch
from labkit.kernels.variables import for_students
from labkit.kernels.warm import client as warm
from labkit.notebooks import pristine

__all__ = ["MachineError", "run_answers"]

SPARE = 8  # timeouts of one answer that all added cells and the restarts of kernels may take
SLACK = 240  # seconds for starting kernels and importing, on top of what the cells may take


class MachineError(RuntimeError):
    """Grading failed for a reason that is not the student's fault; the message says which.

    Args:
        reason: The message.
        done: The exercises that were judged before, as :func:`run_answers` returns them.
        log: The end of pytest's output.
    """

    def __init__(self, reason, done, log):
        super().__init__(reason)
        self.done, self.log = done, log


def run_answers(notebook, answers, seeds, timeout, sandbox=True):
    """Run a student's answers in a copy of the pristine notebook, and judge them.

    This function may be called in several threads and processes at once.

    Args:
        notebook: The pristine notebook. It may contain cells that the student added (role
            "extra"), which run where they stand.
        answers: The student's code, as ``{exercise: source}``.
        seeds: The exercises to judge, as ``{exercise: int}``; a seed decides the hidden inputs.
        timeout: Seconds that each answer and each probe may take.
        sandbox: Whether the answers run in a box (:mod:`labkit.kernels.sandbox.box`); otherwise
            they run with the grader's rights.

    Returns:
        ``{exercise: {...}}``, as :mod:`labkit.grading.running.plugin` reports it.

    Raises:
        MachineError: An exercise could not be judged, or there is no sandbox on this machine.
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
        result_path = private / "result.json"
        key = secrets.token_hex(32)
        job = {"result": str(result_path), "key": key, "timeout": timeout, "exercises": seeds}
        job |= {"sandbox": sandbox, "spare": SPARE * timeout, "parent": os.getpid()}
        (private / "pytest.ini").write_text("[pytest]\n")  # so that pytest looks for no other one
        # Each exercise may take the timeout for its cell and for its probe; the lab's own cells
        # and what the plugin allows for all the rest come on top.
        own = sum(cell.metadata["labkit"]["role"] in ("code", "predict") for cell in merged.cells)
        limit = SLACK + timeout * (3 * len(seeds) + own + 2 * SPARE)
        code, log = _pytest(path, private, json.dumps(job), _variables(desk, sandbox), limit)
        result = _read_result(result_path, key, log)
    done = result["exercises"]
    if all("score" in done.get(exercise, {}) for exercise in seeds):
        return done
    reason = f"it took more than {limit:g} s" if code is None else f"pytest ended with code {code}"
    errors = [line for line in log.splitlines() if line.startswith(("ERROR", "FAILED", "E  "))]
    reason += "".join(f": {line}" for line in errors[-1:])
    raise MachineError(result.get("stopped", reason), done, log)


def _read_result(path, key, log):
    """Return what the plugin reported, without exercises if it ended before its first report."""
    if not path.exists():
        return {"exercises": {}}
    try:
        result = json.loads(path.read_bytes())
        if hmac.compare_digest(result.pop("seal"), seal(key, result)):
            return result
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    reason = "the results were tampered with while grading: look at this submission's code"
    raise MachineError(reason, {}, log)


def _pytest(notebook, private, job, variables, limit):
    """Run the plugin on `notebook`; return its exit code (None if it was killed) and its log."""
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
            env=variables,
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
    """Kill `process` and all its descendants, also kernels, which have sessions of their own."""
    if process.poll() is not None:
        return
    with_children = [psutil.Process(process.pid)]
    with_children += with_children[0].children(recursive=True)
    for member in with_children:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()


def _variables(desk, sandbox):
    """The variables of nbval's process: a few of ours, and a home folder that is deleted later."""
    home = Path.home()
    # Jupyter and IPython keep files in the home folder, and those of one student must not reach
    # the kernel of the next. The cache is kept: it contains matplotlib's list of fonts and the
    # downloaded data sets.
    variables = for_students(os.environ) | {
        "HOME": str(desk),
        "USERPROFILE": str(desk),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(home / ".cache")),
        "COLUMNS": "1000",  # pytest cuts the lines of its summary to this width
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    if sandbox:
        try:
            variables[warm.VARIABLE] = warm.share(variables, PRELOADED)
        except warm.NotWarm as error:
            raise MachineError(str(error), {}, "") from None
    return variables
