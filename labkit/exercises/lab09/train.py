"""train(model, images, labels): does what the student wrote make a network learn?"""

import dataclasses

import numpy as np

from labkit.adapters import lab09
from labkit.adapters.lab09 import CLASSES
from labkit.checks.compare import as_numbers
from labkit.checks.exercise import EXACT, Case, Exercise, Mistake

__all__ = ["TRAIN"]

HELD_OUT = 100
PAST = 0.9  # of the held-out images; one step in the right direction is nearly enough here


def nearest_means(images, labels, others):
    """Return the classes of `others` by the nearest mean, as any trained network should."""
    means = np.stack([images[labels == name].mean(0) for name in range(CLASSES)])
    return ((others[:, None] - means) ** 2).sum((2, 3, 4)).argmin(1)


def in_words(labels, said):
    """Describe how well a network classifies images with known labels."""
    right = (said == labels).mean()
    if right >= PAST:
        return "the right class"
    if len(set(said.tolist())) == 1:
        return "one class for all"
    for shift, name in ((1, "the class above"), (-1, "the class below")):
        if (said == (labels + shift) % CLASSES)[(labels + shift) // CLASSES == 0].mean() >= PAST:
            return name
    if (said == CLASSES - 1 - labels).mean() >= PAST:
        return "nine minus the class"
    if right == 0:
        return "never the right class"
    return "the right class, more often than not" if right > 0.5 else "mostly a wrong class"


def bind(exercise, cases):
    """Return the exercise that judges the only case, by labels that its kernel never saw."""
    (case,) = cases
    labels = nearest_means(*case.args[1:])

    def read(answer):
        if not isinstance(answer, dict):
            return answer
        said = as_numbers(answer.get("says"))
        readable = said is not None and said.dtype.kind in "iu" and said.shape == labels.shape
        readable = readable and np.isin(said, range(CLASSES)).all()
        return answer | {"says": in_words(labels, said) if readable else "nothing"}

    def expected(*args):
        return read(exercise.oracle(*args))

    return dataclasses.replace(exercise, bind=None, oracle=expected, read=read)


def outcome(network, images, labels, others, *, weights="changed", says=lambda labels: labels):
    """Return what the adapter returns, with a knob for each way in which training can go wrong."""
    distances = ((others[:, None] - images) ** 2).sum((2, 3, 4))
    return {"weights": weights, "says": says(labels[distances.argmin(1)]).tolist()}


def oracle(network, images, labels, others):
    return {"weights": "changed", "says": nearest_means(images, labels, others).tolist()}


def draw(rng):
    patterns = rng.choice([0.2, 0.8], (CLASSES, 8, 8, 1))
    labels = rng.permutation(np.arange(500) % CLASSES)
    images = patterns[labels] + rng.normal(0, 0.1, (500, 8, 8, 1))
    images = np.clip(images, 0, 1).astype("float32")
    known = slice(None, -HELD_OUT)
    args = ("untrained", images[known], labels[known], images[-HELD_OUT:])
    return [Case(args, "small images; what it says of 100 others is judged")]


TRAIN = Exercise(
    id="train",
    lab="09",
    points=2,
    call="train(model, images, labels)",
    shape="nothing: the model that it was given has learned",
    oracle=oracle,
    model=outcome,
    use=lab09.train,
    bind=bind,
    draw=draw,
    tolerance=EXACT,
    forbidden=("labkit.training", "labkit.models"),
    seconds=20.0,
    hints=(
        "Two calls do it. The first says how to learn, the second what from.",
        "model.compile wants an optimizer and a loss; the labels are whole numbers and the "
        "outputs are logits. model.fit wants images, labels and how many epochs.",
        'model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True)), '
        "then model.fit(images, labels, epochs=..., batch_size=..., verbose=0).",
    ),
    mistakes=(
        Mistake(
            "untouched",
            "the model still has the weights that it came with",
            why="Nothing was fitted, or a copy was, or with steps too small to change a float: the "
            "caller's model learned nothing.",
            question="Which object does your fit belong to?",
            knobs={"weights": "as they were", "says": np.zeros_like},
        ),
        Mistake(
            "diverged",
            "training blew up: the weights are no numbers any more",
            why="Steps that are too large jump over the valley, farther each time, up to infinity.",
            question="How large is your learning rate?",
            knobs={"weights": "not numbers", "says": lambda labels: labels[:0]},
        ),
        Mistake(
            "one_class",
            "it says the same class of every image",
            why="It learned how frequent the labels are, or only one of them.",
            question="Which labels does a batch of yours hold?",
            knobs={"says": np.zeros_like},
        ),
        Mistake(
            "one_above",
            "every class is taken for the one above it",
            why="The labels were counted from 1 while it learned, and count from 0 when it is "
            "used.",
            question="Which label has a zero, before and after your code has had it?",
            knobs={"says": lambda labels: (labels + 1) % CLASSES},
        ),
        Mistake(
            "one_below",
            "every class is taken for the one below it",
            why="The labels that it learned from are one too low.",
            question="Which label has a nine, before and after your code has had it?",
            knobs={"says": lambda labels: (labels - 1) % CLASSES},
        ),
        Mistake(
            "backward",
            "it says nine minus the class",
            why="The labels that it learned from stand in the opposite order.",
            question="Which column of your labels belongs to class 0?",
            knobs={"says": lambda labels: CLASSES - 1 - labels},
        ),
        Mistake(
            "uphill",
            "it never says the right class",
            why="It became as bad as it can be: something goes up where it should go down.",
            question="Is your loss small when the network is right, or large?",
            knobs={"says": lambda labels: (labels + 1 + labels % 2) % CLASSES},
        ),
        Mistake(
            "too_short",
            "it is right more often than not, and not yet in nine of ten",
            why="It goes the right way and stops too early, or takes steps that are too small.",
            question="How does the loss change from epoch to epoch?",
            knobs={"says": lambda labels: np.where(labels < 7, labels, 0)},
        ),
        Mistake(
            "mostly_wrong",
            "it learned something, but mostly says a wrong class",
            why="Images and labels no longer belong together, the loss does not fit the outputs, "
            "or it stopped nearly at once.",
            question="Which label belongs to the first image that your fit sees? And does your "
            "loss know that the outputs are logits?",
            knobs={"says": lambda labels: np.where(labels < 3, labels, 0)},
        ),
    ),
)
