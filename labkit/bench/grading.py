"""Measure how many submissions a minute labkit, nbgrader's autograder and plain nbval grade.

All three get the same notebooks in the same run on the same machine: a generated class of honest,
mistaken and hostile submissions.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat

from labkit import paths
from labkit.bench import classroom
from labkit.grading.answer_key import load_answer_key
from labkit.grading.release import release_to_nbgrader
from labkit.grading.session import session

__all__ = ["Timing", "report", "run"]

SEED = 7
CELL_TIMEOUT = 30  # seconds, for all three


@dataclass(frozen=True)
class Timing:
    """The measurement of one tool."""

    tool: str
    size: int
    seconds: float
    result: str  #: what it graded, in a few words

    @property
    def per_minute(self):
        """Submissions a minute."""
        return 60 * self.size / self.seconds


def run(lab, size, beside, *, jobs=1, sandbox=None, echo=lambda text: None):
    """Grade a generated class.

    Args:
        lab: The lab's number, "01".
        size: The number of submissions that labkit grades.
        beside: How many of them, the last ones, all three tools grade.
        jobs: How many submissions labkit grades at once.
        sandbox: Whether labkit uses a sandbox; None for its default.
        echo: Called with each step, as a text.

    Returns:
        A list of :class:`Timing`.

    Raises:
        LookupError: There is no such lab.
        ValueError: There are no right answers to it on this machine.
    """
    key = load_answer_key(lab)
    echo(f"making a class of {size} for lab {key.lab}")
    pupils = classroom.make_class(lab, size, SEED)
    with tempfile.TemporaryDirectory(prefix="labkit-bench-") as folder:
        folder = Path(folder)
        # The other tools need the notebook as nbgrader releases it; labkit accepts that one too.
        course = _course(folder, key)
        released = nbformat.read(course / "release" / key.name / f"{key.name}.ipynb", as_version=4)
        classroom.write_class(pupils, released, folder / "all")
        few = pupils[-beside:] if beside else []
        classroom.write_class(few, released, folder / "few")
        classroom.write_class(few, released, course / "submitted", within=key.name)
        timings = []
        for name, some in [("all", pupils)] * (len(few) < size) + [("few", few)] * bool(few):
            echo(f"labkit grades {len(some)}")
            timings.append(_labkit(key, some, folder / name, jobs, sandbox))
        if few:
            echo(f"nbgrader grades {len(few)}")
            timings.append(_nbgrader(key, few, course))
            echo(f"nbval runs {len(few)}")
            timings.append(_nbval(few, folder / "few"))
    return timings


def report(timings):
    """Return the timings as a table, with ratios to the labkit run on the same notebooks."""
    own = [one for one in timings if one.tool.startswith("labkit")]
    ours = own[-1].per_minute
    lines = [f"{'':<20} {'submissions':>11} {'seconds':>8} {'a minute':>8} {'labkit is':>10}"]
    for one in timings:
        ratio = "" if one in own else f"{ours / one.per_minute:.1f} ×"
        lines.append(
            f"{one.tool:<20} {one.size:>11} {one.seconds:>8.1f} {one.per_minute:>8.1f} "
            f"{ratio:>10}  {one.result}"
        )
    return "\n".join(lines)


def _course(folder, key):
    course = folder / "course"
    release_to_nbgrader(paths.labs(), [key.lab], course)
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'bench'\n"
        f"c.Execute.timeout = {CELL_TIMEOUT}\n"
    )
    process = _call([sys.executable, "-m", "nbgrader", "generate_assignment", key.name], course)
    if process.returncode:
        raise RuntimeError(f"nbgrader generate_assignment failed:\n{process.stderr[-2000:]}")
    return course


def _call(command, folder):
    environment = os.environ | {"PYTHONWARNINGS": "ignore", "PATH": paths.programs()}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace"
    )


def _labkit(key, pupils, folder, jobs, sandbox):
    options = {} if sandbox is None else {"sandbox": sandbox}
    begin = time.perf_counter()
    outcome = session.grade_folder(
        folder,
        folder.with_suffix(".csv"),
        labs=[key.lab],
        seed=SEED,
        timeout=CELL_TIMEOUT,
        jobs=jobs,
        **options,
    )
    seconds = time.perf_counter() - begin
    records = {record["student"]: record for record in outcome.records}
    correct = sum(_graded_correctly(pupil, records[pupil.name]) for pupil in pupils)
    return Timing(
        f"labkit, jobs {jobs}", len(pupils), seconds, f"{correct} of {len(pupils)} graded correctly"
    )


def _graded_correctly(pupil, record):
    """Tell whether the right answers, and no others, earned full points."""
    full = {one["id"] for one in record["exercises"] if one["earned"] == one["points"]}
    return record["status"] == session.GRADED and full == pupil.right


def _nbgrader(key, pupils, course):
    command = [sys.executable, "-m", "nbgrader", "autograde", key.name]
    begin = time.perf_counter()
    _call(
        command, course
    )  # when one submission fails it exits with an error, but grades the others
    seconds = time.perf_counter() - begin
    graded = len(list(course.glob(f"autograded/*/{key.name}/{key.name}.ipynb")))
    return Timing("nbgrader autograde", len(pupils), seconds, f"{graded} graded")


def _nbval(pupils, folder):
    command = [sys.executable, "-m", "pytest", str(folder), "--nbval-lax", "--nbval-current-env"]
    command += [f"--nbval-cell-timeout={CELL_TIMEOUT}", "-q", "-p", "no:cacheprovider"]
    command += ["--rootdir", str(folder), "-c", os.devnull]
    begin = time.perf_counter()
    process = _call(command, folder)
    seconds = time.perf_counter() - begin
    last = (process.stdout.strip().splitlines() or ["nothing"])[-1]
    return Timing("nbval --nbval-lax", len(pupils), seconds, last)
