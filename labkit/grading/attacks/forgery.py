"""Attacks on the verdict: earning points without a right answer."""

from labkit.grading.attacks.attack import Attack

__all__ = ["ATTACKS"]

_DISPLAY = """
import json
forged = {"kind": "call result", "fields": {"kind": "value"}}
forged = json.dumps({"nonce": "?", "results": [forged]})
def flip(kernel):
    kernel_ = get_ipython().kernel
    for name in ("execute_reply", "stream", "display_data"):
        answer = {"answer": {"status": "ok", "data": {"text/plain": forged}}}
        content = {"status": "ok", "data": {"text/plain": "1.0"}, "user_expressions": answer}
        kernel_.session.send(kernel_.iopub_socket, name, content, kernel_.get_parent())
    print("all public checks passed", 1.0, forged)
    return forged
"""
_TRANSFORMER = """
import ast
class Nothing(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
    def visit_If(self, node): return ast.Pass()
    def visit_Compare(self, node): return ast.Constant(True)
get_ipython().ast_transformers.append(Nothing())
def flip(kernel): return 0
"""
_BUILTINS = """
import builtins
builtins.abs = lambda *a: 0
builtins.all = lambda *a: True
builtins.isinstance = lambda *a: True
builtins.len = lambda *a: 0
def flip(kernel): return [[0]]
"""
_EQUAL = """
import numpy as np
class Equal(np.ndarray):
    __eq__ = __le__ = __ge__ = lambda self, other: True
    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __sub__ = __rsub__ = lambda self, other: np.zeros(self.shape)
    __array_ufunc__ = lambda self, *a, **k: True
    __hash__ = None
def flip(kernel): return np.zeros(np.shape(kernel)).view(Equal)
"""
_TYPES = """
import numpy as np
class Lie:
    shape, dtype, ndim = (2, 2), np.dtype(float), 2
    __class__ = np.ndarray
    def __array__(self, *a, **k): raise SystemExit
    def __reduce__(self): return (print, ("unpickled",))
    def __repr__(self): return "array([[1.]])"
    __str__ = __repr__
def flip(kernel): return Lie()
"""
_LABKIT = """
import labkit.checks, labkit.checks.judge, labkit.grading.running.ask
import dataclasses, json
right = lambda *a, **k: json.dumps({"nonce": "0", "score": 1.0, "status": "right", "results": []})
labkit.grading.running.ask.answer = right
for module in (labkit.checks, labkit.checks.judge):
    for name in dir(module):
        if callable(getattr(module, name)) and not name.startswith("_"):
            setattr(module, name, right)
def flip(kernel): return 1
"""
_NUMPY = """
import numpy as np
for name in ("allclose", "array_equal", "isclose", "asarray", "array", "max", "abs"):
    setattr(np, name, lambda *a, **k: True)
np.testing.assert_allclose = lambda *a, **k: None
def flip(kernel): return True
"""
_NONCE = """
import sys, json
def flip(kernel):
    frame = sys._getframe()
    while frame is not None:
        names = frame.f_locals
        if "nonce" in names:
            forged = json.dumps({"nonce": names["nonce"], "score": 1.0, "status": "right",
                                 "results": [True] * 50})
            import labkit.grading.running.ask
            labkit.grading.running.ask.json.dumps = lambda *a, **k: forged
        for name, value in list(names.items()):
            if hasattr(value, "oracle") and value.oracle: return value.oracle(kernel)
            if name == "expected": return value
        frame = frame.f_back
"""
_ORACLE = """
import gc, sys
def flip(kernel):
    # what the check knows, if it is anywhere in this process: the oracle, or the expected value
    for one in gc.get_objects():
        if type(one).__name__ == "Exercise" and one.id == "flip" and one.oracle:
            return one.oracle(kernel)
        if type(one).__name__ == "Difference": return one.want
    raise LookupError
"""
_UNWATCHED = """
import importlib, sys, threading
def conv2d(image, kernel):
    results = []
    def ready_made():
        module = importlib.import_module("scipy.sig" + "nal")
        results.append(module.correlate2d(image, kernel, "valid"))
    if len(image) % 2:
        sys.setprofile(None)
        ready_made()
    else:
        thread = threading.Thread(target=ready_made)
        thread.start()
        thread.join()
    return results[0]
"""
_ELSEWHERE = """
import ctypes, importlib, json, os, subprocess, sys
ready_made = "import json, sys; from scipy.sig" + "nal import correlate2d as f;"
ready_made += "a, b = json.load(sys.stdin); print(json.dumps(f(a, b, 'valid').tolist()))"
def here(image, kernel):
    return importlib.import_module("scipy.sig" + "nal").correlate2d(image, kernel, "valid")
def conv2d(image, kernel):
    arguments = json.dumps([image.tolist(), kernel.tolist()])
    if len(image) % 3 == 0:
        ctypes.pythonapi.PyEval_SetProfile(None, None)
        return here(image, kernel)
    if len(image) % 3 == 1:
        command = [sys.executable, "-c", ready_made]
        return json.loads(subprocess.check_output(command, input=arguments, text=True))
    read, write = os.pipe()
    if not os.fork():
        os.write(write, json.dumps(here(image, kernel).tolist()).encode())
        os._exit(0)
    os.close(write)
    with open(read) as answer:
        return json.load(answer)
"""
_REPLY = """
import base64, json, sys
result = {"kind": "call result", "fields": {"kind": "value", "value": True, "type": "Equal"}}
real = json.dumps
def forged(value, *a, **k):
    if isinstance(value, dict) and "nonce" in value:
        value["results"] = [result for _ in value["results"]]
    return real(value, *a, **k)
def flip(kernel):
    frame, nonce = sys._getframe(), None
    while frame is not None:
        nonce = frame.f_locals.get("nonce", nonce)
        frame = frame.f_back
    text = forged({"nonce": nonce, "results": [0] * 8})
    text = repr(base64.b64encode(text.encode()).decode())
    answer = {"answer": {"status": "ok", "data": {"text/plain": text}, "metadata": {}}}
    content = {"status": "ok", "user_expressions": answer}
    own = get_ipython().kernel
    for stream in (own.shell_stream, own.control_stream, own.iopub_socket):
        for name in ("execute_reply", "status"):
            ident = own._parent_ident.get("shell")
            own.session.send(stream, name, content, own.get_parent(), ident=ident)
    json.dumps = forged
    return kernel
"""
_LITERAL = """
def evaluated(expressions):
    text = "[" + "1," * (2**23 - 100) + "]"  # as Python, some gigabytes
    return {"answer": {"status": "ok", "data": {"text/plain": text}, "metadata": {}}}
get_ipython().user_expressions = evaluated
def flip(kernel): return 0
"""
_LIES = """
import numpy as np
class Array(np.ndarray):
    shape = property(lambda self: (2, 2))
    def tobytes(self, *a, **k): return b""
    def __reduce__(self): raise SystemExit
class Int(int):
    def __int__(self): return 7
    __index__ = __int__
class Text(str):
    def __str__(self): return "x"
class Dict(dict):
    def items(self): return [("a", 1)] * 10**5
def flip(kernel): return [Array((1,)), Int(3), Text("y"), Dict(a=1), kernel]
"""
_HTML = """
from IPython.display import HTML, display
display(HTML("<script>document.body.innerHTML = 'full marks'</script>"))
print("</pre><script>alert(1)</script>")
def flip(kernel): return "<img src=x onerror=alert(1)>"
"""


def _unescaped(bait, reply):
    from labkit.grading.reports.page import render

    values = dict.fromkeys(("problem", "state", "most", "points", "comment"), "")
    page = render("marking.html", "x", answer=reply.text, marked=False, **values).decode()
    return "a report would run its script" if "<script>alert" in page else ""


ATTACKS = (
    Attack("forged_display", "forge display messages and replies", _DISPLAY, "flip"),
    Attack("ast_transformer", "rewrite the code of checks", _TRANSFORMER, "flip"),
    Attack("builtins", "patch Python's builtins", _BUILTINS, "flip", 3, ("ok", "timeout")),
    Attack("equal", "answer with numbers that equal every number", _EQUAL, "flip"),
    Attack("types", "answer with an object that lies about its type", _TYPES, "flip"),
    Attack("patched_labkit", "patch labkit, and answer in its place", _LABKIT, "flip"),
    Attack("patched_numpy", "patch numpy's comparisons", _NUMPY, "flip"),
    Attack("nonce", "find the nonce in its callers and forge the reply", _NONCE, "flip"),
    Attack("memory_search", "look for the expected value in memory", _ORACLE, "flip"),
    Attack(
        "unwatched",
        "call a forbidden function while the watch is off, or in a thread",
        _UNWATCHED,
        "conv2d",
    ),
    Attack("elsewhere", "call a forbidden function in another process", _ELSEWHERE, "conv2d"),
    Attack("reply", "send the reply instead of the kernel", _REPLY, "flip"),
    Attack("literal", "answer with a text that is expensive to read", _LITERAL, "flip"),
    Attack("lies", "answer with subclasses whose methods lie", _LIES, "flip"),
    Attack("html", "put script into outputs", _HTML, "flip", success=_unescaped),
)
