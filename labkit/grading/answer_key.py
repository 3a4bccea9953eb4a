"""The answer key of a lab: the notebook that its submissions are held against, and its points."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from nbformat import NotebookNode

from labkit import paths
from labkit.notebooks import pristine

__all__ = ["AnswerKey", "answer_key_of", "load_answer_key", "load_answer_keys"]


@dataclass(frozen=True)
class AnswerKey:
    """What the submissions of one lab are held against. It holds no answers."""

    lab: str  #: the lab's number, "01"
    name: str  #: its full name, "01_convolution_as_matrix"
    notebook: NotebookNode  #: the student notebook as it ships
    points: dict[str, float]  #: exercise id -> points, in the lab's order; judged by code
    questions: dict[str, float]  #: question id -> points; marked by a person
    stubs: dict[str, str]  #: exercise or question id -> the text of its cell while unanswered

    @property
    def out_of(self) -> float:
        """The points of all exercises together."""
        return sum(self.points.values())

    def is_answered(self, name: str, texts: dict[str, str]) -> bool:
        """Tell whether a student has answered an exercise or question.

        Args:
            name: The id of the exercise or question.
            texts: What the student's cells hold, by id. An id that is absent is not answered, nor
                is one whose text is empty or still the stub.
        """
        return name in texts and _normalized(texts[name]) not in ("", _normalized(self.stubs[name]))


def _normalized(text):
    """Bring a stub to one form, whether labkit or nbgrader wrote it."""
    # The length is bounded: with .* a text made for the purpose would take minutes.
    text = re.sub(r"(raise NotImplementedError)\(.{0,200}\)", r"\1()", text.strip())
    return re.sub(r"\*?your answer here\.?\*?", "Your answer here", text, flags=re.IGNORECASE)


def load_answer_key(lab: str) -> AnswerKey:
    """Load the answer key of a lab.

    Args:
        lab: The lab's number ("01") or its full name.

    Raises:
        LookupError: There is no such lab.
    """
    return answer_key_of(pristine.load(lab))


def load_answer_keys(labs: Iterable[str] = ()) -> dict[str, AnswerKey]:
    """Load the answer keys of some labs, or of all, by lab number.

    Args:
        labs: Numbers or full names. If there are none, all labs that labkit has are loaded.

    Raises:
        LookupError: One of `labs` does not exist.
    """
    names = labs or sorted(path.stem for path in paths.labs().glob("[0-9][0-9]_*.ipynb"))
    answer_keys = [load_answer_key(name) for name in names]
    return {answer_key.lab: answer_key for answer_key in answer_keys}


def answer_key_of(notebook: NotebookNode) -> AnswerKey:
    """Read the answer key from a student notebook as it ships."""
    points, questions, stubs = {}, {}, {}
    for cell in notebook.cells:
        labels = cell.metadata["labkit"]
        if labels["role"] == "check":
            points[labels["exercise"]] = cell.metadata["nbgrader"]["points"]
        elif labels["role"] == "question":
            questions[cell.id] = cell.metadata["nbgrader"]["points"]
        if labels["role"] in ("answer", "question"):
            stubs[cell.id] = cell.source
    about = notebook.metadata["labkit"]
    return AnswerKey(about["lab"], about["name"], notebook, points, questions, stubs)
