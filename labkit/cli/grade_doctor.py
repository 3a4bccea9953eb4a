"""``labkit grade doctor``: try attacks on the sandbox of this machine."""

import sys

import click

__all__ = ["doctor"]


@click.command()
@click.argument("attacks", nargs=-1, metavar="[ATTACK]...")
def doctor(attacks):
    """Attack the sandbox of this machine as a student might, and print which attacks it stops.

    Each of some fifty attacks (or only those named) runs in a sandbox of its own. Outside it lies
    bait: files to read, sockets to connect to, processes to kill. It takes one to three minutes.

    Exit codes: 0 all attacks were stopped; 1 there is no sandbox here; 2 wrong usage; 3 some
    attacks succeeded: do not grade on this machine.
    """
    from labkit.grading.attacks import doctor as doctor_
    from labkit.kernels.sandbox.box import NoSandbox, why_not

    try:
        for line in doctor_.capabilities():
            click.echo(line)
        if why_not():
            raise NoSandbox(why_not())
        click.echo()
        done = []
        for result in doctor_.examine(attacks):
            done.append(result)
            verdict = "held" if result.held else click.style("not held", bold=True)
            click.echo(f"{verdict:8}  {result.attack.id:16}  {result.attack.title}")
            if result.problem:
                click.echo(f"{'':28}{result.problem}")
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from None
    except (NoSandbox, RuntimeError) as error:
        raise click.ClickException(str(error)) from None
    held = sum(result.held for result in done)
    click.echo(f"\n{held} of {len(done)} held, {sum(result.seconds for result in done):.0f} s")
    sys.exit(0 if held == len(done) else 3)
