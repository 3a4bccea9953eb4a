"""Ask a kernel what a student's function returns for fresh inputs, and judge its reply.

The question is an expression that is sent with an empty cell, and the answer is part of the reply
to that request. It does not pass through the cell's output, where other output could hide it and
where student code could print the same. The answer is a JSON text of bounded size in base64, which
:mod:`labkit.checks.wire` decodes; nothing in it is parsed as Python, executed or unpickled. No
expected value ever leaves this process.
"""

import base64
import json
import secrets

from labkit.checks import judge, wire
from labkit.grading.running import handout

__all__ = ["ASK", "question", "verdict"]

# An expression for the module running/ask.py that works whatever names student code has bound.
ASK = "__import__('labkit.grading.running.ask', fromlist=['ask'])"

MAX_ANSWER = 16 * 2**20  # characters: some hundred times as long as any honest answer
MAX_NESTED = 500_000  # lists and dicts in an answer; each takes some hundred bytes of memory


def question(exercise, cases):
    """Return the expression to evaluate in the kernel, and the nonce that its reply must contain.

    Args:
        exercise: The exercise, of which the kernel gets what it needs to call the function.
        cases: The inputs, as a list of cases.
    """
    nonce = secrets.token_hex(16)
    request = json.dumps([handout.of(exercise), [wire.encode(case) for case in cases]])
    # The repr() of an ASCII string is a valid literal in every version of Python.
    return (
        f"(lambda handout, cases: {ASK}.answer(globals(), handout, {nonce!r}, cases))"
        f"(*__import__('json').loads({request!r}))"
    ), nonce


def verdict(exercise, cases, reply, nonce):
    """Judge the kernel's reply.

    Args:
        exercise: The exercise.
        cases: The inputs that the kernel was asked about.
        reply: The kernel's :class:`~labkit.grading.running.reply.Reply`.
        nonce: What the answer in the reply must contain.

    Returns:
        A dictionary, part of the exercise's entry in the record, with

        - "status": "right", "partly", "wrong", "error" (the function raised), "timeout", "died",
          "undefined" (there is no function), "shortcut" (it called what is forbidden), "unanswered"
          (it says so itself) or "no answer" (the reply cannot be read);
        - "score", from 0 to 1; "right" and "total", numbers of inputs; "detail", in a few words;
        - "mistake", the ids of known mistakes, or None; "text", the judge's whole sentence.
    """
    if reply.status == "timeout":
        return _nothing("timeout", "the function did not finish in time")
    if reply.status == "died":
        return _nothing("died", "the kernel died while the function ran")
    answer = _read(reply.values.get("answer"), nonce)
    if answer is None:
        return _nothing("no answer", "the kernel's answer could not be read")
    if "results" not in answer:
        return _nothing("undefined", f"there is no function {exercise.entry}")
    judged = judge(exercise, cases, _results(answer["results"]))
    wrong = "partly" if judged.score > 0 else "wrong"
    return {
        "status": _STATUS.get(judged.status, wrong),
        "score": float(judged.score),
        "right": judged.right,
        "total": judged.total,
        "detail": _detail(judged),
        "mistake": judged.mistake,
        "text": judged.text,
    }


# Statuses for those of the judge that do not depend on how many inputs are right.
_STATUS = {
    "right": "right",
    "not started": "unanswered",
    "late": "timeout",
    "error": "error",
    "shortcut": "shortcut",
    "unreadable": "no answer",
}


def _detail(judged):
    """Say in a few words what the status leaves open."""
    result = judged.result
    return {
        "error": f"raised {result.error}" if result else "",
        "shortcut": f"calls {result.shortcut}" if result else "",
        "changed": "changes its arguments",
    }.get(judged.status, "")


def _results(encoded):
    return [wire.decode(one) for one in encoded] if isinstance(encoded, list) else []


def _nothing(status, text):
    return {"status": status, "score": 0.0, "mistake": None, "text": text}


def _read(plain, nonce):
    """Return the dict that the answer (a repr of base64 text) contains, or None."""
    if plain is None or len(plain) > MAX_ANSWER or plain[:1] != "'" or plain[-1:] != "'":
        return None
    try:
        text = base64.b64decode(plain[1:-1], validate=True)
        answer = json.loads(text) if text.count(b"[") + text.count(b"{") <= MAX_NESTED else None
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) and answer.get("nonce") == nonce else None
