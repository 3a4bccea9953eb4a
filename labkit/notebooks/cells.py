"""A lab as its author wrote it: one small object for each cell, by kind.

Every cell has two forms: :attr:`Cell.student`, without the answer, and :attr:`Cell.reference`.
"""

from dataclasses import dataclass, field
from pathlib import Path

from labkit.notebooks.regions import Region

__all__ = ["Answer", "Cell", "Check", "Code", "Hint", "Lab", "Predict", "Prose", "Question"]


@dataclass(frozen=True)
class Cell:
    """A cell of a lab's source: its text as written, and where that starts in the file."""

    text: str
    line: int  #: line number of the text's first line
    tags: tuple[str, ...] = ()
    parts: tuple = field(default=(), repr=False, compare=False)

    markdown = False  #: whether this kind of cell is markdown
    stub = ()  #: what stands in a student's notebook where an answer was

    @property
    def reference(self):
        """The text with its answers, without the markers."""
        lines = []
        for part in self.parts:
            lines += [line for _, line in part.answer] if isinstance(part, Region) else [part]
        return "\n".join(lines)

    @property
    def student(self):
        """The text without its answers."""
        lines = []
        for part in self.parts:
            if isinstance(part, Region):
                lines += part.stub or [part.indent + line for line in self.stub]
            else:
                lines.append(part)
        return "\n".join(lines)

    @property
    def answers(self):
        """The answer lines as (line number in the file, line)."""
        regions = (part for part in self.parts if isinstance(part, Region))
        return tuple((self.line + row, line) for part in regions for row, line in part.answer)


@dataclass(frozen=True)
class Prose(Cell):
    """Markdown."""

    markdown = True


@dataclass(frozen=True)
class Code(Cell):
    """Code that everybody gets."""


@dataclass(frozen=True)
class Answer(Cell):
    """Where the student writes the answer to an exercise."""

    id: str = ""
    points: float = 0

    @property
    def stub(self):
        return (
            "# YOUR CODE HERE",
            f'raise NotImplementedError("{self.id}: your code goes here")',
        )


@dataclass(frozen=True)
class Check(Cell):
    """Where the exercise `id` is checked."""

    id: str = ""


@dataclass(frozen=True)
class Hint(Cell):
    """Where the student may ask for a hint on the exercise `id`.

    The student's form is a comment, for Run All would ask for every hint there is.
    """

    id: str = ""

    @property
    def student(self):
        lines = [f"# {line}" for line in super().student.split("\n")]
        return "\n".join(["# Stuck? Take the # away and run this; run it again for more.", *lines])


@dataclass(frozen=True)
class Question(Cell):
    """A question that a person grades."""

    id: str = ""
    points: float = 0

    markdown = True
    stub = ("*Your answer here.*",)


@dataclass(frozen=True)
class Predict(Cell):
    """Where the student writes down what will come out, before it is shown."""

    id: str = ""


@dataclass(frozen=True)
class Lab:
    """A lab as its author wrote it."""

    path: Path
    name: str  #: "01_convolution_as_matrix"
    id: str  #: "01"
    title: str
    sha256: str  #: of the source text, with line ends as on Unix
    cells: tuple[Cell, ...]

    def of(self, kind):
        """The cells of one kind, in order."""
        return [cell for cell in self.cells if isinstance(cell, kind)]
