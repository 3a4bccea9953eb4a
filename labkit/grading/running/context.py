"""Find the cells of a lab that its answers need; grading does not run the others.

Between its exercises a lab draws figures, trains models and compares results with Keras. Running
all of that for a whole class would take hours and change no mark. So a cell runs only if an answer
uses a name that it binds, directly or through another such cell, or if that cannot be decided.
"""

from labkit.grading.names import bound_names, used_names

__all__ = ["needed_cells"]


def needed_cells(cells):
    """Return the indices of the cells that have to run, in order.

    Every answer has to run; any other cell only if it comes before an answer and binds a name that
    a later needed cell uses.

    Args:
        cells: A list of ``(source, is_answer)``, in the notebook's order.

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
