"""``labkit mark``: enter marks by hand."""

from pathlib import Path

import click

from labkit.cli.extras import requires_extra

__all__ = ["mark"]


@click.command()
@click.argument("grades", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    help="The port of the page.  [default: a free one]",
)
@click.option(
    "--browser/--no-browser", default=True, help="Open a browser window.  [default: browser]"
)
@click.option(
    "--list",
    "only_list",
    is_flag=True,
    help="Print the answers that wait for a mark, and open no page.",
)
def mark(grades, port, browser, only_list):
    """Enter marks by hand for GRADES, the table that `labkit grade` wrote.

    Opens a page with the answers that wait for a mark, grouped by question, so that all answers to
    a question can be compared. Every mark is stored as soon as it is entered. Grading again does
    not change it, and `labkit report` shows it beside the automatic points. Only this machine can
    open the page; press Ctrl-C to end.

    Exit codes: 0 ended, or with --list no answer waits; 1 GRADES has no gradebook, or the port is
    taken; 2 wrong usage; 3 with --list, some answers wait.
    """
    try:
        with requires_extra("grading"):
            from labkit.grading.book.gradebook import open_gradebook
            from labkit.grading.reports.manual import queue
            from labkit.grading.reports.marking import MarkingServer

            if only_list:
                with open_gradebook(grades) as gradebook:
                    waiting = queue(gradebook)
                for item in waiting:
                    click.echo(f"{item.id}\t{item.points:g}\t{item.record['student']!r}")
                raise SystemExit(3 if waiting else 0)
            server = MarkingServer(grades, port)
    except OSError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Marks are entered at {server.address} (Ctrl-C ends it)")
    if browser:
        click.launch(server.address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("")
    finally:
        server.server_close()
