"""Predict, then run: show a result only after the student has said what it will be."""

import numpy as np

__all__ = ["reveal"]


def reveal(prediction, actual, why=""):
    """Print ``actual`` beside the prediction, or ask for one: ``None`` and ``...`` are not one.

    A wrong prediction costs nothing; the sentence ``why`` follows either way.

    >>> reveal(None, 9)
    Your turn first: write your prediction above, run that cell, then run this one.
    >>> reveal(6, 9, "One weight for each cell of the 3x3 kernel.")
    You predicted 6. It is 9: a surprise worth a minute. One weight for each cell of the 3x3 kernel.
    >>> reveal((2, 3), [2, 3])
    You predicted (2, 3), and so it is.
    >>> reveal("sgd", "SGD")
    You predicted sgd, and so it is.
    """
    if prediction is None or prediction is Ellipsis:
        print("Your turn first: write your prediction above, run that cell, then run this one.")
        return
    said, true = (
        one.strip().lower() if isinstance(one, str) else one for one in (prediction, actual)
    )
    try:
        same = np.shape(said) == np.shape(true) and bool(
            np.all(np.asarray(said) == np.asarray(true))
        )
    except ValueError:  # ragged nonsense is a wrong prediction, not an error
        same = False
    verdict = (
        f"You predicted {prediction}, and so it is."
        if same
        else f"You predicted {prediction}. It is {actual}: a surprise worth a minute."
    )
    print(f"{verdict} {why}".strip())
