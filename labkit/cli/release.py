"""``labkit release``: what students are given."""

from pathlib import Path

import click

__all__ = ["release"]


@click.command()
@click.argument("labs", nargs=-1)
@click.option(
    "--to",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write archives into; with --nbgrader, the course's folder.",
)
@click.option("--nbgrader", is_flag=True, help="Write TO/source/NN_name/ for an nbgrader course.")
@click.option("--dry-run", is_flag=True, help="Audit, list what would be written, write nothing.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where source/ and the notebooks lie.  [default: labkit's own labs]",
)
def release(labs, to, nbgrader, dry_run, folder):
    """Write an archive for each lab, or for some (01, 01_name), to give to students.

    An archive holds the lab's notebook, the files that it shows and a note how to open it. It is
    audited for leaked answers, and is the same bytes on any machine. If one lab is not fit to be
    released, none is written.

    With --nbgrader, the labs are written with their answers, for the instructor alone: nbgrader's
    own generate_assignment cuts the answers out.

    Exit codes: 0 written; 1 refused, nothing written; 2 wrong usage.
    """
    try:
        from labkit import paths
        from labkit.grading import release as releasing

        folder = folder or paths.labs()
        work = releasing.release_to_nbgrader if nbgrader else releasing.release
        made = work(folder, labs, to, dry_run)
    except ImportError as error:
        raise click.ClickException(
            f"releasing needs {error.name}, which is not installed: pip install 'labkit-cnn[teach]'"
        ) from None
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from None
    except LookupError as error:
        raise click.ClickException(error.args[0]) from None
    for path, files in made:
        click.echo(f"{'would write' if dry_run else 'wrote'} {path}: {', '.join(files)}")
