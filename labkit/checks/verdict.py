"""What the judge says: a verdict, in facts, which :mod:`labkit.checks.render` puts into words."""

from dataclasses import dataclass

__all__ = ["Verdict"]


@dataclass(frozen=True)
class Verdict:
    """The result of a check. `status` is one of

    ``"right"``; ``"not started"``; ``"late"`` (interrupted); ``"error"`` (it raised); ``"none"``,
    ``"type"``, ``"ragged"``, ``"shape"``, ``"value"`` (what it returned is wrong in this respect);
    ``"changed"`` (it changes its arguments); ``"shortcut"`` (it calls what is forbidden);
    ``"unreadable"`` (there is no result to judge).
    """

    exercise: object
    status: str
    score: float  #: 0 to 1: how much of it is right, with what guessing would earn taken off
    right: int = 0  #: number of inputs answered right
    total: int = 0
    case: object = None  #: the Case that is shown
    result: object = None  #: its CallResult
    difference: object = None  #: how its value differs
    mistakes: tuple = ()  #: alternatives, each a tuple of the Mistakes made at once
    suspicion: object = None
    labels: tuple = ()  #: what all inputs that go wrong have in common

    @property
    def passed(self):
        return self.status == "right"

    @property
    def mistake(self):
        """The ids of the known mistakes, or None: "a" alone, "a + b" at once, "a / b" either."""
        named = (" + ".join(one.id for one in mistakes) for mistakes in self.mistakes)
        return " / ".join(named) or None

    @property
    def text(self):
        """All of it on one line of plain text, the same on every run."""
        from labkit.checks.render import text

        return text(self)

    @property
    def html(self):
        """All of it as HTML, everything that comes from the student escaped."""
        from labkit.checks.render_html import html

        return html(self)
