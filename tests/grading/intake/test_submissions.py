"""Finding and reading what was handed in: every way in which it can be broken is one sentence."""

import json
import os

import pytest

from labkit.grading.intake.reading import read_notebook
from labkit.grading.intake.submissions import (
    StudentFolder,
    SubmissionError,
    choose_notebook,
    find_student_folders,
    read_folder,
)

NAME = "01_convolution_as_matrix"


def notebook(lab="01", text="x = 1"):
    metadata = {} if lab is None else {"labkit": {"lab": lab}}
    cell = {"cell_type": "code", "source": text, "metadata": {}}
    return json.dumps({"metadata": metadata, "cells": [cell], "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def student(tmp_path):
    (tmp_path / "ada").mkdir()
    return StudentFolder("ada", tmp_path / "ada")


def choose(student):
    return choose_notebook(read_folder(student), "01", NAME)


def test_students_are_the_folders_in_the_order_of_their_names(tmp_path):
    for name in ["zoë", "Ann", "=cmd", "__MACOSX", ".git", "grades.csv.records"]:
        (tmp_path / name).mkdir()
    (tmp_path / "readme.txt").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "Ann")
    found, others = find_student_folders(tmp_path)
    assert [submission.student for submission in found] == ["=cmd", "Ann", "link", "zoë"]
    assert others == [".git", "__MACOSX", "grades.csv.records", "readme.txt"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n\t ", "the file holds only white space"),
        (notebook().encode()[:60], "broken JSON, line 1: "),
        (b"\xff\xfe\x00", "not UTF-8 text (byte 0)"),
        (
            notebook(text="caf\u00e9").replace("\\u00e9", "\u00e9").encode("latin-1"),
            "not UTF-8 text",
        ),
        (b"[1, 2]", "JSON, but not a notebook: it has no list of cells"),
        (b'{"cells": {"a": 1}}', "JSON, but not a notebook: it has no list of cells"),
        (b'{"worksheets": {}, "nbformat": 3}', "JSON, but not a notebook"),
        (b'{"cells": [' + b"{}," * 10**6 + b"{}]}", "more than 2 million values"),
        (b"[" * 200_000, "JSON that cannot be read: RecursionError"),
        (b'{"cells": [' + b"9" * 5000 + b"]}", "JSON that cannot be read: ValueError"),
        (b"\0" * 100, "broken JSON, line 1: "),
    ],
)
def test_a_broken_file_is_refused_with_its_reason(student, content, reason):
    (student.path / f"{NAME}.ipynb").write_bytes(content)
    with pytest.raises(SubmissionError) as refusal:
        choose(student)
    text = str(refusal.value)
    assert text.startswith(f"no notebook of lab 01: {NAME}.ipynb: {reason}")


def test_a_byte_order_mark_and_cells_that_are_no_cells_do_no_harm(student):
    raw = json.loads(notebook())
    raw["cells"] += [7, None, "text", {"source": "y = 2"}]
    (student.path / f"{NAME}.ipynb").write_bytes(b"\xef\xbb\xbf" + json.dumps(raw).encode())
    _, read, _ = choose(student)
    assert [cell["source"] for cell in read["cells"]] == ["x = 1", "y = 2"]


def test_a_huge_file_is_not_read(student, monkeypatch):
    monkeypatch.setattr("labkit.grading.intake.reading.MAX_BYTES", 2**20)
    (student.path / f"{NAME}.ipynb").write_bytes(b" " * (2**20 + 1) + b"{}")
    with pytest.raises(SubmissionError, match=r"ipynb: larger than 1 MB$"):
        choose(student)


def test_a_notebook_that_would_take_too_long_to_look_at_is_refused(student):
    raw = json.loads(notebook())
    cell = raw["cells"][0]
    path = student.path / f"{NAME}.ipynb"
    path.write_text(json.dumps(raw | {"cells": [cell] * 5001}))
    with pytest.raises(SubmissionError, match=r"ipynb: more than 5000 cells$"):
        choose(student)
    much = cell | {"source": ["x = 1\n"] * 10_000}
    path.write_text(json.dumps(raw | {"cells": [much] * 5}))
    with pytest.raises(SubmissionError, match=r"ipynb: more than 256 kB of code$"):
        choose(student)
    figure = {"cell_type": "markdown", "source": "x" * 2**21}
    path.write_text(json.dumps(raw | {"cells": [cell, figure]}))
    assert choose(student)[0] == path.name


def test_a_cell_of_pasted_data_is_left_out_and_costs_no_other(student):
    raw = json.loads(notebook())
    data = raw["cells"][0] | {"id": "data", "source": "x = [" + "1, " * 50_000 + "]"}
    path = student.path / f"{NAME}.ipynb"
    path.write_text(json.dumps(raw | {"cells": [data, *raw["cells"]]}))
    _, read, remarks = choose(student)
    assert [cell["source"] for cell in read["cells"]] == ["", "x = 1"]
    assert remarks == ["cell 1 is longer than 64 kB: left out"]


def test_commas_in_a_printed_array_are_no_values(student):
    raw = json.loads(notebook())
    raw["cells"][0]["outputs"] = [{"output_type": "stream", "text": '0.5, "x", ' * 10**6}]
    (student.path / f"{NAME}.ipynb").write_text(json.dumps(raw))
    assert "outputs" not in choose(student)[1]["cells"][0]


def test_what_all_notebooks_of_a_student_take_is_bounded(student, monkeypatch):
    monkeypatch.setattr("labkit.grading.intake.submissions.MAX_FOLDER", 2**20)
    for number in range(3):
        text = notebook() + " " * (3 * 2**18)
        (student.path / f"{NAME} ({number}).ipynb").write_text(text)
    path, _, remarks = choose(student)
    assert path == f"{NAME} (0).ipynb"
    assert remarks == [f"{NAME} ({one}).ipynb: more than 1 MB of notebooks" for one in (1, 2)]


def test_a_notebook_of_format_3_is_read_and_lines_end_as_everywhere(student):
    cells = [{"cell_type": "code", "input": ["x = 1\r\n", "y = 2\r"], "metadata": {"id": "a"}}]
    older = {"worksheets": [{"cells": cells}, 3, {"cells": None}], "nbformat": 3}
    (student.path / f"{NAME}.ipynb").write_text(json.dumps(older))
    _, read, _ = choose(student)
    wanted = {"cell_type": "code", "source": "x = 1\ny = 2\n", "metadata": {"id": "a"}}
    assert read["cells"] == [wanted]


def test_nothing_is_followed_and_nothing_blocks(student, tmp_path):
    secret = tmp_path / "key.ipynb"
    secret.write_text(notebook())
    (student.path / f"{NAME}.ipynb").symlink_to(secret)
    with pytest.raises(
        SubmissionError, match=r"cannot be read: .* \(a symbolic link is not followed"
    ):
        choose(student)
    os.remove(student.path / f"{NAME}.ipynb")
    os.mkfifo(student.path / f"{NAME}.ipynb")
    with pytest.raises(SubmissionError, match="not a regular file"):
        choose(student)
    (tmp_path / "eve").symlink_to(student.path)
    with pytest.raises(SubmissionError, match="the folder is a symbolic link"):
        read_folder(StudentFolder("eve", tmp_path / "eve"))
    (student.path / "sub.ipynb").mkdir()  # a folder of that name is no notebook
    (student.path / "away").symlink_to(tmp_path)
    with pytest.raises(SubmissionError) as refusal:
        choose(student)
    assert "key.ipynb" not in str(refusal.value)


def test_an_empty_folder_says_so(student):
    with pytest.raises(SubmissionError) as refusal:
        choose(student)
    assert str(refusal.value) == "no notebook of lab 01: there is no .ipynb file in the folder"


def test_a_notebook_of_another_lab_is_not_taken(student):
    (student.path / "02_channels.ipynb").write_text(notebook("02"))
    with pytest.raises(SubmissionError) as refusal:
        choose(student)
    assert "02_channels.ipynb: a notebook that names lab 02" in str(refusal.value)


def test_of_several_notebooks_the_choice_is_said(student):
    for name in [f"{NAME} (1)", f"{NAME}-Copy1", "my answer", "deep/down"]:
        path = student.path / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(notebook())
    (student.path / f"{NAME}.ipynb").write_text("{")
    chosen, _, remarks = choose(student)
    assert chosen == f"{NAME} (1).ipynb"
    assert remarks[0].startswith(
        f"4 notebooks of this lab: graded {chosen}, not {NAME}-Copy1.ipynb, my answer.ipynb, deep/"
    )
    assert remarks[1].startswith(f"{NAME}.ipynb: broken JSON")
    (student.path / f"{NAME}.ipynb").write_text(notebook())
    assert choose(student)[0] == f"{NAME}.ipynb"


def test_the_one_with_most_answers_comes_before_the_empty_one(student):
    (student.path / f"{NAME}.ipynb").write_text(notebook())
    (student.path / f"{NAME}-Copy1.ipynb").write_text(notebook(text="x = 2"))

    def answered(notebook):
        return notebook["cells"][0]["source"] == "x = 2"

    chosen, _, remarks = choose_notebook(read_folder(student), "01", NAME, answered=answered)
    assert chosen == f"{NAME}-Copy1.ipynb"
    assert remarks == [f"2 notebooks of this lab: graded {chosen}, not {NAME}.ipynb"]


def test_an_archive_is_not_looked_into_and_a_hundred_notebooks_are_not_read(student):
    (student.path / "homework.ZIP").write_bytes(b"PK")
    with pytest.raises(SubmissionError, match=r"homework\.ZIP: not looked into; labkit collect"):
        choose(student)
    for number in range(100):
        (student.path / f"{number}.ipynb").write_text(notebook())
    assert len(read_folder(student).notebooks) == 50
    assert "100 notebooks: only the first 50 were read" in choose(student)[2]


@pytest.mark.parametrize(
    ("name", "lab", "remark"),
    [
        (f"{NAME} (2)", None, "its metadata names no lab"),
        (NAME, "97", "its metadata names lab 97"),
        ("homework", None, "its metadata names no lab"),
    ],
)
def test_metadata_that_was_lost_or_changed_costs_nothing(student, name, lab, remark):
    (student.path / f"{name}.ipynb").write_text(notebook(lab))
    chosen, _, remarks = choose(student)
    assert chosen == f"{name}.ipynb"
    assert remarks == [f"{name}.ipynb: {remark}"]


def test_a_folder_of_thousands_of_files_ends(student, monkeypatch):
    monkeypatch.setattr("labkit.grading.intake.submissions.MAX_FILES", 10)
    for number in range(5):
        folder = student.path / str(number)
        folder.mkdir()
        for file in range(4):
            (folder / f"{file}.txt").touch()
    (student.path / "1" / "mine.ipynb").write_text(notebook())
    _, _, remarks = choose(student)
    assert remarks == ["more than 10 files: the rest was not looked at"]


def test_metadata_of_the_wrong_type_is_no_metadata(student):
    for odd in [None, [], "text", {"labkit": 3}, {"labkit": {"lab": ["01"]}}]:
        raw = json.loads(notebook())
        raw["metadata"] = odd
        (student.path / f"{NAME}.ipynb").write_text(json.dumps(raw))
        assert choose(student)[0] == f"{NAME}.ipynb"


def test_reading_gives_plain_json(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(notebook())
    assert type(read_notebook(path)) is dict
