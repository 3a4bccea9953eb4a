"""Reading a lab's source: what is understood, and the text of every refusal."""

import re

import pytest

from labkit.notebooks.cells import Answer, Check, Code, Hint, Predict, Prose, Question
from labkit.notebooks.regions import MarkerError, Region, split
from labkit.notebooks.source import SourceError, read_lab


def test_a_lab_is_read_into_its_cells(lab):
    assert (lab.name, lab.id) == ("90_sample", "90")
    assert lab.title == "Lab 90 · A sample for the tests"
    assert re.fullmatch("[0-9a-f]{64}", lab.sha256)
    kinds = [Prose, Code, Code, Prose, Answer, Check, Hint, Prose, Predict, Code, Prose]
    kinds += [Answer, Check, Hint, Code, Code, Prose, Question]
    assert [type(cell) for cell in lab.cells] == kinds
    assert [(cell.id, cell.points) for cell in lab.of(Answer)] == [("double", 2), ("add", 1.5)]
    assert [(cell.id, cell.points) for cell in lab.of(Question)] == [("q_why", 3)]


def test_line_numbers_are_those_of_the_file(lab, source):
    lines = source.read_text(encoding="utf-8").split("\n")
    for cell in lab.cells:
        assert cell.text.split("\n")[0] in lines[cell.line - 1]
        for number, line in cell.answers:
            assert line in lines[number - 1]


def test_the_students_form_has_the_stub_where_the_answer_was(lab):
    double, add = lab.of(Answer)
    assert double.student.split("\n")[2:] == [
        "    # YOUR CODE HERE",
        '    raise NotImplementedError("double: your code goes here")',
    ]
    assert add.student.split("\n")[1:] == [
        "    if first == 0:",
        "        return None  # is that so?",
        "    # YOUR CODE HERE",
        '    raise NotImplementedError("add: your code goes here")',
    ]
    assert lab.of(Predict)[0].student == "prediction = None  # replace None by a number"
    assert lab.of(Question)[0].student.endswith("doubling adding?\n\n*Your answer here.*")


def test_the_reference_form_has_the_answer_and_no_marker(lab):
    for cell in lab.cells:
        assert "SOLUTION" not in cell.reference
        assert "STUB" not in cell.reference
    assert "    return sum([first, second])" in lab.of(Answer)[1].reference
    assert lab.of(Predict)[0].reference == "prediction = 42"


def test_line_ends_do_not_change_the_digest(lab, source):
    text = source.read_bytes()
    source.write_bytes(text.replace(b"\n", b"\r\n"))
    assert read_lab(source) == lab


def test_a_jupytext_header_is_allowed(lab, source):
    header = "# ---\n# jupyter:\n#   jupytext:\n#     formats: py:percent\n# ---\n\n"
    source.write_text(header + source.read_text(encoding="utf-8"), encoding="utf-8")
    headed = read_lab(source)
    assert [cell.text for cell in headed.cells] == [cell.text for cell in lab.cells]
    assert [cell.line - 6 for cell in headed.cells] == [cell.line for cell in lab.cells]


def test_only_nbval_ignore_output_is_a_tag(edit):
    lab = edit("# %%\nprint(add(2", '# %% tags=["nbval-ignore-output"]\nprint(add(2')
    assert [cell.tags for cell in lab.of(Code)] == [(), (), (), ("nbval-ignore-output",), ()]


# what is replaced by what, the line that the error then names, and its text
REFUSED = {
    "unknown key": (
        '# %% exercise="add" points=1.5',
        '# %% exercise="add" point=1.5',
        '# %% exercise="add" point=1.5',
        "unknown kind of cell: code with exercise='add' point=1.5; expected exercise=",
    ),
    "exercise in markdown": (
        "# %% [markdown]\n# ### Exercise 2",
        '# %% [markdown] exercise="x" points=1\n# ### Exercise 2',
        '# %% [markdown] exercise="x"',
        "unknown kind of cell: markdown with exercise='x' points=1; expected",
    ),
    "badly quoted": ('check="add"', "check=add", "check=add", "unknown kind of cell: code with"),
    "title on the marker": (
        "# %%\nimport random",
        "# %% setup\nimport random",
        "# %% setup",
        "unknown kind of cell: code with title='setup'; expected",
    ),
    "raw cell": (
        "# %% [markdown]\n# ## Sum",
        "# %% [raw]\n# ## Sum",
        "# %% [raw]",
        "unknown kind of cell: raw",
    ),
    "tag": (
        "# %%\nprint(add(2",
        '# %% tags=["raises-exception"]\nprint(add(2',
        "# %% tags=",
        "tags=['raises-exception']: expected only ['nbval-ignore-output'], and only on plain code",
    ),
    "id": (
        '"q_why"',
        '"q why"',
        '"q why"',
        "question='q why': expected a lower-case name, letters, digits and '_', in quotes",
    ),
    "points": ("points=1.5", "points=0", "points=0", "points=0: expected a number above 0"),
    "points in words": ("points=1.5", 'points="two"', 'points="two"', "points='two': expected a"),
    "no solution": (
        "# <!-- BEGIN SOLUTION -->\n# Because two times a number is that number and itself.\n"
        "# <!-- END SOLUTION -->",
        "# Because.",
        "**Question.**",
        "q_why: expected a solution between its markers",
    ),
    "never closed": (
        "    return result\n    ### END SOLUTION",
        "    return result",
        "### BEGIN SOLUTION",
        "'### BEGIN SOLUTION' is never closed: expected '### END SOLUTION' in the same cell",
    ),
    "never opened": (
        "    ### BEGIN SOLUTION\n    result",
        "    result",
        "### END SOLUTION",
        "'### END SOLUTION' without a '### BEGIN SOLUTION' before it",
    ),
    "opened twice": (
        "    return result",
        "    ### BEGIN SOLUTION # again",
        "### BEGIN SOLUTION # again",
        "unknown marker '### BEGIN SOLUTION # again': expected '### BEGIN SOLUTION', '### END",
    ),
    "nested": (
        "    result = number",
        "    ### BEGIN SOLUTION\n    result = number",
        "    ### BEGIN SOLUTION\n    result",
        "a second '### BEGIN SOLUTION' before the '### END SOLUTION' of the first",
    ),
    "mistyped": (
        "    ### BEGIN SOLUTION\n    result",
        "    ## begin solution\n    result",
        "## begin solution",
        "unknown marker '## begin solution': expected '### BEGIN SOLUTION', '### END SOLUTION'",
    ),
    "unknown marker": (
        "    return result",
        "    ### HIDDEN TESTS",
        "### HIDDEN TESTS",
        "unknown marker '### HIDDEN TESTS': expected '### BEGIN SOLUTION', '### END SOLUTION'"
        " or '### STUB: <line of code>', alone on its line",
    ),
    "stub outside": (
        "    if first == 0:",
        "    ### STUB: pass",
        "### STUB: pass",
        "'### STUB: pass' without a '### BEGIN SOLUTION' before it",
    ),
    "empty": (
        "        ### BEGIN SOLUTION\n        return second\n",
        "        ### BEGIN SOLUTION\n\n",
        "        ### BEGIN SOLUTION",
        "an empty solution: there is nothing between the markers",
    ),
    "comment in prose": (
        "# Doubling is adding.",
        "# <!-- to do -->",
        "<!-- to do -->",
        "unknown marker '<!-- to do -->': expected '<!-- BEGIN SOLUTION -->'",
    ),
    "answer in plain code": (
        'print(add(2, 3), "again")',
        "# a note\n### BEGIN SOLUTION\nsecret = 1\n### END SOLUTION",
        "### BEGIN SOLUTION\nsecret",
        "a solution outside an exercise, question or predict cell: its '# %%' line needs",
    ),
    "answer in prose": (
        "# Doubling is adding.",
        "# <!-- BEGIN SOLUTION -->\n# Doubling\n# <!-- END SOLUTION -->",
        "# <!-- BEGIN SOLUTION -->",
        "a solution outside an exercise, question or predict cell",
    ),
    "prediction without stub": (
        "### STUB: prediction = None  # replace None by a number\n",
        "",
        "### BEGIN SOLUTION\nprediction",
        "twice: a prediction needs '### STUB: prediction = None' in its solution",
    ),
    "not Python": (
        "print(add(2, 3), random.random())",
        "print(add(2, 3)",
        "print(add(2, 3)",
        "not Python, line 1 of the cell: '(' was never closed",
    ),
    "stub not Python": (
        "### STUB: return None  # is that so?",
        "### STUB: return (",
        "def add(",
        "not Python (with the solution markers resolved), line 3 of the cell: '(' was never closed",
    ),
    "check of another": (
        'check("add", add)',
        'check("double", add)',
        'check("double", add)',
        'check cell of add: expected a call check("add", …)',
    ),
    "check without exercise": (
        'check="add"\ncheck("add"',
        'check="sub"\ncheck("sub"',
        'check("sub"',
        "check of 'sub': no such exercise before this cell",
    ),
    "second check": (
        '# %% hint="add"\nhint("add")',
        '# %% check="add"\ncheck("add", double)',
        'check("add", double)',
        "a second check cell for add",
    ),
    "no check": (
        '# %% check="add"\ncheck("add", add)',
        "# %%\nadd(1, 2)",
        "def add(",
        'exercise add has no check: expected # %% check="add"',
    ),
    "id taken": (
        'question="q_why"',
        'question="add"',
        "**Question.**",
        "add: this id is taken, on line ",
    ),
    "no title": (
        "# # Lab 90",
        "# ## Lab 90",
        "# %%",
        "expected a first cell '# %% [markdown]' with the title, '# # …'",
    ),
    "code above the first cell": (
        "# %% [markdown]\n# # Lab",
        "import sys\n\n# %% [markdown]\n# # Lab",
        "import sys",
        "18 lines start a cell ('# %%') but jupytext finds 19 cells: expected every cell to start",
    ),
    "marker in a string": (
        '    print(f"a hint on {exercise}")',
        '    """\n# %%\n    """',
        "# %%",
        "19 lines start a cell ('# %%') but jupytext finds 18 cells: expected every cell to start "
        "with '# %%', and no '# %%' inside a string",
    ),
}


@pytest.mark.parametrize(("old", "new", "place", "text"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_understood_is_refused_with_file_and_line(edit, source, old, new, place, text):
    with pytest.raises(SourceError) as caught:
        edit(old, new)
    written = source.read_text(encoding="utf-8")
    line = written[: written.index(place)].count("\n") + 1
    assert str(caught.value).startswith(f"{source}:{line}: {text}")


def test_the_file_name_says_which_lab_it_is(source):
    other = source.rename(source.with_name("sample.py"))
    with pytest.raises(
        SourceError, match=r"sample.py:1: file name 'sample.py': expected two digits"
    ):
        read_lab(other)


@pytest.mark.parametrize(
    "line",
    ["###BEGIN SOLUTION", "### Begin Solution", "# END SOLUTION", "x = 1  ### END SOLUTION", "###"],
)
def test_nearly_a_marker_is_an_error(line):
    with pytest.raises(MarkerError, match="unknown marker"):
        split(f"### BEGIN SOLUTION\nx = 1\n{line}\n### END SOLUTION")


def test_markdown_headings_are_no_markers():
    assert split("### A heading\n\ntext", markdown=True) == ["### A heading", "", "text"]


def test_a_stub_keeps_its_own_indentation():
    text = "if x:\n    ### BEGIN SOLUTION\n    y\n    ### STUB: for z in x:\n    ### STUB:     z\n"
    parts = split(text + "    ### END SOLUTION")
    assert parts == ["if x:", Region(1, "    ", ((2, "    y"),), ("    for z in x:", "        z"))]
