"""``labkit checks``: what they know, and in which languages."""

import sys
from pathlib import Path

import click

__all__ = ["checks"]


@click.group()
def checks():
    """Look after the checks: what they know, and in which languages they say it."""


@checks.command()
@click.argument("labs", nargs=-1)
@click.option(
    "--right",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of right answers.  [default: tests/exercises/right in a clone]",
)
def report(labs, right):
    """Try every known mistake and every right answer on the checks of all LABS, or of some (01).

    A mistake is killed when the public inputs and three draws of hidden ones all reject it, and
    named when it is recognized as what it is. The time is that of one check.

    Exit codes: 0 all killed and accepted; 1 a mistake survives or a right answer is rejected; 2
    wrong usage.
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
            found = audit.audit(exercise, right_ones.get(exercise.id, []))
            click.echo(audit.LINE.format(*found.row()))
            faults += found.faults()
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(1 if any(not fault.startswith("unnamed") for fault in faults) else 0)


@checks.command()
@click.option("--check", is_flag=True, help="Write nothing: fail when a catalog is not complete.")
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
