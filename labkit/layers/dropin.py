"""What makes a layer a drop-in: everything of the built-in layer, and a choice of how to compute.

Every drop-in is a subclass of the Keras layer that it replaces, so that it *is* one wherever Keras
or other code asks. It inherits the constructor, the weights with their names and order, the saved
form, dtype policies and LoRA. Our own checks of the arguments run before Keras's, because their
error messages say more, and ``call`` computes the outputs.
"""

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labkit.layers.arguments import check_choice, check_input_shape, suggestion
from labkit.layers.signatures import Shape
from labkit.layers.sliding import Sliding

__all__ = ["GRADIENTS", "DropIn"]

GRADIENTS = ("auto", "manual")


if TYPE_CHECKING:
    # Each layer class also derives from the Keras layer that it replaces, which has no types.
    from keras import Layer
else:
    Layer = object


class DropIn(Sliding, Layer):
    """A mixin: ``class Conv2D(DropIn, keras.layers.Conv2D, builtin=keras.layers.Conv2D)``.

    Subclasses set ``rank``, the number of axes that the window slides over; ``implementations``,
    the names that ``implementation=`` may have besides "auto"; and ``gradients``, those of
    ``gradient=``. They check the other arguments in `check_arguments` and inputs in `check_sizes`
    and `check_shape`.
    """

    implementations: tuple[str, ...] = ("native",)
    gradients: tuple[str, ...] = GRADIENTS
    builtin: Any  # the Keras layer that this one replaces

    def __init_subclass__(cls, builtin: Any = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if builtin is not None:
            cls.builtin = builtin
            cls.__init__ = _with_signature_of(builtin, cls.__init__)  # type: ignore[method-assign]

    def __init__(
        self, *args: Any, implementation: str = "auto", gradient: str = "auto", **kwargs: Any
    ) -> None:
        check_choice(implementation, ("auto", *self.implementations), "implementation")
        check_choice(gradient, self.gradients, "gradient")
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
    def check_arguments(cls, arguments: dict[str, Any]) -> None:
        """Check the constructor's arguments, defaults included.

        Raises:
            ValueError: no layer can be made of them.
        """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        inputs = args[0] if args else kwargs.get("inputs")
        if inputs is not None and hasattr(inputs, "shape"):
            self.check_shape(inputs.shape)
        return super().__call__(*args, **kwargs)

    def check_shape(self, shape: Shape) -> None:
        """Check the shape of inputs that the layer is called with.

        Raises:
            ValueError: this layer cannot take them.
        """
        self.check_sizes(shape)

    def check_sizes(self, shape: Shape) -> None:
        """Check all of an input shape that does not depend on the layer's weights.

        Raises:
            ValueError: a layer with these arguments cannot take such inputs.
        """
        check_input_shape(self, shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of the outputs; sizes that are None stay None."""
        self.check_sizes(input_shape)
        return super().compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Return the built-in's config, with ``implementation`` and ``gradient`` if not "auto".

        So the config of a layer that leaves both at "auto" is also a config of the built-in.
        """
        config = super().get_config()
        for name in ("implementation", "gradient"):
            if getattr(self, name) != "auto":
                config[name] = getattr(self, name)
        return config


def _with_signature_of(builtin: Any, init: Callable[..., None]) -> Callable[..., None]:
    """Give ``init`` the signature of the built-in's constructor and our two arguments."""
    signature = inspect.signature(builtin.__init__)
    own = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default="auto", annotation=str)
        for name in ("implementation", "gradient")
    ]
    *arguments, keywords = signature.parameters.values()  # the last one is **kwargs

    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)

    parameters = [*arguments, *own, keywords]
    __init__.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return __init__


def _unknown_keyword(
    error: ValueError, layer: Any, kwargs: dict[str, Any], signature: inspect.Signature
) -> ValueError:
    """Reword Keras's error about unknown keyword arguments to suggest the nearest known one."""
    unknown = [name for name in kwargs if repr(name) in str(error)]
    if "Unrecognized keyword" not in str(error) or not unknown:
        return error
    names = [*list(signature.parameters)[1:-1], "implementation", "gradient", "name", "dtype"]
    names += ["trainable", "activity_regularizer"]
    return ValueError(
        f"{unknown[0]}: {type(layer).__name__} has no such argument, received "
        f"{unknown[0]}={kwargs[unknown[0]]!r}{suggestion(unknown[0], names)}"
    )
