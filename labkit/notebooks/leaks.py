"""The leak audit: no line of an answer may stand anywhere in what a student gets.

Texts are compared as sequences of words and signs, so that spaces, line breaks, indentation and
capital letters do not matter.

A line of an answer is *trivial*, and may stand elsewhere, when it carries fewer than four telling
words: names that are no Python keyword, numbers, strings and operators, brackets and punctuation
not counted (``else:``, ``return out``, ``for n in range(height):``). So that a short answer is
guarded too, the most telling line between two markers is never trivial. A comment at a line's end
is not part of the line; a comment of its own counts as one, by its words.
"""

import html
import json
import keyword
import re
from dataclasses import dataclass

from labkit.notebooks.build import to_text
from labkit.notebooks.regions import Region

__all__ = ["Leak", "LeakError", "audit", "guarded", "leaks", "words"]

_WORD = re.compile(r"\w+|[^\w\s]")
_SILENT = set("()[]{},:.;#'\"`*_$\\")
_ENOUGH = 4


@dataclass(frozen=True)
class Leak:
    """An answer line (of the source's line number `line`) that a student could read in `where`."""

    line: int
    text: str
    where: str

    def __str__(self):
        return f"line {self.line}, {self.text.strip()!r}, stands in {self.where}"


class LeakError(ValueError):
    """A student notebook gives an answer away."""


def audit(lab, notebook):
    """Refuse a student notebook that gives an answer away.

    Raises:
        LeakError: with every place.
    """
    found = leaks(lab, notebook)
    if found:
        lines = "\n".join(f"  {leak}" for leak in found)
        raise LeakError(
            f"{lab.path}: the student's notebook would give away {len(found)} answer lines:\n"
            f"{lines}\n"
            "Word the answer or the other place differently; what a student should see does not "
            "belong between the solution markers."
        )


def leaks(lab, notebook):
    """Every :class:`Leak` of the lab's answers in a student notebook; outputs count as leaks."""
    content = json.loads(to_text(notebook))  # what is really in the file
    cells, found, texts = content.pop("cells"), [], []
    for number, cell in enumerate(cells, start=1):
        where = f"cell {number} ({cell['id']})"
        for key in ("outputs", "attachments", "execution_count"):
            if cell.get(key):
                found.append(Leak(0, key, where + ", which must have none"))
        texts += [(where, words(text)) for text in _strings(cell)]
    texts += [("the notebook's metadata", words(text)) for text in _strings(content)]
    for line, text, telling in guarded(lab):
        places = dict.fromkeys(where for where, inside in texts if telling in inside)
        found += [Leak(line, text, where) for where in places]
    return found


def guarded(lab):
    """The answer lines that must not leak: (line number, line, its words as one string)."""
    result = []
    for cell in lab.cells:
        for region in (part for part in cell.parts if isinstance(part, Region)):
            lines = []
            for row, line in region.answer:
                code = line if cell.markdown else _without_comment(line)
                said = words(code)
                if said.strip():
                    lines.append((_weight(code, cell.markdown), cell.line + row, line, said))
            enough = min(_ENOUGH, max((weight for weight, *_ in lines), default=0))
            result += [rest for weight, *rest in lines if weight >= max(enough, 1)]
    return result


def _strings(node):
    """Every string in a JSON value, keys included; a list of lines is one string."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from _strings(value)
    elif isinstance(node, list):
        if all(isinstance(value, str) for value in node):
            node = ["".join(node)]
        for value in node:
            yield from _strings(value)


def words(text):
    """The words and signs of a text, one space around each, so that `in` finds whole words."""
    return f" {' '.join(_WORD.findall(html.unescape(text).casefold()))} "


def _weight(line, markdown):
    words = [word for word in _WORD.findall(line) if word not in _SILENT]
    if markdown or line.lstrip().startswith("#"):
        return len(words)
    return sum(not keyword.iskeyword(word) for word in words)


def _without_comment(line):
    """A line of code without the comment at its end; a comment of its own stays."""
    quote = ""
    for index, char in enumerate(line):
        if quote:
            quote = "" if char == quote and line[index - 1] != "\\" else quote
        elif char in "'\"":
            quote = char
        elif char == "#":
            return line[:index] if line[:index].strip() else line
    return line
