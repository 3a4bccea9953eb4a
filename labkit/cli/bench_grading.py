"""``labkit bench grading``: how many submissions are graded in a minute."""

import click

from labkit.cli.bench import bench
from labkit.cli.extras import requires_extra

__all__ = ["bench", "bench_grading"]


@bench.command("grading")
@click.option("--lab", default="01", show_default=True, help="The number of the lab to grade.")
@click.option(
    "--students",
    default=100,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many students the made class has.",
)
@click.option(
    "--beside",
    type=click.IntRange(min=0),
    help="How many of them nbgrader and nbval grade as well.  [default: all]",
)
@click.option(
    "--jobs",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many submissions to grade at a time.",
)
def bench_grading(lab, students, beside, jobs):
    """Grade a made class, and compare the speed with nbgrader's autograder and plain nbval.

    Of every ten students, six give right answers in many styles, three make mistakes that the
    checks know, and one attacks the grader in ways that harm no machine. Prints the submissions
    graded in a minute, and how many students got full points for what is right and none for what
    is wrong. Needs a clone of the repository, and labkit's extras teach and nbgrader.

    Exit codes: 0 measured; 1 the measurement failed; 2 wrong usage.
    """
    with requires_extra("this", "teach,nbgrader"):
        from labkit.bench import grading as benchmark
    beside = students if beside is None else min(beside, students)
    try:
        timings = benchmark.run(
            lab, students, beside, jobs=jobs, echo=lambda text: click.echo(text, err=True)
        )
    except LookupError as error:
        raise click.ClickException(error.args[0]) from None
    except (ValueError, RuntimeError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(benchmark.report(timings))
