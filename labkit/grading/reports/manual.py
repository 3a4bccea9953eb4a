"""The answers that wait for a person: those without a mark, and those that changed after it."""

from dataclasses import dataclass

from labkit.grading.book.gradebook import answer_of
from labkit.grading.hashes import identity

__all__ = ["Item", "find", "queue"]


@dataclass(frozen=True)
class Item:
    """One student's answer to a question or an exercise, which a person may mark."""

    record: dict
    id: str
    points: float
    text: str
    earned: float | None = None  #: the automatic points of an exercise
    mark: dict | None = None  #: what a person gave
    changed: bool = False  #: whether the answer has changed since it was marked

    @property
    def name(self):
        """The name of the item in an address of the marking server."""
        return f"{identity(self.record['student'])}.{self.record['lab']}.{self.id}"

    @property
    def waits(self):
        """Whether a person has to look at it."""
        return self.changed or (self.mark is None and self.earned is None)


def queue(gradebook, everything=False):
    """Return the items that wait for a person, all answers to one question side by side.

    An exercise waits when the machine could not judge it.

    Args:
        gradebook: The open gradebook of the class.
        everything: Whether to return all items that may be marked instead.
    """
    marks, items = gradebook.marks(), []
    for record in gradebook.records():
        of_submission = marks.get((identity(record["student"]), record["lab"]), {})
        answered = [
            (one, one["text"], None) for one in record["questions"] if one["text"] is not None
        ]
        answered += [
            (one, one["source"], one["earned"])
            for one in record["exercises"]
            if one["source"] is not None
        ]
        for entry, text, earned in answered:
            mark = of_submission.get(entry["id"])
            changed = mark is not None and mark["answer"] != answer_of(record, entry["id"])
            items.append(Item(record, entry["id"], entry["points"], text, earned, mark, changed))
    order = {}  # (lab, question or exercise) -> its place, in the order of the records
    for item in items:
        order.setdefault((item.record["lab"], item.id), len(order))
    items.sort(key=lambda item: order[item.record["lab"], item.id])
    return [item for item in items if everything or item.waits]


def find(gradebook, name):
    """Return the item of that name (:attr:`Item.name`), or None."""
    return next((item for item in queue(gradebook, everything=True) if item.name == name), None)
