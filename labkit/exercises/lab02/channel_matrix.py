"""channel_matrix(kernels, height, width): the block matrix with channels and filters."""

import numpy as np

from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, channels, filters, kernels, matrices
from labkit.exercises.inputs import float32, floats, integers
from labkit.matrix import convolution_matrix

__all__ = ["CHANNEL_MATRIX"]


def block_matrix(
    kernels,
    height,
    width,
    *,
    rows_by="place",
    columns_by="pixel",
    short=0,
    jump="width * C",
    step="C",
    start="width * C",
    used=slice(None),
    exchanged=False,
):
    """channel_matrix with a knob for each way to get it wrong."""
    kernels = np.asarray(kernels)
    A, B, C, F = kernels.shape
    N, M = height - A + 1 - short, width - B + 1 - short
    sizes = {
        "width * C": width * C,
        "height * C": height * C,
        "width": width,
        "width * F": width * F,
        "B * C": B * C,
        "M * C": M * C,
        "C": C,
        "1": 1,
        "F": F,
    }
    W = np.zeros((N * M * F, height * width * C))
    for n, m, f, i, j in np.ndindex(N, M, F, A, B):
        row = {
            "place": (n * M + m) * F + f,
            "filter": f * N * M + n * M + m,
            "place, column by column": (m * N + n) * F + f,
            "place, C apart": (n * M + m) * C + f,
            "place, one apart": n * M + m + f,
            "place, of N": (n * N + m) * F + f,
        }[rows_by]
        for k in range(C)[used]:
            column = n * sizes[start] + (m + j) * sizes[step] + i * sizes[jump] + k
            if columns_by == "channel":
                column = k * height * width + (n + i) * width + m + j
            if columns_by == "pixel, column by column":
                column = ((m + j) * height + n + i) * C + k
            if exchanged:
                column = ((n + j) * width + m + i) * C + k
            W[row, column] = kernels[i, j, k, f]
    return W


def not_cleared(kernels, height, width):
    """Lay each filter into an image that still holds what was laid there before."""
    A, B, C, F = kernels.shape
    canvas, rows = np.zeros((height, width, C)), []
    for n, m, f in np.ndindex(height - A + 1, width - B + 1, F):
        canvas[n : n + A, m : m + B] = kernels[..., f]
        rows.append(canvas.flatten())
    return np.array(rows)


def ring(kernels, height, width):
    """Give every pixel a place, as if the first pixel followed the last one."""
    A, B, C, F = kernels.shape
    first = np.zeros((F, height, width, C))
    first[:, :A, :B] = np.moveaxis(kernels, -1, 0)
    rows = [np.roll(first, place, (1, 2)) for place in np.ndindex(height, width)]
    return np.reshape(rows, (-1, height * width * C))


def places_of(W, kernels, height, width):
    """Reshape the matrix to (rows of places, columns of places, filters, pixels and channels)."""
    A, B, _C, F = kernels.shape
    return np.reshape(W, (height - A + 1, width - B + 1, F, -1))


def without_last(axis):
    """Return the change that leaves out the last row (0) or column (1) of places."""

    def missing(W, *args):
        places = np.delete(places_of(W, *args), -1, axis)
        return places.reshape(-1, W.shape[1])

    return missing


def last_left_zero(axis):
    """Return a channel_matrix that leaves the last row (0) or column (1) of places zero."""

    def zero(*args):
        W = block_matrix(*args)
        np.moveaxis(places_of(W, *args), axis, 0)[-1] = 0
        return W

    return zero


def both_last_zero(*args):
    W = block_matrix(*args)
    places = places_of(W, *args)
    places[-1] = places[:, -1] = 0
    return W


def padded(kernels, height, width):
    """Return the columns of the matrix for padded images that belong to the image itself."""
    A, B, C, _F = np.shape(kernels)
    top, left = (A - 1) // 2, (B - 1) // 2
    W = block_matrix(kernels, height + A - 1, width + B - 1)
    W = W.reshape(-1, height + A - 1, width + B - 1, C)
    return W[:, top : top + height, left : left + width].reshape(-1, height * width * C)


def one_map_per_channel(kernels, height, width):
    """Give every channel of every filter rows of its own, so that nothing is summed."""
    _A, _B, C, _F = np.shape(kernels)
    blocks = [
        block_matrix(np.where(np.arange(C)[:, None] == k, kernels, 0), height, width)
        for k in range(C)
    ]
    return np.concatenate(blocks)


def draw(rng):
    return [
        Case((integers(rng, 2, 2, 2, 2), 3, 4), "as many filters as channels"),
        Case((integers(rng, 2, 2, 3, 3), 4, 3), "as many filters as channels"),
        Case((integers(rng, 2, 3, 4, 2), 4, 5), "more channels than filters"),
        Case((integers(rng, 3, 2, 2, 3), 5, 4), "more filters than channels"),
        Case((integers(rng, 2, 2, 2, 3), 4, 4), "a square image and a square kernel"),
        Case((integers(rng, 1, 3, 2, 2), 3, 4), "a kernel of one row"),
        Case((integers(rng, 3, 1, 2, 2), 4, 3), "a kernel of one column"),
        Case((integers(rng, 1, 1, 3, 2), 2, 3), "a kernel of one pixel"),
        Case((integers(rng, 2, 3, 2, 2), 2, 3), "a kernel as large as the image"),
        Case((integers(rng, 2, 2, 1, 3), 3, 4), "one channel"),
        Case((integers(rng, 2, 2, 3, 1), 3, 4), "one filter"),
        Case((floats(rng, 2, 2, 2, 3), 4, 3), "decimals"),
        Case((float32(rng, 3, 2, 2, 2), 4, 5), "float32"),
    ]


CHANNEL_MATRIX = Exercise(
    id="channel_matrix",
    lab="02",
    points=4,
    call="channel_matrix(kernels, height, width)",
    shape="((height - A + 1) * (width - B + 1) * F, height * width * C)",
    oracle=lambda kernels, height, width: convolution_matrix(kernels, (height, width)),
    model=block_matrix,
    examples=(Case((np.array([2, 1, 3, -1]).reshape(1, 2, 2, 1), 2, 3), "one filter"),),
    draw=draw,
    hints=(
        "Take one output, at place (n, m), of filter f. Which pixels does it read, and how many "
        "numbers of each? Where do these stand in the long vector?",
        "Channel k of pixel (r, c) stands at place (r * width + c) * C + k. In the same way, "
        "filter f of place (n, m) is row (n * (width - B + 1) + m) * F + f.",
        "Loop over n, m, i and j. kernels[i, j] is (C, F): its transpose fills F rows from "
        "(n * M + m) * F on and C columns from ((n + i) * width + m + j) * C on, where M is "
        "width - B + 1.",
    ),
    mistakes=(
        Mistake(
            "blocks",
            "rows and columns are in channels-first order: one block for each filter and channel",
            why="Blocks are the beautiful way to see it, and this is a right matrix for "
            "vectors that hold one whole channel after the other. Our arrays keep the channels of "
            "a pixel together.",
            question="Which number follows images[0, 0, 0, 0] in memory?",
            knobs={"rows_by": "filter", "columns_by": "channel"},
        ),
        Mistake(
            "columns_by_channel",
            "the columns hold one whole channel after the other",
            why="The columns are ordered (C, height, width). In our arrays the channel is the last "
            "axis, so the channels of one pixel stand side by side.",
            question="Which number follows images[0, 0, 0, 0] in memory?",
            knobs={"columns_by": "channel"},
        ),
        Mistake(
            "rows_by_filter",
            "the rows hold the whole map of one filter after the other",
            why="The rows are ordered (F, places). In the output the filter is the last axis, so "
            "the filters of one place stand side by side.",
            question="Which number follows y[0, 0, 0, 0] in memory?",
            knobs={"rows_by": "filter"},
        ),
        Mistake(
            "rows_by_channels",
            "the rows of a place are counted by channels, not by filters",
            why="Rows are outputs, and an output place has F of them: row (n * M + m) * F + f. "
            "Channels count in the columns.",
            question="How many rows belong to one place?",
            knobs={"rows_by": "place, C apart"},
        ),
        Mistake(
            "one_row_per_place",
            "going on by one place moves by one row, not by F",
            why="Each place takes F rows, one for each filter. Yours overlap.",
            question="How many rows belong to one place of the output?",
            knobs={"rows_by": "place, one apart"},
        ),
        Mistake(
            "places_by_height",
            "a row of the output is taken to have as many places as a column",
            why="From one row of places to the next it is width - B + 1 places, not "
            "height - A + 1.",
            question="How many places lie side by side in one row of the output?",
            knobs={"rows_by": "place, of N"},
        ),
        Mistake(
            "not_flattened",
            "places, filters and pixels are left as axes of their own",
            why="The numbers are right; what is missing is the last reshape, to rows and columns.",
            question="How many axes has a matrix?",
            after=lambda W, kernels, height, width: W.reshape(
                height - kernels.shape[0] + 1,
                width - kernels.shape[1] + 1,
                kernels.shape[3],
                height,
                width,
                kernels.shape[2],
            ),
            also=(
                lambda *args: places_of(block_matrix(*args), *args),
                lambda *args: (W := block_matrix(*args)).reshape(-1, args[0].shape[-1], W.shape[1]),
            ),
        ),
        Mistake(
            "not_cleared",
            "each row also holds what the rows before it have left",
            why="You lay the filter into one and the same image of zeros, which are no zeros any "
            "more after the first place.",
            question="In front of which loop do you make the image of zeros?",
            answer=not_cleared,
        ),
        Mistake(
            "wraps_around",
            "the kernel runs over the edge and on at the other side",
            why="There is a place for every pixel, and beyond the last one comes the first: the "
            "matrix of a ring. Only the places count where the kernel fits whole.",
            question="How many places has a 2 x 3 kernel on a 4 x 5 image?",
            answer=ring,
        ),
        Mistake(
            "channels_forgotten_in_jump",
            "the kernel's rows are width columns apart, not width * C",
            why="The pixel right below lies width * C places further on: each pixel in between "
            "takes C.",
            question="How many numbers are in one row of the image?",
            knobs={"jump": "width"},
        ),
        Mistake(
            "channels_forgotten_in_start",
            "going down one place moves the row's weights by width, not by width * C",
            why="The places of the next row read pixels that lie width * C columns further on.",
            question="At which column does the row of place (1, 0) start?",
            knobs={"start": "width"},
        ),
        Mistake(
            "channels_forgotten_in_both",
            "an image row is taken to fill width places, not width * C",
            why="One row of the image fills width * C places of the vector: each pixel takes C.",
            question="How many numbers are in one row of the image?",
            knobs={"jump": "width", "start": "width"},
        ),
        Mistake(
            "one_column_per_pixel",
            "going right one pixel moves by one column, not by C",
            why="Each pixel takes C columns, one for each channel. Yours overlap.",
            question="How many columns belong to one pixel?",
            knobs={"step": "1"},
        ),
        Mistake(
            "filters_for_channels",
            "pixels are F columns apart, not C",
            why="Columns are inputs, and they count channels. Filters count in the rows.",
            question="How many columns belong to one pixel?",
            knobs={"step": "F"},
            also=(
                lambda *args: block_matrix(*args, step="F", jump="width * F", start="width * F"),
            ),
        ),
        matrices.no_gap_between_kernel_rows(
            why="The second kernel row starts B * C columns after the first. But the pixels below "
            "lie one image row further on.",
            knobs={"jump": "B * C"},
        ),
        matrices.one_output_width_apart(knobs={"jump": "M * C"}),
        matrices.wraps_over_rows(knobs={"start": "M * C"}),
        matrices.height_for_width(
            why="Both the places and the kernel's rows are an image row apart, and that is width "
            "pixels long, not height.",
            knobs={"jump": "height * C", "start": "height * C"},
        ),
        matrices.sizes_exchanged(before=lambda kernels, height, width: (kernels, width, height)),
        filters.taken_for_channels(
            before=lambda kernels, height, width: (np.swapaxes(kernels, 2, 3), height, width)
        ),
        filters.parted_at_the_wrong_places(
            before=lambda kernels, height, width: (
                np.swapaxes(kernels.reshape(*kernels.shape[:2], *kernels.shape[:1:-1]), 2, 3),
                height,
                width,
            )
        ),
        filters.reshaped(
            before=lambda kernels, height, width: (
                np.moveaxis(kernels.reshape(kernels.shape[-1], *kernels.shape[:-1]), 0, -1),
                height,
                width,
            )
        ),
        filters.backward(before=lambda kernels, height, width: (kernels[..., ::-1], height, width)),
        filters.first_only(before=lambda kernels, height, width: (kernels[..., :1], height, width)),
        filters.added_up(
            before=lambda kernels, height, width: (
                kernels.sum(-1, keepdims=True),
                height,
                width,
            ),
            after=None,
        ),
        filters.first_for_all(
            before=lambda kernels, height, width: (
                np.repeat(kernels[..., :1], kernels.shape[-1], -1),
                height,
                width,
            )
        ),
        filters.last_for_all(
            before=lambda kernels, height, width: (
                np.repeat(kernels[..., -1:], kernels.shape[-1], -1),
                height,
                width,
            )
        ),
        channels.first_plane_for_all(
            before=lambda kernels, height, width: (
                np.repeat(kernels[:, :, :1], kernels.shape[2], 2),
                height,
                width,
            )
        ),
        channels.first_only(knobs={"used": slice(1)}),
        channels.last_only(knobs={"used": slice(-1, None)}),
        Mistake(
            "channels_not_summed",
            "every channel has rows of its own",
            why="One row is one output, and it reads all channels: their blocks stand beside each "
            "other, not below.",
            question="How many rows are there for one place and one filter?",
            answer=one_map_per_channel,
        ),
        channels.backward(
            before=lambda kernels, height, width: (kernels[:, :, ::-1], height, width)
        ),
        kernels.turned(
            id="kernel_turned",
            question="Which weight stands in the first column of row 0?",
            before=lambda kernels, height, width: (kernels[::-1, ::-1], height, width),
        ),
        kernels.upside_down(before=lambda kernels, height, width: (kernels[::-1], height, width)),
        kernels.left_right(before=lambda kernels, height, width: (kernels[:, ::-1], height, width)),
        kernels.transposed(
            lambda *args: block_matrix(*args, exchanged=True),
            question="Which weights stand in row 0 before the first gap?",
            before=lambda kernels, height, width: (np.swapaxes(kernels, 0, 1), height, width),
        ),
        Mistake(
            "outputs_column_by_column",
            "the places are in column-by-column order",
            why="Each row is right, but after place (0, 0) comes (1, 0).",
            question="Which place does the second group of F rows belong to?",
            knobs={"rows_by": "place, column by column"},
        ),
        matrices.pixels_column_by_column(knobs={"columns_by": "pixel, column by column"}),
        matrices.outputs_missing(both_last_zero, knobs={"short": 1}),
        matrices.row_of_outputs_missing(last_left_zero(0), after=without_last(0)),
        matrices.column_of_outputs_missing(last_left_zero(1), after=without_last(1)),
        matrices.padded_same(answer=padded),
        matrices.transposed(),
        arrays.integers_only(),
    ),
)
