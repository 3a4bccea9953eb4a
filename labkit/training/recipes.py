"""Recipes with a name; docs/training.md says what each of them reached."""

from labkit.training.recipe import Recipe, _nearest

__all__ = ["RECIPES", "named"]

RECIPES: dict[str, Recipe] = {
    # real digits at 32x32: seconds
    "digits": Recipe(
        epochs=16,
        batch=64,
        learning_rate=6e-3,
        warmup=4,
        label_smoothing=0.1,
        augmentation=({"name": "affine", "rotation": 8, "scale": 0.08, "shift": 0.06},),
        steps_per_execution=22,
    ),
    # MNIST with LeNet-5 as built today: minutes on a CPU
    "mnist": Recipe(
        epochs=12,
        batch=128,
        learning_rate=3e-3,
        warmup=0.5,
        augmentation=({"name": "shift", "pixels": 2},),
    ),
    # the same for LeNet-5 of twice the width, with the distortions of Simard, Steinkraus and Platt
    # (2003), but weaker, since affine maps are applied as well. Distortions blur: trained on
    # distorted images alone, the network got 99.2 % of the sharp test images right, and 99.6 % of
    # blurred ones
    "mnist-elastic": Recipe(
        epochs=40,
        batch=128,
        learning_rate=1.5e-3,
        warmup=1,
        augmentation=(
            {"name": "affine", "rotation": 10, "scale": 0.1, "shift": 0.03, "share": 0.7},
            {"name": "elastic", "alpha": 20, "sigma": 4, "share": 0.7},
        ),
    ),
    # the network of the paper with its loss and its inputs, and a modern optimizer
    "lenet5-1998": Recipe(
        epochs=20, batch=128, learning_rate=2e-3, warmup=0.5, loss="lenet5_1998", inputs="lenet"
    ),
    "cifar10": Recipe(
        epochs=60,
        batch=128,
        optimizer="sgd",
        learning_rate=0.02,
        momentum=0.9,
        weight_decay=2e-3,  # with 5e-4 it overfits sooner
        warmup=2,
    ),
    "cifar10-augmented": Recipe(
        epochs=200,
        batch=128,
        optimizer="sgd",
        learning_rate=0.02,
        momentum=0.9,
        weight_decay=5e-4,
        warmup=2,
        augmentation=({"name": "shift", "pixels": 4}, {"name": "flip"}),
    ),
    # AlexNet or ZFNet as published, on photographs of ten classes: for a GPU
    "imagenette": Recipe(
        epochs=60, batch=128, learning_rate=1e-3, warmup=2, augmentation=({"name": "flip"},)
    ),
    # AlexNet on generated images: a quick test that everything runs
    "alexnet-smoke": Recipe(
        epochs=2,
        batch=32,
        optimizer="sgd",
        learning_rate=0.01,
        momentum=0.9,
        weight_decay=5e-4,
        schedule="constant",
        steps_per_execution=1,
        augmentation=({"name": "flip"},),
    ),
}


def named(name: str) -> Recipe:
    """Return the recipe called ``name``.

    Raises:
        ValueError: there is none; the message suggests the closest name.

    >>> named("digits").batch
    64
    >>> named("mnist-elastc")
    Traceback (most recent call last):
        ...
    ValueError: recipe: expected one of digits, mnist, mnist-elastic, lenet5-1998, cifar10, \
cifar10-augmented, imagenette, alexnet-smoke, received 'mnist-elastc'. Did you mean 'mnist-elastic'?
    """
    if name not in RECIPES:
        raise ValueError(
            f"recipe: expected one of {', '.join(RECIPES)}, received {name!r}"
            f"{_nearest(name, RECIPES)}"
        )
    return RECIPES[name]
