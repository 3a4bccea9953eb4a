"""Train a network by a recipe."""

import hashlib
import json
import time

import keras
import numpy as np

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
from labkit.training.preparation import prepare
from labkit.training.recipe import Recipe
from labkit.training.recipes import named
from labkit.training.watching import Watch

__all__ = ["fit"]

EVALUATED = 512  # images at once: nothing is remembered for a gradient


def fit(model, data, recipe, *, folder=None, resume=True, device=None, quiet=False):
    """Train ``model`` on ``data`` as ``recipe`` says, and return the :class:`History`.

    Args:
        model: a function without arguments that builds a Keras model (so that seed, precision and
            devices hold for its weights too), or a model, trained on from the weights it has, in
            the precision it has. Inputs ``(image, height, width, channel)``, outputs
            ``(image, class)``: scores, or probabilities after a softmax.
        data: ``(x_train, y_train), (x_test, y_test)`` as `labkit.data.load` gives them: images
            uint8 or float from 0 to 1, ``(image, height, width[, channel])``, labels whole numbers
            ``(image,)``. The test images are never trained on.
        recipe: a :class:`Recipe` or the name of one in ``RECIPES``.
        folder: where a checkpoint is written after every epoch, and the history at the end.
        resume: go on from the newest checkpoint in ``folder``; False begins anew. A training that
            is finished goes on when ``recipe`` is the same with more epochs; the learning rates of
            the further epochs are those that this recipe has for them.
        device: None chooses; see `labkit.training.devices.choose`.
        quiet: print nothing.

    Same recipe, same model, same machine: same numbers, bit for bit, also when the process was
    killed on the way and resumed.

    Raises:
        ValueError: data, recipe or device cannot be; or ``folder`` holds checkpoints of another
            recipe, model or data.
        Diverged: the loss is NaN or infinite (an ArithmeticError); says where and what to try.
        MemoryError: it did not fit; says which batch to try.
        OSError: ``folder`` cannot be written to.
    """
    began = time.perf_counter()
    say = (lambda text: None) if quiet else print
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
        first_process = place.part[0] == 0  # it alone writes and speaks
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
    if folder is not None and first_process:
        history.to_csv(checkpoints.folder / "history.csv")
    return history


def _train(model, recipe, place, preparation, train, test, watch, plan):
    """All epochs that the history does not have yet."""
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
    if place.distribution:  # whose evaluation knows whole batches only
        inputs = preparation(test[0])
        watch.evaluate = lambda: _evaluated(model, each, inputs, test[1], place.replicas)
    model.fit(
        train,
        epochs=recipe.epochs,
        initial_epoch=done,
        steps_per_epoch=steps,
        validation_data=None if place.distribution else held_out,
        callbacks=[watch],
        shuffle=False,  # the pipeline does it
        verbose=0,
    )


def _generators(model):
    """The states of the random generators in all layers (dropout's), in the order of the layers."""
    return [each for each in model.non_trainable_variables if "seed_generator_state" in each.path]


def _seed_dropout(model, seed):
    for number, state in enumerate(_generators(model)):
        state.assign(np.array([seed % 2**31, 1 + 2**20 * number], state.dtype))


def _state(model):
    """Every variable that training goes on from."""
    return [*model.variables, *model.optimizer.variables]


def _jit(recipe, place):
    """XLA: what the recipe says; else on GPUs and always with JAX, which has nothing else.

    On a CPU TensorFlow's own kernels (oneDNN) are faster than XLA's: `labkit bench training`.
    """
    return keras.backend.backend() == "jax" or place.gpu if recipe.jit is None else recipe.jit


def _evaluated(model, each, x, y, replicas):
    """Loss and accuracy over all of ``x``, filled up to what ``replicas`` can share evenly."""
    filled = np.concatenate([x, x[: -len(x) % replicas]])
    batch = min(EVALUATED - EVALUATED % replicas, len(filled))
    outputs = model.predict(filled, batch_size=batch, verbose=0)[: len(x)]
    loss, right = (keras.ops.convert_to_numpy(found) for found in each(y, outputs))
    return {"val_accuracy": float(right.mean()), "val_loss": float(loss.mean())}


def _identity(model, recipe, data):
    layers = [
        [type(layer).__name__, {**layer.get_config(), "name": None}]
        for layer in model._flatten_layers(include_self=False)
    ]
    layout = [(each.shape, str(each.dtype)) for each in model.variables]
    network = json.dumps([layers, layout], default=lambda value: type(value).__name__)
    found = hashlib.sha256()
    for x, y in data:
        for array in (x, y):
            array = np.ascontiguousarray(array)
            found.update(f"{array.shape} {array.dtype.str}".encode())
            found.update(array.data)
    return {
        "model": hashlib.sha256(network.encode()).hexdigest(),
        "data": found.hexdigest(),
        "recipe": recipe.to_json(),
    }


def _continues(epoch, saved, wanted):
    """Whether a training that has finished ``epoch`` epochs may go on as one of more epochs.

    Its recipe may differ in the number of epochs, and in a warm-up that is over.
    """
    if {**saved, "recipe": None} != {**wanted, "recipe": None}:
        return False
    before, after = json.loads(saved["recipe"]), json.loads(wanted["recipe"])
    finished = before["epochs"] == epoch < after["epochs"] and after["warmup"] <= epoch
    changed = {name for name in after if before.get(name) != after[name]}
    return finished and changed <= {"epochs", "warmup"}


def _begin(checkpoints, resume, say):
    if checkpoints is None:
        return 0, []
    if not resume:
        checkpoints.clear()
        return 0, []
    done, rows = checkpoints.restore()
    if done:
        say(f"Going on after epoch {done}, from {checkpoints.folder}.")
    return done, rows
