"""Ask a kernel what a student's function returns on fresh inputs, and judge what comes back.

The question goes as an expression beside an empty cell, and the answer comes in the reply to that
very request: not between the student's prints, where a flood would drown it and anybody could write
the same. It is a JSON text of bounded size in base64, decoded by :mod:`labkit.checks.wire`; nothing
in it is parsed as Python, executed or unpickled, and no expected value ever leaves this process.
"""

import base64
import json
import secrets

from labkit.checks import judge, wire
from labkit.grading.running import handout

__all__ = ["ASK", "question", "verdict"]

# in a kernel, whatever it has bound
ASK = "__import__('labkit.grading.running.ask', fromlist=['ask'])"

MAX_ANSWER = 16 * 2**20  # characters: some hundred times what any honest answer takes
MAX_NESTED = 500_000  # lists and dicts in an answer: each takes some hundred bytes of memory


def question(exercise, cases):
    """The expression to evaluate in the kernel, and the nonce that its answer has to bear."""
    nonce = secrets.token_hex(16)
    asked = json.dumps([handout.of(exercise), [wire.encode(case) for case in cases]])
    # a JSON text inside a Python literal: repr() of an ASCII str is one on every version
    return (
        f"(lambda told, cases: {ASK}.answer(globals(), told, {nonce!r}, cases))"
        f"(*__import__('json').loads({asked!r}))"
    ), nonce


def verdict(exercise, cases, reply, nonce):
    """Judge the kernel's `reply`: a dict with

    - "status": "right", "partly", "wrong", "error" (the function raised), "timeout", "died",
      "undefined" (there is no function), "shortcut" (it called what is forbidden), "unanswered"
      (it says so itself) or "no answer" (nothing that can be read);
    - "score", 0 to 1; "right" and "total", the numbers of inputs; "detail", in a few words;
    - "mistake", the ids of known mistakes, or None; "text", the judge's whole sentence.
    """
    if reply.status == "timeout":
        return _nothing("timeout", "no answer in time")
    if reply.status == "died":
        return _nothing("died", "the kernel died while the function ran")
    answer = _read(reply.values.get("answer"), nonce)
    if answer is None:
        return _nothing("no answer", "the kernel gave no answer that can be read")
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


# the judge's, where they are not a matter of how much is right
_STATUS = {
    "right": "right",
    "not started": "unanswered",
    "late": "timeout",
    "error": "error",
    "shortcut": "shortcut",
    "unreadable": "no answer",
}


def _detail(judged):
    """In a few words, what the status does not say."""
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
    """The dict in the text/plain form of the answer, or None."""
    if plain is None or len(plain) > MAX_ANSWER or plain[:1] != "'" or plain[-1:] != "'":
        return None
    try:
        text = base64.b64decode(plain[1:-1], validate=True)
        answer = json.loads(text) if text.count(b"[") + text.count(b"{") <= MAX_NESTED else None
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) and answer.get("nonce") == nonce else None
