"""What a lab's submissions are held against: the notebook as it ships, and what it is worth."""

import re
from dataclasses import dataclass

from labkit import paths
from labkit.notebooks import pristine

__all__ = ["Key", "key_of", "load_key", "load_keys"]


@dataclass(frozen=True)
class Key:
    """What a lab's submissions are held against."""

    lab: str  #: "01"
    name: str  #: "01_convolution_as_matrix"
    notebook: object  #: the student notebook as it ships
    points: dict  #: exercise id -> points, in the lab's order
    questions: dict  #: question id -> points, marked by a person
    stubs: dict  #: exercise or question id -> what stands there unanswered

    @property
    def out_of(self):
        """The points of all exercises."""
        return sum(self.points.values())

    @property
    def by_hand(self):
        """The points of all questions."""
        return sum(self.questions.values())

    def is_answered(self, name, written):
        """Whether `written` ({id: text}) has something of the student's own for an id."""
        return name in written and _bare(written[name]) not in ("", _bare(self.stubs[name]))


def _bare(text):
    """A stub in nbgrader's words is a stub: there, nothing says which exercise it is."""
    # bounded: with .* a text made for it would take minutes
    text = re.sub(r"(raise NotImplementedError)\(.{0,200}\)", r"\1()", text.strip())
    return re.sub(r"\*?your answer here\.?\*?", "Your answer here", text, flags=re.IGNORECASE)


def load_key(lab):
    """The :class:`Key` of a lab, by "01" or full name. Raises LookupError: no such lab."""
    return key_of(pristine.load(lab))


def load_keys(labs=()):
    """The keys of `labs`, or of all labs that there are, as ``{"01": Key, ...}``.

    Raises LookupError: one of `labs` is no lab.
    """
    names = labs or sorted(path.stem for path in paths.labs().glob("[0-9][0-9]_*.ipynb"))
    keys = [load_key(name) for name in names]
    return {key.lab: key for key in keys}


def key_of(notebook):
    """The :class:`Key` that a student notebook, as it ships, gives."""
    points, questions, stubs = {}, {}, {}
    for cell in notebook.cells:
        ours = cell.metadata["labkit"]
        if ours["role"] == "check":
            points[ours["exercise"]] = cell.metadata["nbgrader"]["points"]
        elif ours["role"] == "question":
            questions[cell.id] = cell.metadata["nbgrader"]["points"]
        if ours["role"] in ("answer", "question"):
            stubs[cell.id] = cell.source
    own = notebook.metadata["labkit"]
    return Key(own["lab"], own["name"], notebook, points, questions, stubs)
