"""Solution regions: what lies between two markers is an answer, and never reaches a student.

In code the markers are ``### BEGIN SOLUTION``, ``### END SOLUTION`` and, inside the region,
``### STUB: <line of code>``; in markdown ``<!-- BEGIN SOLUTION -->`` and ``<!-- END SOLUTION -->``.
Whatever looks like a marker and is not exactly one is an error: a mistyped marker would publish
the answer.
"""

import re
from dataclasses import dataclass

__all__ = ["MarkerError", "Region", "split"]

_CODE = {"### BEGIN SOLUTION": "begin", "### END SOLUTION": "end"}
_MARKDOWN = {"<!-- BEGIN SOLUTION -->": "begin", "<!-- END SOLUTION -->": "end"}
_STUB = re.compile(r"### STUB:(?: (?P<text>.*))?")
# anything that an author may have meant as a marker
_SUSPECT = re.compile(r"(begin|end)\W{0,3}(solution|answer)\b|^#+\s*stub\b", re.I)


class MarkerError(ValueError):
    """A marker is unknown, out of place or without its partner; `row` counts from 0 in the cell."""

    def __init__(self, row, text):
        super().__init__(text)
        self.row = row


@dataclass(frozen=True)
class Region:
    """One answer: its lines, each with its row in the cell, and what stands there instead."""

    row: int
    indent: str
    answer: tuple[tuple[int, str], ...]
    stub: tuple[str, ...]


def split(text, markdown=False):
    """Cut a cell's source into its plain lines (str) and its :class:`Region` objects, in order.

    Raises:
        MarkerError: unknown, unbalanced, nested or empty markers.

    >>> split("### BEGIN SOLUTION\\nx = 1\\n### END SOLUTION\\nprint(x)")
    [Region(row=0, indent='', answer=((1, 'x = 1'),), stub=()), 'print(x)']
    """
    known = _MARKDOWN if markdown else _CODE
    begin, end = known
    parts, opened = [], None
    for row, line in enumerate(text.split("\n")):
        bare = line.strip()
        stub = None if markdown else _STUB.fullmatch(bare)
        kind = "stub" if stub else known.get(bare) or _plain(row, bare, markdown, known)
        if kind == "begin":
            if opened is not None:
                raise MarkerError(row, f"a second {begin!r} before the {end!r} of the first")
            opened, indent, answer, stubs = row, line[: len(line) - len(line.lstrip())], [], []
        elif opened is None and kind in ("end", "stub"):
            raise MarkerError(row, f"{bare!r} without a {begin!r} before it")
        elif kind == "end":
            if not any(written.strip() for _, written in answer):
                raise MarkerError(opened, "an empty solution: there is nothing between the markers")
            parts.append(Region(opened, indent, tuple(answer), tuple(stubs)))
            opened = None
        elif kind == "stub":
            stubs.append(line[: len(line) - len(line.lstrip())] + (stub["text"] or ""))
        elif opened is not None:
            answer.append((row, line))
        else:
            parts.append(line)
    if opened is not None:
        raise MarkerError(opened, f"{begin!r} is never closed: expected {end!r} in the same cell")
    return parts


def _plain(row, bare, markdown, known):
    """None for an ordinary line; an error for one that may have been meant as a marker."""
    reserved = "<!--" in bare if markdown else bare.startswith("###")
    if reserved or _SUSPECT.search(bare):
        expected = ", ".join(repr(marker) for marker in known)
        expected += "" if markdown else " or '### STUB: <line of code>'"
        raise MarkerError(row, f"unknown marker {bare!r}: expected {expected}, alone on its line")
    return None
