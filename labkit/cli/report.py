"""``labkit report``: write the reports for the instructor and the feedback for students."""

from pathlib import Path

import click

from labkit.cli.extras import requires_extra
from labkit.cli.progress import progress

__all__ = ["report"]


@click.command()
@click.argument("grades", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--to",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write the reports.",
)
@click.option("--dry-run", is_flag=True, help="List what would be written, and write nothing.")
def report(grades, to, dry_run):
    """Write the reports of GRADES, the table that `labkit grade` wrote.

    \b
    TO/grades.csv        the table, with the marks that were given by hand
    TO/class.html        how the class did: exercises, most frequent mistakes, time, failures
    TO/feedback/*.html   a page for each student, to be given back

    The pages for students show points, the kind of failure, the mistake that it looks like and a
    hint, but nothing about the hidden inputs.

    Exit codes: 0 written; 1 GRADES has no gradebook, or the folder cannot be written; 2 wrong
    usage.
    """
    try:
        with requires_extra("grading"):
            from labkit.grading.reports.report import write_report

            with progress("Reporting") as advance:
                done = write_report(grades, to, dry_run, advance)
    except OSError as error:
        raise click.ClickException(str(error)) from None
    if dry_run:
        for path in done.paths:
            click.echo(f"would write {path}")
        return
    click.echo(f"{done.students} students: {to}")
    if done.waiting:
        click.echo(f"{done.waiting:g} points wait for a person: labkit mark {grades}", err=True)
