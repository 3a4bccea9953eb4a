"""confusion(labels, predictions, classes): who is taken for whom."""

import numpy as np

from labkit.checks.exercise import EXACT, Case, Exercise, Mistake

__all__ = ["CONFUSION"]


def count(labels, predictions, classes, *, rows="labels", keep=lambda true, said: True, add=1):
    """confusion with a knob for each way to get it wrong."""
    table = np.zeros((classes, classes))
    for true, said in zip(labels, predictions, strict=True):
        if keep(true, said):
            place = (true, said) if rows == "labels" else (said, true)
            table[place] = table[place] + 1 if add else 1
    return table


def observed(labels, predictions, classes):
    names = np.unique(np.concatenate([labels, predictions]))
    table = count(labels, predictions, classes)
    return table[np.ix_(names, names)]


def divided(axis, nan=False):
    """Divide each row or column by its sum; an empty one gives 0, or nan."""

    def by_sums(table, *args):
        sums = table.sum(axis, keepdims=True)
        return table / np.where(sums == 0, np.nan if nan else 1, sums)

    return by_sums


def draw(rng):
    def case(n, classes, label="", absent=(), sure=0.5):
        names = [name for name in range(classes) if name not in absent]
        labels = rng.choice(names, n)
        guesses = rng.choice(names, n)
        predictions = np.where(rng.random(n) < sure, labels, guesses)
        return Case((labels, predictions, classes), label)

    return [
        case(40, 3),
        case(60, 4, "four classes"),
        case(30, 5, "a class that does not occur", absent=(1,)),
        case(25, 6, "the last class does not occur", absent=(5,)),
        case(200, 10, "ten digits", sure=0.9),
        case(700, 2, sure=1.0),  # more of a kind than a byte can count
        Case((np.array([2]), np.array([0]), 3), "a single image"),
        Case((np.array([0, 1, 2, 3]), np.array([1, 2, 3, 0]), 4), "nothing right"),
    ]


CONFUSION = Exercise(
    id="confusion",
    lab="09",
    points=2,
    call="confusion(labels, predictions, classes)",
    shape="(classes, classes)",
    oracle=lambda labels, predictions, classes: np.bincount(
        labels * classes + predictions, minlength=classes**2
    ).reshape(classes, classes),
    model=count,
    tolerance=EXACT,
    forbidden=("sklearn.metrics", "tensorflow.math.confusion_matrix", "keras.metrics"),
    examples=(Case((np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 0, 0]), 3)),),
    draw=draw,
    hints=(
        "Start with a table of zeros, a row and a column for each class. Which entry does one "
        "image belong to?",
        "The row is what the image shows, the column what the network says. Where do the right "
        "answers end up?",
        "For each pair: table[label, prediction] += 1.",
    ),
    mistakes=(
        Mistake(
            "transposed",
            "rows and columns are exchanged",
            why="A row holds the images of one class, so its sum is how many of them there are.",
            question="What should the sum of row 0 be?",
            knobs={"rows": "predictions"},
        ),
        Mistake(
            "observed_only",
            "classes that do not occur have no row",
            why="The table has a row for each class, and row 3 has to be class 3.",
            question="Which shape should the table have if there is no image of a 1?",
            answer=observed,
            also=(
                lambda labels, predictions, classes: count(labels, predictions, classes)[
                    np.ix_(np.unique(labels), np.unique(labels))
                ],
                lambda labels, predictions, classes: count(
                    labels, predictions, max(*labels, *predictions) + 1
                ),
                lambda labels, predictions, classes: count(
                    labels, predictions, len(np.unique(labels))
                ),
            ),
        ),
        Mistake(
            "ones_only",
            "every entry is 1 at most",
            why="= instead of +=: the second image of a kind changes nothing. (NumPy's "
            "table[labels, predictions] += 1 does that, too: repeated places count once.)",
            question="What happens in your code when two images belong to one entry?",
            knobs={"add": 0},
        ),
        Mistake(
            "row_shares",
            "each row is divided by its sum",
            why="That is a good way to show it; asked for are the counts.",
            question="What do all your entries add up to?",
            after=divided(1),
            also=(lambda *args: divided(1, nan=True)(count(*args)),),
        ),
        Mistake(
            "column_shares",
            "each column is divided by its sum",
            why="Asked for are the counts.",
            question="Add up all your entries: how many images were there?",
            after=divided(0),
            also=(lambda *args: divided(0, nan=True)(count(*args)),),
        ),
        Mistake(
            "all_shares",
            "all entries are divided by the number of images",
            why="The table should count, not weigh.",
            question="How many images does one entry stand for?",
            after=lambda table, labels, *args: table / len(labels),
            also=(lambda labels, *args: 100 * count(labels, *args) / len(labels),),
        ),
        Mistake(
            "bytes_overflow",
            "counts beyond 255 begin again at 0",
            why="An array of uint8 holds 0 to 255. There are more images of a kind than that.",
            question="What is the dtype of the table that you make first?",
            after=lambda table, *args: table % 256,
            also=(lambda *args: (count(*args) + 128) % 256 - 128,),
        ),
        Mistake(
            "errors_only",
            "right answers are not counted",
            why="They belong on the diagonal.",
            question="Where does an image end up that is recognized?",
            knobs={"keep": lambda true, said: true != said},
        ),
        Mistake(
            "right_only",
            "only right answers are counted",
            why="The errors are what the table is for.",
            question="Where does a 4 end up that is taken for a 9?",
            knobs={"keep": lambda true, said: true == said},
        ),
        Mistake(
            "both_ways",
            "every image is counted twice, once each way round",
            why="A 4 taken for a 9 is not a 9 taken for a 4.",
            question="Is a confusion matrix symmetric?",
            after=lambda table, *args: table + table.T,
        ),
        Mistake(
            "accuracy",
            "the accuracy is returned",
            why="One number cannot say which classes are confused.",
            question="Which shape is asked for?",
            after=lambda table, *args: table.trace() / table.sum(),
        ),
        Mistake(
            "last_image_missing",
            "the last image is not counted",
            why="A range that ends too early leaves it out.",
            question="What do all your entries add up to?",
            answer=lambda labels, predictions, classes: count(
                labels[:-1], predictions[:-1], classes
            ),
        ),
        Mistake(
            "first_image_missing",
            "the first image is not counted",
            why="Counting starts at 0.",
            question="What do all your entries add up to?",
            answer=lambda labels, predictions, classes: count(labels[1:], predictions[1:], classes),
        ),
    ),
)
