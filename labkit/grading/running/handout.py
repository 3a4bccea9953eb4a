"""What a student's kernel is told of an exercise: how to call the answer, and nothing that is one.

The declarations of exercises hold the instructor's solutions. They stay in the grader: the box of a
kernel does not show their files (:mod:`labkit.kernels.sandbox.mounts`). Where an exercise says how
its cases are put to the answer (``use``), the source of that goes with the question, with as much
of its module as it needs.
"""

import ast
import inspect
import sys

from labkit.grading.running.context import used_names

__all__ = ["of"]


def of(exercise):
    """A dict of plain values about an :class:`~labkit.checks.exercise.Exercise`.

    >>> from labkit.checks import registry
    >>> told = of(registry.get("flip"))
    >>> told["call"], told["use"], told["seconds"]
    ('flip(kernel)', '', 4.0)
    """
    return {
        "id": exercise.id,
        "lab": exercise.lab,
        "call": exercise.call,
        "forbidden": list(exercise.forbidden),
        "seconds": exercise.seconds,
        "use": _source_of_use(exercise) if exercise.use else "",
        "module": exercise.use.__module__ if exercise.use else "",
    }


def _source_of_use(exercise):
    """A program that binds `use`: the value in the declaration, and what it refers to."""
    tree = ast.parse(inspect.getsource(sys.modules[exercise.use.__module__]))
    value = _declared(tree, exercise.id)
    statements = [node for node in tree.body if not isinstance(node, ast.Expr)]
    wanted, kept = _names(value), set()
    while more := {
        place
        for place, node in enumerate(statements)
        if place not in kept and _binds(node) & wanted
    }:
        kept |= more
        wanted = wanted.union(*(_names(statements[place]) for place in more))
    program = [statements[place] for place in sorted(kept)]
    given = ast.Assign([ast.Name("use", ast.Store())], value)
    return ast.unparse(ast.fix_missing_locations(ast.Module([*program, given], [])))


def _declared(tree, exercise_id):
    """The expression after ``use=`` in the declaration of an exercise."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = {one.arg: one.value for one in node.keywords}
            if isinstance(given.get("id"), ast.Constant) and given["id"].value == exercise_id:
                return given["use"]
    raise LookupError(f"exercise {exercise_id!r}: its use= is not declared where its function is")


def _names(node):
    """The names that a piece of code reads and does not bind itself."""
    found = used_names(ast.unparse(node))
    if found is None:
        raise LookupError(f"use= must spell out what it needs: {ast.unparse(node)[:100]}")
    return found


def _binds(statement):
    """The names that a statement at the top of a module binds."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(one.asname or one.name).partition(".")[0] for one in statement.names}
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement]
    return {
        one.id
        for target in targets
        for one in ast.walk(target)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }
