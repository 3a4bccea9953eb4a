"""Notices the forbidden functions that a call uses, under whatever alias.

The interpreter's profiling hook reports every call in this thread, and in the threads that it
starts; the functions are compared by identity, not by name. Nothing is watched outside a check.
"""

import contextlib
import inspect
import os
import sys
import threading

__all__ = ["BUILTINS", "Watch"]

#: Functions that do a whole convolution. NumPy's own `convolve` and `correlate` are not among them:
#: they are useful tools in one dimension, and students should meet the mirror between the two.
BUILTINS = (
    "labkit.reference",
    "labkit.matrix",
    "labkit.gradients",
    "labkit.layers",
    "labkit.checks",
    "labkit.exercises",
    "scipy.signal",
    "scipy.ndimage",
    "keras.layers.Conv1D",
    "keras.layers.Conv2D",
    "keras.layers.Conv3D",
    "keras.ops.conv",
    "tensorflow.nn.conv1d",
    "tensorflow.nn.conv2d",
    "tensorflow.nn.conv3d",
    "tensorflow.nn.convolution",
    "tensorflow.compat.v1.nn.conv2d",
    "tensorflow.raw_ops.Conv2D",
    "tensorflow.nn.depthwise_conv2d",
    "jax.lax.conv",
    "jax.lax.conv_general_dilated",
    "jax.lax.conv_with_general_padding",
    "jax.scipy.signal",
    "torch.conv1d",
    "torch.conv2d",
    "torch.conv3d",
)

_HARMLESS = (
    "labkit.checks.forbidden",
    "labkit.checks.limit",
    "labkit.checks.run",
    "labkit.checks.tidy",
)


class Watch:
    """A context manager that notes in `shortcut` the first of `names` that is called ("" for none).

    The name of a module stands for every function defined in it, when code outside its package
    calls it; a class stands for creating an instance and for calling its methods.
    """

    def __init__(self, names):
        self.shortcut = ""
        self._pending = list(names)
        self._modules = {}  # name of a module: the forbidden name
        self._codes = {}  # code object's id: (the code, kept alive; the name; is it decorated)
        # C function's id: (the function, the forbidden name); honest code does not end the watch
        self._builtins = {id(sys.setprofile): (sys.setprofile, "sys.setprofile")}
        self._process = os.getpid()
        self._classes = {}  # class: the forbidden name
        self._known = {}  # code object's id: (the code, its package, its module's forbidden name)
        self._frameworks = {name.partition(".")[0] for name in names}

    def __enter__(self):
        self._resolve()
        self._python = contextlib.ExitStack()
        for framework, as_python in _AS_PYTHON.items():
            if self._frameworks & {framework, "keras"}:
                self._python.enter_context(as_python())
        self._before = sys.getprofile(), threading.getprofile()
        threading.setprofile(self._event)
        sys.setprofile(self._event)
        return self

    def __exit__(self, *exception):
        in_this, in_new = self._before
        # ended without sys.setprofile; an exception in the hook itself ends it as well
        if exception[0] is None and sys.getprofile() != self._event:
            self.shortcut = self.shortcut or "sys.setprofile"
        threading.setprofile(in_new)
        sys.setprofile(in_this)
        self._python.close()

    def _event(self, frame, event, argument):
        if self.shortcut:
            if os.getpid() != self._process:
                os._exit(1)  # a forked process cannot report what it found, so it gives no answer
            return
        if event == "call":
            self.shortcut = self._python_call(frame)
        elif (
            event == "c_call"
            and id(argument) in self._builtins
            and frame.f_code is not Watch.__exit__.__code__
        ):
            self.shortcut = self._builtins[id(argument)][1]

    def _python_call(self, frame):
        code = frame.f_code
        if id(code) in self._codes:
            return self._listed(frame)
        if id(code) not in self._known:
            module = _module(frame)
            top = _package(frame)
            if any(name.partition(".")[0] == top for name in self._pending):
                self._resolve()  # its package was imported while we watched, or is being imported
                if id(code) in self._codes:
                    return self._listed(frame)
            self._known[id(code)] = code, top, self._forbidden_module(module)
        _, top, name = self._known[id(code)]
        if name and _caller(frame, name) not in (top, "importlib"):  # being imported is no call
            return name
        if code.co_varnames[:1] == ("self",) and self._classes:
            kind = type(frame.f_locals.get("self"))
            if kind.__module__.partition(".")[0] != "builtins":
                return next(
                    (self._classes[base] for base in kind.__mro__ if base in self._classes), ""
                )
        return ""

    def _listed(self, frame):
        """The name of a forbidden function that is called, "" if its own package calls it.

        For instance, jax.numpy.correlate calls jax.lax. A decorated function is always called by
        its decorator, so for those every call counts.
        """
        _, name, decorated = self._codes[id(frame.f_code)]
        return name if decorated or _package(frame.f_back) != _package(frame) else ""

    def _forbidden_module(self, module):
        if module in _HARMLESS:
            return ""
        return next(
            (name for known, name in self._modules.items() if f"{module}.".startswith(f"{known}.")),
            "",
        )

    def _resolve(self):
        """Find the objects that the names mean, as far as their packages have been imported."""
        for name in list(self._pending):
            top = name.partition(".")[0]
            loading = getattr(
                getattr(sys.modules.get(top), "__spec__", None), "_initializing", False
            )
            if top != "labkit" and (top not in sys.modules or loading):
                continue
            self._pending.remove(name)
            target = _look_up(name)
            if target is None or inspect.ismodule(target):
                self._modules[name] = name  # it may not be imported yet, so there is no object
            elif inspect.isclass(target):
                self._classes[target] = name
            else:
                inner = inspect.unwrap(target)
                if hasattr(inner, "__code__"):
                    self._codes[id(inner.__code__)] = inner.__code__, name, inner is not target
                else:
                    self._builtins[id(inner)] = inner, name


@contextlib.contextmanager
def _tensorflow_as_python():
    """Run the body of each tf.function anew: a trace made earlier would call no Python function."""
    if (config := _look_up("tensorflow.config")) is None:
        yield
        return
    before = config.functions_run_eagerly()
    config.run_functions_eagerly(True)
    try:
        yield
    finally:
        config.run_functions_eagerly(before)


@contextlib.contextmanager
def _jax_as_python():
    """Do the same for jax.jit."""
    with contextlib.nullcontext() if (off := _look_up("jax.disable_jit")) is None else off():
        yield


_AS_PYTHON = {"tensorflow": _tensorflow_as_python, "jax": _jax_as_python}


def _module(frame):
    return str(frame.f_globals.get("__name__", "")) if frame else ""


def _caller(frame, name):
    """The package of the caller; "" for the check, if the shortcut itself was the answer."""
    by_check = _module(frame.f_back) == "labkit.checks.run"
    return "" if by_check and name != "labkit.checks" else _package(frame.f_back)


def _package(frame):
    return _module(frame).partition(".")[0]


def _look_up(name):
    """The object that a dotted name means, without importing anything; None if there is none."""
    if name in sys.modules:
        return sys.modules[name]
    top, *rest = name.split(".")
    target = sys.modules.get(top)
    for part in rest:
        target = inspect.getattr_static(target, part, None) if target is not None else None
        if isinstance(target, staticmethod):
            target = target.__func__
    return target
