"""What waits for a person: answers without a mark, and marks whose answer has changed since."""

from dataclasses import dataclass

from labkit.grading.book.gradebook import answer_of
from labkit.grading.hashes import identity

__all__ = ["Item", "find", "queue"]


@dataclass(frozen=True)
class Item:
    """A question, or an exercise, of one student that a person may mark."""

    record: dict
    id: str
    points: float
    text: str
    earned: float | None = None  #: the automatic points of an exercise
    mark: dict | None = None  #: what a person gave: "points", "comment"
    changed: bool = False  #: whether the answer is another one than when it was marked

    @property
    def name(self):
        """What the item is called in the browser: fit for an address."""
        return f"{identity(self.record['student'])}.{self.record['lab']}.{self.id}"

    @property
    def waits(self):
        """Whether somebody has to look at it."""
        return self.changed or (self.mark is None and self.earned is None)


def queue(gradebook, everything=False):
    """The items that wait for a person, question by question; all that may be marked, if wished.

    An exercise waits when the machine could not judge it.
    """
    marks, items = gradebook.marks(), []
    for record in gradebook.records():
        given = marks.get((identity(record["student"]), record["lab"]), {})
        answered = [
            (one, one["text"], None) for one in record["questions"] if one["text"] is not None
        ]
        answered += [
            (one, one["source"], one["earned"])
            for one in record["exercises"]
            if one["source"] is not None
        ]
        for one, text, earned in answered:
            mark = given.get(one["id"])
            changed = mark is not None and mark["answer"] != answer_of(record, one["id"])
            items.append(Item(record, one["id"], one["points"], text, earned, mark, changed))
    order = {}  # the questions as they come, and all answers to one of them side by side
    for item in items:
        order.setdefault((item.record["lab"], item.id), len(order))
    items.sort(key=lambda item: order[item.record["lab"], item.id])
    return [item for item in items if everything or item.waits]


def find(gradebook, name):
    """The item of that name, or None."""
    return next((item for item in queue(gradebook, everything=True) if item.name == name), None)
