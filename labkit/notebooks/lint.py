"""What every lab has (curriculum.md), as far as a program can see it in the source."""

import ast
import re
from dataclasses import dataclass

from labkit.notebooks.cells import Answer, Code, Hint, Predict, Prose, Question

__all__ = ["Finding", "lint"]

MAX_LINES = 16  # of a code cell that everybody gets

_HEADING = re.compile(r"(#{1,6}) +(.+?) *#*")
_POINTS = re.compile(r"(\d+(?:\.\d+)?) points?\b")
_PICTURE = re.compile(r"!\[\s*\]\(|<img\b(?![^>]*\balt=[\"'][^\"']*\w)", re.I)


@dataclass(frozen=True)
class Finding:
    """Something that a lab lacks; `line` is the source's."""

    line: int
    text: str

    def __str__(self):
        return f"line {self.line}: {self.text}"


def lint(lab):
    """What `lab` lacks, as a list of :class:`Finding`, in the order of the source."""
    headings = _headings(lab)
    findings = [
        *_opening(lab),
        *_nesting(headings),
        *_exercises(lab, headings),
        *_predictions(lab),
        *_cells(lab),
        *_figures(lab),
        *_ending(lab, headings),
    ]
    return sorted(findings, key=lambda finding: finding.line)


def _markdown(cell):
    """(line number in the source, line) outside fenced code."""
    fenced = False
    for row, line in enumerate(cell.text.split("\n")):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced:
            yield cell.line + row, line


def _headings(lab):
    """(line, level, text) of every heading."""
    found = []
    for cell in lab.cells:
        if cell.markdown:
            for line, text in _markdown(cell):
                match = _HEADING.fullmatch(text)
                if match:
                    found.append((line, len(match[1]), match[2]))
    return found


def _opening(lab):
    first = lab.cells[0]
    bullets = [line for line, text in _markdown(first) if re.match(r"[-*+] ", text)]
    if len(bullets) != 3:
        yield Finding(
            first.line,
            f"the first cell has {len(bullets)} bullets: expected three, what one will learn",
        )
    budget = re.search(r"time budget(.{0,200})", first.text, re.I | re.S)
    if not budget or not re.search(r"\d+\s+(?:seconds?|minutes?)", budget[1]):
        yield Finding(
            first.line, "no time budget in the first cell: '**Time budget:** … minutes …'"
        )
    if not re.search(r"rests on", first.text, re.I):
        yield Finding(
            first.line, "no sources in the first cell: '**Rests on** the lecture's …; paper, year'"
        )


def _nesting(headings):
    previous = 0
    for line, level, text in headings:
        if level == 1 and previous:
            yield Finding(line, f"a second title, {text!r}: expected '##' or deeper")
        elif level > previous + 1:
            yield Finding(
                line, f"heading {text!r} has level {level} after level {previous}: one was skipped"
            )
        previous = level


def _exercises(lab, headings):
    exercises = lab.of(Answer)
    if len(exercises) < 4:
        line = exercises[-1].line if exercises else 1
        yield Finding(line, f"{len(exercises)} exercises: expected at least four")
    hinted = {cell.id for cell in lab.of(Hint)}
    used = set()
    for exercise in exercises:
        before = [heading for heading in headings if heading[0] < exercise.line]
        line, _, text = before[-1] if before else (exercise.line, 0, "")
        if not re.search(r"(?<!★)★{1,3}(?!★)", text) or line in used:
            yield Finding(
                exercise.line,
                f"{exercise.id}: expected a heading of its own with ★, ★★ or ★★★, found {text!r}",
            )
        used.add(line)
        stated = _POINTS.search(text)
        if not stated or float(stated[1]) != exercise.points:
            yield Finding(
                line,
                f"{exercise.id}: worth {exercise.points:g} points, but the heading is {text!r}",
            )
        if exercise.id not in hinted:
            yield Finding(exercise.line, f'{exercise.id}: no hint cell, # %% hint="{exercise.id}"')


def _predictions(lab):
    if not lab.of(Predict):
        yield Finding(1, 'no predict-then-run prompt: expected a cell # %% predict="…"')
    for before, cell in zip(lab.cells, lab.cells[1:], strict=False):
        if isinstance(cell, Predict) and not (
            isinstance(before, Prose) and "predict" in before.text.lower()
        ):
            yield Finding(cell.line, f"{cell.id}: expected prose before it that asks to predict")


def _cells(lab):
    for cell in lab.of(Code):
        size = cell.text.count("\n") + 1
        if size > MAX_LINES:
            yield Finding(
                cell.line, f"a code cell of {size} lines: expected at most {MAX_LINES}; split it"
            )


def _figures(lab):
    shown = 0
    for cell in lab.cells:
        if cell.markdown:
            for line, text in _markdown(cell):
                if _PICTURE.search(text):
                    yield Finding(line, "a picture without alt text")
            continue
        try:
            nodes = list(ast.walk(ast.parse(cell.reference)))
        except SyntaxError:  # a cell with IPython magic: nothing is drawn there
            continue
        for node in nodes:
            line = cell.line + getattr(node, "lineno", 1) - 1
            if isinstance(node, ast.Import | ast.ImportFrom) and "matplotlib" in ast.unparse(node):
                yield Finding(line, "plotting code belongs into labkit.plots, not into a cell")
            if isinstance(node, ast.Call) and re.search(
                r"(^|\.)(plt|pyplot)\.show$|^show$|plots\.show$", ast.unparse(node.func)
            ):
                shown += 1
                alt = [word.value for word in node.keywords if word.arg == "alt"] + node.args[1:2]
                empty = alt and isinstance(alt[0], ast.Constant) and not str(alt[0].value).strip()
                if not alt or empty:
                    text = f"{ast.unparse(node.func)}(…) without alt text: expected "
                    yield Finding(line, text + 'plots.show(figure, alt="what is to be seen")')
    if not shown:
        yield Finding(1, "no figure: expected at least one plots.show(figure, alt=…)")


def _ending(lab, headings):
    last = max((cell.line for cell in lab.of(Answer)), default=0)
    if not any(line > last and re.match(r"\W*summary\b", text, re.I) for line, _, text in headings):
        yield Finding(lab.cells[-1].line, "no '## Summary' after the last exercise")
    if len(lab.of(Question)) < 2:
        yield Finding(
            lab.cells[-1].line, f"{len(lab.of(Question))} open questions: expected at least two"
        )
