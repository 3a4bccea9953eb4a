"""What an exercise is: plain declarations, which the rest of :mod:`labkit.checks` reads.

Each exercise is one :class:`Exercise`, declared in a module of its own in ``labkit/exercises``.
``docs/writing-a-lab.md`` explains how to add one.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from labkit.checks.forbidden import BUILTINS

__all__ = ["EXACT", "FLOAT32", "Case", "Exercise", "Mistake", "Tolerance", "variant"]

PUBLIC_SEED = 20170901


@dataclass(frozen=True)
class Case:
    """One input: the arguments of one call, and what is special about it, in a few words."""

    args: tuple
    label: str = ""


@dataclass(frozen=True)
class Tolerance:
    """How far an answer may be off: `relative` times the largest expected value (at least 1)."""

    relative: float
    reason: str


FLOAT32 = Tolerance(
    1e-5,
    "float32 keeps 7 digits, and a sum of some dozens of products, in any order, loses one or two; "
    "no mistake is that small, because all inputs are integers or quarters",
)
EXACT = Tolerance(0.0, "these are counts: a whole number is right or wrong")


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer, as something that can be run.

    What it does wrong is declared in one of these ways; the first is the most common:

    - `knobs`: keyword arguments for the exercise's `model`;
    - `before`: a function of the arguments that returns the tuple of arguments for the model;
    - `after`: a function of the model's answer and then the arguments, which returns the wrong
      answer;
    - `answer`: a function of the arguments that is called instead of the model.

    A variant that raises stands for code that raises on that input.
    """

    id: str  #: a_short_name, unique in its exercise
    name: str  #: completes "This looks like: …"
    why: str  #: what happened, in a student's words
    question: str  #: leads on without giving the answer away
    knobs: Mapping = field(default_factory=dict)
    before: Callable | None = None
    after: Callable | None = None
    answer: Callable | None = None
    #: Other code that makes the same mistake and shows it differently (a slice is cut off where an
    #: index raises, say): functions, called with the arguments.
    also: tuple = ()


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """All that a check needs to know about one exercise."""

    id: str
    lab: str  #: "01"
    points: int
    call: str  #: how it is called, "conv1d(x, kernel)": the entry's name, then the arguments' names
    oracle: Callable  #: gives the right answer, by code that shares nothing with the model
    model: Callable  #: an answer as a student would write it, with a knob for each way to err
    draw: Callable  #: takes a numpy Generator, returns a list with Cases of every kind that matters
    mistakes: tuple
    hints: tuple
    shape: str = ""  #: the answer's shape in letters, "(N - A + 1,)", for messages
    #: A sentence about how its arguments are shown, where they do not speak for themselves
    note: str = ""
    examples: tuple = ()  #: Cases that come first in public checks: small, worked out by hand
    tolerance: Tolerance = FLOAT32
    forbidden: tuple = BUILTINS  #: dotted names of what may not be called; a module means all in it
    seconds: float = 4.0  #: for one call; all calls together get twice that
    #: Brings the accepted forms of an answer into the form of the oracle's. It runs in the judge,
    #: on decoded values of any kind, and returns unchanged what it does not understand.
    read: Callable = field(default=lambda value: value)
    #: The adapter, where a case is not put to the answer by calling it: ``use(answer, *args)`` runs
    #: in the student's process (it builds a layer, sets its weights, calls it, returns arrays).
    #: A function of :mod:`labkit.adapters`.
    use: Callable | None = None
    #: For answers that are right or wrong only beside their case (predictions, say):
    #: ``bind(exercise, cases)`` returns the exercise by which the judge judges these cases.
    bind: Callable | None = None

    def reading(self, value):
        """Return an answer in the oracle's form, or as it is if `read` cannot bring it there."""
        try:
            return self.read(value)
        except Exception:  # it met a value that its author did not think of
            return value

    @property
    def entry(self):
        """The name that the student defines."""
        return self.call.partition("(")[0]

    @property
    def parameters(self):
        """The names of the call's arguments."""
        return tuple(name.strip() for name in self.call.partition("(")[2].rstrip(")").split(","))

    @property
    def inputs(self):
        """The names of a case's arguments: the call's, or the adapter's if it takes others."""
        if self.use is None:
            return self.parameters
        names = tuple(inspect.signature(self.use).parameters)[1:]
        return self.parameters if len(names) == len(self.parameters) else names

    def cases(self, seed=None):
        """Return the public inputs (`seed` None; always the same), or fresh ones of their kinds."""
        if seed is None:
            return [*self.examples, *self.draw(np.random.default_rng(PUBLIC_SEED))]
        return list(self.draw(np.random.default_rng(seed)))


def variant(exercise, *mistakes):
    """Return the function that makes all of `mistakes` at once, or None if they exclude each other.

    Without mistakes it is the model, which is right.
    """
    answers = [mistake.answer for mistake in mistakes if mistake.answer]
    knobs = [name for mistake in mistakes for name in mistake.knobs]
    if len(answers) > 1 or (answers and knobs) or len(set(knobs)) < len(knobs):
        return None
    settings = {name: value for mistake in mistakes for name, value in mistake.knobs.items()}

    def wrong(*args):
        arguments = args
        for mistake in mistakes:
            if mistake.before:
                arguments = mistake.before(*arguments)
        value = answers[0](*arguments) if answers else exercise.model(*arguments, **settings)
        for mistake in mistakes:
            if mistake.after:
                value = mistake.after(value, *args)
        return value

    wrong.takes_arguments = True  # it is called directly, not through the adapter
    return wrong
