"""What students and instructors read: nothing hidden in it, nothing of it alive."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from jinja2 import UndefinedError
from records_of_a_class import (
    BEN,
    EVIL,
    MISTAKE,
    mark,
    read,
)

from labkit.checks import registry
from labkit.cli import main
from labkit.grading.hashes import identity
from labkit.grading.reports import report
from labkit.grading.reports.feedback import mistakes_in
from labkit.grading.reports.page import render


def written(grades, tmp_path):
    report.write_report(grades, tmp_path / "to")
    pages = {}
    for path in (tmp_path / "to").rglob("*.html"):
        pages[path.name.removesuffix(".html")] = path.read_text("utf-8")
    return pages


def text_of(page):
    return " ".join(" ".join(read(page).said).split())


def test_nothing_of_a_student_is_alive_in_any_page(grades, tmp_path):
    mark(grades, BEN, "q_a", 1, EVIL)
    pages = written(grades, tmp_path)
    assert len(pages) == 5
    for page in pages.values():
        reader = read(page)
        assert reader.elements <= {
            *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "b"),
            *("section", "table", "tr", "th", "td", "div", "span", "pre"),
        }
        assert reader.attributes <= {"charset", "http-equiv", "content", "name", "lang"} | {
            "class",
            "style",
        }
        assert "\u202e" not in page
        assert "\x1b" not in page
        assert "default-src 'none'" in page
    assert EVIL[:25] in text_of(pages[identity(BEN["student"])])


def test_of_a_hidden_input_a_student_sees_nothing(grades, tmp_path):
    for name, page in written(grades, tmp_path).items():
        assert "9182" not in page, name
        assert "7364" not in page, name


def test_a_student_reads_points_the_known_mistake_and_a_hint(grades, tmp_path):
    pages = written(grades, tmp_path)
    ben = text_of(pages[identity(BEN["student"])])
    assert "1 of 4 points; questions: 0 of 3, 2 to be marked" in ben
    assert "conv1d 1 of 2 right on 3 of 9 hidden inputs" in ben
    assert f"This looks like: {MISTAKE.name}." in ben
    assert MISTAKE.why in ben
    assert f"→ {MISTAKE.question}" in ben
    assert f"Hint: {registry.get('flip').hints[0]}" in ben
    assert "q_a – of 2 to be marked" in ben
    assert "q_b 0 of 1 not answered" in ben
    assert "Graded without a sandbox" in ben
    ada = text_of(pages[identity("ada")])
    assert "4 of 4 points" in ada
    assert "without a sandbox" not in ada
    cyd = text_of(pages[identity("cyd")])
    assert "on a hidden input it raised IndexError" in cyd
    assert "its cell did not run Your cell ended with NameError: <script>" in cyd
    assert "Not graded: a remark" in text_of(pages[identity("dan")])


def test_a_persons_mark_and_comment_stand_in_the_students_page(grades, tmp_path):
    mark(grades, BEN, "q_a", 1.5, "nearly")
    mark(grades, BEN, "flip", 2, "the check was wrong")
    ben = text_of(written(grades, tmp_path)[identity(BEN["student"])])
    assert "3 of 4 points; questions: 1.5 of 3" in ben
    assert "flip 2 of 2 Marked by a person. the check was wrong" in ben
    table = (tmp_path / "to" / "grades.csv").read_text("utf-8-sig")
    [row] = [line for line in table.splitlines() if "ben" in line]
    assert row.split(",01,")[1].startswith("graded,3,4,1,2,1.5,,0,4.5,")


def test_the_class_page_says_how_it_went(grades, tmp_path):
    page = text_of(written(grades, tmp_path)["class"])
    assert "Students' code ran with your rights." in page
    assert (
        "4 submissions: 3 graded, 1 not graded. 6 points wait for a person, of 3 students" in page
    )
    assert "Grades: lowest 0, median 1, highest 4." in page
    assert "conv1d 1 1 50% 1 error flip 1 0 33% 1 error" in page
    assert f"1 flip {MISTAKE.name}" in page
    assert "Students' code ran for 8 s." in page
    assert "flip 2.00 2.00" in page
    assert "dan not graded a remark" in page


def test_writing_twice_gives_the_same_bytes(grades, tmp_path):
    for name in ("one", "two"):
        report.write_report(grades, tmp_path / name)
    one, two = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in files(tmp_path / name)}
        for name in ("one", "two")
    )
    assert one == two
    assert len(one) == 6


def files(folder):
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def test_the_command(grades, tmp_path):
    def run(*arguments):
        return CliRunner().invoke(main, ["report", *map(str, arguments)])

    to = tmp_path / "to"
    done = run(grades, "--to", to, "--dry-run")
    assert done.exit_code == 0
    assert f"would write {to / 'class.html'}" in done.output
    assert not to.exists()
    done = run(grades, "--to", to)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"4 students: {to}\n"
    assert done.stderr == f"6 points wait for a person: labkit mark {grades}\n"
    done = run(tmp_path / "other.csv", "--to", to)
    assert done.exit_code == 1
    assert "no gradebook" in done.stderr
    assert run(grades).exit_code == 2


def test_mistakes_at_once_and_either_or():
    first, second = registry.get("flip").mistakes[:2]
    assert mistakes_in("flip", f"{first.id} + {second.id}") == [[first, second]]
    assert mistakes_in("flip", f"{first.id} / {second.id}") == [[first], [second]]
    assert mistakes_in("flip", None) == [[]]
    assert mistakes_in("gone", "x") == []


def test_a_page_shows_unprintable_text_escaped_or_not_at_all():
    assert b"caf\\udce9 \\ude00 ab" in render("page.html", "caf\udce9 \ude00 a\u202e\x1bb")


def test_a_value_that_a_template_was_not_given_is_an_error():
    with pytest.raises(UndefinedError, match="'labs' is undefined"):
        render("feedback.html", "Feedback")
