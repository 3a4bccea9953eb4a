"""``labkit train``: train a network on a dataset by a recipe."""

import difflib
import sys
from pathlib import Path

import click

__all__ = ["train"]

NETWORKS = {  # name on the command line -> function of labkit.models
    "lenet5": "lenet5",
    "lenet5-1998": "lenet5_1998",
    "alexnet": "alexnet",
    "alexnet-cifar": "alexnet_cifar",
    "zfnet": "zfnet",
}
TEXTURES = 2000  # images, of which one in five is held out
USUAL = {  # the default recipe of a network on a dataset, of a network, of a dataset
    ("alexnet", "imagenette"): "imagenette",
    ("zfnet", "imagenette"): "imagenette",
    "lenet5-1998": "lenet5-1998",
    "alexnet": "alexnet-smoke",
    "zfnet": "alexnet-smoke",
    "digits": "digits",
    "mnist": "mnist",
    "fashion-mnist": "mnist",
    "fashion_mnist": "mnist",
    "cifar10": "cifar10",
}


class _Network(click.Choice):
    """The name of a network; the error for another name suggests the nearest."""

    def convert(self, value, param, ctx):
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            near = difflib.get_close_matches(str(value).lower(), self.choices, n=1)
            error.message += f" Did you mean {near[0]!r}?" if near else ""
            raise


@click.command(context_settings={"show_default": True})
@click.argument("network", type=_Network(tuple(NETWORKS)))
@click.option(
    "--data", default="digits", help="The dataset to train on (see labkit data list), or textures."
)
@click.option(
    "--recipe",
    help="A recipe by its name, or a JSON file that holds one.  [default: by network and data]",
)
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    help="How many epochs to train.  [default: the recipe's]",
)
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    help="Images in a training step.  [default: the recipe's]",
)
@click.option(
    "--seed", type=click.IntRange(min=0), help="The random seed.  [default: the recipe's]"
)
@click.option(
    "--precision", help="float32, mixed_bfloat16 or mixed_float16.  [default: the recipe's]"
)
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set an option of the network, such as pooling=max. May be repeated.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write checkpoints and results.  [default: trained/NETWORK-DATA-RECIPE]",
)
@click.option(
    "--resume/--fresh",
    default=True,
    help="Continue from the checkpoints in the folder, or start again.",
)
@click.option(
    "--device", help="cpu, gpu, gpu:1 or all.  [default: all GPUs, or the CPU if there are none]"
)
@click.option("--quiet", is_flag=True, help="Print only the last line.")
def train(
    network, data, recipe, epochs, batch, seed, precision, options, folder, resume, device, quiet
):
    """Train NETWORK on a dataset by a recipe.

    If the training is interrupted (by Ctrl-C, or a power cut), run the same command again: it
    continues after the last whole epoch, and gives the same result. The folder gets the
    checkpoints, recipe.json, history.csv and, at the end, model.keras and preparation.json, which
    says how to prepare images for the model.

    Exit codes: 0 trained; 1 failed (no such dataset, a folder that belongs to another training, a
    loss that is not a number, out of memory); 2 wrong usage; 130 stopped by Ctrl-C.
    """
    usual = (USUAL[key] for key in ((network, data), network, data) if key in USUAL)
    recipe = recipe or next(usual, "mnist")
    folder = folder or Path("trained") / f"{network}-{data}-{Path(recipe).stem}"
    values = dict(_pair(option) for option in options)
    changes = {"epochs": epochs, "batch": batch, "seed": seed, "precision": precision}
    changes = {name: value for name, value in changes.items() if value is not None}
    try:
        from labkit.quiet import held_back

        with held_back():
            from labkit import training  # first: nothing may use TensorFlow before it is placed

        recipe = _recipe(recipe)
        if "epochs" in changes:
            changes["warmup"] = min(recipe.warmup, changes["epochs"] / 10)
        recipe = recipe.but(**changes)
        arrays, found = _data(data)
        if not quiet:
            click.echo(f"{data}: {found}.")
        history = training.fit(
            _builder(network, values, arrays),
            arrays,
            recipe,
            folder=folder,
            resume=resume,
            device=device,
            quiet=quiet,
        )
        _save(folder, history)
    except KeyboardInterrupt:
        click.echo("\nStopped. The same command goes on after the last whole epoch.", err=True)
        sys.exit(130)
    except (ArithmeticError, ImportError, MemoryError, OSError, TypeError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"{network} on {data}: {history['val_accuracy'][-1]:.2%} of the held-out images are right "
        f"after {len(history)} epochs ({sum(history['seconds']):.1f} s of training, "
        f"{history.seconds:.1f} s this time); saved in {folder}."
    )


def _pair(option):
    import json

    name, equals, value = option.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"expected NAME=VALUE, received {option!r}", param_hint="--option")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _recipe(name):
    from labkit.training import Recipe
    from labkit.training.recipes import named

    if name.endswith(".json"):
        return Recipe.from_json(Path(name).read_text())
    return named(name)


def _data(name):
    """Return the arrays of a dataset, and a phrase that says where they come from."""
    from labkit import data

    if name == "textures":  # generated in color, for networks that need no photographs to run
        x, y = data.textures(TEXTURES, 64)
        held_out = TEXTURES // 5
        return ((x[held_out:], y[held_out:]), (x[:held_out], y[:held_out])), "generated"
    return data.load(name), data.where(name)


def _builder(network, options, arrays):
    """Return a function that builds the network for the channels and classes of the data."""
    from labkit import models

    (x, y), _ = arrays
    build = getattr(models, NETWORKS[network])

    def built():
        if network == "lenet5-1998":
            return build(**options)
        channels = x.shape[3] if x.ndim == 4 else 1
        size = build.__defaults__[0][:2]
        return build((*size, channels), int(y.max()) + 1, **options)

    return built


def _save(folder, history):
    import os

    from labkit.files import write_atomically

    write_atomically(folder / "recipe.json", history.recipe.to_json() + "\n")
    write_atomically(folder / "preparation.json", history.preparation.to_json() + "\n")
    partial = folder / f".model.{os.getpid()}.part.keras"  # one of several processes, perhaps
    history.model.save(partial)
    os.replace(partial, folder / "model.keras")
