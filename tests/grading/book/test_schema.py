"""What is read back is what was written, or one sentence says what is wrong with it."""

import json
import typing

import pytest
from classes import make_exercise, make_record

from labkit.grading.book import schema
from labkit.grading.book.records import RecordError, read_record, write_record

FULL = make_exercise(
    "flip",
    0.5,
    status="partly",
    seed=3,
    cell={"status": "ok", "error": ""},
    printed="",
    traceback="",
    shortcuts=[],
    score=0.25,
    right=1,
    total=4,
    detail="",
    mistake=None,
    text="not right yet",
)
RECORD = make_record(
    "Zoë \udce9",
    exercises=[make_exercise("conv1d", None, status="not judged"), FULL],
    questions=[{"id": "q_why", "points": 2, "text": None}],
    measured={"flip": {"cell": 0.5, "probe": 1}},
    content="c",
)


def test_a_record_comes_back_as_it_was_written(tmp_path):
    write_record(tmp_path / "zoe.json", RECORD)
    assert read_record(tmp_path / "zoe.json") == RECORD


def test_the_fullest_result_has_every_field():
    assert FULL.keys() == typing.get_type_hints(schema.ExerciseResult).keys()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"student": 7}, "student: expected str, received int 7"),
        ({"total": "4"}, "total: expected float | None, received str '4'"),
        ({"total": True}, "total: expected float | None, received bool True"),
        ({"seed": True}, "seed: expected int, received bool True"),
        ({"sandbox": 1}, "sandbox: expected bool, received int 1"),
        ({"status": "done"}, "status: expected Literal['graded', 'not graded', 'machine error']"),
        ({"remarks": "late"}, "remarks: expected list, received str 'late'"),
        ({"remarks": [None]}, "remarks[0]: expected str, received None"),
        ({"exercises": [FULL, {}]}, "exercises[1] has no field 'id'"),
        ({"exercises": [FULL | {"cell": {}}]}, "exercises[0].cell has no field 'status'"),
        ({"measured": {"flip": {"cell": "1"}}}, "measured.flip.cell: expected float, received str"),
        ({"grader": None}, "grader: expected an object, received None"),
        ({"schema": 2}, "a record of schema 2, where this labkit reads schema 3"),
        ({"schema": None}, "a record of schema None, where this labkit reads schema 3"),
    ],
)
def test_a_foreign_record_is_one_sentence(tmp_path, change, why):
    path = tmp_path / "zoe.json"
    path.write_text(json.dumps(RECORD | change))
    with pytest.raises(RecordError) as error:
        read_record(path)
    assert str(error.value).startswith(f"{path}: {why}")
    assert str(error.value).endswith(". Grade the submission again with 'labkit grade'")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"[]", b"null", b"{}"])
def test_a_damaged_record_is_one_sentence(tmp_path, content):
    path = tmp_path / "zoe.json"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=r"Grade the submission again with 'labkit grade'$"):
        read_record(path)


@pytest.mark.parametrize("field", sorted(schema.Record.__required_keys__ - {"schema"}))
def test_every_field_is_asked_for(field):
    record = {name: value for name, value in RECORD.items() if name != field}
    assert schema.problem_of(record, schema.Record) == f"it has no field {field!r}"
