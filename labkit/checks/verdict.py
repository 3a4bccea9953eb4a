"""What the judge says of one exercise, as facts. :mod:`labkit.checks.render` puts it into words."""

from dataclasses import dataclass

__all__ = ["Verdict"]


@dataclass(frozen=True)
class Verdict:
    """The judge's verdict on one answer. `status` is one of

    - ``"right"``;
    - ``"not started"``: the answer is still the stub;
    - ``"late"``: a call was interrupted;
    - ``"error"``: a call raised an exception;
    - ``"none"``, ``"type"``, ``"ragged"``, ``"shape"``, ``"value"``: what it returned is wrong in
      this respect (see :class:`~labkit.checks.compare.Difference`);
    - ``"changed"``: the values are right, but it changes its arguments;
    - ``"shortcut"``: the values are right, but it calls a forbidden function;
    - ``"unreadable"``: there is no result that can be judged.
    """

    exercise: object
    status: str
    score: float  #: how much of it is right, from 0 to 1, minus what guessing would earn
    right: int = 0  #: number of inputs answered right
    total: int = 0
    case: object = None  #: the Case to show
    result: object = None  #: its CallResult
    difference: object = None  #: how its value differs from the expected one
    mistakes: tuple = ()  #: alternatives, each a tuple of Mistakes that were made together
    suspicion: object = None
    labels: tuple = ()  #: the labels that all failing inputs share

    @property
    def passed(self):
        """Whether the answer is right."""
        return self.status == "right"

    @property
    def mistake(self):
        """The ids of the known mistakes: "a", "a + b" (both), "a / b" (either); None if unknown."""
        alternatives = (" + ".join(one.id for one in mistakes) for mistakes in self.mistakes)
        return " / ".join(alternatives) or None

    @property
    def text(self):
        """The verdict on one line of plain text, the same on every run."""
        from labkit.checks.render import text

        return text(self)

    @property
    def html(self):
        """The verdict as HTML, with everything that comes from the student escaped."""
        from labkit.checks.render_html import html

        return html(self)
