"""A verdict in words: one line of plain text, deterministic, for people and for nbval."""

import itertools

import numpy as np

from labkit.checks.call_result import Unsupported
from labkit.language import tr

__all__ = ["call_text", "headline", "place_text", "raised_text", "sentences", "show", "text"]

MAX_INLINE = 72  # characters of a value within a sentence
MAX_LISTED = 4 * MAX_INLINE  # of a list or dict, which cannot be told by its shape
SYMBOLS = {"right": "✓", "not started": "○"}


def text(verdict):
    """The whole verdict on one line."""
    return " ".join(" ".join([headline(verdict), *sentences(verdict)]).split())


def headline(verdict):
    """The verdict in one sentence, with a symbol before it."""
    symbol = SYMBOLS.get(verdict.status, "✗")
    return f"{symbol} {verdict.exercise.id}: {_headline(verdict)}"


def _headline(verdict):
    status, result, exercise = verdict.status, verdict.result, verdict.exercise
    entry = exercise.entry
    if status == "right":
        return tr("all public checks passed ({total} inputs).", total=verdict.total)
    if status == "not started":
        return tr("not started yet: write {entry} where it says YOUR CODE HERE.", entry=entry)
    if status == "unreadable":
        return tr("there is no answer that can be read.")
    if verdict.mistakes:
        return _known(verdict.mistakes)
    if status == "late":
        return tr(
            "{entry} did not come to an end within {seconds:g} seconds{place}.",
            entry=entry,
            seconds=exercise.seconds,
            place=_where(verdict),
        )
    if status == "error":
        return _raised(verdict)
    if status == "shortcut":
        return tr(
            "the numbers are right, but {entry} calls {shortcut}, which does the whole job. "
            "In this exercise you write it yourself; elsewhere in the notebook use it freely.",
            entry=entry,
            shortcut=result.shortcut,
        )
    if status == "changed":
        return tr(
            "the numbers are right, but {entry} changes its argument {names}, and the caller may "
            "still need it. Work on a copy, or on a new array.",
            entry=entry,
            names=", ".join(result.changed),
        )
    return _returned(verdict)


def _known(alternatives):
    names = [" + ".join(tr(one.name) for one in mistakes) for mistakes in alternatives]
    if len(alternatives) > 1:
        return tr("not right yet. This looks like one of these: {names}.", names="; ".join(names))
    if len(alternatives[0]) > 1:
        return tr("not right yet. Two things at once: {names}.", names=names[0])
    return tr("not right yet. This looks like: {names}.", names=names[0])


def _raised(verdict):
    result, exercise = verdict.result, verdict.exercise
    if result.error == "TypeError" and not result.line and "argument" in result.message:
        return tr(
            "{entry} could not be called as {call}: {message}.",
            entry=exercise.entry,
            call=exercise.call,
            message=result.message.rstrip("."),
        )
    said = f"{result.error}: {result.message}" if result.message else result.error
    return tr("your code raised {error}{place}.", error=said.rstrip("."), place=_where(verdict))


def _where(verdict):
    """ ", in line 3 of your cell: `y = x[9]`", or nothing where no line of theirs is known."""
    result = verdict.result
    if not result.line:
        return ""
    if result.file:
        place = tr(", in line {line} of {file}", line=result.line, file=result.file)
    elif result.where not in ("", verdict.exercise.entry):  # maybe another cell of theirs
        place = tr(
            ", in {function}, line {line} of its cell", function=result.where, line=result.line
        )
    else:
        place = tr(", in line {line} of your cell", line=result.line)
    return f"{place}: `{result.source}`" if result.source else place


def _returned(verdict):
    difference, entry = verdict.difference, verdict.exercise.entry
    entry += difference.path
    if difference.reason == "none":
        return tr("{entry} returns None. Does it end with a return?", entry=entry)
    if difference.reason == "ragged":
        return tr("{entry} returns rows of unequal lengths.", entry=entry)
    if difference.reason == "type" and _is_set(difference.got):
        return tr(
            "{entry} returns a set, and a set has no order: nobody can say which of its values "
            "comes first. Return a list, a tuple or an array.",
            entry=entry,
        )
    if difference.reason == "type":
        return tr(
            "{entry} returns {kind}, expected {expected}.",
            entry=entry,
            kind=_kind(difference.got, verdict.result.type if not difference.path else ""),
            expected=_expected(difference.want),
        )
    if difference.reason == "shape":
        return tr(
            "{entry} returns {got}, expected {want}.",
            entry=entry,
            got=_shape(difference.got),
            want=_shape(difference.want, verdict.exercise.shape if not difference.path else ""),
        )
    if verdict.right:
        return tr(
            "right for {right} of {total} inputs, not yet for all.",
            right=verdict.right,
            total=verdict.total,
        )
    return tr("the values are not right yet.")


def _is_set(got):
    return isinstance(got, Unsupported) and got.type in ("set", "frozenset")


def _kind(got, name):
    if isinstance(got, Unsupported):
        return got.type
    if isinstance(got, str) or (isinstance(got, list) and any(isinstance(x, str) for x in got)):
        return tr("text")
    return name or type(got).__name__


def _expected(want):
    if isinstance(want, bool):
        return tr("True or False")
    if isinstance(want, str):
        return tr("text")
    if isinstance(want, dict):
        return tr("a dict with {keys}", keys=", ".join(map(str, want)))
    if isinstance(want, list | tuple):
        return tr("{count} values", count=len(want))
    return tr("numbers")


def _shape(value, letters=""):
    if isinstance(value, dict):
        return tr("a dict with {keys}", keys=", ".join(map(str, list(value)[:8])))
    if isinstance(value, list | tuple):
        counted = tr("{count} values", count=len(value))
        texts = value and all(isinstance(one, str) for one in value)
        return f"{counted} ({_cut(', '.join(value), MAX_LISTED)})" if texts else counted
    shape = str(np.shape(value))
    if letters.startswith("("):  # not words, such as "the shape of x"
        shape = f"{letters} = {shape}"
    return tr("shape {shape}", shape=shape)


def sentences(verdict):
    """What follows the headline in plain text: the place, what is known of it, a question."""
    said = []
    if verdict.mistakes and verdict.status == "error":
        said.append(raised_text(verdict))
    shown = place_text(verdict)
    if shown:
        said.append(shown)
    if verdict.case and verdict.status == "error":
        said.append(tr("It was called as {call}.", call=call_text(verdict)))
    said += known_facts(verdict)
    questions = [one.question for alternative in verdict.mistakes for one in alternative]
    return said + [tr(question) for question in dict.fromkeys(questions)]


def raised_text(verdict):
    """What their code raised and where, as a sentence of its own."""
    said = _raised(verdict)
    return said[:1].upper() + said[1:]


def known_facts(verdict):
    """What can be said beyond the first difference: never more than every input bears out."""
    facts = []
    shown = verdict.status in ("error", "shape", "value")
    if shown and verdict.exercise.note:
        facts.append(tr(verdict.exercise.note))
    if shown and verdict.right and verdict.case.label and not verdict.labels:
        facts.append(tr("This input: {label}.", label=tr(verdict.case.label)))
    if verdict.suspicion:
        facts.append(_suspect(verdict.suspicion))
    if verdict.labels:
        facts.append(
            tr("Only this goes wrong: {labels}.", labels="; ".join(map(tr, verdict.labels)))
        )
    if verdict.status not in ("changed", "shortcut") and verdict.result:
        if verdict.result.changed:
            names = ", ".join(verdict.result.changed)
            facts.append(tr("It also changes its argument {names}.", names=names))
        if verdict.result.shortcut:
            facts.append(
                tr(
                    "It also calls {shortcut}, which this exercise asks you to do without.",
                    shortcut=verdict.result.shortcut,
                )
            )
    return facts


def _suspect(suspicion):
    kind, amount = suspicion.kind, suspicion.amount
    if kind == "offset":
        return tr("On every input, all values are off by {amount}.", amount=f"{amount:+.6g}")
    if kind == "scale":
        return tr(
            "On every input, all values are {amount} times what they should be.",
            amount=f"{amount:.6g}",
        )
    if kind == "size":
        return tr(
            "On every input, the size along each axis differs by {amount}.",
            amount=", ".join(f"{one:+d}" for one in amount),
        )
    return tr(
        {
            "transpose": "On every input, it is the transpose of what it should be.",
            "flip": "On every input, it is what it should be, back to front.",
            "truncated": "On every input, the decimals are cut off: is there an integer array?",
            "precision": "On every input, it is nearly right: are the numbers of low precision?",
        }[kind]
    )


def place_text(verdict):
    """The first difference within the call that is shown; "" where there is none to show."""
    difference = verdict.difference
    if difference is None or difference.reason in ("none", "ragged", "type"):
        return ""
    call = call_text(verdict)
    if difference.reason == "shape":
        if not verdict.mistakes:
            return tr("It was called as {call}.", call=call)
        return tr(
            "{call} has {got}, expected {want}.",
            call=call,
            got=_shape(difference.got),
            want=_shape(difference.want),
        )
    got, want = difference.got, difference.want
    if difference.place:
        got, want = got[difference.place], np.asarray(want)[difference.place]
    index = f"{difference.path}{list(difference.place) or ''}"
    if index:
        return tr(
            "{call} at {index} is {got}, expected {want}.",
            call=call,
            index=index,
            got=show(got),
            want=show(want),
        )
    return tr("{call} is {got}, expected {want}.", call=call, got=show(got), want=show(want))


def call_text(verdict):
    """The call that is shown: "conv1d([3, 1], [2])"; large arguments by name and shape.

    What a case holds may be other things than the arguments of what the student wrote: the input
    and the weights of a layer, say. Then they are named one by one.
    """
    exercise = verdict.exercise
    if exercise.inputs != exercise.parameters:
        inputs = zip(exercise.inputs, verdict.case.args, strict=False)
        listed = ", ".join(itertools.starmap(_named, inputs))
        return tr("{entry} with {inputs}", entry=exercise.entry, inputs=listed)
    names = (*exercise.parameters, *[""] * len(verdict.case.args))
    shown = [show(arg, name) for name, arg in zip(names, verdict.case.args, strict=False)]
    if sum(map(len, shown)) > 2 * MAX_INLINE:
        shown = [show(arg, name, 0) for name, arg in zip(names, verdict.case.args, strict=False)]
    return f"{exercise.entry}({', '.join(shown)})"


def _named(name, value):
    """ "x (2, 5, 6, 2)", "seed 7"; settings one by one: "filters 3, kernel_size (2, 3)"."""
    if isinstance(value, dict):
        return ", ".join(itertools.starmap(_named, value.items()))
    shown = show(value, name, 0)
    return shown if isinstance(value, np.ndarray) and value.ndim else f"{name} {shown}"


def show(value, name="", limit=MAX_INLINE):
    """`value` in a few characters: numbers with at most 6 digits, long arrays by their shape.

    >>> show(np.array([[1.0, -2.5], [0, 1e-9]])), show(np.zeros((20, 30)), "image")
    ('[[1, -2.5], [0, 1e-09]]', 'image (20, 30)')
    """
    if isinstance(value, np.ndarray) and value.ndim:
        brief = f"{name} {value.shape}".strip()
        if value.size > max(limit, 1) or not limit:
            return brief
        inline = _inline(value)
        return inline if len(inline) <= limit else brief
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    if isinstance(value, bool | int | None):
        return str(value)[:30]
    if isinstance(value, float):
        return f"{value + 0.0:.6g}"  # + 0.0: no minus zero
    if isinstance(value, complex):
        return f"{value:.6g}"
    if isinstance(value, list | tuple | dict):
        return _cut(repr(value), MAX_LISTED)
    return _cut(repr(value) if isinstance(value, str) else type(value).__name__, MAX_INLINE)


def _cut(said, limit):
    return said if len(said) <= limit else said[: limit - 1] + "…"


def _inline(array):
    """All numbers of `array`, row by row."""
    if not array.ndim:
        return show(array)
    return "[" + ", ".join(map(_inline, array)) + "]"
