"""``labkit bench grading``: how many submissions a minute."""

import click

from labkit.cli.bench import bench

__all__ = ["bench", "bench_grading"]


@bench.command("grading")
@click.option("--lab", default="01", show_default=True, help="Of which lab.")
@click.option(
    "--students", default=100, show_default=True, type=click.IntRange(min=1), help="In the class."
)
@click.option(
    "--beside",
    type=click.IntRange(min=0),
    help="How many of them nbgrader and nbval get, too.  [default: all]",
)
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(min=1), help="At a time.")
def bench_grading(lab, students, beside, jobs):
    """Grade a made class; print submissions a minute beside nbgrader's autograder and plain nbval.

    Of ten students six are honest, in many styles, three have mistakes that the checks know, and
    one is hostile, in ways that harm no machine. Also said is how many got what they deserve: full
    points for what is right, and for nothing else. Needs a clone, and labkit's extras teach and
    nbgrader.

    Exit codes: 0 measured; 1 it could not be; 2 wrong usage.
    """
    try:
        from labkit.bench import grading as benchmark
    except ImportError as error:
        raise click.ClickException(
            f"this needs {error.name}, which is not installed: "
            "pip install 'labkit-cnn[teach,nbgrader]'"
        ) from None
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
