"""A family: a mistake that several exercises share, with its texts written once."""

from dataclasses import dataclass, replace

from labkit.checks.exercise import Mistake

__all__ = ["Family"]


@dataclass(frozen=True)
class Family(Mistake):
    """A mistake that exercises use by name.

    Its fields are those of a :class:`~labkit.checks.exercise.Mistake`. A family that is always made
    in the same way says how (``after=``, ``answer=``, ...); otherwise each exercise does.

    >>> late = Family("late", "it is late", why="It came late.", question="When did it come?")
    >>> late(id="too_late", knobs={"delay": 1}).name
    'it is late'
    """

    def __call__(self, *also, **changes):
        """Return the mistake of one exercise.

        Args:
            also: other code that makes this mistake: functions, called with the arguments.
            changes: fields of Mistake that differ here: how it is made (``knobs``, ``before``,
                ``after``, ``answer``), an ``id`` of its own, or ``why`` and ``question`` where the
                exercise has better words.
        """
        fields = {name: getattr(self, name) for name in Mistake.__dataclass_fields__}
        return replace(Mistake(**fields), also=also, **changes)
