"""What grading writes down, field by field: a task, its record, and a mark.

All of it is JSON. A task goes to whatever process or machine grades it; a record comes back, is
kept as a file and in the gradebook; a mark stands beside it in the gradebook. What is read back is
checked against these declarations, so that a damaged or foreign file is reported in one sentence.
"""

import types
import typing
from typing import Literal, NotRequired, TypedDict

__all__ = [
    "GRADED",
    "MACHINE",
    "SCHEMA",
    "UNGRADED",
    "CellResult",
    "ExerciseResult",
    "Grader",
    "Mark",
    "QuestionAnswer",
    "Record",
    "RecordError",
    "Seconds",
    "Task",
    "checked_record",
    "problem_of",
]

SCHEMA = 3  # of a record; raise it when a field changes its name or meaning

#: The statuses of a record: graded; nothing there that could be graded; and the grader failed for
#: a reason that is not the student's, so that the submission has to be graded again.
GRADED, UNGRADED, MACHINE = "graded", "not graded", "machine error"


class CellResult(TypedDict):
    """What happened when the cell of an answer ran."""

    status: Literal["ok", "error", "timeout", "died"]  #: "died": the kernel ended while it ran
    error: str  #: the error's type and text, "" if there was none


class ExerciseResult(TypedDict):
    """One exercise of one submission. What is NotRequired is there if the answer was run."""

    id: str  #: the exercise's id, "conv1d"
    points: float  #: what the exercise is worth
    earned: float | None  #: points, 0 to `points`; None if it could not be judged, which is not 0
    status: str  #: "missing", "unanswered", "not judged", or what running/probe.py says
    remark: str  #: what the table says about it, "" if there is nothing to say
    source: str | None  #: the text of the answer; None if its cell is missing
    seed: NotRequired[int]  #: decides the hidden inputs
    cell: NotRequired[CellResult]  #: absent if the machine failed before the cell ran
    printed: NotRequired[str]  #: what the cell printed, cut to a bounded length
    traceback: NotRequired[str]  #: of the cell's error, "" if there was none
    shortcuts: NotRequired[list[str]]  #: forbidden modules or functions that the answer uses
    score: NotRequired[float]  #: 0 to 1; absent if it could not be judged
    right: NotRequired[int]  #: hidden inputs answered right; absent if no value came back
    total: NotRequired[int]  #: hidden inputs; absent if no value came back
    detail: NotRequired[str]  #: what the status leaves open, in a few words; else ""
    mistake: NotRequired[str | None]  #: ids of known mistakes ("a + b" or "a / b"); None: unknown
    text: NotRequired[str]  #: the judge's whole sentence; it may show hidden inputs


class QuestionAnswer(TypedDict):
    """One question of one submission; a person marks it."""

    id: str  #: the question's id, "q_photograph"
    points: float  #: what the question is worth
    text: str | None  #: the student's text; None if the question is unanswered


class Grader(TypedDict):
    """By what a submission was graded."""

    labkit: str  #: its version
    python: str  #: its version
    fingerprint: str  #: the hash of labkit's code, as far as it decides this lab's marks
    installation: str  #: the hash of all packages that are installed


class Seconds(TypedDict):
    """How long an exercise took, in seconds. It differs from run to run."""

    cell: NotRequired[float]  #: absent if the cell did not run
    probe: NotRequired[float]  #: absent if there was no probe


class Record(TypedDict):
    """The durable result of one task, or of a submission that holds nothing to grade."""

    schema: int  #: SCHEMA
    key: str  #: hash of what was graded by what: the same key need not be graded again
    student: str  #: the name of the student's folder
    lab: str  #: the lab's number, "01"; "" if nothing says which lab it is
    status: Literal["graded", "not graded", "machine error"]
    total: float | None  #: points of all exercises; None unless graded
    out_of: float | None  #: points that all exercises are worth; None if not known
    by_hand: float | None  #: points of the answered questions; None unless the task was run
    remarks: list[str]  #: what an instructor should know; the last says why it is not graded
    notebook: str | None  #: path in the student's folder; None if there is no notebook
    exercises: list[ExerciseResult]  #: in the lab's order; empty unless the task was run
    questions: list[QuestionAnswer]  #: in the lab's order; empty unless the task was run
    seed: int  #: the class's seed
    timeout: float  #: seconds that each answer and each probe may take
    sandbox: bool  #: False: the code ran with the grader's rights
    grader: Grader
    measured: dict[str, Seconds]  #: exercise id -> seconds, of those that ran
    content: NotRequired[str]  #: hash of the answers alone; absent if there is nothing to grade
    log: NotRequired[str]  #: the end of the grader's output; only with "machine error"
    regrade: NotRequired[str]  #: id of the --regrade run that made it; absent otherwise


class Task(TypedDict):
    """One submission as plain data, ready to be graded anywhere."""

    student: str  #: the name of the student's folder
    lab: str  #: the lab's number, "01"
    seed: int  #: the class's seed
    timeout: float  #: seconds that each answer and each probe may take
    sandbox: bool  #: whether the answers run in a sandbox
    answers: dict[str, str]  #: exercise id -> text, stubs included
    questions: dict[str, str]  #: question id -> text, stubs included
    extras: list[list[str | int | None]]  #: added cells: [id of the cell before, number, text]
    grader: str  #: hash of the code that is to grade it
    installation: str  #: hash of the packages that are to grade it
    lab_fingerprint: str  #: hash of the lab as it ships
    only: list[str] | None  #: the exercises to judge; None: all that are answered
    kept: list[ExerciseResult]  #: earlier results that stay, if `only` is not None
    key: str  #: hash of all the fields above
    content: str  #: hash of what the student wrote
    path: str  #: of the notebook, in the student's folder
    remarks: list[str]  #: what an instructor should know
    regrade: NotRequired[str]  #: id of the --regrade run that it belongs to


class Mark(TypedDict):
    """Points that a person gave for an exercise or a question of one submission."""

    points: float  #: 0 to what the item is worth
    comment: str  #: for the student, "" if there is none
    answer: str  #: start of the hash of the answer that the person saw
    source: str  #: where the mark was entered: "labkit mark" or "nbgrader"


class RecordError(OSError):
    """A record cannot be used; the text says which one, why, and what to do."""


def checked_record(value, where: str) -> Record:
    """Return `value` if it is a record that this version of labkit can use.

    Args:
        value: What was read from JSON.
        where: Where it was read, for the message.

    Raises:
        RecordError: It is not; the message says what was expected and what was received.
    """
    if isinstance(value, dict) and value.get("schema", SCHEMA) != SCHEMA:
        text = f"a record of schema {value['schema']!r}, where this labkit reads schema {SCHEMA}"
    else:
        text = problem_of(value, Record)
    if text:
        raise RecordError(f"{where}: {text}. Grade the submission again with 'labkit grade'")
    return value


def problem_of(value, declared, name: str = "") -> str:
    """Say how `value` differs from its declaration; "" if it does not.

    Args:
        value: What JSON gave.
        declared: A TypedDict of this module, or a type that one of its fields has. Fields that are
            not declared are ignored.
        name: What to call the value in the message.

    >>> problem_of({"points": 1, "comment": "", "answer": "a1", "source": None}, Mark)
    'source: expected str, received None'
    >>> problem_of({"points": 1}, Mark)
    "it has no field 'comment'"
    """
    if typing.is_typeddict(declared):
        return _problem_of_fields(value, declared, name)
    origin, arguments = typing.get_origin(declared), typing.get_args(declared)
    if origin is list and isinstance(value, list):
        return _first(problem_of(one, arguments[0], f"{name}[{i}]") for i, one in enumerate(value))
    if origin is dict and isinstance(value, dict):
        return _first(problem_of(value[one], arguments[1], f"{name}.{one}") for one in value)
    if origin in (list, dict):
        return _expected(origin, value, name)
    if origin is Literal:
        fits = value in arguments
    elif origin is types.UnionType:
        fits = not all(problem_of(value, one) for one in arguments)
    else:
        fits = _is(value, declared)
    return "" if fits else _expected(declared, value, name)


def _problem_of_fields(value, declared, name):
    if not isinstance(value, dict):
        return _expected("an object", value, name)
    for field, kind in typing.get_type_hints(declared).items():
        if field in value:
            text = problem_of(value[field], kind, f"{name}.{field}" if name else field)
        else:
            missing = field in declared.__required_keys__
            text = f"{name or 'it'} has no field {field!r}" if missing else ""
        if text:
            return text
    return ""


def _is(value, kind):
    if kind is float:  # JSON writes 2.0 and 2; and in Python, True is a number
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _expected(what, value, name):
    what = what.__name__ if isinstance(what, type) else str(what).replace("typing.", "")
    received = "None" if value is None else f"{type(value).__name__} {value!r}"[:80]
    return f"{name or 'it'}: expected {what}, received {received}"


def _first(problems):
    return next(filter(None, problems), "")
