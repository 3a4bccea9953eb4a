"""Which of a lab's own cells the answers need: the others are not run when grading.

A lab shows much between its exercises: figures, trainings, a comparison with Keras. For a class
that is hours of work for nothing, so only those cells run whose names an answer uses, directly or
through another such cell. When in doubt a cell runs.
"""

from labkit.grading.names import bound_names, used_names

__all__ = ["needed_cells"]


def needed_cells(cells):
    """The indices of `cells` that have to run, in order.

    `cells` is a list of ``(source, is_answer)`` in the notebook's order. Every answer is needed,
    any other cell only when it comes before an answer and touches a name that is needed after it.

    >>> needed_cells([
    ...     ("import numpy as np", False),
    ...     ("import keras", False),
    ...     ("def f(x): return np.sum(x)", True),
    ...     ("print(f([1, 2]))", False),
    ... ])
    [0, 2]
    """
    wanted, needed = set(), []
    for index in reversed(range(len(cells))):
        source, is_answer = cells[index]
        if not (needed or is_answer):
            continue  # after the last answer
        touched = bound_names(source)
        if is_answer or touched is None or wanted is None or touched & wanted:
            needed.append(index)
            used = used_names(source)
            wanted = None if wanted is None or used is None else wanted | used
    return needed[::-1]
