"""How many submissions a minute: labkit beside nbgrader's autograder and plain nbval.

All three get the same notebooks in the same run, on the same machine: a made class of which some
are honest, some mistaken, some hostile.
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
    """How one tool did."""

    tool: str
    size: int
    seconds: float
    said: str  #: what it found

    @property
    def per_minute(self):
        return 60 * self.size / self.seconds


def run(lab, size, beside, *, jobs=1, sandbox=None, echo=lambda text: None):
    """Grade a class of `size`, and let all three grade its last `beside`; a list of Timings.

    Raises as :func:`labkit.bench.classroom.make_class` does.
    """
    key = load_answer_key(lab)
    echo(f"making a class of {size} for lab {key.lab}")
    pupils = classroom.make_class(lab, size, SEED)
    with tempfile.TemporaryDirectory(prefix="labkit-bench-") as folder:
        folder = Path(folder)
        # the others need the notebook as nbgrader hands it out; labkit takes that one, too
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
    """The table of a run, with the ratios of the last of ours, which had the same notebooks."""
    own = [one for one in timings if one.tool.startswith("labkit")]
    ours = own[-1].per_minute
    lines = [f"{'':<20} {'submissions':>11} {'seconds':>8} {'a minute':>8} {'labkit is':>10}"]
    for one in timings:
        ratio = "" if one in own else f"{ours / one.per_minute:.1f} ×"
        lines.append(
            f"{one.tool:<20} {one.size:>11} {one.seconds:>8.1f} {one.per_minute:>8.1f} "
            f"{ratio:>10}  {one.said}"
        )
    return "\n".join(lines)


def _course(folder, key):
    course = folder / "course"
    release_to_nbgrader(paths.labs(), [key.lab], course)
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'bench'\n"
        f"c.Execute.timeout = {CELL_TIMEOUT}\n"
    )
    done = _call([sys.executable, "-m", "nbgrader", "generate_assignment", key.name], course)
    if done.returncode:
        raise RuntimeError(f"nbgrader generate_assignment failed:\n{done.stderr[-2000:]}")
    return course


def _call(command, folder):
    environment = os.environ | {"PYTHONWARNINGS": "ignore", "PATH": paths.programs()}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace"
    )


def _labkit(key, pupils, folder, jobs, sandbox):
    how = {} if sandbox is None else {"sandbox": sandbox}
    begin = time.perf_counter()
    outcome = session.grade_folder(
        folder,
        folder.with_suffix(".csv"),
        labs=[key.lab],
        seed=SEED,
        timeout=CELL_TIMEOUT,
        jobs=jobs,
        **how,
    )
    seconds = time.perf_counter() - begin
    records = {record["student"]: record for record in outcome.records}
    just = sum(_just(pupil, records[pupil.name]) for pupil in pupils)
    return Timing(
        f"labkit, jobs {jobs}", len(pupils), seconds, f"{just} of {len(pupils)} as they deserve"
    )


def _just(pupil, record):
    """Whether full points went to what is right, and to nothing else."""
    full = {one["id"] for one in record["exercises"] if one["earned"] == one["points"]}
    return record["status"] == session.GRADED and full == pupil.right


def _nbgrader(key, pupils, course):
    command = [sys.executable, "-m", "nbgrader", "autograde", key.name]
    begin = time.perf_counter()
    _call(command, course)  # it fails when one of them fails, and grades the others
    seconds = time.perf_counter() - begin
    graded = len(list(course.glob(f"autograded/*/{key.name}/{key.name}.ipynb")))
    return Timing("nbgrader autograde", len(pupils), seconds, f"{graded} graded at all")


def _nbval(pupils, folder):
    command = [sys.executable, "-m", "pytest", str(folder), "--nbval-lax", "--nbval-current-env"]
    command += [f"--nbval-cell-timeout={CELL_TIMEOUT}", "-q", "-p", "no:cacheprovider"]
    command += ["--rootdir", str(folder), "-c", os.devnull]
    begin = time.perf_counter()
    done = _call(command, folder)
    seconds = time.perf_counter() - begin
    last = (done.stdout.strip().splitlines() or ["nothing"])[-1]
    return Timing("nbval --nbval-lax", len(pupils), seconds, last)
