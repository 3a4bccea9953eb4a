"""``labkit build``: make the notebooks from their sources."""

import sys
from pathlib import Path

import click

from labkit.cli.extras import requires_extra

__all__ = ["build"]


@click.command()
@click.argument("labs", nargs=-1)
@click.option(
    "--check",
    is_flag=True,
    help="Write and execute nothing; fail when a notebook is not up to date.",
)
@click.option("--no-run", is_flag=True, help="Make only the students' notebooks; execute nothing.")
@click.option(
    "--force", is_flag=True, help="Execute the reference notebooks even if they are up to date."
)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder that contains source/ and reference/.  [default: labkit's own labs]",
)
def build(labs, check, no_run, force, folder):
    """Make the notebooks of LABS (such as 01 or 01_name; by default all) from labs/source.

    The student notebook is written to labs/, and the executed reference notebook to
    labs/reference/. A reference is executed again only when its source has changed. What a lab
    lacks, such as a figure, is printed; with --check, that too makes the command fail.

    Exit codes: 0 done, or all up to date; 1 refused, or not up to date; 2 wrong usage.
    """
    if check and (no_run or force):
        raise click.UsageError("--check writes and runs nothing: leave --no-run and --force out")
    with requires_extra("building"):
        from labkit import paths
        from labkit.notebooks import committed, lint, source
    folder = folder or paths.labs()
    try:
        chosen = committed.sources(folder, labs)
        problems = committed.check(folder, labs) if check else []
    except LookupError as error:
        raise click.ClickException(error.args[0]) from None
    if check:
        for problem in problems:
            click.echo(problem, err=True)
        click.echo(f"{len(chosen)} labs, {len(problems)} problems")
        sys.exit(1 if problems else 0)
    failed = False
    for path in chosen:
        try:
            lab = source.read_lab(path)
            for finding in lint.lint(lab):
                click.echo(f"{path}:{finding.line}: {finding.text}", err=True)
            built = committed.build(lab, folder, run=not no_run, force=force)
        except (ValueError, RuntimeError, OSError) as error:
            failed = True
            click.echo(f"Error: {error}", err=True)
            continue
        for written in built.written:
            click.echo(f"wrote {written}")
        if built.reference_problem:
            click.echo(f"{lab.name}: the reference {built.reference_problem}", err=True)
        elif not built.written:
            click.echo(f"{lab.name}: current")
    sys.exit(1 if failed else 0)
