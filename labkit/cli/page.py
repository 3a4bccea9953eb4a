"""``python -m labkit.cli.page`` writes docs/commands.md: the help text of every command."""

from pathlib import Path

import click

from labkit.cli import main

__all__ = ["PAGE", "commands", "text"]

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
_HEAD = """# Commands

Every command of `labkit`, as `labkit COMMAND --help` prints it. This page is generated: change the
help texts in `labkit/cli/`, then run `python -m labkit.cli.page`.
"""


def commands(command=main, name="labkit"):
    """Yield (name, command) for ``command`` and all its subcommands, in alphabetical order."""
    yield name, command
    for each, subcommand in sorted(getattr(command, "commands", {}).items()):
        yield from commands(subcommand, f"{name} {each}")


def text():
    """Return the page as Markdown; its lines do not depend on the width of the terminal."""
    parts = [_HEAD]
    for name, command in commands():
        settings = command.context_settings | main.context_settings
        with click.Context(command, info_name=name, terminal_width=90, **settings) as context:
            help_ = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        parts.append(f"## {name}\n\n```text\n{help_}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
