"""No file that holds a solution is visible to student code, whatever the file is called."""

import ast
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import package
import pytest

import labkit
from labkit.kernels.provisioner import SandboxProvisioner
from labkit.kernels.sandbox import box

REPOSITORY = package.ROOT.parent

boxed = pytest.mark.skipif(bool(box.why_not()), reason=str(box.why_not()))

# prints the .py files of labkit that a box shows, as their paths within the package
LOOK_INTO_A_BOX = """
from pathlib import Path
import labkit
from labkit.kernels.sandbox import box
from labkit.kernels.provisioner import SandboxProvisioner

package = Path(labkit.__file__).resolve().parent
with box.Box(SandboxProvisioner().view) as opened:
    inside = opened.root / package.relative_to("/")
    for path in sorted(inside.rglob("*.py")):
        print(path.relative_to(inside).as_posix())
"""


def declares_an_exercise(text):
    """Whether a module's text holds a call Exercise(id=...), or one of a name that ends like it.

    >>> declares_an_exercise("FLIP = declaration.Exercise(id='flip', lab='01')")
    True
    >>> declares_an_exercise("Exercise(**facts); Case(id=3)")
    False
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and any(one.arg == "id" for one in node.keywords):
            function = ast.unparse(node.func)
            if function.split(".")[-1] == "Exercise":
                return True
    return False


def modules_with_solutions():
    """{dotted name: path} of the modules that declare an exercise, and of all that import them."""
    texts = {name: path.read_text(encoding="utf-8") for name, path in package.MODULES.items()}
    hidden = {name for name, text in texts.items() if declares_an_exercise(text)}
    while True:
        more = {
            name
            for name, text in texts.items()
            if name not in hidden and _imports_any(name, text, hidden)
        }
        if not more:
            return {name: package.MODULES[name] for name in sorted(hidden)}
        hidden |= more


def _imports_any(name, text, modules):
    is_package = package.MODULES[name].name == "__init__.py"
    # `from labkit.exercises.lab01.flip import FLIP` is listed as labkit.exercises.lab01.flip.FLIP
    return any(
        imported in modules or imported.rpartition(".")[0] in modules
        for imported in package.imports(name, text, is_package)
    )


def files_with_solutions():
    """The files beside the package that hold answers: sources, references, right answers."""
    folders = ("labs/source", "labs/reference", "tests")
    return [path for folder in folders for path in (REPOSITORY / folder).rglob("*.*")]


def test_every_module_with_solutions_is_found():
    modules = modules_with_solutions()
    assert {"labkit.exercises.lab01.flip", "labkit.exercises.lab09"} <= modules.keys()
    assert len(modules) > 60
    assert "labkit.grading.running.ask" not in modules


def test_every_module_with_solutions_lies_in_the_room_that_a_box_hides():
    strays = [name for name in modules_with_solutions() if not name.startswith("labkit.exercises.")]
    assert not strays, "declare exercises in labkit/exercises/labNN, which student code cannot see"


@boxed
def test_a_box_shows_no_file_with_a_solution():
    paths = [*modules_with_solutions().values(), *files_with_solutions()]
    assert len(paths) > 100
    with box.Box(SandboxProvisioner().view) as opened:
        assert (opened.root / Path(labkit.__file__).relative_to("/")).exists()
        visible = [path for path in paths if (opened.root / path.relative_to("/")).exists()]
        assert not visible
        inside = opened.root / package.ROOT.relative_to("/")
        readable = [path for path in inside.rglob("*") if path.suffix in (".py", ".pyc", ".po")]
        assert not [path for path in readable if "exercises" in path.parts]
        sources = [path for path in readable if path.suffix == ".py"]
        assert len(sources) > 100
        assert inside / "adapters" / "lab08.py" in sources
        assert not [path for path in sources if declares_an_exercise(path.read_text("utf-8"))]


@boxed
def test_an_exercise_in_a_file_of_any_name_is_hidden(tmp_path):
    copied = tmp_path / "labkit"
    shutil.copytree(package.ROOT, copied, ignore=shutil.ignore_patterns("__pycache__", "*.po"))
    declaration = textwrap.dedent(
        """
        from labkit.checks.exercise import Exercise

        SECRET = Exercise(id="secret", lab="77", points=1, call="secret()", oracle=lambda: 42)
        """
    )
    odd = ["labNN.py", "Übung eins.py", "deep/down/x.py", "lab01/extra.py", "lab77.py"]
    for name in odd:
        (copied / "exercises" / name).parent.mkdir(parents=True, exist_ok=True)
        (copied / "exercises" / name).write_text(declaration, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-P", "-c", LOOK_INTO_A_BOX],
        env=os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    shown = run.stdout.splitlines()
    assert "checks/judge.py" in shown
    assert not [path for path in shown if path.startswith("exercises")]
