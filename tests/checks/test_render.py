"""The page of a verdict: escaped, the same every time, readable without color."""

import html.parser

import numpy as np
import pytest

from labkit.checks.registry import get
from labkit.checks.render_html import paragraph
from labkit.checks.show import show

EVIL = '<script>alert("x")</script>&'


def says(text):
    def function(*args):
        print(text)
        raise ValueError(text)

    return function


def test_what_comes_from_the_student_is_escaped(verdict_on):
    for function in (says(EVIL), lambda x: EVIL, lambda x: {EVIL: 1}, lambda x: [EVIL]):
        verdict = verdict_on(function)
        assert "<script" not in verdict.html
        assert "&lt;script" in verdict.html or EVIL not in verdict.text
    assert "&lt;script&gt;alert" in verdict_on(says(EVIL)).html


class Balanced(html.parser.HTMLParser):
    """Every tag is closed in the right order."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.opened = []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.opened.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "function",
    [
        lambda image, kernel: np.zeros((3, 3)),
        lambda image, kernel: np.zeros((30, 30)),
        lambda image, kernel: np.zeros((2, 2, 2)),
        lambda image, kernel: np.zeros((0, 2)),
        lambda image, kernel: 3.5,
        lambda image, kernel: None,
        says("line\n" * 100),
    ],
)
def test_the_page_is_well_formed_and_sets_no_color(verdict_on, function):
    verdict = verdict_on(function, get("conv2d"))
    parser = Balanced()
    parser.feed(verdict.html)
    assert parser.open == []
    for tag, attributes in parser.opened:
        style = attributes.get("style", "").replace("currentColor", "")
        assert "color" not in style.lower()
        assert "background" not in style
        if tag == "th":
            assert attributes["scope"] in ("row", "col")
    tags = [tag for tag, _ in parser.opened]
    assert tags.count("caption") == tags.count("table")
    assert verdict.html == verdict_on(function, get("conv2d")).html
    assert len(verdict.html) < 20_000


def test_the_first_difference_stands_in_the_array_itself(verdict_on):
    def one_wrong(image, kernel):
        A, B = kernel.shape
        windows = np.lib.stride_tricks.sliding_window_view(image, (A, B))
        y = np.einsum("nmab,ab->nm", windows, kernel).astype(float)
        y[-1, -1] += 0.5
        return y

    verdict = verdict_on(one_wrong, get("conv2d"))
    assert "at [2, 2] is 3.5, expected 3." in verdict.text
    assert verdict.html.count("<td") == 2 * (9 + 1)
    assert ">✗ 3.5</td>" in verdict.html
    assert ">yours</caption>" in verdict.html
    assert ">expected</caption>" in verdict.html
    assert "✗ marks what differs." in verdict.html


def test_two_equal_planes_of_different_arrays_are_not_shown(verdict_on):
    def one_row_more(first, second):
        A, B, C, _ = first.shape
        P, Q, _, F = second.shape
        kernel = np.zeros((A + P, B + Q - 1, C, F))
        for i, j, p, q in np.ndindex(A, B, P, Q):
            kernel[i + p, j + q] += first[i, j] @ second[p, q]
        return kernel

    verdict = verdict_on(one_row_more, get("collapse"))
    assert "shape (2, 3, 1, 1)" in verdict.html
    assert "<table" not in verdict.html


def test_large_arrays_are_cropped_around_the_difference(verdict_on):
    verdict = verdict_on(lambda kernel, n: np.zeros((n - len(kernel) + 1, n)), get("matrix1d"))
    assert verdict.html.count("<td") < 200
    assert ">5</th>" in verdict.html


def test_an_array_is_shown_as_a_whole_or_by_its_shape():
    assert show(np.ones((1, 2)), "x") == "[[1, 1]]"
    assert show(np.full((1, 5, 3, 2), 10.25), "x") == "x (1, 5, 3, 2)"  # not "[x (5, 3, 2)]"


def test_text_is_one_line_of_bounded_length(verdict_on):
    verdict = verdict_on(says("many\nlines " * 1000), get("conv2d"))
    assert "\n" not in verdict.text
    assert len(verdict.text) < 1500


def test_an_array_is_shown_whole_or_by_its_shape():
    assert show(np.arange(9).reshape(1, 3, 3, 1), "images").startswith("[[[[0], [1], [2]],")
    # 60 numbers are few enough to try, and too long: not "[[images (5, 3), images (5, 3), …]]"
    assert show(np.arange(-100, -40).reshape(1, 4, 5, 3), "images") == "images (1, 4, 5, 3)"
    assert show(np.zeros((0,)), "x") == "[]"


def test_a_mistake_in_a_function_that_the_answer_calls_is_looked_for_there(verdict_on):
    cell = """
def helper(x):
    return x[99]

def double(x):
    return 2 * helper(x)
"""
    names = {}
    exec(compile(cell, "<cell>", "exec"), names)
    assert "out of bounds for axis 0 with size 3, in helper, line 3 of its cell" in (
        verdict_on(names["double"]).text
    )


def test_stress_is_marked_in_our_words_and_asterisks_in_code_stay():
    rendered = paragraph("the second channel *from the end*, not 2 * 3 or a*b*c", marked=True)
    assert "channel <em>from the end</em>, not 2 * 3 or a*b*c" in rendered
    assert "<em>" not in paragraph("your code raised: *x*")


def test_how_arguments_are_shown_is_said_where_they_do_not_speak_for_themselves(verdict_on):
    verdict = verdict_on(lambda score, *rest: [[0.0]], get("occlusion_map"))
    for rendered in (verdict.text, verdict.html):
        assert "Here score(image) is (weights * image).sum()," in rendered


def test_a_shape_in_words_is_not_taken_for_letters(verdict_on):
    rendered = verdict_on(lambda x, *rest: [[x[0]]], get("dropout")).text
    assert "returns shape (1, 1), expected shape (4,)." in rendered
