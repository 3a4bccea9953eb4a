"""``labkit collect``: turn a download into one folder per student."""

import sys
from pathlib import Path

import click

from labkit.cli.extras import requires_extra
from labkit.cli.progress import progress

__all__ = ["collect"]


class _Deadline(click.DateTime):
    """A date and time; a date alone means the end of that day."""

    def convert(self, value, param, ctx):
        moment = super().convert(value, param, ctx)
        if isinstance(value, str) and ":" not in value:
            moment = moment.replace(hour=23, minute=59, second=59)
        return moment


@click.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--to",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to make one folder for each student.",
)
@click.option(
    "--deadline",
    type=_Deadline(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]),
    help="When files start to be late, in the time zone of the download. A date without a time "
    "means the end of that day.  [default: no deadline]",
)
@click.option(
    "--late",
    type=click.Choice(["if nothing else", "always"]),
    default="if nothing else",
    show_default=True,
    help="When to choose a late version over one that was in time.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be done, and change nothing.")
def collect(source, to, deadline, late, dry_run):
    """Make one folder per student from SOURCE, a folder or a zip file that was downloaded.

    \b
    Moodle   "Download all submissions":  Ada Lovelace_123_assignsubmission_file_/lab.ipynb
    Canvas   "Download Submissions":      lovelaceada_LATE_123_456_lab-1.ipynb
    any      one folder for each student: ada/lab.ipynb

    If a student handed in several versions, the last one in time is chosen, and the command prints
    which. All versions are kept in TO/.collected, so a second download can be collected into the
    same folder. Students' zip files are unpacked. Entries that lead out of the folder, links, empty
    or huge files and zip bombs are refused one by one, and the rest is collected.

    Exit codes: 0 all collected; 1 refused, nothing collected; 2 wrong usage; 3 collected, but some
    entries were refused.
    """
    with requires_extra("grading"):
        from labkit.grading.intake import archives
        from labkit.grading.intake import collect as collecting
    with progress("Collecting") as advance:
        try:
            collection = collecting.collect(
                source,
                to,
                deadline=deadline.isoformat(" ") if deadline else "",
                late=late,
                dry_run=dry_run,
                progress=advance,
            )
        except (OSError, archives.ArchiveError) as error:
            raise click.ClickException(str(error)) from None
    if not collection.students:
        raise click.ClickException(
            f"no student's file in {source}: expected one folder for each student, or the names "
            "that Moodle or Canvas give"
        )
    would = "would be " if dry_run else ""
    for student in collection.students:
        if student.changed:
            count = len(student.chosen)
            files = "1 file" if count == 1 else f"{count} files"
            click.echo(f"{student.name}: {would}collected, {files}")
        for file in student.chosen:
            versions = [each for each in student.files if each["path"] == file["path"]]
            if len(versions) > 1:
                text = f"  {file['path']}: {file['chosen']} of {len(versions)} versions"
                click.echo(f"{text}, of {file['when'] or 'an unknown time'}")
            if file["late"]:
                click.echo(f"  {file['path']}: late")
    refused = [(student.name, *one) for student in collection.students for one in student.refused]
    for who, name, why in [*refused, *(("--", *one) for one in collection.refused)]:
        click.echo(f"refused: {who}: {name!r}: {why}", err=True)
    changed = sum(student.changed for student in collection.students)
    click.echo(f"{len(collection.students)} students, {changed} {would}new or changed: {to}")
    sys.exit(3 if refused or collection.refused else 0)
