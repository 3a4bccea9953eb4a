"""``labkit release``: make the archives that students are given."""

from pathlib import Path

import click

from labkit.cli.extras import requires_extra

__all__ = ["release"]


@click.command()
@click.argument("labs", nargs=-1)
@click.option(
    "--to",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write the archives; with --nbgrader, the folder of the course.",
)
@click.option(
    "--nbgrader", is_flag=True, help="Write TO/source/NN_name/ for an nbgrader course instead."
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Look for leaked answers and list what would be written, but write nothing.",
)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder that contains source/ and the notebooks.  [default: labkit's own labs]",
)
def release(labs, to, nbgrader, dry_run, folder):
    """Write an archive for each of LABS (such as 01 or 01_name; by default all) for students.

    An archive contains the lab's notebook, the files that it shows and a note on how to open it. It
    is searched for leaked answers, and has the same bytes on every machine. If one lab cannot be
    released, none is written.

    With --nbgrader, the labs are written with their answers, for the instructor only; nbgrader's
    generate_assignment then removes the answers.

    Exit codes: 0 written; 1 refused, nothing written; 2 wrong usage.
    """
    try:
        with requires_extra("releasing"):
            from labkit import paths
            from labkit.grading import release as releasing

            folder = folder or paths.labs()
            work = releasing.release_to_nbgrader if nbgrader else releasing.release
            made = work(folder, labs, to, dry_run)
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from None
    except LookupError as error:
        raise click.ClickException(error.args[0]) from None
    for path, files in made:
        click.echo(f"{'would write' if dry_run else 'wrote'} {path}: {', '.join(files)}")
