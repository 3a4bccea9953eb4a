"""``labkit grade``: grade a folder of submissions."""

import sys
from pathlib import Path

import click

from labkit.cli.command_group import CommandGroup
from labkit.cli.extras import requires_extra
from labkit.cli.grade_doctor import doctor
from labkit.cli.progress import progress

__all__ = ["grade"]


@click.group(cls=CommandGroup)
@click.argument("submissions", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The CSV file to write the table of grades to.",
)
@click.option(
    "--lab",
    "labs",
    multiple=True,
    help="Grade only this lab, given by its number or full name. May be repeated.  [default: all "
    "labs that were handed in]",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="The seed of the hidden inputs: the same seed gives the same table.  [default: the seed "
    "of the previous run, or a random one, which is printed]",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=30,
    show_default=True,
    help="Seconds that each answer may run, and again that its hidden check may run.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many submissions to grade at a time on this machine.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Grade on the Dask cluster that runs at this address, instead of on this machine.",
)
@click.option(
    "--regrade",
    multiple=True,
    metavar="EXERCISE",
    help="Grade only this exercise again and keep all other results. May be repeated.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be graded, and grade nothing.")
@click.option(
    "--unsafe-no-sandbox",
    is_flag=True,
    help="Run students' code with your own rights. Every record and report will say so.",
)
def grade(
    submissions, out, labs, seed, timeout, jobs, scheduler, regrade, dry_run, unsafe_no_sandbox
):
    """Grade the folder SUBMISSIONS, which contains one folder per student.

    \b
    submissions/
      ada/01_convolution_as_matrix.ipynb
      ben/homework/01_convolution_as_matrix (1).ipynb
    $ labkit grade submissions --out grades.csv --seed 7

    Only the answer cells and the helper cells that a student added count. They are put into the
    lab's own notebook and run by nbval, and then the answers are called with inputs that students
    have not seen. The table has a row for each student and lab and a column for each exercise, and
    can be opened in a spreadsheet or in Moodle's grade import. The folder OUT.records/ holds a JSON
    file with the result of each submission, and the gradebook. If the command is interrupted, run
    it again and it continues where it stopped. Marks given by hand are never changed.

    Students' code runs in a sandbox. If this machine cannot provide one, nothing is graded.

    Exit codes: 0 all graded; 1 refused, nothing graded; 2 wrong usage; 3 the table is written, but
    some submissions could not be graded: their rows say why, and their points are empty, not 0.
    """
    with requires_extra("grading"):
        from labkit.grading.book.lock import Busy
        from labkit.grading.session import scheduling, session
    how = {
        "labs": labs,
        "seed": seed,
        "timeout": timeout,
        "regrade": regrade,
        "sandbox": not unsafe_no_sandbox,
    }
    refusals = (
        OSError,
        LookupError,
        session.NothingToGrade,
        Busy,
        scheduling.ClusterError,
    )
    if dry_run:
        try:
            rows = session.preview(submissions, out, **how)
        except refusals as error:
            raise click.ClickException(_text(error)) from None
        for student, lab, what in rows:
            click.echo(f"{lab or '--'} {student!r}: {_plain(what)}")
        return
    if unsafe_no_sandbox:
        click.echo(
            "Warning: students' code runs on this machine with your rights, without a sandbox.",
            err=True,
        )
    elif scheduler is None:
        from labkit.kernels.sandbox.box import why_not

        if why_not():
            raise click.ClickException(f"{why_not()}. 'labkit grade doctor' says more")
    with progress("Grading") as advance:
        try:
            outcome = session.grade_folder(
                submissions, out, jobs=jobs, scheduler=scheduler, progress=advance, **how
            )
        except refusals as error:
            raise click.ClickException(_text(error)) from None
    for name in outcome.ignored:
        click.echo(f"Ignored, not a student's folder: {_plain(name)}", err=True)
    ungraded = [record for record in outcome.records if record["status"] != session.GRADED]
    for record in ungraded:
        why = _plain(record["remarks"][-1])
        click.echo(f"{record['status']}: {record['student']!r}: {why}", err=True)
    graded = len(outcome.records) - len(ungraded)
    before = f" ({outcome.reused} before)" if outcome.reused else ""
    click.echo(f"{graded} of {len(outcome.records)} graded{before}, seed {outcome.seed}: {out}")
    sys.exit(3 if ungraded else 0)


def _plain(text):
    """Escape control characters, which a student may have put into a file's name."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _text(error):
    return str(error.args[0]) if isinstance(error, LookupError) else str(error)


grade.add_command(doctor)
