"""The leak audit: it finds an answer wherever it hides, and lets trivial lines pass by a rule."""

from dataclasses import replace

import pytest
from nbformat.v4 import new_output

from labkit.notebooks.build import reference_notebook, student_notebook
from labkit.notebooks.cells import Answer
from labkit.notebooks.leaks import LeakError, audit, guarded, leaks
from labkit.notebooks.regions import Region


def test_the_students_notebook_gives_nothing_away(lab):
    audit(lab, student_notebook(lab))


def test_the_reference_gives_everything_away(lab):
    found = {leak.text.strip() for leak in leaks(lab, reference_notebook(lab))}
    assert found == {text.strip() for _, text, _ in guarded(lab)}
    assert len(found) == 5


def test_which_lines_are_guarded(lab):
    assert [text.strip() for _, text, _ in guarded(lab)] == [
        "result = number + number  # no multiplication sign needed",
        "prediction = 42",  # short, but the most telling line of its region
        "return second",  # likewise
        "return sum([first, second])",
        "Because two times a number is that number and itself.",
    ]


@pytest.mark.parametrize(
    ("line", "trivial"),
    [
        ("return out", True),
        (")", True),
        ("else:", True),
        ("return True", True),
        ("for n in range(height):", True),
        ("out = []", True),
        ("# done", True),
        ("total += x[n] * k[i]", False),
        ("size = len(kernel)", False),
        ("# the kernel slides along", False),
        ("return x[::-1, ::-1]", False),
    ],
)
def test_trivial_lines_may_stand_elsewhere(edit, line, trivial):
    # beside a line that tells more, or it would be guarded as the most telling one
    beside = "value = [first, second, first + second]"
    lab = edit(
        "### BEGIN SOLUTION\n    return sum", f"### BEGIN SOLUTION\n    {beside}\n    return sum"
    )
    answer = lab.of(Answer)[1]
    region = [part for part in answer.parts if isinstance(part, Region)][1]
    changed = replace(region, answer=(*region.answer[:1], (9, f"    {line}")))
    parts = tuple(changed if part is region else part for part in answer.parts)
    cells = tuple(replace(c, parts=parts) if c is answer else c for c in lab.cells)
    lines = [text.strip() for _, text, _ in guarded(replace(lab, cells=cells))]
    assert beside in lines
    assert (line in lines) is not trivial


HIDING_PLACES = {
    "source": lambda nb: nb.cells[2].update(source="result = number + number"),
    "prose": lambda nb: nb.cells[0].update(source="Write `result=number+number` there."),
    "over two lines": lambda nb: nb.cells[0].update(source="result =\n    number +\n number"),
    "as HTML": lambda nb: nb.cells[0].update(source="result&nbsp;&#61; number + number"),
    "cell metadata": lambda nb: nb.cells[3].metadata.update(note=["result = number + number"]),
    "metadata key": lambda nb: nb.cells[3].metadata.update({"result = number + number": 1}),
    "notebook metadata": lambda nb: nb.metadata.update(note={"x": "result = number + number"}),
}


@pytest.mark.parametrize("hide", HIDING_PLACES.values(), ids=HIDING_PLACES)
def test_an_answer_is_found_wherever_it_hides(lab, hide):
    notebook = student_notebook(lab)
    hide(notebook)
    with pytest.raises(LeakError, match="would give away 1 answer lines") as caught:
        audit(lab, notebook)
    assert "'result = number + number  # no multiplication sign needed', stands in" in str(
        caught.value
    )


def test_an_answer_in_an_attachment_or_an_output_is_found(lab):
    notebook = student_notebook(lab)
    notebook.cells[0]["attachments"] = {"a.txt": {"text/plain": "return sum([first, second])"}}
    notebook.cells[1].outputs = [new_output("stream", text="prediction = 42")]
    notebook.cells[1].execution_count = 1
    told = [str(leak) for leak in leaks(lab, notebook)]
    first, second = notebook.cells[0].id, notebook.cells[1].id
    assert told == [
        f"line 0, 'attachments', stands in cell 1 ({first}), which must have none",
        f"line 0, 'outputs', stands in cell 2 ({second}), which must have none",
        f"line 0, 'execution_count', stands in cell 2 ({second}), which must have none",
        f"line {lab.cells[8].line + 1}, 'prediction = 42', stands in cell 2 ({second})",
        f"line {lab.cells[11].line + 7}, 'return sum([first, second])', stands in cell 1 ({first})",
    ]


def test_an_empty_output_list_is_no_leak_but_any_output_is(lab):
    notebook = student_notebook(lab)
    notebook.cells[1].outputs = [new_output("stream", text="harmless")]
    with pytest.raises(LeakError, match="'outputs', stands in cell 2"):
        audit(lab, notebook)


def test_words_are_compared_whole(lab):
    notebook = student_notebook(lab)
    notebook.cells[0].source = "prediction = 421; xresult = number + numbers"
    assert leaks(lab, notebook) == []


def test_an_answer_that_the_author_gives_away_elsewhere_is_refused(edit):
    lab = edit("# Doubling is adding.", "# Doubling is `return sum([first, second])`.")
    with pytest.raises(LeakError) as caught:
        audit(lab, student_notebook(lab))
    assert str(caught.value).endswith(
        "Word the answer or the other place differently; what a student should see does not belong "
        "between the solution markers."
    )


def test_a_stub_may_not_repeat_the_answer(edit):
    lab = edit("### STUB: return None  # is that so?", "### STUB: return second")
    assert [leak.where for leak in leaks(lab, student_notebook(lab))] == ["cell 12 (add)"]


def test_an_answer_to_a_question_is_guarded(lab):
    notebook = student_notebook(lab)
    notebook.cells[-2].source += "\nIt is, BECAUSE two times\na number is that number and itself."
    assert [leak.where for leak in leaks(lab, notebook)] == [f"cell 17 ({notebook.cells[-2].id})"]
