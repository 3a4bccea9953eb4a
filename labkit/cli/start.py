"""``labkit start``: the student's door."""

import sys
from pathlib import Path

import click

__all__ = ["start"]


@click.command()
@click.argument("folder", default="labkit-labs", type=click.Path(path_type=Path))
@click.argument("jupyter_arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--browser/--no-browser", default=True, help="Open a browser window, or do not.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="JupyterLab's port.  [default: a free one]"
)
@click.option("--copy-only", is_flag=True, help="Bring the notebooks up to date and stop.")
def start(folder, jupyter_arguments, browser, port, copy_only):
    """Put the labs into FOLDER (./labkit-labs) and open JupyterLab on it.

    Run it again after an update: new labs are brought, and those that you have not touched are
    replaced. A notebook that you changed or ran is never touched; its new version is put beside
    it. Arguments after -- go to JupyterLab: labkit start -- --ip=0.0.0.0

    Exit codes: JupyterLab's own; 1 when it could not be started; 2 wrong usage.
    """
    from labkit import workspace

    if str(folder).startswith("-"):  # no FOLDER, only arguments after --
        folder, jupyter_arguments = Path("labkit-labs"), (str(folder), *jupyter_arguments)
    try:
        changes = workspace.prepare(folder)
        for text in workspace.report(folder, changes):
            click.echo(text)
        if not copy_only:
            sys.exit(workspace.jupyterlab(folder, port, browser, jupyter_arguments))
    except (workspace.WorkspaceError, FileNotFoundError) as error:
        raise click.ClickException(str(error)) from None
