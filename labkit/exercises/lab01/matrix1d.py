"""matrix1d(kernel, n): the Toeplitz matrix of a one-dimensional cross-correlation."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, matrices
from labkit.exercises.inputs import float32, floats, integers
from labkit.matrix import convolution_matrix

__all__ = ["MATRIX1D"]


def toeplitz(
    kernel,
    n,
    *,
    backward=False,
    rows="n - A + 1",
    beyond="error",
    step=1,
    offset=0,
    dtype=float,
    entries=slice(None),
):
    """matrix1d with a knob for each way to get it wrong."""
    kernel = kernel[::-1] if backward else kernel
    A = len(kernel)
    count = {
        "n - A + 1": n - A + 1,
        "n - A": n - A,
        "n": n,
        "n + A - 1": n + A - 1,
        "n // A": n // A,
    }[rows]
    W = np.zeros((count, n), dtype)
    for row in range(count):
        for i in range(A)[entries]:
            column = row * step + i + int(offset * (A - 1))
            if beyond == "wrap":
                column %= n
            elif beyond == "cut" and not 0 <= column < n:
                continue
            W[row, column] = kernel[i]
    return W


def centered_before(kernel, n):
    """Pad as padded_same does, with the extra zero of an even kernel before the input."""
    return sum(w * np.eye(n, k=i - len(kernel) // 2) for i, w in enumerate(kernel))


def draw(rng):
    return [
        Case((integers(rng, 2), 5), "a kernel of even size"),
        Case((integers(rng, 4), 6), "a kernel of even size"),
        Case((integers(rng, 3), 5)),
        Case((integers(rng, 1), 4), "a kernel of one number"),
        Case((integers(rng, 4), 4), "a kernel as long as the input"),
        Case((integers(rng, 5), 9)),
        Case((floats(rng, 3), 7), "decimals"),
        Case((float32(rng, 2), 4), "float32"),
    ]


MATRIX1D = Exercise(
    id="matrix1d",
    lab="01",
    points=2,
    call="matrix1d(kernel, n)",
    shape="(n - A + 1, n)",
    oracle=convolution_matrix,
    model=toeplitz,
    examples=(Case((np.array([1, 0, -2]), 6)),),
    draw=draw,
    hints=(
        "Row r of the matrix holds the weights of output r. How many outputs are there, and how "
        "many inputs? That is the shape.",
        "In row 0 the kernel stands all the way to the left, and zeros follow. Where does it stand "
        "in row 1?",
        "Start with zeros of shape (n - A + 1, n), which can hold decimals, and write the kernel "
        "into W[r, r : r + A].",
    ),
    mistakes=(
        matrices.kernel_backward(
            id="kernel_backward",
            why="That is the matrix of the mathematician's convolution. W @ x should equal conv1d, "
            "where kernel[0] meets the first number.",
            knobs={"backward": True},
        ),
        Mistake(
            "one_row_short",
            "the last row is missing (n - A instead of n - A + 1)",
            why="There is a row for each place of the kernel, and the kernel fits once more.",
            question="How many rows are needed if the kernel is as long as the input?",
            knobs={"rows": "n - A"},
        ),
        Mistake(
            "square_cut",
            "there is a row for every input, and the last ones are cut off",
            why="Your matrix is square. Its last rows hold only a part of the kernel, because the "
            "rest would lie outside.",
            question="Which rows hold the whole kernel?",
            knobs={"rows": "n", "beyond": "cut"},
        ),
        Mistake(
            "wraps_around",
            "the last rows go around the end (a circulant matrix)",
            why="Your matrix is square. In its last rows the kernel leaves on the right and comes "
            "back on the left, as if the input were a ring.",
            question="Should the last output depend on the first input?",
            knobs={"rows": "n", "beyond": "wrap"},
        ),
        Mistake(
            "padded_same",
            "it is the matrix for an input padded with zeros (as many rows as inputs)",
            why="The kernel is centered on each input, so it hangs over at both ends.",
            question="Which rows hold the whole kernel?",
            knobs={"rows": "n", "beyond": "cut", "offset": -0.5},
            also=(centered_before,),
        ),
        Mistake(
            "rows_of_zeros_below",
            "there is a row for every input, and the last ones are empty",
            why="Your matrix is square. It has more rows than the kernel has places.",
            question="How many outputs does a kernel of 3 numbers have on 6 inputs?",
            after=lambda W, kernel, n: np.vstack([W, np.zeros((n - len(W), n))]),
        ),
        Mistake(
            "skips_first",
            "the kernel's first weight is missing",
            why="range(1, A) leaves out 0, so the first diagonal stays empty.",
            question="What does range(1, A) leave out?",
            knobs={"entries": slice(1, None)},
        ),
        Mistake(
            "first_row_only",
            "only the first row is written",
            why="The other outputs are 0 for every input: each row needs the kernel.",
            question="What should stand in row 1?",
            after=lambda W, kernel, n: W * (np.arange(len(W)) == 0)[:, None],
            also=(
                lambda kernel, n: toeplitz(kernel, n)[0],
                lambda kernel, n: toeplitz(kernel, n)[:1],
            ),
        ),
        Mistake(
            "padded_full",
            "it is the matrix for every place that touches the input at all (n + A - 1 rows)",
            why="The first and the last rows hold only a part of the kernel.",
            question="Which rows hold the whole kernel?",
            knobs={"rows": "n + A - 1", "beyond": "cut", "offset": -1},
        ),
        Mistake(
            "jumps",
            "from one row to the next the kernel moves by its own length",
            why="So no two rows share an input, and the matrix ends before its rows do.",
            question="By how much does the kernel move from y(0) to y(1)?",
            answer=lambda kernel, n: toeplitz(kernel, n, step=len(kernel)),
            also=(lambda kernel, n: toeplitz(kernel, n, step=len(kernel), rows="n // A"),),
        ),
        Mistake(
            "jumps_and_is_cut",
            "from one row to the next the kernel moves by its own length, out of the matrix",
            why="No two rows share an input, and the last rows stay empty.",
            question="By how much does the kernel move from y(0) to y(1)?",
            answer=lambda kernel, n: toeplitz(kernel, n, step=len(kernel), beyond="cut"),
        ),
        Mistake(
            "does_not_move",
            "every row is the same",
            why="The kernel stands at the left end of every row, so all outputs are y(0).",
            question="What should be different in row 1?",
            knobs={"step": 0},
        ),
        matrices.transposed(),
        Mistake(
            "right_to_left",
            "the kernel starts on the right and moves to the left",
            why="Row 0 holds the last place of the kernel, so the outputs come in reverse order.",
            question="Which inputs does y(0) need?",
            after=lambda W, kernel, n: W[::-1],
        ),
        Mistake(
            "diagonal_only",
            "only the kernel's first number is written",
            why="One number in a row multiplies one input; each output needs A of them.",
            question="How many entries of a row are not zero?",
            knobs={"entries": slice(1)},
        ),
        Mistake(
            "last_weight_missing",
            "the kernel's last number is not written",
            why="range(A - 1), or a slice that ends at r + A - 1, leaves out the last weight.",
            question="How many entries of a row are not zero?",
            knobs={"entries": slice(-1)},
        ),
        Mistake(
            "size_of_the_example",
            "the matrix has the size of the example, whatever the arguments",
            why="4 rows and 6 columns are right for 6 inputs and a kernel of 3.",
            question="Where in your code do fixed numbers stand?",
            answer=lambda kernel, n: toeplitz(kernel[:3], 6),
        ),
        arrays.integers_only(knobs={"dtype": int}, after=None),
    ),
)
