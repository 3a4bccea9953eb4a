"""Records and the table of grades: whole or not at all, and safe to open."""

import csv
import os
import stat

import pytest
from classes import make_exercise, make_record

from labkit.grading.book.records import (
    file_name,
    find_record,
    read_record,
    sweep,
    write_record,
)
from labkit.grading.book.table import table, totals, write_csv
from labkit.grading.hashes import fingerprint, identity


def record(student, earned=(2, 1.5), **more):
    names = ["conv1d", "flip"]
    exercises = [make_exercise(*each) for each in zip(names, earned, strict=True)]
    return make_record(student, **{"total": sum(earned), "exercises": exercises} | more)


def ungraded(student):
    empty = {"status": "not graded", "total": None, "by_hand": None, "exercises": []}
    return record(student) | empty | {"remarks": ["broken JSON"]}


def test_one_row_for_each_student_and_one_column_for_each_exercise():
    assert table([record("ben"), ungraded("ann")]) == [
        [
            *["student", "lab", "status", "total", "out of", "conv1d", "flip"],
            *["by hand", "grade", "remarks"],
        ],
        ["ann", "01", "not graded", "", "4", "", "", "", "", "broken JSON"],
        ["ben", "01", "graded", "3.5", "4", "2", "1.5", "0", "3.5", ""],
    ]


def test_several_labs_have_a_row_each_and_all_their_columns():
    other = record("ann", lab="02", exercises=[{"id": "pool", "earned": 3}], total=3, out_of=3)
    rows = table([other, record("ann")])
    assert rows[0][5:8] == ["conv1d", "flip", "pool"]
    assert [row[:8] for row in rows[1:]] == [
        ["ann", "01", "graded", "3.5", "4", "2", "1.5", ""],
        ["ann", "02", "graded", "3", "3", "", "", "3"],
    ]


def test_a_persons_mark_stands_in_the_place_of_the_automatic_one():
    questions = [
        {"id": "q_a", "points": 2, "text": "because"},
        {"id": "q_b", "points": 3, "text": "perhaps"},
        {"id": "q_c", "points": 9, "text": None},  # not answered: nobody need look at it
    ]
    asked = record("ben", questions=questions, by_hand=5)
    head, row = table([asked], {("ben", "01"): {"flip": 2, "q_a": 1.5}})
    assert dict(zip(head, row, strict=True)) == {
        **{"student": "ben", "lab": "01", "status": "graded", "total": "4", "out of": "4"},
        **{"conv1d": "2", "flip": "2", "q_a": "1.5", "q_b": "", "q_c": "", "by hand": "3"},
        **{"grade": "5.5", "remarks": ""},
    }


def test_what_the_machine_could_not_judge_is_known_once_a_person_has():
    failed = record("ben", (2, 0), status="machine error", total=None)
    failed["exercises"][1]["earned"] = None
    assert totals(failed, {})["total"] is None
    assert totals(failed, {"flip": 1})["total"] is None  # conv1d is what the machine found
    assert totals(failed, {"flip": 1, "conv1d": 2})["grade"] == 3
    assert totals(ungraded("ann"), {})["grade"] is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-x", "'-x"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'=1"),
        ("\r\n=1", "'=1"),
        (" =1", "'=1"),
        ("a\nb", "a b"),
        ("evil\u202etxt", "evil txt"),  # turns the text after it around
        ("O'Neil, Zoë \u4f60", "O'Neil, Zoë \u4f60"),
        (os.fsdecode(b"caf\xe9"), r"caf\udce9"),
        ("", ""),
    ],
)
def test_a_name_is_text_and_never_a_formula(tmp_path, name, shown):
    write_csv([record(name, remarks=[name])], tmp_path / "grades.csv")
    raw = (tmp_path / "grades.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    with open(tmp_path / "grades.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 2
    assert rows[1][0] == rows[1][-1] == shown


def test_the_order_of_grading_does_not_show(tmp_path):
    records = [record(name) for name in ["b", "ä", "A", "=", "z"]]
    write_csv(records, tmp_path / "one.csv")
    write_csv(records[::-1], tmp_path / "two.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "ada.json"
    write_record(path, record("ada", total=3))

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_record(path, record("ada", total=4))
    assert read_record(path) == record("ada", total=3)
    assert os.listdir(tmp_path) == ["ada.json"]


def test_a_record_is_readable_for_those_who_may_read_the_folder(tmp_path):
    path = tmp_path / "ada.json"
    old = os.umask(0o027)
    try:
        write_record(path, record(os.fsdecode(b"caf\xe9")))
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert read_record(path)["student"] == os.fsdecode(b"caf\xe9")


def test_no_two_students_share_a_file():
    names = ["ada", "Ada", "a/da", "a_da", "..", ".", "", "con", "x" * 300, "x" * 301, "\udce9"]
    files = [identity(name) for name in names]
    assert len({file.casefold() for file in files}) == len(names)
    assert all(len(file) < 80 and "/" not in file and not file.startswith(".") for file in files)


def test_a_record_is_found_by_its_whole_key_and_only_whole(tmp_path):
    key = "ab" * 32
    path = tmp_path / file_name("ada", "01", key)
    assert find_record(tmp_path, "ada", "01", key) is None
    write_record(path, record("ada", key=key, total=3))
    assert find_record(tmp_path, "ada", "01", key)["total"] == 3
    assert find_record(tmp_path, "ben", "01", key) is None
    assert find_record(tmp_path, "ada", "01", key[:-1] + "0") is None  # the same file name
    path.write_bytes(path.read_bytes()[:-5])
    assert find_record(tmp_path, "ada", "01", key) is None


def test_what_a_killed_writer_left_is_swept_away(tmp_path):
    (tmp_path / ".ada.json.x7f.part").write_text("{")
    (tmp_path / "ada.json").write_text("{}")
    sweep(tmp_path)
    assert os.listdir(tmp_path) == ["ada.json"]


def test_a_fingerprint_keeps_its_parts_apart():
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
