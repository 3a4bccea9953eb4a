"""``labkit nbgrader``: exchange points and marks with an nbgrader course."""

from pathlib import Path

import click

from labkit.cli.extras import requires_extra
from labkit.cli.progress import progress

__all__ = ["nbgrader"]

_GRADES = click.argument("grades", type=click.Path(dir_okay=False, path_type=Path))
_COURSE = click.option(
    "--course",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the course, which contains nbgrader_config.py.",
)
_DATABASE = click.option(
    "--database", help="The URL of nbgrader's gradebook.  [default: COURSE/gradebook.db]"
)
_DRY_RUN = click.option(
    "--dry-run", is_flag=True, help="Print what would be done, and change nothing."
)


@click.group()
def nbgrader():
    """Use nbgrader's formgrader, feedback and exporters on what labkit graded."""


@nbgrader.command()
@_GRADES
@_COURSE
@_DATABASE
@_DRY_RUN
def export(grades, course, database, dry_run):
    """Write the results of `labkit grade` into the gradebook of an nbgrader course.

    \b
    $ labkit release 01 --nbgrader --to COURSE
    $ cd COURSE && nbgrader generate_assignment 01_convolution_as_matrix
    $ labkit grade COURSE/submitted --out grades.csv
    $ labkit nbgrader export grades.csv --course COURSE

    Points (partial points too) and comments go into its gradebook, and the notebooks with the
    students' answers into COURSE/autograded. Marks that a person gave in nbgrader are never
    changed.

    Exit codes: 0 exported; 1 refused; 2 wrong usage; 3 exported, but some submissions are not
    graded.
    """
    with progress("Exporting") as advance:
        done = _work("export", grades, course, database, dry_run, progress=advance)
    for student, lab, why in done.skipped:
        click.echo(f"skipped: {student!r}, lab {lab or '--'}: {why}", err=True)
    click.echo(f"{len(done.students)} submissions {'would be ' if dry_run else ''}exported")
    raise SystemExit(3 if done.skipped else 0)


@nbgrader.command()
@_GRADES
@_COURSE
@_DATABASE
@_DRY_RUN
def marks(grades, course, database, dry_run):
    """Copy the marks that were given in nbgrader's formgrader into labkit's gradebook.

    A mark that was entered with `labkit mark` is kept.

    Exit codes: 0 done; 1 refused; 2 wrong usage.
    """
    taken = _work("fetch_marks", grades, course, database, dry_run)
    for student, item, points in taken:
        click.echo(f"{student!r}: {item}: {points:g}")
    click.echo(f"{len(taken)} marks {'would be ' if dry_run else ''}taken over")


def _work(name, grades, course, database, dry_run, **more):
    with requires_extra("this", "teach,nbgrader"):
        import nbgrader.api  # noqa: F401  (fail here rather than after half the work)

        from labkit.grading.reports import nbgrader_course
    try:
        work = getattr(nbgrader_course, name)
        return work(grades, course, database=database, dry_run=dry_run, **more)
    except (OSError, nbgrader_course.CourseError) as error:
        raise click.ClickException(str(error)) from None
