"""The sliding sum with channels and filters, on any number of axes, and the mistakes common to it.

Three exercises ask for it in steps: one filter, several filters, any rank. In all of them x is
(batch, *spatial, channels) and the kernels begin with (*size, channels).
"""

import numpy as np

from labkit.checks.exercise import Mistake
from labkit.exercises.families import arrays, channels, padding, sums
from labkit.exercises.models.convolution import slide_filters

__all__ = ["CHANNELS", "NUMBERS", "PLACES", "on_any"]


def step_by_step(x, kernels, dtype):
    """Add product by product, and store each sum in an array of `dtype` before the next."""
    rank = np.ndim(x) - 2
    size = kernels.shape[:rank]
    places = [n - a + 1 for n, a in zip(x.shape[1:-1], size, strict=True)]
    y = np.zeros((len(x), *places, *kernels.shape[rank + 1 :]), dtype)
    for tap in np.ndindex(*size):
        window = tuple(slice(at, at + many) for at, many in zip(tap, places, strict=True))
        for channel in range(x.shape[-1]):
            part = x[(slice(None), *window, channel)]
            y[...] = y + np.multiply.outer(part, kernels[(*tap, channel)])
    return y


def flipped(*axes):
    return lambda x, kernels: (x, np.flip(kernels, axes))


def turned(x, kernels):
    return x, np.flip(kernels, tuple(range(np.ndim(x) - 2)))


def without_first(x, kernels):
    kernels = np.array(kernels)
    for axis in range(np.ndim(x) - 2):
        np.moveaxis(kernels, axis, 0)[0] = 0
    return x, kernels


def channels_reversed(x, kernels):
    return x, np.flip(kernels, np.ndim(x) - 2)


def summed_first(x, kernels):
    """Add the channels of both before anything is multiplied."""
    axis = np.ndim(x) - 2
    return np.sum(x, -1, keepdims=True), np.sum(kernels, axis, keepdims=True)


def gray_first(x, kernels):
    """Average the channels of x, so that each plane of the kernel reads the same gray."""
    gray = np.mean(x, -1, keepdims=True)
    return np.repeat(gray, np.shape(x)[-1], axis=-1), kernels


def first_plane(x, kernels):
    axis = np.ndim(x) - 2
    plane = np.take(kernels, [0], axis)
    return x, np.repeat(plane, np.shape(x)[-1], axis)


def kernels_reshaped(x, kernels):
    """Reshape the kernels to (channels, *size), which parts the numbers at the wrong places."""
    rank = np.ndim(x) - 2
    *size, channels = np.shape(kernels)[: rank + 1]
    wrong = np.reshape(kernels, (channels, *size, *np.shape(kernels)[rank + 1 :]))
    return x, np.moveaxis(wrong, 0, rank)


def channels_first(x, kernels):
    """Reshape x to (batch, channels, *spatial)."""
    batch, *spatial, channels = np.shape(x)
    return np.moveaxis(np.reshape(x, (batch, channels, *spatial)), 1, -1), kernels


def three_at_most(x, kernels):
    """Keep the first three channels of both."""
    axis = np.ndim(x) - 2
    return x[..., :3], np.take(kernels, range(min(3, np.shape(kernels)[axis])), axis)


def three_exactly(x, kernels):
    if np.shape(x)[-1] < 3:
        raise IndexError("index 2 is out of bounds")
    return on_any(*three_at_most(x, kernels))


def on_any(x, kernels, **knobs):
    """Call :func:`slide_filters`, also for a single filter without an axis of its own."""
    if np.ndim(kernels) < np.ndim(x):
        return slide_filters(x, np.asarray(kernels)[..., None], **knobs)[..., 0]
    return slide_filters(x, kernels, **knobs)


def channels_kept(to=None):
    """Keep every channel's map: the channels as axis `to`, or beside each other if it is None."""

    def wrong(x, kernels):
        y = on_any(x, kernels, across="kept")
        if to is None:
            return y.reshape(*y.shape[: np.ndim(x) - 1], -1)
        return np.moveaxis(y, np.ndim(x) - 1, to)

    return wrong


def filter_by_filter(change):
    """Return a `before` that changes each filter, an array (*size, channels), by itself."""

    def before(x, kernels):
        if np.ndim(kernels) < np.ndim(x):
            return x, change(np.asarray(kernels))
        return x, np.stack([change(one) for one in np.moveaxis(kernels, -1, 0)], axis=-1)

    return before


def after_change(before):
    return lambda x, kernels: on_any(*before(x, kernels))


by_columns_in_patch = filter_by_filter(lambda one: one.ravel().reshape(one.shape, order="F"))
by_columns_in_kernel = filter_by_filter(lambda one: one.ravel(order="F").reshape(one.shape))
channels_first_in_kernel = filter_by_filter(lambda one: np.moveaxis(one, -1, 0).reshape(one.shape))


#: What goes wrong with channels
CHANNELS = (
    Mistake(
        "three_channels",
        "the input is taken to have three channels",
        why="range(3) is right for color photographs only. How many channels there are, the last "
        "axis of the input says.",
        question="What does your loop do with a gray image, and what with five channels?",
        before=three_at_most,
        also=(three_exactly,),
    ),
    Mistake(
        "flattened_differently",
        "patch and kernel are flattened in different orders",
        why="Both become one row of numbers, but not in the same order: in one of them the "
        "channels come first, or the columns. So a pixel meets the weight of another.",
        question="Which number is the second in your flattened patch, and which in your flattened "
        "kernel?",
        before=channels_first_in_kernel,
        also=(after_change(by_columns_in_patch), after_change(by_columns_in_kernel)),
    ),
    channels.last_only(knobs={"across": "last"}),
    channels.first_only(knobs={"across": "first"}),
    Mistake(
        "all_but_last_channel",
        "the last channel is left out",
        why="The loop over channels ends one too early: range(C - 1) ends at C - 2.",
        question="What is the last value of range(C)?",
        knobs={"across": "all but the last"},
    ),
    Mistake(
        "all_but_first_channel",
        "the first channel is left out",
        why="The sum over channels starts at 1, as on the slide. In Python the first channel is "
        "channel 0.",
        question="What does range(1, C) leave out?",
        knobs={"across": "all but the first"},
    ),
    channels.summed_before_multiplying(before=summed_first),
    Mistake(
        "gray_first",
        "the channels of the input are averaged before they meet the kernel",
        why="Each plane of the kernel reads the same gray image. Red and green can no longer be "
        "told apart.",
        question="Which channel of the input does plane 0 of the kernel multiply?",
        before=gray_first,
    ),
    channels.first_plane_for_all(before=first_plane),
    channels.averaged(knobs={"across": "mean"}),
    Mistake(
        "largest_channel",
        "the largest channel is taken instead of their sum",
        why="One channel wins and the others do not count.",
        question="Which sign in the formula stands between the channels?",
        knobs={"across": "max"},
    ),
    channels.not_added_up(
        channels_kept(0),
        channels_kept(1),
        channels_kept(-1),
        channels_kept(),
        why="Every channel gets a map of its own (that is a depthwise convolution). One filter "
        "gives one number for each place.",
        knobs={"across": "kept"},
    ),
    channels.backward(before=channels_reversed),
    Mistake(
        "kernel_reshaped",
        "the kernel's channels are brought to the front by reshape",
        why="reshape keeps the numbers in their order and breaks them off elsewhere. Moving an "
        "axis takes np.moveaxis or np.transpose.",
        question="Which numbers of the kernel belong to channel 0: the first few, or every C-th?",
        before=kernels_reshaped,
    ),
    Mistake(
        "channels_first",
        "the input's channels are brought to the front by reshape",
        why="reshape keeps the numbers in their order and breaks them off elsewhere. In memory, "
        "the channels of one pixel stand next to each other.",
        question="Which numbers of x belong to channel 0: the first few, or every C-th?",
        before=channels_first,
    ),
)


def last_places_zero(x, kernels):
    """Make the result large enough, but leave its last places zero."""
    y = on_any(x, kernels)
    for axis in range(1, np.ndim(x) - 1):
        np.moveaxis(y, axis, 0)[-1] = 0
    return y


def without_last(x, kernels):
    kernels = np.array(kernels)
    for axis in range(np.ndim(x) - 2):
        np.moveaxis(kernels, axis, 0)[-1] = 0
    return x, kernels


def only_tap(index):
    """Return a `before` that sets all weights to zero but those of one place in the kernel."""

    def before(x, kernels):
        kept = np.zeros_like(kernels)
        place = (index,) * (np.ndim(x) - 2)
        kept[place] = np.asarray(kernels)[place]
        return x, kept

    return before


def wrapped(x, kernels):
    """Let the first pixel follow the last one."""
    size = np.shape(kernels)[: np.ndim(x) - 2]
    return np.pad(x, [(0, 0), *((0, taps - 1) for taps in size), (0, 0)], mode="wrap"), kernels


#: What goes wrong with places, as in lab 01
PLACES = (
    sums.ends_too_early(before=without_last),
    Mistake(
        "last_tap",
        "of the kernel's places only the last one counts (= instead of +=)",
        why="What one place of the kernel gives replaces what the places before it gave.",
        question="Does the line in your loop over the kernel add, or overwrite?",
        before=only_tap(-1),
    ),
    Mistake(
        "first_tap",
        "of the kernel's places only the first one counts",
        why="The loop over the kernel ends after one round, or what it adds is always the same "
        "place's.",
        question="How far is your return indented?",
        before=only_tap(0),
    ),
    Mistake(
        "wraps_around",
        "the kernel runs over the edge and on at the other side",
        why="np.roll, and the Fourier transform, take the input for a ring: after the last pixel "
        "comes the first. Only the places count where the kernel fits whole.",
        question="Which of your outputs mix the last pixels with the first?",
        before=wrapped,
    ),
    Mistake(
        "kernel_turned",
        "the kernel is mirrored along all spatial axes",
        why="That is the mathematician's convolution. Here the kernel is laid on the input as it "
        "is, without the mirror: cross-correlation.",
        question="Which number of the kernel meets the first pixel?",
        before=turned,
    ),
    Mistake(
        "one_short",
        "the last place along each axis is missing (N - A instead of N - A + 1)",
        why="The kernel fits once more than you slide it, along each axis.",
        question="In how many places does a kernel of 3 rows fit into 3 rows?",
        knobs={"short": 1},
        also=(last_places_zero,),
    ),
    padding.same(knobs={"padding": "same"}),
    padding.same_more_before(knobs={"padding": "same, extra before"}),
    padding.full(knobs={"padding": "full"}),
    sums.starts_at_one(before=without_first),
)


def totals(y, axis=None):
    """Sum from one number to the next in the order of memory, or along `axis` only."""
    return np.cumsum(y, axis).reshape(np.shape(y))


def per_filter(way):
    """Return a mistake made in each map (batch, *places), for one filter or several."""

    def wrong(x, kernels):
        y = on_any(x, kernels)
        if np.ndim(kernels) < np.ndim(x):
            return way(y)
        return np.stack([way(one) for one in np.moveaxis(y, -1, 0)], axis=-1)

    return wrong


def flat(y, x, kernels):
    """Lay the places of each image in one row."""
    return y.reshape(len(y), -1, *np.shape(kernels)[np.ndim(x) - 1 :])


#: What goes wrong with the numbers and the batch
NUMBERS = (
    Mistake(
        "total_never_reset",
        "the sum goes on from one output to the next, it does not start again at 0",
        why="Each output holds its own sum and those of all before it.",
        question="In front of which loop does your sum start at 0?",
        answer=per_filter(totals),
        also=(
            per_filter(lambda maps: np.stack([totals(one) for one in maps])),
            per_filter(lambda maps: totals(maps, 0)),
            per_filter(lambda maps: totals(maps, -1)),
            lambda x, kernels: totals(on_any(x, kernels)),
            lambda x, kernels: np.stack([totals(one) for one in on_any(x, kernels)]),
            lambda x, kernels: totals(on_any(x, kernels), -1),
        ),
    ),
    arrays.one_long_row(
        lambda x, kernels: on_any(x, kernels).reshape(-1, *np.shape(kernels)[np.ndim(x) - 1 :]),
        lambda x, kernels: on_any(x, kernels).reshape(len(x), -1),
        lambda x, kernels: on_any(x, kernels).ravel(),
        after=flat,
    ),
    arrays.negatives_cut(),
    Mistake(
        "last_image_without_batch",
        "the result is that of the last image, without the batch axis",
        why="Each image's result replaces the one before it, so the last one is left.",
        question="What becomes of the result of the first image when the loop goes on?",
        after=lambda y, x, kernels: y[-1],
    ),
    arrays.integers_only(
        lambda x, kernels: step_by_step(x, kernels, int),
        lambda x, kernels: step_by_step(x.astype(int), kernels.astype(int), float),
    ),
    arrays.dtype_of_x_despite_the_kernel(
        lambda x, kernels: step_by_step(x, kernels, x.dtype), id="dtype_of_input"
    ),
    arrays.dtype_of_kernel(
        lambda x, kernels: step_by_step(x, kernels, kernels.dtype),
        after=lambda y, x, kernels: np.asarray(y).astype(np.asarray(kernels).dtype),
    ),
    sums.averaged(after=lambda y, x, kernels: y / np.prod(np.shape(kernels)[: np.ndim(x) - 1])),
    sums.no_weights(before=lambda x, kernels: (x, np.ones_like(kernels))),
    arrays.first_image_only(),
    Mistake(
        "first_image_without_batch",
        "the result is that of the first image, without the batch axis",
        why="x[0] is one image, and so is your result: the batch axis is gone.",
        question="How many axes has the result, and what does the first one count?",
        after=lambda y, x, kernels: y[0],
    ),
    Mistake(
        "same_image_again",
        "every image gets the result of the first",
        why="The loop over the batch runs, but what it computes does not depend on it.",
        question="Where in your loop does the number of the image appear?",
        after=lambda y, x, kernels: np.repeat(y[:1], len(y), axis=0),
    ),
    Mistake(
        "last_image_for_all",
        "every image gets the result of the last",
        why="Each image's result overwrites those of all others.",
        question="Where in your loop does the number of the image appear?",
        after=lambda y, x, kernels: np.repeat(y[-1:], len(y), axis=0),
    ),
    Mistake(
        "batch_summed",
        "the images of the batch are added up",
        why="The sum also runs over the first axis. Images do not mix: each has its own result.",
        question="Over which axes does your sum run?",
        after=lambda y, x, kernels: y.sum(0),
    ),
    Mistake(
        "batch_of_one",
        "a batch of one image comes back without its batch axis",
        why="np.squeeze drops every axis of size 1, so also the batch, the places or the filters "
        "when there is but one.",
        question="Which shape should the result of a single image have?",
        after=lambda y, x, kernels: np.squeeze(y),
    ),
)
