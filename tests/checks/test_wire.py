"""What crosses the border between grader and kernel: plain, bounded, and never trusted."""

import json
import math

import numpy as np
import pytest

from labkit.checks import wire
from labkit.checks.call_result import CallResult, Unsupported
from labkit.checks.exercise import Case


def there_and_back(value):
    return wire.decode(json.loads(json.dumps(wire.encode(value), allow_nan=False)))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -3,
        2.5,
        math.inf,
        -math.inf,
        "π",
        [],
        (1, [2, (3,)]),
        {"a": 1, 2: [None]},
        np.arange(6.0).reshape(2, 3),
        np.zeros((0, 3), np.float32),
        np.array(7, np.uint8),
        np.array([True, False]),
        np.array([1 + 2j]),
        np.array([np.nan, np.inf]),
        Unsupported("set", (2, 3)),
        Case((np.ones(2), 3), "a label"),
        CallResult("value", [np.ones(2)], "list", changed=("x",), printed="hello"),
        CallResult("error", error="IndexError", message="no", line=3, source="x[9]", where="f"),
    ],
    ids=repr,
)
def test_comes_back_as_it_went(value):
    decoded = there_and_back(value)
    assert type(decoded) is type(value)
    if isinstance(value, Case | CallResult):
        decoded, value = vars(decoded), vars(value)
    np.testing.assert_equal(decoded, value)
    if isinstance(value, np.ndarray):
        assert (decoded.dtype, decoded.shape) == (value.dtype, value.shape)
        decoded[...] = 0  # a copy of its own, which may be written to


def test_not_a_number_and_byte_order():
    assert math.isnan(there_and_back(math.nan))
    assert there_and_back(np.array([1, 2], ">i2")).tolist() == [1, 2]
    assert there_and_back(np.float32(1.5)).dtype == np.float32


@pytest.mark.parametrize("value", [{1, 2}, print, object(), 2**70, b"bytes", np.array(["a"])])
def test_anything_else_is_named_only(value):
    assert isinstance(there_and_back(value), Unsupported)
    assert type(value).__name__ in there_and_back(value).type


def test_sizes_are_bounded():
    big = there_and_back(np.zeros(wire.MAX_BYTES // 8 + 1))
    assert big == Unsupported("ndarray", (wire.MAX_BYTES // 8 + 1,))
    several = there_and_back([np.zeros(wire.MAX_BYTES // 16)] * 5)
    assert [type(one).__name__ for one in several] == ["ndarray"] * 2 + ["Unsupported"] * 3
    assert len(there_and_back("x" * 10**6)) == wire.MAX_TEXT
    assert len(there_and_back([0] * 10**5)) == wire.MAX_ITEMS
    deep = []
    for _ in range(100):
        deep = [deep]
    assert "Unsupported" in repr(there_and_back(deep))


@pytest.mark.parametrize(
    "forged",
    [
        [1, 2],
        {},
        {"kind": "no such"},
        {"kind": ["array"]},
        {"kind": "array"},
        {"kind": "array", "dtype": "O", "shape": [1], "data": "AAAAAAAAAAA="},
        {"kind": "array", "dtype": "f8", "shape": [2], "data": "AAAAAAAAAAA="},
        {"kind": "array", "dtype": "f8", "shape": [-1], "data": "AAAAAAAAAAA="},
        {"kind": "array", "dtype": "f8", "shape": [1], "data": "!!!!!!!!!!!="},
        {"kind": "array", "dtype": "f8", "shape": [10**12], "data": ""},
        {"kind": "array", "dtype": "f8", "shape": [True], "data": "AAAAAAAAAAA="},
        {"kind": "array", "dtype": "f8", "shape": {"0": 1}, "data": "AAAAAAAAAAA="},
        {"kind": "array", "dtype": "f8", "shape": [1] * 40, "data": "AAAAAAAAAAA="},
        {"kind": "array", "dtype": "f8", "shape": [0] * 31 + [10**11], "data": "AAAA"},
        {"kind": "list", "items": "abc"},
        {"kind": "dict", "items": [[1]]},
        {"kind": "dict", "items": [[{"kind": "list", "items": []}, 1]]},
        {"kind": "float", "value": "__import__('os')"},
        {"kind": "float", "value": ["nan"]},
        {"kind": "unsupported", "type": 3},
        {"kind": "call result"},
        {"kind": "call result", "fields": {}},
        {"kind": "call result", "fields": {"kind": 3}},
        {"kind": "call result", "fields": {"kind": "value", "changed": "x"}},
        {"kind": "case", "fields": {"args": [1]}},
        10**40,
        object(),
    ],
)
def test_what_is_forged_is_malformed_and_raises_nothing(forged):
    assert wire.decode(forged) == Unsupported("malformed")


def test_arrays_of_many_axes_are_no_error():
    assert (
        wire.decode({"kind": "array", "dtype": "b1", "shape": [1] * 32, "data": "AA=="}).size == 1
    )
