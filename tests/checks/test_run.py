"""Calling what a student wrote: whatever it does, an result comes of it."""

import dataclasses
import itertools
import signal
import sys
import threading
import time
from collections import deque
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from labkit.checks import limit
from labkit.checks.call_result import Unsupported
from labkit.checks.exercise import Case
from labkit.checks.run import run
from labkit.checks.tidy import tidy


@pytest.fixture
def result_of(double):
    """The result of the first call."""

    def result(function, exercise=double, **changes):
        exercise = dataclasses.replace(exercise, **changes)
        return run(exercise, function, exercise.cases())[0]

    return result


def test_values_are_copied_and_made_plain(result_of):
    buffer = np.zeros(3)

    def reused(x):
        buffer[:] = 2 * x
        return buffer

    first = result_of(reused)
    buffer[:] = 9
    assert first.value.tolist() == [2, 4, 10]
    assert (first.kind, first.type) == ("value", "ndarray")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (True, True),
        (np.float64(2.5), 2.5),
        (np.int8(3), np.array(3, np.int8)),
        ({1, 2}, Unsupported("set")),
        (Fraction(5, 2), np.array(2.5)),
        (deque([Decimal("2.5"), 1]), [np.array(2.5), 1]),
        (frozenset([1]), Unsupported("frozenset")),
        (range(3), [0, 1, 2]),
        (range(10**12), Unsupported("range")),
        ((2 * i for i in range(3)), [0, 2, 4]),
        (itertools.count(), Unsupported("count")),
        (([row, map(float, (1, 2))] for row in "a"), [["a", [1.0, 2.0]]]),
        ({"a": 1, "b": 2}.values(), [1, 2]),
        ({"a": 1, "b": 2}.items(), [("a", 1), ("b", 2)]),
        (np.array([[1, 2]]).flat, np.array([1, 2])),
        (np.array([1, 2], object), np.array([1.0, 2.0])),
        (np.array([1, 2], ">f4"), np.array([1, 2], np.float32)),
        (np.array(["a"]), ["a"]),
        (np.array([b"a"]), Unsupported("ndarray of |S1", (1,))),
        (np.array([None]), np.array([np.nan])),
        (np.array([1, 2], np.longdouble), np.array([1.0, 2.0])),
        ({(1, 2): 3}, {"(1, 2)": 3}),
    ],
)
def test_tidy(value, plain):
    tidied = tidy(value)
    assert type(tidied) is type(plain)
    np.testing.assert_equal(tidied, plain)
    if isinstance(plain, np.ndarray):
        assert tidied.dtype == plain.dtype


def test_nested_too_deep_is_unsupported():
    value = []
    for _ in range(50):
        value = [value]
    assert "Unsupported" in repr(tidy(value))


def test_tensors_become_arrays():
    import jax.numpy as jnp
    import keras
    import tensorflow as tf

    for value in (
        tf.constant([1.0, 2.0]),
        tf.Variable([1.0, 2.0]),
        jnp.array([1.0, 2.0]),
        keras.Variable([1.0, 2.0]),
        tf.constant([1.0, 2.0], tf.bfloat16),
    ):
        np.testing.assert_array_equal(tidy(value), [1, 2])
        np.testing.assert_array_equal(tidy([value])[0], [1, 2])
    assert tidy(keras.KerasTensor((2,))).type == "KerasTensor"


def test_tensorflow_may_insist_on_one_dtype(double):
    import tensorflow as tf

    cases = [Case((np.array([1, 2]), np.array([0.5, 0.25])))]
    product = dataclasses.replace(double, call="product(a, b)")
    (result,) = run(product, lambda a, b: tf.constant(a) * tf.constant(b), cases)
    assert result.value.tolist() == [0.5, 0.5]

    def truncates(a, b):
        a += b
        return a

    (result,) = run(product, truncates, cases)  # NumPy's refusal is the student's affair
    assert result.error == "UFuncTypeError"


def test_an_exception_is_shown_where_it_happened_in_their_code(result_of):
    def helper(x):
        return np.linalg.inv(x)  # raised deep inside NumPy

    result = result_of(lambda x: helper(x))
    assert (result.kind, result.error) == ("error", "LinAlgError")
    assert result.source.startswith("return np.linalg.inv(x)")
    assert (result.where, result.file) == ("helper", "test_run.py")

    def in_a_comprehension(x):
        return [1 / 0 for _ in x]

    assert result_of(in_a_comprehension).where == "in_a_comprehension"


def test_messages_hold_no_addresses(result_of):
    def fails(x):
        raise ValueError(f"no {object()}\nreally")

    assert result_of(fails).message == "no <object object> really"


def test_messages_and_what_is_printed_hold_no_colors(result_of):
    def fails(x):
        print("\x1b[31mred\x1b[0m")
        raise ValueError("Exception from \x1b[1mMyConv2D.call().\x1b[0m \x1b[38;5;9mNo.\x1b[m")

    result = result_of(fails)
    assert result.message == "Exception from MyConv2D.call(). No."
    assert result.printed == "red\n"


def test_a_generator_works_only_when_it_is_read(result_of):
    def fails(x):
        yield 2 * x[0]
        raise ValueError("in the second step")

    result = result_of(fails)
    assert (result.error, result.message) == ("ValueError", "in the second step")
    assert result.source == 'raise ValueError("in the second step")'

    def endless(x):
        while True:
            if len(x) > 99:
                yield 1

    assert result_of(endless).kind == "late"


def test_exceptions_that_misbehave(result_of):
    class Rude(BaseException):
        def __str__(self):
            raise RuntimeError

    def rude(x):
        raise Rude

    assert result_of(rude).error == "Rude"
    assert result_of(lambda x: sys.exit(0)).error == "SystemExit"

    def recursion(x):
        return recursion(x)

    assert result_of(recursion).error == "RecursionError"

    def interrupted(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        result_of(interrupted)


def test_prints_and_warnings_cost_nothing(result_of, capfd):
    import warnings

    def noisy(x):
        print("y" * 10**6)
        sys.stderr.write("too")
        warnings.warn("careful", stacklevel=1)
        return 2 * x

    result = result_of(noisy)
    assert result.value.tolist() == [2, 4, 10]
    assert result.printed == "y" * 2000
    assert capfd.readouterr() == ("", "")


def test_changes_to_arguments_are_seen_and_do_not_spread(double):
    def spoils(x):
        x[...] = 0
        return x

    cases = double.cases()
    results = run(double, spoils, cases)
    assert [result.changed for result in results] == [("x",)] * 3
    assert cases[0].args[0].tolist() == [1, 2, 5]


def endless(x):
    while True:
        x[0] += 1


def stubborn(x):
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            continue


def sleepy(x):
    time.sleep(60)
    raise AssertionError("it slept to the end")


@pytest.mark.parametrize("loop", [endless, stubborn, sleepy])
def test_an_endless_loop_ends(double, loop):
    results = run(double, loop, double.cases())
    assert results[0].source != 'raise AssertionError("it slept to the end")'
    assert [result.kind for result in results] == ["late", "skipped", "skipped"]
    assert results[0].line
    assert results[0].file == "test_run.py"
    assert sys.gettrace() is None or "labkit" not in repr(sys.gettrace())


def test_an_endless_loop_ends_in_another_thread(double):
    results = []
    thread = threading.Thread(target=lambda: results.extend(run(double, endless, double.cases())))
    thread.start()
    thread.join(100)
    assert results[0].kind == "late"
    assert results[0].where == "endless"
    assert threading.active_count() == 1 or not any(
        one.name == "labkit-time-limit" for one in threading.enumerate()
    )


@pytest.mark.parametrize("kind", ["value", "late"])
def test_waiting_for_a_core_does_not_count_but_sleeping_does(double, monkeypatch, kind):
    def starving(thread):  # as if all the time went by without a core, or none of it
        return 0.0, time.monotonic() if kind == "value" else 0.0

    def slow(x):
        time.sleep(0.7)
        return 2 * x

    monkeypatch.setattr(limit, "_schedule", starving)
    assert run(double, slow, double.cases()[:1])[0].kind == kind


def test_a_busy_loop_ends_though_others_wait(double, monkeypatch):
    def starving(thread):  # this thread runs all the time; another one waits
        return time.monotonic(), time.monotonic()

    monkeypatch.setattr(limit, "_schedule", starving)
    assert run(double, endless, double.cases())[0].kind == "late"


@pytest.fixture
def alarms():
    """A list that grows by one with each alarm of a timer that is not ours."""
    fired = []

    def handler(number, frame):
        fired.append(number)

    before = signal.signal(signal.SIGALRM, handler)
    timer = signal.setitimer(signal.ITIMER_REAL, 0)
    yield fired
    assert signal.getsignal(signal.SIGALRM) is handler
    signal.signal(signal.SIGALRM, before)
    signal.setitimer(signal.ITIMER_REAL, *timer)


def test_another_timer_goes_on_where_it_was(double, alarms):
    signal.setitimer(signal.ITIMER_REAL, 200)
    run(double, lambda x: time.sleep(0.1), double.cases())
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    assert 0 < left <= 200 - 0.3
    assert not alarms


def test_another_timer_that_ran_out_meanwhile_fires_afterwards(double, alarms):
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    run(double, lambda x: time.sleep(0.1), double.cases())
    for _ in range(1000):  # it needs about a millisecond
        if alarms:
            break
        time.sleep(0.01)
    assert alarms


def test_an_import_is_no_endless_loop(double, tmp_path, monkeypatch):
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(0.8)\n")
    monkeypatch.syspath_prepend(tmp_path)

    def imports(x):
        import slow_to_import  # noqa: F401

        return 2 * x

    results = run(double, imports, double.cases())
    assert [result.kind for result in results] == ["value"] * 3


def test_all_calls_together_have_twice_the_time_of_one(double):
    def slow(x):
        time.sleep(0.4)
        return 2 * x

    cases = double.cases() * 3
    kinds = [result.kind for result in run(double, slow, cases)]
    assert kinds[:2] == ["value", "value"]
    assert kinds[2:4] == ["late", "skipped"]


def test_use_says_how_a_case_is_put(double):
    class Doubler:
        def __init__(self, factor):
            self.factor = factor

        def call(self, x):
            return self.factor * x

    layer = dataclasses.replace(double, use=lambda theirs, x: theirs(2).call(x))
    assert run(layer, Doubler, layer.cases())[0].value.tolist() == [2, 4, 10]
