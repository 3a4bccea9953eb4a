"""A verdict as HTML. Words and symbols carry all information; color carries none.

No color is set, so it is readable in light and dark themes; borders take the color of the text.
Everything that comes from the student or from an input is escaped.
"""

import re
from html import escape

import numpy as np

from labkit.checks.compare import close
from labkit.checks.render import call_text, headline, place_text, raised_text
from labkit.checks.render_facts import known_facts
from labkit.checks.show import show
from labkit.language import language, tr

__all__ = ["html", "page", "paragraph", "table_of"]

MAX_SIDE = 9  # rows and columns of an array that are shown
_STRESSED = re.compile(r"(?<![^ (])\*(\w[\w ]*)\*(?![\w*])")
_LINE = "1px solid currentColor"
_PRE = "border-left: 3px solid; padding: 0 0 0 .6em; margin: .4em 0; white-space: pre-wrap"
_CELL = "padding: .15em .5em; text-align: right; font-variant-numeric: tabular-nums"


def html(verdict):
    """Return the whole verdict as one ``<div>``."""
    parts = [paragraph(headline(verdict), strong=True)]
    for alternative in verdict.mistakes:
        parts += [paragraph(tr(one.why), marked=True) for one in alternative]
    if verdict.mistakes and verdict.status == "error":
        parts.append(paragraph(raised_text(verdict)))
    place = place_text(verdict)
    if place:
        parts.append(paragraph(place))
    elif verdict.case and verdict.status != "not started":
        parts.append(paragraph(tr("It was called as {call}.", call=call_text(verdict))))
    parts += _arrays(verdict)
    parts += [paragraph(fact) for fact in known_facts(verdict)]
    if verdict.status in ("error", "late") and verdict.result.source:
        parts.append(_code(f"{verdict.result.line}:  {verdict.result.source}"))
    questions = [one.question for alternative in verdict.mistakes for one in alternative]
    parts += [paragraph(f"→ {tr(question)}", marked=True) for question in dict.fromkeys(questions)]
    if verdict.status not in ("right", "not started") and verdict.result:
        parts += _printed(verdict.result.printed)
    return page(parts, verdict.exercise.id)


def page(parts, label):
    """Return `parts`, which are HTML, in the box that everything labkit shows stands in."""
    style = f"border: {_LINE}; border-radius: 4px; padding: .5em .9em; margin: .2em 0"
    label = escape(label, quote=True)
    inside = "".join(parts)
    return (
        f'<div class="labkit-check" role="group" lang="{language()}" aria-label="{label}" '
        f'style="{style}; max-width: 60em; overflow-x: auto">{inside}</div>'
    )


def paragraph(text, strong=False, marked=False):
    """Return a text as one paragraph; in a `marked` one, *words* between stars are emphasized."""
    content = escape(" ".join(str(text).split()))
    if marked:
        content = _STRESSED.sub(r"<em>\1</em>", content)
    return f'<p style="margin: .3em 0">{f"<strong>{content}</strong>" if strong else content}</p>'


def _code(source):
    return f'<pre style="{_PRE}"><code>{escape(source)}</code></pre>'


def _printed(printed):
    if not printed.strip():
        return []
    lines = printed.strip().splitlines()
    shown = "\n".join(line[:120] for line in lines[:8]) + ("\n…" if len(lines) > 8 else "")
    return [paragraph(tr("Your code printed:")), f'<pre style="{_PRE}">{escape(shown)}</pre>']


def _arrays(verdict):
    """The student's array beside the expected one, around the first difference."""
    difference = verdict.difference
    if difference is None or difference.reason not in ("value", "shape"):
        return []
    got, want = difference.got, difference.want
    if not isinstance(want, np.ndarray | int | float) or isinstance(want, bool):
        return []
    want = np.asarray(want)
    if not isinstance(got, np.ndarray) or 0 in (got.ndim, want.ndim, got.size, want.size):
        return []
    wrong = np.zeros(got.shape, bool)
    if got.shape == want.shape:
        wrong = ~close(got, want, verdict.exercise.tolerance)
    elif got.ndim == want.ndim and _same_plane(got, want):
        return []  # they differ in axes that are not shown, and two equal tables would confuse
    place = difference.place
    tables = [
        _plane(got, tr("yours"), wrong, place),
        _plane(want, tr("expected"), np.zeros(want.shape, bool), place),
    ]
    style = "display: flex; flex-wrap: wrap; gap: 1.5em; align-items: flex-start; margin: .5em 0"
    note = paragraph(tr("✗ marks what differs.")) if wrong.any() else ""
    return [f'<div style="{style}">{"".join(tables)}</div>{note}']


def _same_plane(got, want):
    first = (0,) * max(got.ndim - 2, 0)
    return np.array_equal(got[first], want[first])


def _plane(array, name, wrong, place):
    """A table of the last two axes of `array`, around `place` if they are large."""
    before = place[:-2] if len(place) == array.ndim else (0,) * max(array.ndim - 2, 0)
    corner = place[-2:] if len(place) == array.ndim else ()
    if array.ndim > 2:
        name = f"{name}[{', '.join(map(str, before))}, :, :]"
        array, wrong = array[before], wrong[before]
    if array.ndim == 1:
        array, wrong = array[None], wrong[None]
        corner = (0, *corner) if corner else ()
    starts = [
        max(0, min(at - MAX_SIDE // 2, size - MAX_SIDE))
        for at, size in zip(corner or (0, 0), array.shape, strict=True)
    ]
    window = tuple(slice(start, start + MAX_SIDE) for start in starts)
    cropped = array[window].shape != array.shape
    caption = f"{name}, {tr('shape {shape}', shape=array.shape)}" if cropped else name
    here = tuple(at - start for at, start in zip(corner, starts, strict=False))
    return table_of(
        [
            [_cell(value, bad) for value, bad in zip(row, marks, strict=True)]
            for row, marks in zip(array[window], wrong[window], strict=True)
        ],
        caption,
        rows=[str(starts[0] + index) for index in range(len(array[window]))],
        columns=[str(starts[1] + index) for index in range(array[window].shape[1])],
        framed=here,
    )


def _cell(value, bad):
    return f"✗ {show(value)}" if bad else show(value)


def table_of(cells, caption, rows, columns, framed=()):
    """Return a table of texts with a caption and headers.

    Args:
        cells: a list of rows, each a list of texts.
        caption: stands above the table.
        rows: the header of each row.
        columns: the header of each column.
        framed: the (row, column) of a cell that gets a frame, or ().
    """
    style = f"{_CELL}; font-weight: normal; opacity: .75"
    head = "".join(
        f'<th scope="col" style="{style}; border-bottom: {_LINE}">{escape(name)}</th>'
        for name in columns
    )
    body = ""
    for index, row in enumerate(cells):
        name = escape(rows[index])
        body += f'<tr><th scope="row" style="{style}; border-right: {_LINE}">{name}</th>'
        for column, cell in enumerate(row):
            marked = "; outline: 2px solid; font-weight: bold" if framed == (index, column) else ""
            body += f'<td style="{_CELL}{marked}">{escape(cell)}</td>'
        body += "</tr>"
    return (
        f'<table style="border-collapse: collapse; margin: 0"><caption style="caption-side: top; '
        f'text-align: left; font-weight: bold; white-space: nowrap">{escape(caption)}</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
