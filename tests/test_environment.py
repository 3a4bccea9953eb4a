"""The report on the machine: what it says of good and bad ones, and where it shows it."""

import configparser
import re
import sys
from pathlib import Path

import IPython
import pytest

from labkit import environment
from labkit.environment import Row, facts, report


def test_the_report_names_what_the_labs_depend_on():
    rows = {row.name: row for row in facts()}
    assert list(rows) == [
        "labkit", "Python", "Keras", "backend", "GPU", "processor", "memory", "checks speak"
    ]  # fmt: skip
    assert rows["Python"].value == ".".join(map(str, sys.version_info[:3]))
    assert rows["backend"].value.startswith(("tensorflow ", "jax ", "torch "))


@pytest.mark.parametrize(
    ("row", "good", "says"),
    [
        (environment._python((3, 11, 7)), True, ""),
        (environment._python((3, 9, 1)), False, "3.11, 3.12 and 3.13"),
        (environment._gpu([]), True, "do not need one"),
        (environment._gpu(["gpu:0", "gpu:1"]), True, ""),
        (environment._gpu(None), True, ""),
        (environment._cores(1), False, "double"),
        (environment._cores(2), True, ""),
        (environment._memory(2 * 2**30), False, "close other programs"),
        (environment._memory(8 * 2**30), True, ""),
        (environment._memory(None), True, "4 GiB"),
    ],
)
def test_a_line_says_whether_it_is_good_and_what_to_do(row, good, says):
    assert row.good is good
    assert says in row.remark


def test_gpus_are_listed_by_name():
    assert environment._gpu(["gpu:0", "gpu:1"]).value == "gpu:0, gpu:1"
    assert environment._gpu([]).value == "none found"


def test_without_keras_the_report_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    (row,) = environment._keras()
    assert not row.good
    assert "labkit-cnn[labs]" in row.remark


@pytest.mark.parametrize(("wish", "name"), [("en", "English"), ("es", "español"), ("ca", "català")])
def test_it_says_which_language_the_checks_speak(monkeypatch, wish, name):
    monkeypatch.setenv("LABKIT_LANG", wish)
    assert environment._language().value == name


def test_in_a_terminal_it_prints_lines(monkeypatch, capsys):
    monkeypatch.setattr(environment, "facts", lambda: [Row("a", "1"), Row("b", "2", False, "c")])
    report()
    assert capsys.readouterr().out == "✓ a             1\n✗ b             2  (c)\n"


def test_in_a_notebook_it_is_a_table_and_one_plain_sentence(monkeypatch):
    rows = [Row("a", "<1>"), Row("b", "2", False, "c")]
    monkeypatch.setattr(environment, "facts", lambda: rows)
    monkeypatch.setattr(IPython, "get_ipython", lambda: True)
    shown = []
    monkeypatch.setattr(IPython.display, "display", shown.append)
    report()
    page = shown[0]._repr_html_()
    assert page.startswith('<table data-labkit="environment">')
    assert "&lt;1&gt;" in page
    assert "✗ look here: c" in page
    assert repr(shown[0]) == "A table of what the labs run on here."


def test_nbval_sees_the_same_report_on_every_machine():
    rules = configparser.ConfigParser()
    rules.read(Path(environment.__file__).parent / "notebooks" / "nbval_sanitize.cfg")
    pages = []
    for value in ("tensorflow 2.21", "jax 0.10\non two lines"):
        page = environment._Report([Row("backend", value)])._repr_html_()
        for section in rules.sections():
            page = re.sub(rules[section]["regex"], rules[section]["replace"], page)
        pages.append(page)
    assert pages == ["table", "table"]
