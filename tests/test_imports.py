"""Which way modules may depend on each other, what importing them costs, and what they offer."""

import ast
import doctest
import graphlib
import importlib
import json
import subprocess
import sys

import package
import pytest

# The rooms of the house and the rooms that each may use; shared/design.md says why. The oracle
# (reference, matrix, gradients) and the layers that it checks share geometry and nothing else.
ROOMS = {
    "environment": {"language", "quiet"},
    "files": set(),
    "language": set(),
    "paths": set(),
    "predict": set(),
    "quiet": set(),
    "geometry": set(),
    "reference": {"geometry"},
    "matrix": {"geometry"},
    "gradients": {"geometry"},
    "layers": {"geometry"},
    "models": {"geometry", "layers"},
    "data": {"files", "geometry", "paths", "plots"},
    "bench": {"checks", "data", "grading", "layers", "models", "notebooks", "paths", "training"},
    "training": {"data", "files", "geometry", "layers", "models", "plots", "quiet"},
    "adapters": set(),  # student code reads it, so it may not lead to an answer
    "checks": {"language"},
    "exercises": {"adapters", "checks", "geometry", "reference", "matrix", "gradients"},
    "plots": {"geometry"},
    "widgets": {"geometry", "plots"},
    "kernels": {"paths"},  # what to hide and what to import is handed in
    "notebooks": {"files", "kernels", "paths"},
    "workspace": {"files", "notebooks", "paths"},
    "grading": {"checks", "files", "kernels", "language", "notebooks", "paths"},
}
# The way of a submission through grading, and the rooms and modules that each may use. What several
# rooms share (names, hashes) uses none of them.
GRADING = {
    "names": set(),
    "hashes": set(),
    "answer_key": set(),
    "release": set(),
    "intake": {"hashes", "names"},
    "running": {"hashes", "names"},
    "book": {"hashes"},
    "session": {"answer_key", "book", "hashes", "intake", "running"},
    "reports": {"answer_key", "book", "hashes"},
    "attacks": {"reports", "running"},
}

# A string that is a module's name counts as an import of it: it is run with -m, loaded with -p or
# sent to another process. These are the exceptions.
FORBIDDEN_TO_ANSWERS = ("labkit.checks.forbidden", "labkit.exercises.")  # names of shortcuts
BY_NAME = {
    ("labkit.checks.registry", "labkit.exercises"),  # finds them when they are asked for
    ("labkit.checks.limit", "labkit.checks.run"),  # looks for it among the callers
}
ANYTHING = {"cli", "__main__"}  # cli imports inside its commands

# packages that the mathematics may use, and the rooms that may know Keras and its backends
MATHEMATICS = {
    "geometry": {"numpy"},
    "reference": {"numpy"},
    "gradients": {"numpy"},
    "matrix": {"numpy", "scipy"},
}
BACKENDS = {"jax", "jaxlib", "keras", "tensorflow", "torch"}
KERAS_ROOMS = {"bench", "layers", "models", "quiet", "training"}
KERAS_MODULES = {
    "labkit.adapters.lab08",
    "labkit.adapters.lab09",
}  # inside the function that puts a case to a layer


def room_of(name):
    return name.split(".")[1] if "." in name else None


@pytest.mark.parametrize("rooms", [ROOMS, GRADING], ids=["labkit", "grading"])
def test_the_directions_have_no_circle(rooms):
    graphlib.TopologicalSorter(rooms).prepare()
    assert set().union(*rooms.values()) <= rooms.keys()


def dependencies(name):
    """The modules of labkit that ``name`` imports or, but for the exceptions, names in a string."""
    modules = package.dependencies(name, not name.startswith(FORBIDDEN_TO_ANSWERS))
    return {each for each in modules if (name, each) not in BY_NAME}


def test_no_module_imports_itself_through_others():
    graph = {name: dependencies(name) for name in package.MODULES}
    graphlib.TopologicalSorter(graph).prepare()


IN_GRADING = [name for name in package.MODULES if name.startswith("labkit.grading.")]


@pytest.mark.parametrize("name", IN_GRADING)
def test_grading_follows_the_way_of_a_submission(name):
    room = name.split(".")[2]
    assert room in GRADING, f"{name}: say in GRADING what {room!r} may import"
    for other in dependencies(name):
        if other.startswith("labkit.grading."):
            target = other.split(".")[2]
            assert target in GRADING[room] | {room}, f"{name} must not import {other}"


@pytest.mark.parametrize("name", package.MODULES)
def test_modules_import_only_in_the_directions_of_the_design(name):
    room = room_of(name)
    if room in ANYTHING:
        return
    assert room is None or room in ROOMS, f"{name}: say in ROOMS what the room {room!r} may import"
    allowed = ROOMS.get(room, set()) | {room}
    path = package.MODULES[name]
    imports = package.imports(name, path.read_text(), path.name == "__init__.py")
    for imported in dependencies(name) | set(imports):
        top = imported.split(".")[0]
        if top == "labkit":
            target = room_of(imported)
            known = target in ROOMS or target in ANYTHING
            assert not known or target in allowed, f"{name} must not import {imported}"
        elif top not in sys.stdlib_module_names:
            assert top in MATHEMATICS.get(room, {top}), f"{name} must not import {imported}"
            keras = room in KERAS_ROOMS or name in KERAS_MODULES
            assert keras or top not in BACKENDS, f"{name} must not import {imported}"
            assert room is not None, f"{name}: nothing is imported before it is needed"


def test_the_reader_of_imports_reads_every_form():
    assert doctest.testmod(package) == (0, 4)


HEAVY = (
    "IPython",
    "jax",
    "keras",
    "matplotlib",
    "nbformat",
    "numpy",
    "scipy",
    "tensorflow",
    "torch",
)


def loaded_by(code, names=HEAVY):
    """Which of ``names`` a fresh interpreter has imported after ``code``."""
    report = f"import json; print(json.dumps([n for n in {names!r} if n in sys.modules]))"
    run = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\n{report}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout.splitlines()[-1])


HELP = """
from labkit.cli import main
sys.argv = ["labkit", *{words!r}]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""


@pytest.mark.parametrize("code", ["import labkit", HELP.format(words=["--help"])])
def test_nothing_heavy_is_imported_before_it_is_needed(code):
    assert loaded_by(code) == []


def test_the_mathematics_needs_no_backend():
    code = "from labkit import geometry, reference, matrix, gradients"
    assert loaded_by(code) == ["numpy", "scipy"]


def test_what_is_loaded_is_seen():
    assert loaded_by("import numpy") == ["numpy"]


@pytest.mark.parametrize("name", package.PUBLIC)
def test_all_names_what_is_there(name):
    if len(ast.parse(package.MODULES[name].read_text()).body) == 1:
        return  # a docstring alone: a folder's, which offers nothing
    module = importlib.import_module(name)
    names = getattr(module, "__all__", None)
    assert isinstance(names, list), f"{name} has no __all__"
    assert len(set(names)) == len(names)
    missing = [each for each in names if not hasattr(module, each)]
    assert not missing, f"{name}.__all__ promises {missing}"
