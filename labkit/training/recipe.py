"""A recipe: everything that decides how a network is trained, as plain data."""

import dataclasses
import difflib
import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["Recipe"]

# the values that each word of a recipe may have
OPTIMIZERS = ("adam", "adamw", "sgd")
SCHEDULES = ("constant", "cosine", "drops")
INPUTS = ("standardize", "unit", "lenet")
LOSSES = ("crossentropy", "lenet5_1998")
PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
AUGMENTATIONS: dict[str, tuple[str, ...]] = {  # and the options of each
    "shift": ("pixels",),
    "flip": (),
    "affine": ("rotation", "scale", "shear", "shift", "share"),
    "elastic": ("alpha", "sigma", "share"),
}


def _nearest(value: object, names: Iterable[str]) -> str:
    """Suggest the closest of ``names``, if one is close."""
    close = difflib.get_close_matches(str(value).lower(), list(names), 1)
    return f". Did you mean {close[0]!r}?" if close else ""


def _word(name: str, value: object, words: Sequence[str]) -> None:
    """Raise ValueError for a value that is not one of ``words``."""
    if value not in words:
        raise ValueError(
            f"{name}: expected one of {', '.join(words)}, received {value!r}"
            f"{_nearest(value, words)}"
        )


def _number(
    name: str,
    value: Any,
    minimum: float,
    maximum: float = float("inf"),
    *,
    above: bool = False,
) -> None:
    """Raise ValueError for a value that is not a number in this range."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    good = good and math.isfinite(value) and minimum <= value <= maximum
    if not good or (above and value == minimum):
        bound = f"above {minimum:g}" if above else f"of at least {minimum:g}"
        bound += "" if maximum == float("inf") else f" and at most {maximum:g}"
        raise ValueError(f"{name}: expected a number {bound}, received {value!r}")


def _whole(name: str, value: object, minimum: int) -> None:
    """Raise ValueError for a value that is not a whole number of at least ``minimum``."""
    if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
        raise ValueError(
            f"{name}: expected a whole number of at least {minimum}, received {value!r}"
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to train, as plain data that is checked when it is created and has a form in JSON.

    Args:
        epochs: how often every image is seen.
        batch: how many images make one step.
        optimizer: "adam", "adamw" or "sgd" (with Nesterov's form of `momentum` when it is not 0).
        learning_rate: the highest learning rate.
        schedule: "constant"; "cosine", down to 0 at the end (Loshchilov and Hutter, 2017); "drops",
            where `drops` says from which epoch on the rate is what.
        drops: pairs (epoch, learning rate), as in ``((60, 1e-3), (120, 1e-4))``.
        warmup: the number of epochs (2 or 0.5) over which the rate first rises from 0.
        momentum: of "sgd".
        weight_decay: of "adamw" and "sgd", decoupled from the gradient and multiplied by the
            learning rate (Loshchilov and Hutter, 2019).
        label_smoothing: the fraction of each label that is spread evenly over all classes.
        loss: "crossentropy", or "lenet5_1998" for that paper's RBF outputs (its equation 9).
        inputs: how pixels from 0 to 255 are scaled: "standardize" (mean 0 and variance 1 over the
            training images, per channel), "unit" (0 to 1) or "lenet" (-0.1 to 1.175, LeCun et al.,
            1998).
        augmentation: a tuple of dicts, in the order of use: ``{"name": "shift", "pixels": 2}``,
            ``{"name": "flip"}``, ``{"name": "affine", "rotation": 10, ...}``,
            ``{"name": "elastic", "alpha": 34, "sigma": 4}``. The last two blur; with
            ``"share": 0.75`` among their options they leave every fourth image as it is.
        precision: "auto" (mixed on a GPU, float32 elsewhere), "float32", "mixed_bfloat16" or
            "mixed_float16".
        seed: of weights, order, augmentation and dropout.
        steps_per_execution: the number of steps that run without returning to Python.
        jit: whether to compile with XLA; None does what was faster when measured: yes on a GPU, no
            on a CPU.

    Raises:
        ValueError: a word is unknown (the message suggests the closest), or a number is out of its
            range.

    >>> recipe = Recipe(epochs=2, batch=64)
    >>> Recipe.from_json(recipe.to_json()) == recipe
    True
    >>> Recipe(optimizer="adan")
    Traceback (most recent call last):
        ...
    ValueError: optimizer: expected one of adam, adamw, sgd, received 'adan'. Did you mean 'adam'?
    """

    epochs: int = 10
    batch: int = 128
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    drops: tuple[tuple[int, float], ...] = ()
    warmup: float = 0.0
    momentum: float = 0.0
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    loss: str = "crossentropy"
    inputs: str = "standardize"
    augmentation: tuple[dict[str, Any], ...] = ()
    precision: str = "auto"
    seed: int = 0
    steps_per_execution: int = 16
    jit: bool | None = None

    def __post_init__(self) -> None:
        for name in ("epochs", "batch", "steps_per_execution"):
            _whole(name, getattr(self, name), 1)
        _whole("seed", self.seed, 0)
        _word("optimizer", self.optimizer, OPTIMIZERS)
        _word("schedule", self.schedule, SCHEDULES)
        _word("loss", self.loss, LOSSES)
        _word("inputs", self.inputs, INPUTS)
        _word("precision", self.precision, PRECISIONS)
        _number("learning_rate", self.learning_rate, 0, above=True)
        _number("warmup", self.warmup, 0, self.epochs)
        _number("momentum", self.momentum, 0, 1)
        _number("weight_decay", self.weight_decay, 0)
        _number("label_smoothing", self.label_smoothing, 0, 1)
        if self.jit not in (None, True, False):
            raise ValueError(f"jit: expected true, false or null, received {self.jit!r}")
        self._check_drops()
        self._check_augmentation()
        if self.optimizer == "adam" and self.weight_decay:
            raise ValueError(
                f"weight_decay: adam has none, received {self.weight_decay!r}: choose adamw"
            )
        if self.optimizer != "sgd" and self.momentum:
            raise ValueError(f"momentum: only sgd has one, received {self.momentum!r}")
        if self.loss == "lenet5_1998" and self.label_smoothing:
            raise ValueError("label_smoothing: RBF outputs are penalties, not probabilities: 0")

    def _check_drops(self) -> None:
        try:
            drops = tuple((epoch, rate) for epoch, rate in self.drops)
        except (TypeError, ValueError):
            raise ValueError(
                f"drops: expected pairs (epoch, learning rate), received {self.drops!r}"
            ) from None
        for epoch, rate in drops:
            _whole("drops, epoch", epoch, 1)
            _number("drops, learning rate", rate, 0)
        if [epoch for epoch, _ in drops] != sorted({epoch for epoch, _ in drops}):
            raise ValueError(f"drops: expected rising epochs, received {self.drops!r}")
        if bool(drops) != (self.schedule == "drops"):
            raise ValueError(
                f"drops: go with schedule 'drops', received {self.drops!r} and schedule "
                f"{self.schedule!r}"
            )
        object.__setattr__(self, "drops", drops)

    def _check_augmentation(self) -> None:
        if not isinstance(self.augmentation, list | tuple):
            raise ValueError(f"augmentation: expected a list, received {self.augmentation!r}")
        for each in self.augmentation:
            if not isinstance(each, dict) or "name" not in each:
                raise ValueError(f'augmentation: expected {{"name": …}}, received {each!r}')
            _word("augmentation", each["name"], tuple(AUGMENTATIONS))
            options = AUGMENTATIONS[each["name"]]
            for option, value in each.items():
                if option == "name":
                    continue
                if option not in options:
                    raise ValueError(
                        f"augmentation {each['name']}: expected {', '.join(options) or 'none'} "
                        f"as options, received {option!r}{_nearest(option, options)}"
                    )
                most = 1 if option == "share" else float("inf")
                above = option == "sigma"
                _number(f"augmentation {each['name']}, {option}", value, 0, most, above=above)
        object.__setattr__(self, "augmentation", tuple(dict(each) for each in self.augmentation))

    def but(self, **changes: Any) -> "Recipe":
        """Return this recipe with other values.

        Raises:
            ValueError: a recipe has no such name, or cannot have the value.
        """
        names = [field.name for field in dataclasses.fields(self)]
        for name in changes:
            _word("recipe", name, names)
        return dataclasses.replace(self, **changes)

    def to_json(self) -> str:
        """Return one line of JSON, the same for equal recipes."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        """Read a recipe from JSON; what the text does not name is as in ``Recipe()``.

        Raises:
            ValueError: the text is not a recipe in JSON.
        """
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"recipe: expected JSON, received {text[:60]!r}: {error}") from None
        if not isinstance(values, dict):
            raise ValueError(f"recipe: expected an object, received {text[:60]!r}")
        return cls().but(**values)

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that equal recipes share."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]
