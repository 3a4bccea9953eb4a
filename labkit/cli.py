"""The ``labkit`` command. Every command imports what it needs inside itself, so help is instant."""

import sys
from pathlib import Path

import click

import labkit

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(labkit.__version__, prog_name="labkit")
def main():
    """labkit: a workbook on convolutional networks, from the student's first cell to the grade."""


@main.command()
@click.argument("labs", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing: fail when something is not current.")
@click.option("--no-run", is_flag=True, help="Only the students' notebooks; execute nothing.")
@click.option("--force", is_flag=True, help="Execute the references even if they are current.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where source/ and reference/ lie.  [default: labkit's own labs]",
)
def build(labs, check, no_run, force, folder):
    """Make the notebooks from labs/source, of all LABS or of some (01, 01_name).

    The student's notebook goes to labs/, the executed reference to labs/reference/. A reference is
    executed again only when its source changed. What a lab lacks is printed; with --check, which
    executes nothing, it fails as everything else does that is not current.

    Exit codes: 0 done, or all current; 1 refused, or not current; 2 wrong usage.
    """
    if check and (no_run or force):
        raise click.UsageError("--check writes and runs nothing: leave --no-run and --force out")
    try:
        from labkit import paths
        from labkit.notebooks import committed, lint, source
    except ImportError as error:
        raise click.ClickException(
            f"building needs {error.name}, which is not installed: pip install 'labkit[teach]'"
        ) from None
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


@main.command()
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


@main.command()
@click.argument("submissions", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The table to write.",
)
@click.option("--lab", default="01", show_default=True, help="Which lab, by number or full name.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Decides the hidden inputs: same seed, same table.  [default: drawn and shown]",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=30,
    show_default=True,
    help="Seconds that an answer may run, and that its hidden check may.",
)
def grade(submissions, out, lab, seed, timeout):
    """Grade a folder with one sub-folder per student.

    \b
    submissions/
      ada/01_convolution_as_matrix.ipynb
      ben/homework/01_convolution_as_matrix (1).ipynb
    $ labkit grade submissions --out grades.csv --seed 7

    Only the students' answer cells count: they are put into the lab's own notebook, run by nbval,
    and asked for values on inputs that nobody has seen. The table has a row per student and a
    column per exercise, and opens in a spreadsheet or in Moodle's grade import. What was seen of
    each submission stands in OUT.records/, a JSON file per student.

    Exit codes: 0 all graded; 1 refused, nothing graded; 2 wrong usage; 3 the table is written, and
    some submissions could not be graded: their rows say why, and their points are empty, not 0.
    """
    try:
        from labkit.grading import session
    except ImportError as error:
        raise click.ClickException(
            f"grading needs {error.name}, which is not installed: pip install 'labkit[teach]'"
        ) from None
    try:
        key = session.load_key(lab)
    except LookupError as error:
        raise click.ClickException(error.args[0]) from None
    click.echo(
        "Warning: students' code runs on this machine with your rights, without a sandbox.",
        err=True,
    )
    bar = click.progressbar(
        length=1, label="Grading", file=sys.stderr, hidden=not sys.stderr.isatty()
    )
    with bar:

        def progress(done, total):
            bar.length = total
            bar.update(done - bar.pos)

        try:
            outcome = session.grade_folder(
                submissions, out, key, seed=seed, timeout=timeout, progress=progress
            )
        except (OSError, session.NothingToGrade) as error:
            raise click.ClickException(str(error)) from None
    for name in outcome.ignored:
        click.echo(f"Ignored, not a student's folder: {name}", err=True)
    ungraded = [record for record in outcome.records if record["status"] != session.GRADED]
    for record in ungraded:
        click.echo(f"{record['status']}: {record['student']!r}: {record['remarks'][-1]}", err=True)
    graded = len(outcome.records) - len(ungraded)
    click.echo(f"{graded} of {len(outcome.records)} graded, seed {outcome.seed}: {out}")
    sys.exit(3 if ungraded else 0)


@main.group()
def checks():
    """Look after the checks: what they know, and in which languages they say it."""


@checks.command()
@click.argument("labs", nargs=-1)
@click.option(
    "--right",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of right answers.  [default: tests/checks/right in a clone]",
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
    """Bring the catalogs in labkit/locale up to date, and list what is not translated yet.

    New texts come in with an empty msgstr, to be filled in by hand; texts that are no longer used
    go, and what was translated stays.

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


@main.group()
def bench():
    """Measure how long things take, and print ratios."""


@bench.command("layers")
@click.option("--layer", "cases", multiple=True, help="Only layers whose name contains this.")
@click.option("--way", "ways", multiple=True, help="Only these implementations.")
@click.option(
    "--batch", "batches", multiple=True, type=click.IntRange(min=1), help="[default: 8 and 64]"
)
@click.option(
    "--seconds", default=2.0, show_default=True, help="For each layer, batch and kind of run."
)
@click.option("--memory/--no-memory", default=True, help="Peak memory too.")
@click.option("--networks", is_flag=True, help="Whole networks instead of single layers.")
@click.option("--write", is_flag=True, help='Store the table that implementation="auto" reads.')
def bench_layers(cases, ways, batches, seconds, memory, networks, write):
    """Time every implementation of labkit's layers beside the built-in ones.

    Runs on the backend that KERAS_BACKEND names. Each layer's forward pass and train step are run
    in turns with the built-in's; what is printed are medians of the ratios of neighboring runs.
    With --write all layers must be measured: the whole table of this backend is replaced.
    """
    if write and (cases or ways or batches or networks):
        raise click.UsageError("--write stores all layers: leave the choices out")
    if networks:
        from labkit.bench import networks as networks_

        networks_.run(echo=click.echo)
        return
    from labkit.bench import layers

    unknown = set(ways) - set(layers.WAYS)
    if unknown:
        raise click.UsageError(f"--way: expected one of {', '.join(layers.WAYS)}")
    results = layers.run(
        cases=cases,
        ways=ways,
        batches=batches or layers.BATCHES,
        seconds=seconds,
        memory=memory,
        echo=lambda text: click.echo(text, err=True),
    )
    click.echo(layers.report(results))
    if write:
        layers.write(results)
