"""No text of a student can add an element or an attribute to any page."""

import html.parser
import re

import pytest
from records_of_a_class import ADA

from labkit.grading.reports import marking
from labkit.grading.reports.feedback import feedback_page
from labkit.grading.reports.manual import Item
from labkit.grading.reports.overview import class_page

HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)><p class='",
    "' onmouseover='alert(1)' x='",
    "</title></style></textarea></pre><svg onload=alert(1)>",
    "javascript:alert(1)",
    "&lt;script&gt; &#60;b&#62;",
    "{{ 7 * 7 }}{% raw %}{# #}",
    "<!--><iframe srcdoc='<b>'>",
    "]]><![CDATA[<b>\u2028<b>\x00\x1b[31m\u202e",
)
HARMLESS = "x"
KEPT = {"status", "sandbox", "id", "lab", "student"}  # what decides which parts a page has


class Outline(html.parser.HTMLParser):
    """The tags of a page with all their attributes, in order, and its visible text."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags, self.text = [], ""
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, name, attributes):
        free = {"value": "", "href": ""} if name in ("input", "a") else {}
        self.tags.append((name, [(key, free.get(key, value)) for key, value in attributes]))
        if name == "a":
            assert re.fullmatch(r"(\./|[\w%-][\w./%-]*)", dict(attributes)["href"])

    def handle_endtag(self, name):
        self.tags.append(f"/{name}")

    def handle_comment(self, data):
        self.tags.append(("comment", data))

    def unknown_decl(self, data):
        self.tags.append(("declaration", data))

    def handle_data(self, data):
        self.text += data


def filled(value, text, key=""):
    """A copy of a record's part in which every text is `text`."""
    if isinstance(value, dict):
        return {name: filled(part, text, name) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, text, key) for part in value]
    return text if isinstance(value, str) and key not in KEPT else value


def records(text):
    """A record of each status, with an entry of each kind, all of whose texts are `text`."""
    entry = ADA["exercises"][0] | {"source": "s", "text": "t", "remark": "r", "printed": "p"}
    entry |= {"detail": "d", "mistake": "m", "traceback": "t", "right": 1, "total": 2}
    entry |= {"cell": {"status": "error", "error": "e"}}
    statuses = ("right", "partly", "error", "unanswered", text)
    entries = [entry | {"id": text, "status": status} for status in statuses]
    entries.append(entry | {"id": "flip", "status": "wrong"})
    questions = [{"id": text, "points": 1, "text": "t"}, {"id": text, "points": 1, "text": None}]
    record = ADA | {"exercises": entries, "questions": questions, "remarks": ["r", "r2"]}
    record |= {"notebook": "n", "log": "l", "sandbox": False, "measured": {text: {"cell": 1.0}}}
    return [
        filled(record, text) | {"student": text, "lab": lab, "status": status}
        for status in ("graded", "not graded", "machine error")
        for lab in ("01", text)
    ]


def pages(text):
    """Every page that labkit makes of a class, with `text` in every place."""
    made = records(text)
    mark = {"points": 1.0, "comment": text, "answer": text, "source": text}
    titles = {"01": text}
    yield class_page(made, {}, titles)
    for marks in ({}, {"01": {text: mark, "flip": mark}}):
        yield feedback_page(made, marks, titles)
    for given in (None, mark):
        item = Item(made[0], text, 2, text, None, given, given is not None)
        yield marking._queue_page([item], given is not None)
        yield marking._form_page(item)
        yield marking._form_page(item, text, {"points": [text], "comment": [text]})


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_field_changes_no_element_and_no_attribute(text):
    for page, harmless in zip(pages(text), pages(HARMLESS), strict=True):
        assert Outline(page).tags == Outline(harmless).tags
        shown = "".join(one for one in text if one.isprintable())
        assert shown in Outline(page).text  # as text, and whole
