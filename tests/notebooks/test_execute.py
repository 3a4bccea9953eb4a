"""Running notebooks: in this Python, anywhere, and without a trace of the machine."""

import sys

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from labkit.notebooks.build import student_notebook
from labkit.notebooks.execute import (
    ExecutionError,
    execute,
    execute_reference,
    noise,
    stub_failures,
)


def run(*sources, **options):
    done = execute(new_notebook(cells=[new_code_cell(source) for source in sources]), **options)
    return ["".join(out.get("text", "") for out in cell.outputs).strip() for cell in done.cells]


def test_the_reference_has_outputs_and_execution_counts(lab):
    done = execute_reference(lab)
    code = [cell for cell in done.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    printed = {cell.id: cell.outputs[0].text for cell in code if cell.outputs}
    assert printed["double-check"] == "double: passed\n"
    assert printed["add-hint"] == "a hint on add\n"
    assert "predicted 42\n" in printed.values()


def test_executed_twice_it_is_the_same(lab):
    assert execute_reference(lab) == execute_reference(lab)


def test_nothing_of_the_machine_is_stored(lab):
    done = execute_reference(lab)
    assert "version" not in done.metadata.language_info
    assert "widgets" not in done.metadata
    assert all("execution" not in cell.metadata for cell in done.cells)


def test_the_kernel_is_this_python_quiet_on_the_cpu_in_an_empty_folder(monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", "/nowhere")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    names = ["TF_CPP_MIN_LOG_LEVEL", "CUDA_VISIBLE_DEVICES", "KERAS_BACKEND"]
    told = run(
        "import os, sys; print(sys.executable)",
        "print(os.listdir('.'))",
        f"print(*[os.environ[name] for name in {names}])",
        "print('inline' in os.environ['MPLBACKEND'])",
        "print(os.path.basename(os.environ['IPYTHONDIR']))",
    )
    assert told == [sys.executable, "[]", "3 -1 tensorflow", "True", "ipython"]


def test_many_small_prints_are_one_output():
    notebook = new_notebook(cells=[new_code_cell("for n in range(200): print(n, flush=True)")])
    assert len(execute(notebook).cells[0].outputs) == 1


def test_random_widget_ids_are_not_kept_but_their_text_is():
    view = "{'application/vnd.jupyter.widget-view+json': {'model_id': 'a1'}%s}"
    show = "from IPython.display import display; display(%s, raw=True)"
    sources = [show % (view % ""), show % (view % ", 'text/plain': 'a slider'")]
    done = execute(new_notebook(cells=[new_code_cell(source) for source in sources]))
    assert done.cells[0].outputs == []
    assert done.cells[1].outputs[0].data == {"text/plain": "a slider"}


def test_a_lab_that_raises_is_refused_with_file_line_and_cell(edit, source):
    lab = edit("return sum([first, second])", "return sum([first, 1])")
    with pytest.raises(ExecutionError) as caught:
        execute_reference(lab)
    assert str(caught.value) == (
        f"{source}:{lab.cells[12].line}: cell 'add-check': raised ValueError: add: expected 10, "
        'received 8\n    check("add", add)'
    )


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("object()", "its output holds a memory address, '0x"),
        ("print(__import__('os').__file__)", "its output holds an absolute path, '/"),
        (
            "import warnings; warnings.warn('too old')",
            "wrote to stderr, expected nothing there: ",
        ),
    ],
)
def test_traces_of_the_machine_are_refused(edit, statement, text):
    lab = edit('print(add(2, 3), "again")', statement)
    with pytest.raises(ExecutionError) as caught:
        execute_reference(lab)
    assert f":{lab.cells[15].line}: cell " in str(caught.value)
    assert text in str(caught.value)


def test_a_lab_that_hangs_or_dies_is_refused(edit, source):
    lab = edit('print(add(2, 3), "again")', "while True: pass")
    with pytest.raises(ExecutionError, match="timed out"):
        execute_reference(lab, timeout=2)
    lab = edit("while True: pass", "__import__('os')._exit(1)")
    with pytest.raises(ExecutionError, match="Kernel died"):
        execute_reference(lab)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<object at 0x7f12ab34cd56>", True),
        ("see /home/ada/labs/x.py", True),
        ("(/usr/lib/python3)", True),
        ("'/tmp/x/y'", True),
        (r"C:\Users\ada", True),
        ("0xff and 0x10", False),
        ("a/b/c, 3/4/5, and/or", False),
        ("https://example.org/a/b", False),
        ("<b>1</b></td>", False),
        ("1 /2/3", True),
        ('<img src="data:image/png;base64,/9j/4AAQ/SkZJ">', False),
    ],
)
def test_what_counts_as_a_trace(text, found):
    cell = new_code_cell("x", outputs=[new_output("stream", text=text)])
    shown = new_code_cell("x", outputs=[new_output("display_data", {"text/html": text})])
    assert bool(noise(new_notebook(cells=[cell]))) is found
    assert bool(noise(new_notebook(cells=[shown]))) is found


def test_as_shipped_every_check_fails(lab):
    assert stub_failures(lab) == {"double": True, "add": True}


def test_a_check_that_passes_without_an_answer_is_found(edit):
    lab = edit(
        "    given = answer(7) if",
        '    if exercise == "add":\n        return\n    given = answer(7) if',
    )
    assert stub_failures(lab) == {"double": True, "add": False}


def test_an_execution_leaves_its_argument_alone(lab):
    notebook = student_notebook(lab)
    execute(notebook, allow_errors=True)
    assert notebook == student_notebook(lab)
