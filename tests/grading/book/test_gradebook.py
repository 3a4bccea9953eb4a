"""The gradebook: transactions that hold, and a person's marks that no run touches."""

import os
import sqlite3
import subprocess
import sys

import pytest
from classes import make_exercise, make_record

from labkit.grading.book.gradebook import Gradebook
from labkit.grading.book.lock import Busy, lock

EXERCISES = [
    make_exercise("flip", 1, 1, source="def flip(): 1"),
    make_exercise("conv1d", 0, 2, "wrong", mistake="m"),
]


def record(student="ada", key="k1", **more):
    questions = [{"id": "q_why", "points": 2, "text": "Because."}]
    about = {"total": 1, "out_of": 3, "exercises": EXERCISES, "questions": questions}
    return make_record(student, key=key, **about | more)


@pytest.fixture
def gradebook(tmp_path):
    with Gradebook(tmp_path / "gradebook.db") as opened:
        yield opened


def sql(tmp_path, query):
    with sqlite3.connect(tmp_path / "gradebook.db") as db:
        return db.execute(query).fetchall()


def test_a_submission_replaces_what_was_known_of_it(gradebook, tmp_path):
    gradebook.store(record())
    gradebook.store(record(key="k2", exercises=EXERCISES[:1]))
    assert gradebook.records() == [record(key="k2", exercises=EXERCISES[:1])]
    assert gradebook.keys() == {("ada", "01"): "k2"}
    assert sql(tmp_path, "SELECT student, total FROM submission") == [("ada", 1)]
    assert sql(tmp_path, "SELECT exercise, earned FROM exercise") == [("flip", 1)]


def test_half_a_submission_is_none(gradebook, tmp_path):
    gradebook.store(record())
    broken = [EXERCISES[0], EXERCISES[1] | {"status": None}]  # NOT NULL
    with pytest.raises(sqlite3.IntegrityError):
        gradebook.store(record(key="k2", exercises=broken))
    assert gradebook.records() == [record()]
    assert len(sql(tmp_path, "SELECT * FROM exercise")) == 2


def test_a_gradebook_that_cannot_grow_says_so_and_stays_whole(gradebook):
    gradebook.store(record())
    gradebook._db.execute("PRAGMA max_page_count = 1")
    with pytest.raises(OSError, match=r"the gradebook cannot be written: .*full"):
        gradebook.store(record("ben", remarks=["x" * 100_000]))
    assert gradebook.records() == [record()]


def test_a_machine_error_is_not_done(gradebook):
    gradebook.store(record(status="machine error", total=None))
    assert gradebook.keys() == {}
    assert len(gradebook.records()) == 1


def test_no_run_touches_a_persons_mark(gradebook):
    gradebook.store(record())
    gradebook.mark(record(), "q_why", 1.5, "half right")
    gradebook.mark(record(), "conv1d", 2)
    given = gradebook.marks()
    gradebook.store(record(key="k2", exercises=[], questions=[]))
    gradebook.expect([], ["01"])
    assert gradebook.records() == []
    assert gradebook.marks() == given
    [(_, marks)] = given.items()
    assert (marks["q_why"]["points"], marks["q_why"]["comment"]) == (1.5, "half right")
    gradebook.unmark(record(), "q_why")
    gradebook.unmark(record(), "conv1d")
    assert gradebook.marks() == {}


@pytest.mark.parametrize(
    ("item", "points", "text"),
    [
        ("q_how", 1, "no 'q_how' to mark: expected one of flip, conv1d, q_why"),
        ("q_why", 2.5, "q_why: expected 0 to 2 points, received 2.5"),
        ("q_why", -1, "q_why: expected 0 to 2 points, received -1"),
        ("q_why", float("nan"), "q_why: expected 0 to 2 points, received nan"),
    ],
)
def test_a_mark_that_cannot_be_is_refused(gradebook, item, points, text):
    with pytest.raises(ValueError, match=f"^{text}$"):
        gradebook.mark(record(), item, points)
    assert gradebook.marks() == {}


def test_what_is_no_longer_handed_in_leaves_the_table_and_not_the_book(gradebook):
    gradebook.store(record("ada"))
    gradebook.store(record("ben"))
    gradebook.expect([("ben", "01")], ["01"])
    assert [one["student"] for one in gradebook.records()] == ["ben"]
    assert set(gradebook.keys()) == {("ada", "01"), ("ben", "01")}
    gradebook.expect([("ada", "01"), ("ben", "01")], ["01"])
    assert [one["student"] for one in gradebook.records()] == ["ada", "ben"]


def test_any_name_can_be_a_student(gradebook):
    names = ["'; DROP TABLE mark; --", os.fsdecode(b"caf\xe9"), r"caf\udce9", "", "ada\n"]
    for name in names:
        gradebook.store(record(name))
    assert [one["student"] for one in gradebook.records()] == sorted(names)


def test_what_a_run_left_is_there_for_the_next(gradebook, tmp_path):
    gradebook.put("seed", 7)
    with Gradebook(tmp_path / "gradebook.db") as again:
        assert again.get("seed") == 7
    gradebook.put("seed", None)
    assert gradebook.get("seed", 1) == 1


def test_what_is_no_gradebook_is_said_to_be_none(tmp_path):
    (tmp_path / "gradebook.db").write_text("student,total\n" * 100)
    with pytest.raises(OSError, match=r"gradebook\.db cannot be opened as a gradebook: "):
        Gradebook(tmp_path / "gradebook.db")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "it: expected an object, received str 'not JSON: "),
        ("[" * 100_000, "it: expected an object, received str 'not JSON: "),
        ("[]", "it: expected an object, received list []"),
        ('{"schema": 2}', "a record of schema 2, where this labkit reads schema 3"),
        ("{}", "it has no field 'schema'"),
    ],
)
def test_a_damaged_record_is_one_sentence_and_is_graded_again(gradebook, tmp_path, text, why):
    gradebook.store(record("ada"))
    gradebook.store(record("ben"))
    with sqlite3.connect(tmp_path / "gradebook.db") as db:
        db.execute("UPDATE submission SET record = ? WHERE student = 'ada'", (text,))
    with pytest.raises(OSError, match=r"'labkit grade'$") as error:
        gradebook.records()
    assert f"gradebook.db, the record of 'ada', lab 01: {why}" in str(error.value)
    assert gradebook.keys() == {("ben", "01"): "k1"}
    assert gradebook.records(skip_unusable=True) == [record("ben")]
    gradebook.store(record("ada", key="k2"))
    assert len(gradebook.records()) == 2


def test_two_cannot_grade_into_the_same_place_and_a_dead_one_does_not_count(tmp_path):
    hold = "import sys, time\nfrom labkit.grading.book.lock import lock\n"
    hold += "with lock(sys.argv[1]):\n    print('held', flush=True)\n    time.sleep(60)\n"
    command = [sys.executable, "-c", hold, str(tmp_path / "lock")]
    other = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert other.stdout.readline() == b"held\n"
        busy = pytest.raises(
            Busy, match=r"another labkit is grading into .*: wait until it has ended"
        )
        with busy, lock(tmp_path / "lock"):
            pass
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    with lock(tmp_path / "lock"):
        pass
