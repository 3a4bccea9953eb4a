"""The records of four graded students, for the tests of what people read."""

import html.parser

from classes import make_exercise, make_record

from labkit.checks import registry
from labkit.grading.book.gradebook import open_gradebook

EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\u202e\x1b[31m'
MISTAKE = registry.get("flip").mistakes[0]


def exercise(name, earned, status, **more):
    return make_exercise(name, earned, status=status, **more)


def record(student, *exercises, **more):
    questions = [
        {"id": "q_a", "points": 2, "text": EVIL},
        {"id": "q_b", "points": 1, "text": None},
    ]
    about = {
        "total": sum(one["earned"] or 0 for one in exercises),
        "by_hand": 2,
        "remarks": [f"a remark {EVIL}"],
        "notebook": f"{EVIL}.ipynb",
        "exercises": list(exercises),
        "questions": questions,
        "measured": {"flip": {"cell": 0.5, "probe": 1.5}},
    }
    return make_record(student, **about | more)


HIDDEN = "flip([[9182, 7364]]) at [0] is 5"
ADA = record("ada", exercise("conv1d", 2, "right"), exercise("flip", 2, "right"))
BEN = record(
    f"ben {EVIL}",
    exercise("conv1d", 1, "partly", right=3, total=9, detail="", text=HIDDEN, mistake=None),
    exercise("flip", 0, "wrong", total=4, right=0, detail="", text=HIDDEN, mistake=MISTAKE.id),
    sandbox=False,
)
CYD = record(
    "cyd",
    exercise("conv1d", 0, "error", total=9, right=0, detail="raised IndexError", text=HIDDEN),
    exercise("flip", 0, "error", cell={"status": "error", "error": f"NameError: {EVIL}"}),
)
DAN = record("dan", status="not graded", total=None, by_hand=None) | {"questions": []}


def mark(grades, *given):
    with open_gradebook(grades) as gradebook:
        gradebook.mark(*given)


class Reader(html.parser.HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self):
        super().__init__()
        self.elements, self.attributes, self.said = set(), set(), []

    def handle_starttag(self, name, attributes):
        self.elements.add(name)
        self.attributes |= {key for key, _ in attributes}

    def handle_data(self, data):
        self.said.append(data)


def read(content):
    reader = Reader()
    reader.feed(content.decode() if isinstance(content, bytes) else content)
    return reader
