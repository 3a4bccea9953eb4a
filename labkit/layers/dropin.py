"""What makes a layer a drop-in: everything of the built-in layer, and how it computes.

Every drop-in is a subclass of the Keras layer that it replaces, so that it *is* one wherever Keras
or anybody else asks: constructor, weights, their names and order, saved form, dtype policies and
LoRA are inherited. What is ours is checked before Keras sees it (for better errors), and computed
in ``call``.
"""

import functools
import inspect

from labkit.layers.arguments import check_input_shape, known, nearest

__all__ = ["GRADIENTS", "DropIn"]

GRADIENTS = ("auto", "manual")


class DropIn:
    """A mixin: ``class Conv2D(DropIn, keras.layers.Conv2D, builtin=keras.layers.Conv2D)``.

    Subclasses say in ``rank`` over how many axes they slide, in ``implementations`` which names
    ``implementation=`` may have, and check the other arguments in ``check_arguments``.
    """

    rank = None
    implementations = ("native",)
    gradients = GRADIENTS

    def __init_subclass__(cls, builtin=None, **kwargs):
        super().__init_subclass__(**kwargs)
        if builtin is not None:
            cls.builtin = builtin
            cls.__init__ = _with_signature_of(builtin, cls.__init__)

    def __init__(self, *args, implementation="auto", gradient="auto", **kwargs):
        known(implementation, ("auto", *self.implementations), "implementation")
        known(gradient, self.gradients, "gradient")
        signature = inspect.signature(self.builtin.__init__)
        try:
            bound = signature.bind(self, *args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}: {error}; expected {signature}") from None
        bound.apply_defaults()
        arguments = dict(bound.arguments)
        del arguments["self"]
        arguments |= arguments.pop("kwargs", {})
        self.check_arguments(arguments | {"implementation": implementation})
        try:
            super().__init__(*args, **kwargs)
        except ValueError as error:
            raise _unknown_keyword(error, self, kwargs, signature) from None
        self.implementation = implementation
        self.gradient = gradient

    @classmethod
    def check_arguments(cls, arguments):
        """Raise a ValueError for arguments that make no layer."""

    def __call__(self, *args, **kwargs):
        inputs = args[0] if args else kwargs.get("inputs")
        if hasattr(inputs, "shape"):
            self.check_shape(inputs.shape)
        return super().__call__(*args, **kwargs)

    def check_shape(self, shape):
        """Raise a ValueError for inputs that this layer cannot take."""
        check_input_shape(self, shape)

    def get_config(self):
        """The built-in's, plus ``implementation`` and ``gradient`` where they are not "auto".

        So the config of a layer that does not say how it computes is a config of the built-in.
        """
        config = super().get_config()
        for name in ("implementation", "gradient"):
            if getattr(self, name) != "auto":
                config[name] = getattr(self, name)
        return config


def _with_signature_of(builtin, init):
    """``init`` with the signature of the built-in's, defaults included, and our two arguments."""
    signature = inspect.signature(builtin.__init__)
    own = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default="auto")
        for name in ("implementation", "gradient")
    ]
    *arguments, keywords = signature.parameters.values()  # the last one is **kwargs

    @functools.wraps(init)
    def __init__(self, *args, **kwargs):
        init(self, *args, **kwargs)

    __init__.__signature__ = signature.replace(parameters=[*arguments, *own, keywords])
    return __init__


def _unknown_keyword(error, layer, kwargs, signature):
    """Keras's error about keyword arguments that nobody knows, with the nearest that is known."""
    unknown = [name for name in kwargs if repr(name) in str(error)]
    if "Unrecognized keyword" not in str(error) or not unknown:
        return error
    names = [*list(signature.parameters)[1:-1], "implementation", "gradient", "name", "dtype"]
    names += ["trainable", "activity_regularizer"]
    return ValueError(
        f"{unknown[0]}: {type(layer).__name__} has no such argument, received "
        f"{unknown[0]}={kwargs[unknown[0]]!r}{nearest(unknown[0], names)}"
    )
