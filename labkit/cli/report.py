"""``labkit report``: what an instructor looks at, and what students get back."""

from pathlib import Path

import click

from labkit.cli.progress import progress

__all__ = ["report"]


@click.command()
@click.argument("grades", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--to",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write into.",
)
@click.option("--dry-run", is_flag=True, help="List what would be written, and write nothing.")
def report(grades, to, dry_run):
    """Write the reports of GRADES, the table that `labkit grade` wrote.

    \b
    TO/grades.csv        the table, with the marks that were given by hand
    TO/class.html        how the class did: each exercise, the mistakes seen most, time, failures
    TO/feedback/*.html   a page for each student, to be given back

    What students get shows nothing of the hidden inputs: points, the kind of failure, the mistake
    that it looks like, a hint.

    Exit codes: 0 written; 1 nothing is graded there, or the folder cannot be written; 2 wrong
    usage.
    """
    try:
        from labkit.grading.reports.report import write_report

        with progress("Reporting") as advance:
            done = write_report(grades, to, dry_run, advance)
    except ImportError as error:
        raise click.ClickException(
            f"grading needs {error.name}, which is not installed: pip install 'labkit-cnn[teach]'"
        ) from None
    except OSError as error:
        raise click.ClickException(str(error)) from None
    if dry_run:
        for path in done.paths:
            click.echo(f"would write {path}")
        return
    click.echo(f"{done.students} students: {to}")
    if done.waiting:
        click.echo(f"{done.waiting:g} points wait for a person: labkit mark {grades}", err=True)
