"""Turns values into JSON and back: arguments on their way to a student's kernel, and answers.

Sizes are bounded in both directions, and nothing is pickled. :func:`decode` raises nothing and runs
nothing: what it cannot read becomes an :class:`~labkit.checks.call_result.Unsupported`.

>>> import json
>>> decode(json.loads(json.dumps(encode((1, [2.5, np.ones((1, 2))])))))
(1, [2.5, array([[1., 1.]])])
>>> encode(print)
{'kind': 'unsupported', 'type': 'builtin_function_or_method', 'shape': None}
"""

import base64
import dataclasses
import math

import numpy as np

from labkit.checks.call_result import CallResult, Unsupported
from labkit.checks.exercise import Case

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_ITEMS", "decode", "encode"]

MAX_BYTES = 4 * 2**20  #: of one array
MAX_ITEMS = 20_000  #: values in one message, an array counting as one
MAX_TEXT = 10_000  #: characters of one string
MAX_DEPTH = 12
_DTYPES = {"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"}
_RECORDS = {"case": Case, "call result": CallResult}
_MALFORMED = Unsupported("malformed")


class _Budget:
    """How much a message may still hold; once it is used up, everything becomes unsupported."""

    def __init__(self):
        self.items = MAX_ITEMS
        self.bytes = MAX_BYTES

    def spend(self, size=0):
        self.items -= 1
        self.bytes -= size
        return self.items >= 0 and self.bytes >= 0


def encode(value):
    """Return `value` in a form that ``json.dumps`` accepts.

    Numbers, strings, None, lists, tuples, dicts, arrays, Cases and CallResults are carried; of
    anything else, only the name of its type is.
    """
    return _encode(value, 0, _Budget())


def _encode(value, depth, budget):
    if depth > MAX_DEPTH or not budget.spend():
        return _unsupported(value)
    if value is None or type(value) is bool:
        return value
    if type(value) is int:
        return value if abs(value) < 2**63 else _unsupported(value)
    if type(value) is float:
        return value if math.isfinite(value) else {"kind": "float", "value": repr(value)}
    if type(value) is str:
        return value[:MAX_TEXT]
    if isinstance(value, np.ndarray | np.generic):
        return _encode_array(np.asarray(value), budget)
    if isinstance(value, list | tuple):
        items = [_encode(item, depth + 1, budget) for item in value[:MAX_ITEMS]]
        return {"kind": "tuple" if isinstance(value, tuple) else "list", "items": items}
    if isinstance(value, dict):
        pairs = list(value.items())[:MAX_ITEMS]
        items = [
            [_encode(key, depth + 1, budget), _encode(item, depth + 1, budget)]
            for key, item in pairs
        ]
        return {"kind": "dict", "items": items}
    if isinstance(value, Unsupported):
        return {"kind": "unsupported", "type": value.type, "shape": _listed(value.shape)}
    for kind, record in _RECORDS.items():
        if isinstance(value, record):
            fields = {
                field.name: _encode(getattr(value, field.name), depth + 1, budget)
                for field in dataclasses.fields(record)
            }
            return {"kind": kind, "fields": fields}
    return _unsupported(value)


def _encode_array(array, budget):
    code = array.dtype.str[1:]
    if code not in _DTYPES or not budget.spend(array.nbytes):
        return _unsupported(array)
    data = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
    return {
        "kind": "array",
        "dtype": code,
        "shape": list(array.shape),
        "data": base64.b64encode(data).decode("ascii"),
    }


def _unsupported(value):
    shape = value.shape if isinstance(value, np.ndarray) else None
    return {"kind": "unsupported", "type": type(value).__name__[:100], "shape": _listed(shape)}


def _listed(shape):
    return None if shape is None else [int(size) for size in shape[:32]]


def decode(encoded):
    """Return the value that :func:`encode` received.

    Whatever is malformed, forged or too large becomes an Unsupported, at any depth.
    """
    return _decode(encoded, 0, _Budget())


def _decode(encoded, depth, budget):
    if depth > MAX_DEPTH or not budget.spend():
        return _MALFORMED
    if encoded is None or isinstance(encoded, bool):
        return encoded
    if isinstance(encoded, int):
        return encoded if abs(encoded) < 2**63 else _MALFORMED
    if isinstance(encoded, float):
        return encoded
    if isinstance(encoded, str):
        return encoded[:MAX_TEXT]
    if not isinstance(encoded, dict):
        return _MALFORMED
    kind = encoded.get("kind")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    return reader(encoded, depth, budget) if reader else _MALFORMED


def _decode_float(encoded, depth, budget):
    named = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
    value = encoded.get("value")
    return named.get(value, _MALFORMED) if isinstance(value, str) else _MALFORMED


def _decode_items(encoded, depth, budget):
    items = encoded.get("items")
    if not isinstance(items, list) or len(items) > MAX_ITEMS:
        return _MALFORMED
    decoded = [_decode(item, depth + 1, budget) for item in items]
    return tuple(decoded) if encoded["kind"] == "tuple" else decoded


def _decode_dict(encoded, depth, budget):
    items = encoded.get("items")
    if not isinstance(items, list) or len(items) > MAX_ITEMS:
        return _MALFORMED
    decoded = {}
    for pair in items:
        if not (isinstance(pair, list) and len(pair) == 2):
            return _MALFORMED
        key = _decode(pair[0], depth + 1, budget)
        if not isinstance(key, str | int | float | bool | None):
            return _MALFORMED
        decoded[key] = _decode(pair[1], depth + 1, budget)
    return decoded


def _decode_array(encoded, depth, budget):
    code, shape, data = (encoded.get(name) for name in ("dtype", "shape", "data"))
    if not (isinstance(code, str) and code in _DTYPES and isinstance(data, str)):
        return _MALFORMED
    sizes = shape if isinstance(shape, list) and len(shape) <= 32 else [None]
    if not all(type(size) is int and 0 <= size < 2**40 for size in sizes):
        return _MALFORMED
    dtype = np.dtype(f"<{code}")
    expected = math.prod(sizes) * dtype.itemsize
    if not budget.spend(expected) or len(data) != -(-expected // 3) * 4:
        return _MALFORMED
    try:
        raw = base64.b64decode(data, validate=True)
        return np.frombuffer(raw, dtype).reshape(sizes).astype(dtype.newbyteorder("="))
    except ValueError:
        return _MALFORMED


def _decode_unsupported(encoded, depth, budget):
    name, shape = encoded.get("type"), encoded.get("shape")
    if not isinstance(name, str):
        return _MALFORMED
    good = isinstance(shape, list) and len(shape) <= 32
    good = good and all(type(size) is int and 0 <= size < 2**63 for size in shape)
    return Unsupported(name[:100], tuple(shape) if good else None)


def _decode_record(encoded, depth, budget):
    record, values = _RECORDS[encoded["kind"]], encoded.get("fields")
    if not isinstance(values, dict):
        return _MALFORMED
    fields = {}
    for field in dataclasses.fields(record):
        if field.name not in values:
            continue
        value = _decode(values[field.name], depth + 1, budget)
        if field.name != "value" and not isinstance(value, field.type):
            return _MALFORMED
        fields[field.name] = value
    try:
        return record(**fields)
    except TypeError:  # a field is missing
        return _MALFORMED


_READERS = {
    "float": _decode_float,
    "list": _decode_items,
    "tuple": _decode_items,
    "dict": _decode_dict,
    "array": _decode_array,
    "unsupported": _decode_unsupported,
    "case": _decode_record,
    "call result": _decode_record,
}
