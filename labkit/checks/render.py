"""A verdict in words: one line of plain text, the same on every run, for people and for nbval."""

import itertools

import numpy as np

from labkit.checks.render_facts import known_facts
from labkit.checks.show import (
    MAX_INLINE,
    expected_text,
    is_set,
    named,
    shape_text,
    show,
    type_text,
)
from labkit.language import tr

__all__ = ["SYMBOLS", "call_text", "headline", "place_text", "raised_text", "sentences", "text"]

SYMBOLS = {"right": "✓", "not started": "○"}


def text(verdict):
    """Return the whole verdict on one line."""
    return " ".join(" ".join([headline(verdict), *sentences(verdict)]).split())


def headline(verdict):
    """Return the verdict in one sentence, with a symbol before it."""
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
    error = f"{result.error}: {result.message}" if result.message else result.error
    return tr("your code raised {error}{place}.", error=error.rstrip("."), place=_where(verdict))


def _where(verdict):
    """ ", in line 3 of your cell: `y = x[9]`", or "" where no line of the student's is known."""
    result = verdict.result
    if not result.line:
        return ""
    if result.file:
        place = tr(", in line {line} of {file}", line=result.line, file=result.file)
    elif result.where not in ("", verdict.exercise.entry):  # it may be in another cell
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
    if difference.reason == "type" and is_set(difference.got):
        return tr(
            "{entry} returns a set, and a set has no order: nobody can say which of its values "
            "comes first. Return a list, a tuple or an array.",
            entry=entry,
        )
    if difference.reason == "type":
        return tr(
            "{entry} returns {kind}, expected {expected}.",
            entry=entry,
            kind=type_text(difference.got, verdict.result.type if not difference.path else ""),
            expected=expected_text(difference.want),
        )
    if difference.reason == "shape":
        return tr(
            "{entry} returns {got}, expected {want}.",
            entry=entry,
            got=shape_text(difference.got),
            want=shape_text(difference.want, verdict.exercise.shape if not difference.path else ""),
        )
    if verdict.right:
        return tr(
            "right for {right} of {total} inputs, not yet for all.",
            right=verdict.right,
            total=verdict.total,
        )
    return tr("the values are not right yet.")


def sentences(verdict):
    """Return what follows the headline: the place, what is known about it, and questions."""
    texts = []
    if verdict.mistakes and verdict.status == "error":
        texts.append(raised_text(verdict))
    place = place_text(verdict)
    if place:
        texts.append(place)
    if verdict.case and verdict.status == "error":
        texts.append(tr("It was called as {call}.", call=call_text(verdict)))
    texts += known_facts(verdict)
    questions = [one.question for alternative in verdict.mistakes for one in alternative]
    return texts + [tr(question) for question in dict.fromkeys(questions)]


def raised_text(verdict):
    """Return what the code raised and where, as a sentence of its own."""
    sentence = _raised(verdict)
    return sentence[:1].upper() + sentence[1:]


def place_text(verdict):
    """Return the first difference in the call that is shown, "" if there is none to show."""
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
            got=shape_text(difference.got),
            want=shape_text(difference.want),
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
    """Return the call that is shown, "conv1d([3, 1], [2])", with large arguments by their shape.

    Where an adapter takes other values than the student's code, such as the input and the weights
    of a layer, they are named one by one.
    """
    exercise = verdict.exercise
    if exercise.inputs != exercise.parameters:
        inputs = zip(exercise.inputs, verdict.case.args, strict=False)
        listed = ", ".join(itertools.starmap(named, inputs))
        return tr("{entry} with {inputs}", entry=exercise.entry, inputs=listed)
    names = (*exercise.parameters, *[""] * len(verdict.case.args))
    arguments = [show(arg, name) for name, arg in zip(names, verdict.case.args, strict=False)]
    if sum(map(len, arguments)) > 2 * MAX_INLINE:
        arguments = [
            show(arg, name, 0) for name, arg in zip(names, verdict.case.args, strict=False)
        ]
    return f"{exercise.entry}({', '.join(arguments)})"
