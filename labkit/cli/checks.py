"""``labkit checks``: examine the checks and their translations."""

import sys
from pathlib import Path

import click

__all__ = ["checks"]


@click.group()
def checks():
    """Examine the checks of the exercises, and the translations of their messages."""


@checks.command()
@click.argument("labs", nargs=-1)
@click.option(
    "--right",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder that contains the right answers.  [default: tests/exercises/right in a clone]",
)
def report(labs, right):
    """Run every known mistake and every right answer through the checks of LABS (by default all).

    A mistake is killed when the public inputs and three draws of hidden inputs all reject it. It
    is named when the check recognizes which mistake it is. The last column is the time of one
    check.

    Exit codes: 0 all mistakes killed and all right answers accepted; 1 a mistake survives or a
    right answer is rejected; 2 wrong usage.
    """
    from labkit.checks import audit, registry

    known = registry.labs()
    if unknown := [lab for lab in labs if lab not in known]:
        raise click.UsageError(f"no checks for {', '.join(unknown)}: there are {', '.join(known)}")
    click.echo(audit.LINE.format(*audit.TITLES))
    faults = []
    for lab in labs or known:
        right_ones = audit.right_answers(lab, right)
        for exercise in registry.lab_exercises(lab):
            audited = audit.audit(exercise, right_ones.get(exercise.id, []))
            click.echo(audit.LINE.format(*audited.row()))
            faults += audited.faults()
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(1 if any(not fault.startswith("unnamed") for fault in faults) else 0)


@checks.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when a catalog is not complete.")
def messages(check):
    """Update the catalogs (es.po, ca.po), and list what is fuzzy or not translated.

    A new text comes with an empty msgstr, to be filled in by hand. Where an English text has
    changed, its translation is kept and marked fuzzy: students see the English text until somebody
    adapts the translation and deletes the line "#, fuzzy". Translations of texts that are no
    longer used stay at the end of the file as comments.

    Exit codes: 0 complete; 1 something is missing; 2 wrong usage.
    """
    from labkit.checks import translations

    if not check:
        for path in translations.update():
            click.echo(f"wrote {path}")
    problems = translations.problems()
    for problem in problems:
        click.echo(problem, err=True)
    sys.exit(1 if problems else 0)
