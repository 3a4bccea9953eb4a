"""Train a network by a recipe."""

import hashlib
import json
import os
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from labkit.training import compiling, devices, pipeline
from labkit.training.arguments import as_data, as_model, check_batch, check_labels
from labkit.training.checkpoint import Checkpoints
from labkit.training.explain import (
    is_out_of_memory,
    memory_available,
    out_of_memory,
    too_large,
)
from labkit.training.history import History
from labkit.training.preparation import Preparation, prepare
from labkit.training.recipe import Recipe
from labkit.training.recipes import named
from labkit.training.watching import Watch

__all__ = ["fit"]

EVALUATED = 512  # images at once; more than in training, since nothing is kept for a gradient


def fit(
    model: keras.Model | Callable[[], keras.Model],
    data: Any,
    recipe: Recipe | str,
    *,
    folder: str | os.PathLike[str] | None = None,
    resume: bool = True,
    device: str | None = None,
    quiet: bool = False,
) -> History:
    """Train ``model`` on ``data`` as ``recipe`` says, and return the :class:`History`.

    The same recipe, model and machine give the same numbers, bit for bit, also when the process is
    killed in between and resumed.

    Args:
        model: a function without arguments that builds a Keras model, so that seed, precision and
            devices apply to its first weights too; or a model, which is trained further from its
            weights and in its precision. Inputs are ``(image, height, width, channel)``, outputs
            ``(image, class)``: scores, or probabilities after a softmax.
        data: ``(x_train, y_train), (x_test, y_test)`` as `labkit.data.load` returns them: images
            uint8 or float from 0 to 1, ``(image, height, width[, channel])``, labels whole numbers
            ``(image,)``. The test images are evaluated after every epoch and never trained on.
        recipe: a :class:`Recipe` or the name of one in ``RECIPES``.
        folder: where to write a checkpoint after every epoch, and the history at the end; None
            writes nothing.
        resume: go on from the newest checkpoint in ``folder``; False begins anew. A training that
            is finished goes on when ``recipe`` is the same with more epochs; the learning rates of
            the further epochs are those that this recipe has for them.
        device: see `labkit.training.devices.choose`; None chooses.
        quiet: print nothing.

    Raises:
        ValueError: model, data, recipe or device is not usable, or ``folder`` holds checkpoints of
            another recipe, model or data.
        Diverged: the loss became NaN or infinite (an ArithmeticError); says where and what to try.
        MemoryError: a batch did not fit into memory; says which batch size to try.
        OSError: ``folder`` cannot be written to.
    """
    began = time.perf_counter()
    say: Callable[[str], object] = (lambda text: None) if quiet else print
    recipe = named(recipe) if isinstance(recipe, str) else recipe
    if not isinstance(recipe, Recipe):
        raise ValueError(f"recipe: expected a Recipe or a name, received {recipe!r}")
    (x, y), (x_test, y_test) = as_data(data)
    place = devices.choose(device, recipe.precision)
    say(place.line)
    with place.scope():
        keras.utils.set_random_seed(recipe.seed)
        model = as_model(model)
        _seed_dropout(model, recipe.seed)
        preparation = prepare(x, model.input_shape, recipe.inputs)
        check_labels(model, y, y_test)
        batch, steps, chunk = pipeline.plan(len(x), recipe.batch, recipe.steps_per_execution)
        check_batch(batch, place.replicas)
        warning = None if place.gpu else too_large(model, recipe, batch, memory_available())
        if warning:
            say(warning)
        optimizer = compiling.optimizer(recipe, steps)
        compiling.compile_model(model, recipe, optimizer, chunk, jit=_jit(recipe, place))
        identity = _identity(model, recipe, data) if folder is not None else {}
        checkpoints = None
        if folder is not None:
            checkpoints = Checkpoints(folder, _state(model), identity, say, _continues)
            if place.part[0] == 0:
                checkpoints.check_writable()
        done, rows = _begin(checkpoints, resume, say)
        history = History(
            rows, device=place.line, recipe=recipe, preparation=preparation, model=model
        )
        history.folder = folder
        first_process = place.part[0] == 0  # the only one that writes and prints
        watch = Watch(
            recipe,
            history,
            checkpoints if first_process else None,
            steps,
            compiling.rate_at(recipe, steps),
            quiet or not first_process,
        )
        train = pipeline.training_batches(
            preparation.sized(x),
            y,
            recipe,
            preparation,
            first=done,
            steps=steps,
            batch=batch,
            part=place.part,
        )
        test = preparation.sized(x_test), y_test
        try:
            if done < recipe.epochs:
                _train(model, recipe, place, preparation, train, test, watch, (batch, steps, chunk))
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            raise MemoryError(out_of_memory(batch, preparation.size, place.devices[0])) from error
    history.seconds = time.perf_counter() - began
    if checkpoints is not None and first_process:
        history.to_csv(checkpoints.folder / "history.csv")
    return history


def _train(
    model: keras.Model,
    recipe: Recipe,
    place: devices.Placement,
    preparation: Preparation,
    train: Any,
    test: tuple[NDArray[Any], NDArray[np.int32]],
    watch: Watch,
    plan: tuple[int, int, int],
) -> None:
    """Train the epochs that the history does not have yet."""
    batch, steps, chunk = plan
    done = len(watch.history)
    held_out = pipeline.validation_batches(*test, preparation, min(EVALUATED, len(test[1])))
    each = compiling.each_image(model, recipe)
    if place.strategy:
        from labkit.training import replicated

        replicated.train(
            model,
            place.strategy,
            train,
            held_out,
            watch,
            epochs=range(done, recipe.epochs),
            steps=steps,
            chunk=chunk,
            batch=batch,
            each=each,
        )
        return
    if place.distribution:  # its evaluation works with whole batches only
        inputs = preparation(test[0])
        watch.evaluate = lambda: _evaluated(model, each, inputs, test[1], place.replicas)
    model.fit(
        train,
        epochs=recipe.epochs,
        initial_epoch=done,
        steps_per_epoch=steps,
        validation_data=None if place.distribution else held_out,
        callbacks=[watch],
        shuffle=False,  # the pipeline shuffles
        verbose=0,
    )


def _generators(model: keras.Model) -> list[Any]:
    """List the states of all layers' random generators (dropout's), in the order of the layers."""
    return [each for each in model.non_trainable_variables if "seed_generator_state" in each.path]


def _seed_dropout(model: keras.Model, seed: int) -> None:
    """Seed the random generators of all layers."""
    for number, state in enumerate(_generators(model)):
        state.assign(np.array([seed % 2**31, 1 + 2**20 * number], state.dtype))


def _state(model: keras.Model) -> list[Any]:
    """List all variables that a checkpoint must hold."""
    return [*model.variables, *model.optimizer.variables]


def _jit(recipe: Recipe, place: devices.Placement) -> bool:
    """Decide whether to compile with XLA.

    That is what the recipe says, or else yes on GPUs and with JAX, which has nothing else. On a CPU
    TensorFlow's own kernels (oneDNN) are faster than XLA's: see `labkit bench training`.
    """
    return keras.backend.backend() == "jax" or place.gpu if recipe.jit is None else recipe.jit


def _evaluated(
    model: keras.Model,
    each: Callable[[Any, Any], tuple[Any, Any]],
    x: NDArray[Any],
    y: NDArray[np.int32],
    replicas: int,
) -> dict[str, float]:
    """Compute loss and accuracy over ``x``, filled up to what ``replicas`` can share evenly."""
    filled = np.concatenate([x, x[: -len(x) % replicas]])
    batch = min(EVALUATED - EVALUATED % replicas, len(filled))
    outputs = model.predict(filled, batch_size=batch, verbose=0)[: len(x)]
    loss, right = (keras.ops.convert_to_numpy(values) for values in each(y, outputs))
    return {"val_accuracy": float(right.mean()), "val_loss": float(loss.mean())}


def _identity(model: keras.Model, recipe: Recipe, data: Any) -> dict[str, str]:
    """Describe what must be equal for a training to go on."""
    layers = [
        [type(layer).__name__, {**layer.get_config(), "name": None}]
        for layer in model._flatten_layers(include_self=False)
    ]
    layout = [(each.shape, str(each.dtype)) for each in model.variables]
    network = json.dumps([layers, layout], default=lambda value: type(value).__name__)
    digest = hashlib.sha256()
    for x, y in data:
        for array in (x, y):
            array = np.ascontiguousarray(array)
            digest.update(f"{array.shape} {array.dtype.str}".encode())
            digest.update(array.data)
    return {
        "model": hashlib.sha256(network.encode()).hexdigest(),
        "data": digest.hexdigest(),
        "recipe": recipe.to_json(),
    }


def _continues(epoch: int, saved: dict[str, str], wanted: dict[str, str]) -> bool:
    """Say whether a training that has finished ``epoch`` epochs may go on as one of more epochs.

    Its recipe may differ in the number of epochs, and in a warm-up that is over.
    """
    if {**saved, "recipe": None} != {**wanted, "recipe": None}:
        return False
    before, after = json.loads(saved["recipe"]), json.loads(wanted["recipe"])
    finished = before["epochs"] == epoch < after["epochs"] and after["warmup"] <= epoch
    changed = {name for name in after if before.get(name) != after[name]}
    return finished and changed <= {"epochs", "warmup"}


def _begin(
    checkpoints: Checkpoints | None, resume: bool, say: Callable[[str], object]
) -> tuple[int, list[dict[str, Any]]]:
    """Restore the newest checkpoint, if there is one; return the finished epochs and their rows."""
    if checkpoints is None:
        return 0, []
    if not resume:
        checkpoints.clear()
        return 0, []
    done, rows = checkpoints.restore()
    if done:
        say(f"Going on after epoch {done}, from {checkpoints.folder}.")
    return done, rows
