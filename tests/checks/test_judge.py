"""What is said about an answer: the words are part of the product, so the tests pin them."""

import dataclasses
import itertools

import numpy as np
import pytest

from labkit.checks import registry
from labkit.checks.call_result import CallResult
from labkit.checks.exercise import Case, Tolerance
from labkit.checks.judge import judge
from labkit.checks.run import run


def test_right(verdict_on):
    verdict = verdict_on(lambda x: 2 * x)
    assert (verdict.passed, verdict.score, verdict.mistake) == (True, 1.0, None)
    assert verdict.text == "✓ double: all public checks passed (3 inputs)."


def test_a_known_mistake_is_named_with_place_and_question(verdict_on):
    verdict = verdict_on(lambda x: 3 * x)
    assert (verdict.passed, verdict.score, verdict.mistake) == (False, 0.0, "tripled")
    assert verdict.text == (
        "✗ double: not right yet. This looks like: it is tripled. "
        "double([1, 2, 5]) at [0] is 3, expected 2. why tripled?"
    )


def test_two_mistakes_at_once_are_named(verdict_on):
    verdict = verdict_on(lambda x: (3 * x + 1)[::-1])
    assert verdict.mistake is None  # three at once is more than anybody should guess
    verdict = verdict_on(lambda x: (2 * x + 1)[::-1])
    assert verdict.mistake == "one_more + backward"
    assert "Two things at once: it is one_more + it is backward." in verdict.text
    assert verdict.text.endswith("why one_more? why backward?")


def test_mistakes_that_look_the_same_are_both_named(verdict_on):
    verdict = verdict_on(lambda x: (2 * x).sum())
    assert verdict.mistake == "summed / total"
    assert "This looks like one of these: it is summed; it is total." in verdict.text
    assert "double([1, 2, 5]) has shape (), expected shape (3,)." in verdict.text


def test_a_mistake_that_raises_is_named_by_where_it_raises(verdict_on):
    verdict = verdict_on(lambda x: [2 * number for number in x if number > -9])
    assert verdict.mistake == "raises_for_tables"
    assert verdict.status == "error"
    assert "Your code raised ValueError: The truth value of an array" in verdict.text
    assert "Your code raised ValueError: The truth value of an array" in verdict.html


def test_an_error_alone_names_no_mistake(verdict_on):
    verdict = verdict_on(lambda x: 1 / 0)
    assert (verdict.status, verdict.mistake) == ("error", None)
    assert "✗ double: your code raised ZeroDivisionError: division by zero, in line" in verdict.text
    assert "of test_judge.py: `" in verdict.text
    assert "It was called as double([1, 2, 5])." in verdict.text


def test_a_mistake_may_raise_in_one_style_and_give_a_wrong_value_in_another(verdict_on):
    def tripled_but_no_tables(x):
        return np.array([3 * float(number) for number in x])

    verdict = verdict_on(tripled_but_no_tables)
    assert (verdict.status, verdict.mistake) == ("error", "tripled")

    def right_but_for_tables(x):
        return np.array([2 * float(number) + 0.5 * (len(x) == 3) for number in x])

    assert verdict_on(right_but_for_tables).mistake is None  # no known mistake gives these values


def test_an_empty_list_is_an_array_without_rows(double, verdict_on):
    no_rows = dataclasses.replace(
        double.mistakes[0], id="no_rows", knobs={}, after=lambda y, x: np.zeros((0, 2))
    )
    assert verdict_on(lambda x: [], dataclasses.replace(double, mistakes=(no_rows,))).mistake


def test_counts_are_recognized_though_they_are_not_whole(double, verdict_on):
    exact = dataclasses.replace(
        double,
        tolerance=Tolerance(0.0, "counts"),
        mistakes=(
            dataclasses.replace(
                double.mistakes[0], id="per_mille", knobs={}, after=lambda y, x: y / 255
            ),
        ),
    )
    assert verdict_on(lambda x: (x / 255) * 2, exact).mistake == "per_mille"


def test_a_mistake_may_give_numbers_too_large_for_an_array_of_integers(double, verdict_on):
    large = dataclasses.replace(
        double.mistakes[0], id="large", knobs={}, after=lambda y, x: [10**30, *y.ravel()[1:]]
    )
    assert (
        verdict_on(lambda x: 5 * x, dataclasses.replace(double, mistakes=(large,))).mistake is None
    )


def test_nothing_is_named_that_does_not_match_everywhere(verdict_on):
    verdict = verdict_on(lambda x: 3 * x if x.ndim == 1 else 4 * x)
    assert verdict.mistake is None
    assert verdict.suspicion is None
    assert verdict.text == (
        "✗ double: the values are not right yet. double([1, 2, 5]) at [0] is 3, expected 2."
    )


def test_what_goes_wrong_has_something_in_common(verdict_on):
    verdict = verdict_on(lambda x: (2 * x).astype(int))
    assert verdict.score == pytest.approx(2 / 3)
    assert verdict.text == (
        "✗ double: right for 2 of 3 inputs, not yet for all. double([4.25, -1.5]) at [0] is 8, "
        "expected 8.5. Only this goes wrong: decimals."
    )


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: 2 * x - 0.5, "On every input, all values are off by -0.5."),
        (lambda x: x / 2, "On every input, all values are 0.25 times what they should be."),
        (lambda x: -2 * x, "On every input, all values are -1 times what they should be."),
        (lambda x: 2.004 * x, "On every input, it is nearly right: are the numbers of low"),
        (lambda x: np.flip(2 * x), "On every input, it is what it should be, back to front."),
    ],
)
def test_a_suspicion_holds_on_every_input(verdict_on, function, message):
    verdict = verdict_on(function)
    assert verdict.mistake is None
    assert message in verdict.text


def test_a_difference_of_one_among_large_numbers_is_no_suspicion_of_nothing(double, verdict_on):
    def oracle(x):
        return (1_000_000, np.size(x))

    counts = dataclasses.replace(
        double, oracle=oracle, mistakes=(), tolerance=Tolerance(0.0, "counts")
    )
    verdict = verdict_on(lambda x: (1_000_000, np.size(x) + 1), counts)
    assert "off by" not in verdict.text
    assert verdict.suspicion is None
    verdict = verdict_on(lambda x: (1_000_000,), counts)
    assert "returns 1 values, expected 2 values." in verdict.text
    assert "On every input" not in verdict.text


def test_whole_numbers_are_not_of_low_precision(double, verdict_on):
    large = dataclasses.replace(double, oracle=lambda x: 1_000_000 * np.size(x), mistakes=())
    exact = dataclasses.replace(large, tolerance=Tolerance(0.0, "counts"))
    assert "precision" in verdict_on(lambda x: 1_000_000.0 * np.size(x) + 100 * x.sum(), large).text
    for kind in (int, np.int32):

        def wrong(x, kind=kind):
            return kind(1_000_000 * np.size(x) + 100 * np.abs(x).sum())

        assert verdict_on(wrong, large).suspicion is None
    assert verdict_on(lambda x: 1_000_000.0 * np.size(x) + 100 * x.sum(), exact).suspicion is None


def test_numbers_one_after_the_other_are_as_good_as_a_list(verdict_on):
    assert verdict_on(lambda x: (2 * row for row in x)).passed
    assert verdict_on(lambda x: map(np.add, x, x)).passed
    assert verdict_on(lambda x: {at: 2 * row for at, row in enumerate(x)}.values()).passed
    assert not verdict_on(lambda x: (3 * row for row in x)).passed


def test_a_layers_input_and_weights_are_called_what_they_are():
    layer = registry.get("keras_layer")
    cases = layer.cases()
    wrong = [layer.model(*case.args, bias_too=False) for case in cases]
    text = judge(layer, cases, [CallResult("value", value, "dict") for value in wrong]).text
    assert text.startswith(
        "✗ keras_layer: not right yet. This looks like: the bias is made, and not added. "
        "MyConv2D with x (2, 5, 6, 2), kernel (2, 3, 2, 3), bias (3,), strides (1, 1), "
        "padding 'valid', activation None, use_bias True, filters 3, kernel_size (2, 3) "
        "at ['outputs'][0, 0, 0, 0] is "
    )


def test_what_a_case_holds_is_called_by_its_own_name(double):
    def use(theirs, image, seed):
        return theirs(image)

    def in_place(image):
        image += image
        return image

    built = dataclasses.replace(
        double,
        use=use,
        call="build()",
        mistakes=(),
        oracle=lambda image, seed: 2 * image,
        examples=(),
        draw=lambda rng: [Case((np.arange(1.0, 4.0), 7))],
    )
    verdict = judge(built, built.cases(), run(built, in_place, built.cases()))
    assert verdict.result.changed == ("image",)
    verdict = judge(built, built.cases(), run(built, lambda image: image, built.cases()))
    assert "build with image (3,), seed 7 at [0] is 1, expected 2." in verdict.text


def test_one_array_is_not_taken_for_several(double, verdict_on):
    pair = dataclasses.replace(
        double, oracle=lambda x: (2 * x, 3 * x), mistakes=(), examples=(Case((np.array([1, 2]),)),)
    )
    message = verdict_on(lambda x: 2 * x, pair).text
    assert "double returns ndarray, expected 2 values." in message


def test_lists_of_texts_are_told_whole(double, verdict_on):
    names = dataclasses.replace(
        double,
        oracle=lambda effects: [name for name, worth in effects.items() if worth > 1],
        mistakes=(),
        examples=(Case(({f"ingredient {n}": n / 2 for n in range(8)},)),),
        draw=lambda rng: [],
    )
    message = verdict_on(lambda effects: list(effects)[6:], names).text
    assert "2 values (ingredient 6, ingredient 7), expected 5 values (ingredient 3, " in message
    assert "'ingredient 7': 3.5})" in message


def test_sizes_and_transposes_are_suspected(double, verdict_on):
    tables = dataclasses.replace(
        double,
        examples=(),
        mistakes=(),
        draw=lambda rng: [
            double.examples[0].__class__((np.arange(6.0).reshape(2, 3),)),
            double.examples[0].__class__((np.arange(8.0).reshape(4, 2),)),
        ],
    )
    assert "the transpose of what" in verdict_on(lambda x: 2 * x.T, tables).text
    message = verdict_on(lambda x: 2 * x[:-1], tables).text
    assert "returns shape (1, 3), expected shape (2, 3)." in message
    assert "On every input, the size along each axis differs by -1, +0." in message


@pytest.mark.parametrize(
    ("function", "status", "message"),
    [
        (lambda x: None, "none", "double returns None. Does it end with a return?"),
        (lambda x: "2", "type", "double returns text, expected numbers."),
        (lambda x: itertools.count(), "type", "double returns count, expected numbers."),
        (lambda x: set(x.flat), "type", "double returns a set, and a set has no order: nobody"),
        (lambda x: frozenset(x.flat), "type", "Return a list, a tuple or an array."),
        (lambda x: (i for i in x[:1]), "shape", "double returns shape (1,), expected shape (3,)."),
        (lambda x: {"a": 1}, "type", "double returns dict, expected numbers."),
        (lambda x: np.array(["a"]), "type", "double returns text, expected numbers."),
        (lambda x: ["a", 1], "type", "double returns text, expected numbers."),
        (lambda x: [[1], [2, 3]], "ragged", "double returns rows of unequal lengths."),
        (lambda x: 2 * x[:1], "shape", "double returns shape (1,), expected shape (3,)."),
        (lambda: 0, "error", "double could not be called as double(x): "),
        (lambda x, y: 0, "error", "double could not be called as double(x): "),
    ],
)
def test_what_is_no_answer_at_all(verdict_on, function, status, message):
    verdict = verdict_on(function)
    assert verdict.status == status
    assert verdict.score == 0
    assert message in verdict.text


def test_a_stub_is_not_started(verdict_on):
    def stub(x):
        raise NotImplementedError("double: your code goes here")

    verdict = verdict_on(stub)
    assert verdict.status == "not started"
    assert verdict.text == "○ double: not started yet: write double where it says YOUR CODE HERE."


def test_changed_arguments(verdict_on):
    def in_place(x):
        x *= 2
        return x

    verdict = verdict_on(in_place)
    assert (verdict.status, verdict.score, verdict.passed) == ("changed", 0.0, False)
    assert "the numbers are right, but double changes its argument x, and the" in verdict.text

    def wrong_too(x):
        x *= 2
        return 3 * x

    assert "It also changes its argument x." in verdict_on(wrong_too).text


def test_shortcuts(verdict_on):
    from scipy.signal import convolve as harmless

    verdict = verdict_on(lambda x: harmless(x, np.full((1,) * x.ndim, 2)))
    assert (verdict.status, verdict.score) == ("shortcut", 0.0)
    assert "the numbers are right, but double calls scipy.signal, which does" in verdict.text
    wrong = verdict_on(lambda x: harmless(x, np.full((1,) * x.ndim, 3)))
    assert wrong.mistake == "tripled"
    assert "It also calls scipy.signal, which this exercise asks you to do" in wrong.text


def test_yes_or_no_earns_nothing_by_guessing(double):
    asked = dataclasses.replace(double, oracle=lambda x: bool(x.ndim == 1), mistakes=())

    def score(function):
        verdict = judge(asked, asked.cases(), run(asked, function, asked.cases()))
        return verdict.score

    assert score(lambda x: x.ndim == 1) == 1
    assert score(lambda x: np.bool_(x.ndim == 1)) == 1
    assert score(lambda x: int(x.ndim == 1)) == 1
    assert score(lambda x: True) == score(lambda x: False) == 0
    assert score(lambda x: x[0] != 1 or x.ndim == 2) == 0
    assert score(lambda x: "yes") == score(lambda x: 2) == score(lambda x: [True]) == 0


def test_tuples_dicts_and_texts_are_compared_member_by_member(double, verdict_on):
    pair = dataclasses.replace(double, oracle=lambda x: (x, {"sum": x.sum()}), mistakes=())
    assert verdict_on(lambda x: [x, {"sum": x.sum()}], pair).passed
    verdict = verdict_on(lambda x: (x, {"sum": 0}), pair)
    assert "double([1, 2, 5]) at [1]['sum'] is 0, expected 8." in verdict.text
    assert verdict_on(lambda x: (x,), pair).status == "shape"
    assert verdict_on(lambda x: (x, {"total": 8}), pair).status == "shape"
    assert verdict_on(lambda x: (x, 8), pair).status == "type"
    word = dataclasses.replace(double, oracle=lambda x: "conv", mistakes=())
    assert verdict_on(lambda x: "conv", word).passed
    assert "is 'cov', expected 'conv'" in verdict_on(lambda x: "cov", word).text


def test_infinities_and_not_a_number(double, verdict_on):
    edge = dataclasses.replace(
        double, oracle=lambda x: np.array([np.nan, np.inf, 1]), mistakes=(), draw=lambda rng: []
    )
    assert verdict_on(lambda x: [np.nan, np.inf, 1], edge).passed
    assert not verdict_on(lambda x: [np.nan, -np.inf, 1], edge).passed
    assert not verdict_on(lambda x: [0, np.inf, 1], edge).passed
    assert not verdict_on(lambda x: [np.nan, np.inf, np.nan], edge).passed


def test_the_tolerance_is_the_exercises_own(double, verdict_on):
    strict = dataclasses.replace(double, tolerance=Tolerance(0, "counts"), mistakes=())
    assert verdict_on(lambda x: 2.0 * x, strict).passed
    assert not verdict_on(lambda x: 2 * x + 1e-9, strict).passed
    assert verdict_on(lambda x: 2 * x + 1e-9).passed
    assert verdict_on(lambda x: 2 * x + 0j).passed
    assert not verdict_on(lambda x: 2 * x + 1j).passed


@pytest.mark.parametrize(
    "results",
    [
        [],
        None,
        "text",
        {"value": 1},
        [1, 2, 3],
        [CallResult("value", 1)],
        [CallResult("value", 1)] * 4,
        [CallResult("skipped")] * 3,
        [CallResult("no such kind")] * 3,
        [CallResult("value", np.array([2, 4, 10])), CallResult("skipped"), CallResult("skipped")],
    ],
)
def test_forged_outcomes_earn_nothing_and_raise_nothing(double, results):
    verdict = judge(double, double.cases(), results)
    assert not verdict.passed
    assert verdict.score <= 1 / 3
    assert verdict.text
    assert verdict.html


def test_whatever_is_in_an_outcome_the_judge_survives_it(double):
    values = [np.zeros((0, 3)), np.array(5 + 1j), {1: {2: [3]}}, [[[]]], "x" * 9000, float("nan")]
    values += [[1, "a", None], (np.ones(3), np.ones(2)), 10**30, np.zeros((1,) * 20)]
    for value in values:
        verdict = judge(double, double.cases(), [CallResult("value", value, "int")] * 3)
        assert not verdict.passed
        assert "\n" not in verdict.text
        assert len(verdict.text) < 1000
        assert verdict.html


def test_what_a_network_says_is_judged_where_the_labels_are():
    exercise = registry.get("train")
    (case,) = exercise.cases(seed=0)
    images, labels, others = case.args[1:]
    assert len(labels) == len(images)  # those of `others` are nowhere in the case
    assert len(others) == 100

    def verdict_on(says):
        result = CallResult("value", {"weights": "changed", "says": says}, "dict")
        return judge(exercise, [case], [result])

    right = exercise.oracle(*case.args)["says"]
    assert verdict_on(right).passed
    assert verdict_on([*right[:91], *[(name + 1) % 10 for name in right[91:]]]).passed
    assert not verdict_on([*right[:89], *[(name + 1) % 10 for name in right[89:]]]).passed
    assert verdict_on([3] * 100).mistake == "one_class"
    for forged in ("the right class", right[:99], [right], [10] * 100, [0.5] * 100, True, None):
        assert not verdict_on(forged).passed
