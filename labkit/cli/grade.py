"""``labkit grade``."""

import sys
from pathlib import Path

import click

from labkit.cli.command_group import CommandGroup
from labkit.cli.grade_doctor import doctor
from labkit.cli.progress import progress

__all__ = ["grade"]


@click.group(cls=CommandGroup)
@click.argument("submissions", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The table to write.",
)
@click.option(
    "--lab",
    "labs",
    multiple=True,
    help="Grade this lab only, by number or full name; may be repeated.  [default: all labs found]",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Decides the hidden inputs: same seed, same table.  [default: that of the run before this "
    "one, else drawn and shown]",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=30,
    show_default=True,
    help="Seconds that an answer may run, and that its hidden check may.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many submissions to grade at a time on this machine.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Grade on this running Dask cluster instead.")
@click.option(
    "--regrade",
    multiple=True,
    metavar="EXERCISE",
    help="Grade only this exercise again and keep all other marks; may be repeated.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be graded, and do nothing.")
@click.option(
    "--unsafe-no-sandbox",
    is_flag=True,
    help="Run students' code with your rights; every record and report will say so.",
)
def grade(
    submissions, out, labs, seed, timeout, jobs, scheduler, regrade, dry_run, unsafe_no_sandbox
):
    """Grade a folder with one sub-folder per student.

    \b
    submissions/
      ada/01_convolution_as_matrix.ipynb
      ben/homework/01_convolution_as_matrix (1).ipynb
    $ labkit grade submissions --out grades.csv --seed 7

    Only the students' answer cells and the helpers that they added count: they are put into the
    lab's own notebook, run by nbval, and asked for values on inputs that nobody has seen. The table
    has a row per student and lab and a column per exercise, and opens in a spreadsheet or in
    Moodle's grade import. OUT.records/ holds what was seen of each submission, a JSON file each,
    and the gradebook. Cut off at any point, the same command goes on where it was. Marks given by
    hand are never touched.

    Students' code runs in a sandbox; where there is none, nothing is graded.

    Exit codes: 0 all graded; 1 refused, nothing graded; 2 wrong usage; 3 the table is written, and
    some submissions could not be graded: their rows say why, and their points are empty, not 0.
    """
    try:
        from labkit.grading.book.lock import Busy
        from labkit.grading.session import scheduling, session
    except ImportError as error:
        raise click.ClickException(
            f"grading needs {error.name}, which is not installed: pip install 'labkit-cnn[teach]'"
        ) from None
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
    """`text` for a terminal to show and not to obey: students name their files as they like."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _text(error):
    return str(error.args[0]) if isinstance(error, LookupError) else str(error)


grade.add_command(doctor)
