"""``labkit start``: copy the labs and open JupyterLab."""

import sys
from pathlib import Path

import click

__all__ = ["start"]


@click.command()
@click.argument("folder", default="labkit-labs", type=click.Path(path_type=Path))
@click.argument("jupyter_arguments", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--browser/--no-browser", default=True, help="Open a browser window.  [default: browser]"
)
@click.option(
    "--port", type=click.IntRange(1, 65535), help="The port of JupyterLab.  [default: a free one]"
)
@click.option(
    "--copy-only", is_flag=True, help="Bring the notebooks up to date, but do not open JupyterLab."
)
def start(folder, jupyter_arguments, browser, port, copy_only):
    """Copy the labs into FOLDER (by default ./labkit-labs) and open JupyterLab there.

    Run it again after an update: new labs are added, and notebooks that you have not changed are
    replaced. A notebook that you changed or ran is kept, and its new version is put beside it.
    Arguments after -- are passed on to JupyterLab: labkit start -- --ip=0.0.0.0

    Exit codes: that of JupyterLab; 1 if it could not be started; 2 wrong usage.
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
