"""What an instructor looks at: how the class did, what went wrong most, how long it took."""

from collections import Counter
from statistics import median

from labkit.grading.book.table import points, totals
from labkit.grading.reports.feedback import SANDBOX, mistakes_in
from labkit.grading.reports.page import document, tag

__all__ = ["class_page"]

_FAILURES = (
    "timeout",
    "died",
    "error",
    "no answer",
    "undefined",
    "shortcut",
    "not judged",
    "unanswered",
    "missing",
)


def class_page(records, marks, titles):
    """The page of a class, as bytes. `marks` is ``{(student, lab): {item: points}}``."""
    parts = []
    if not all(record["sandbox"] for record in records):
        parts.append(tag("p", f"{SANDBOX} Students' code ran with your rights.", class_="warn"))
    for lab in sorted({record["lab"] for record in records}):
        of_lab = [record for record in records if record["lab"] == lab]
        parts += _lab(lab, of_lab, marks, titles)
    return document("The class", *parts)


def _lab(lab, records, marks, titles):
    status = Counter(record["status"] for record in records)
    yield tag("h2", titles.get(lab, f"Lab {lab}") if lab else "No lab")
    counted = ", ".join(f"{count} {name}" for name, count in sorted(status.items()))
    waiting = [
        totals(record, marks.get((record["student"], record["lab"]), {}))["by_hand"] or 0
        for record in records
    ]
    yield tag(
        "p",
        f"{len(records)} submissions: {counted}. {points(sum(waiting))} points wait "
        f"for a person, of {sum(map(bool, waiting))} students.",
    )
    grades = [
        totals(record, marks.get((record["student"], record["lab"]), {}))["grade"]
        for record in records
    ]
    known = sorted(grade for grade in grades if grade is not None)
    if known:
        yield tag(
            "p",
            f"Grades: lowest {points(known[0])}, median {points(median(known))}, "
            f"highest {points(known[-1])}.",
        )
    yield _exercises(records, marks)
    yield from _mistakes(records)
    yield from _time(records)
    yield from _failures(records)


def _entries(records):
    """{exercise: [(record, its entry)]}, in the lab's order."""
    found = {}
    for record in records:
        for entry in record["exercises"]:
            found.setdefault(entry["id"], []).append((record, entry))
    return found


def _exercises(records, marks):
    head = ("exercise", "right", "partly", "average", "", "failures")
    rows = [tag("tr", *(tag("th", text) for text in head))]
    for name, found in _entries(records).items():
        count = Counter(entry["status"] for _, entry in found)
        earned = []
        for record, entry in found:
            by_hand = marks.get((record["student"], record["lab"]), {}).get(name)
            earned.append(entry["earned"] if by_hand is None else by_hand)
        earned = [value for value in earned if value is not None]
        worth = found[0][1]["points"]
        share = sum(earned) / (worth * len(earned)) if earned and worth else 0
        right, partly = (count[kind] / len(found) for kind in ("right", "partly"))
        bar = tag(
            "span",
            tag("span", class_="good", style=f"width:{right:.0%}"),
            tag("span", class_="part", style=f"width:{partly:.0%}"),
            class_="bar",
        )
        numbers = [count["right"], count["partly"], f"{share:.0%}"]
        failures = ", ".join(f"{count[kind]} {kind}" for kind in _FAILURES if count[kind])
        cells = [tag("td", name), *(tag("td", one, class_="number") for one in numbers)]
        cells += [tag("td", bar), tag("td", failures)]
        rows.append(tag("tr", *cells))
    return tag("table", *rows)


def _mistakes(records):
    count = Counter(
        (name, entry["mistake"])
        for name, found in _entries(records).items()
        for _, entry in found
        if entry.get("mistake")
    )
    if not count:
        return
    yield tag("h3", "The mistakes seen most")
    rows = []
    for (name, told), number in sorted(count.items(), key=lambda one: (-one[1], one[0]))[:20]:
        alternatives = mistakes_in(name, told)
        said = " / ".join(" and ".join(one.name for one in each) for each in alternatives)
        cells = tag("td", number, class_="number"), tag("td", name), tag("td", said or told)
        rows.append(tag("tr", *cells))
    yield tag("table", *rows)


def _time(records):
    seconds = {}
    for record in records:
        for name, measured in record.get("measured", {}).items():
            seconds.setdefault(name, []).append(sum(measured.values()))
    if not seconds:
        return
    yield tag("h3", "Time")
    whole = sum(map(sum, seconds.values()))
    yield tag("p", f"{whole:.0f} s of students' code; by exercise, in seconds:")
    titles = (tag("th", text, class_="number") for text in ("median", "longest"))
    head = tag("tr", tag("th", "exercise"), *titles)
    rows = [
        tag(
            "tr",
            tag("td", name),
            *(tag("td", f"{value:.2f}", class_="number") for value in (median(taken), max(taken))),
        )
        for name, taken in seconds.items()
    ]
    yield tag("table", head, *rows)


def _failures(records):
    failed = [record for record in records if record["status"] != "graded"]
    if failed:
        yield tag("h3", "Not graded")
        yield tag(
            "table",
            *(
                tag(
                    "tr",
                    tag("td", record["student"]),
                    tag("td", record["status"]),
                    tag("td", record["remarks"][-1] if record["remarks"] else ""),
                )
                for record in failed
            ),
        )
    noted = [record for record in records if record["status"] == "graded" and record["remarks"]]
    if noted:
        yield tag("h3", "Remarks")
        yield tag(
            "table",
            *(
                tag("tr", tag("td", record["student"]), tag("td", "; ".join(record["remarks"])))
                for record in noted
            ),
        )
