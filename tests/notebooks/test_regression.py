"""nbval: outputs are really compared, and a notebook that was never executed does not pass."""

import subprocess
import sys

import nbformat
import pytest

from labkit.notebooks.build import reference_notebook
from labkit.notebooks.execute import execute_reference
from labkit.notebooks.regression import regressions


@pytest.fixture
def reference(lab):
    return execute_reference(lab)


@pytest.fixture
def store(tmp_path):
    def store(notebook):
        path = tmp_path / "90_sample.ipynb"
        nbformat.write(notebook, path)
        return path

    return store


def test_a_reference_agrees_with_itself_and_its_folder_stays_clean(reference, store, tmp_path):
    path = store(reference)
    before = path.read_bytes()
    assert regressions(path) == []
    assert [one.name for one in tmp_path.iterdir() if one.name != "labs"] == [path.name]
    assert path.read_bytes() == before


def test_a_wrong_stored_output_makes_nbval_fail_and_says_where(reference, store):
    cell = next(cell for cell in reference.cells if cell.id == "add-hint")
    cell.outputs[0].text = "a hint on subtraction\n"
    (failure,) = regressions(store(reference))
    assert failure.cell == "add-hint"
    assert "Cell outputs differ" in failure.text
    assert 'hint("add")' in failure.text
    assert "a hint on subtraction" in failure.text
    assert "a hint on add\n" in failure.text


def test_a_wrong_stored_number_makes_nbval_fail(reference, store):
    cell = next(cell for cell in reference.cells if "again" in cell.source)
    assert cell.outputs[0].text == "5 again\n"
    cell.outputs[0].text = "5.0000001 again\n"
    assert [failure.cell for failure in regressions(store(reference))] == [cell.id]


def test_an_output_too_many_or_too_few_makes_nbval_fail(reference, store):
    hint = next(cell for cell in reference.cells if cell.id == "add-hint")
    quiet = next(cell for cell in reference.cells if cell.id == "add")
    quiet.outputs, hint.outputs = hint.outputs, []
    assert {failure.cell for failure in regressions(store(reference))} == {"add", "add-hint"}


def test_a_failing_check_makes_nbval_fail(lab, reference, store):
    cell = next(cell for cell in reference.cells if cell.id == "add")
    cell.source = cell.source.replace("sum([first, second])", "3")
    failures = {failure.cell: failure.text for failure in regressions(store(reference))}
    assert "ValueError: add: expected 10, received 3" in failures["add-check"]


def test_nbval_alone_passes_a_notebook_that_was_never_executed_and_this_does_not(lab, store):
    path = store(reference_notebook(lab))
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", str(path)]
    alone = subprocess.run(
        [*command, "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(path.parent)],
        capture_output=True,
        text=True,
    )
    assert alone.returncode == 0, alone.stdout
    with pytest.raises(
        ValueError, match="was never executed: 12 of 12 code cells have no execution"
    ):
        regressions(path)


def test_one_cell_without_execution_count_is_refused(reference, store):
    cell = next(cell for cell in reference.cells if cell.id == "add-hint")
    cell.execution_count, cell.outputs = None, []
    with pytest.raises(ValueError, match="1 of 12 code cells have no execution count, and nbval"):
        regressions(store(reference))


SHOW = """
from IPython.display import display
display({"text/html": '<img alt="%s" width="%d" src="data:image/png;base64,%s">',
         "text/plain": "Figure: a line"}, raw=True)
"""


@pytest.mark.parametrize(
    ("stored", "agrees"),
    [
        (("a line", 640, "iVBOR/+A=="), True),
        (("a line", 638, "iVBORw0KGgoAAAA"), True),
        (("a circle", 640, "iVBOR/+A=="), False),
    ],
)
def test_of_a_figure_its_words_are_compared_and_not_its_pixels(edit, store, stored, agrees):
    shown = SHOW % ("a line", 640, "iVBOR/+A==")
    reference = execute_reference(edit('print(add(2, 3), "again")', shown.strip()))
    cell = next(cell for cell in reference.cells if "IPython" in cell.source)
    html = '<img alt="{}" width="{}" src="data:image/png;base64,{}">'
    cell.outputs[0].data["text/html"] = html.format(*stored)
    assert [failure.cell for failure in regressions(store(reference))] == [cell.id] * (not agrees)


def test_warnings_are_not_compared(edit, store):
    lab = edit('print(add(2, 3), "again")', 'print(add(2, 3), "again")\nimport sys')
    reference = execute_reference(lab)
    cell = next(cell for cell in reference.cells if "again" in cell.source)
    cell.source += "\nprint('careful', file=sys.stderr)"
    assert regressions(store(reference)) == []


def test_what_nbval_may_ignore_is_said_by_a_tag(edit, store):
    lab = edit('# %%\nprint(add(2, 3), "again")', '# %% tags=["nbval-ignore-output"]\nprint(1)')
    reference = execute_reference(lab)
    cell = next(cell for cell in reference.cells if cell.source == "print(1)")
    cell.outputs[0].text = "2\n"
    assert regressions(store(reference)) == []


def executed(edit, *cells):
    """Return a reference whose cells with these sources nbclient has run, and those cells."""
    source = 'print(add(2, 3), "again")'
    reference = execute_reference(edit(source, "\n\n# %%\n".join([source, *cells])))
    return reference, [
        next(cell for cell in reference.cells if cell.source == source) for source in cells
    ]


def test_a_cell_that_ends_in_a_semicolon_shows_nothing(edit, store):
    reference, (quiet, comment, loud) = executed(edit, "add(2, 3);", "add(2, 3);  # five", "7")
    assert (quiet.outputs, comment.outputs, len(loud.outputs)) == ([], [], 1)
    assert regressions(store(reference)) == []
    loud.outputs = []
    assert [failure.cell for failure in regressions(store(reference))] == [loud.id]


UPDATED = [
    """from IPython.display import clear_output
shown = display("first", display_id=True)
shown.update("second")""",
    """shown.update("third")
print("updated")""",
    """print("before")
clear_output()
print("after")""",
    """print("before")
clear_output(wait=True)
print("after, too")""",
    """print("nothing follows")
clear_output(wait=True)""",
]


def test_outputs_that_are_updated_or_cleared_agree_with_what_was_saved(edit, store):
    reference, (first, *_, waits, nothing) = executed(edit, *UPDATED)
    assert [output.data["text/plain"] for output in first.outputs] == ["'third'"]
    assert [output.text for output in waits.outputs] == ["after, too\n"]
    assert [output.text for output in nothing.outputs] == ["nothing follows\n"]
    assert regressions(store(reference)) == []


@pytest.mark.parametrize("stored", ["'first'", "'second'"])
def test_an_output_is_compared_as_it_is_after_its_last_update(edit, store, stored):
    reference, (first, *_) = executed(edit, *UPDATED[:2])
    first.outputs[0].data["text/plain"] = stored
    (failure,) = regressions(store(reference))
    assert failure.cell == first.id
    assert "Cell outputs differ" in failure.text
    assert stored in failure.text
    assert "'third'" in failure.text


@pytest.mark.slow
def test_a_kernel_that_dies_is_not_taken_for_success(reference, store):
    cell = next(cell for cell in reference.cells if cell.id == "add")
    cell.source = "import os; os._exit(1)"
    failed = {failure.cell for failure in regressions(store(reference), timeout=3)}
    assert failed == {"add"}  # nbval expects no more of the cells after it
