"""What an exercise is: plain declarations, which the machinery around them reads.

A lab's file holds one :class:`Exercise` for each exercise. Nothing in it is executed before a check
asks for it. The recipe for adding one is in ``labkit/checks/README.md``.
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
    """A wrong answer that somebody will give, as something that can be run.

    What it does wrong is said in one of these ways; the first is the most common:

    - `knobs`: keyword arguments for the exercise's `model`;
    - `before`: called with the arguments, returns the tuple of arguments that the model gets;
    - `after`: called with the model's answer and then the arguments, returns the wrong answer;
    - `answer`: called with the arguments instead of the model.

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
    #: Other code that makes this mistake and shows it differently (slices are cut where an index
    #: raises, say): functions, called with the arguments.
    also: tuple = ()


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """All that a check needs to know about one exercise."""

    id: str
    lab: str  #: "01"
    points: int
    call: str  #: how it is called, "conv1d(x, kernel)": the entry's name, then the arguments'
    oracle: Callable  #: the right answer, by code that shares nothing with the model
    model: Callable  #: an answer as a student would write it, with one knob per way to get it wrong
    draw: Callable  #: given a numpy Generator, a list of Cases of every kind that matters
    mistakes: tuple
    hints: tuple
    shape: str = ""  #: the answer's shape in letters, "(N - A + 1,)", for messages
    note: str = (
        ""  #: a sentence on how its arguments are shown, where they do not speak for themselves
    )
    examples: tuple = ()  #: Cases that come first in public checks: small, worked out by hand
    tolerance: Tolerance = FLOAT32
    forbidden: tuple = BUILTINS  #: dotted names of what may not be called; a module means all in it
    seconds: float = 4.0  #: for one call; all of them together get twice that
    #: Brings the accepted forms of an answer into the one that the oracle gives. Runs in the judge,
    #: on decoded values of any kind; what it does not understand it returns unchanged.
    read: Callable = field(default=lambda value: value)
    #: How a case is put to what the student wrote, if not by calling it: ``use(theirs, *args)``,
    #: run in the student's process (build a layer, set its weights, call it, return arrays).
    use: Callable | None = None
    #: Where an answer says something only beside its case (are these predictions right?):
    #: ``bind(exercise, cases)`` returns the exercise by which the judge judges these cases.
    bind: Callable | None = None

    def reading(self, value):
        """An answer in the form that the oracle gives; as it is if `read` cannot bring it there."""
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
        """The names of the arguments."""
        return tuple(name.strip() for name in self.call.partition("(")[2].rstrip(")").split(","))

    @property
    def inputs(self):
        """The names of what a case holds: the arguments, or what `use` takes where that differs."""
        if self.use is None:
            return self.parameters
        names = tuple(inspect.signature(self.use).parameters)[1:]
        return self.parameters if len(names) == len(self.parameters) else names

    def cases(self, seed=None):
        """The public inputs (`seed` None: always the same), or fresh ones of the same kinds."""
        if seed is None:
            return [*self.examples, *self.draw(np.random.default_rng(PUBLIC_SEED))]
        return list(self.draw(np.random.default_rng(seed)))


def variant(exercise, *mistakes):
    """The function that makes all of `mistakes` at once; None if they exclude each other.

    Without mistakes it is the model, which is right.
    """
    answers = [mistake.answer for mistake in mistakes if mistake.answer]
    knobs = [name for mistake in mistakes for name in mistake.knobs]
    if len(answers) > 1 or (answers and knobs) or len(set(knobs)) < len(knobs):
        return None
    settings = {name: value for mistake in mistakes for name, value in mistake.knobs.items()}

    def wrong(*args):
        given = args
        for mistake in mistakes:
            if mistake.before:
                given = mistake.before(*given)
        value = answers[0](*given) if answers else exercise.model(*given, **settings)
        for mistake in mistakes:
            if mistake.after:
                value = mistake.after(value, *args)
        return value

    wrong.takes_arguments = True  # it is not put to `use`
    return wrong
