"""conv_backward(x, kernel, dy, stride, padding): the three gradients of a convolution layer."""

import numpy as np

from labkit import gradients
from labkit.checks.exercise import Case, Exercise, Mistake
from labkit.exercises.families import arrays, backpropagation, places
from labkit.exercises.inputs import float32, floats, integers
from labkit.exercises.lab07.automatic import AUTOMATIC

__all__ = ["CONV_BACKWARD"]


def crop(box, p, shape):
    return box[:, p : p + shape[1], p : p + shape[2]]


def backward(
    x,
    kernel,
    dy,
    stride,
    padding,
    *,
    kernel_add=True,
    input_add=True,
    kernel_start=lambda place, s: place * s,
    input_start=lambda place, s: place * s,
    cut=crop,
    turn=lambda kernel: kernel,
    bias=lambda dy: dy.sum((0, 1, 2)),
    kernel_end=lambda dk, batch: dk,
    input_scale=lambda dy: dy,
    kernel_scale=lambda dy: dy,
    pad="constant",
    images=lambda batch: range(batch),
):
    """conv_backward with a knob for each way to get it wrong."""
    x, kernel, dy = (np.asarray(array, float) for array in (x, kernel, dy))
    p, (a, b) = padding, kernel.shape[:2]
    box = np.pad(x, [(0, 0), (p, p), (p, p), (0, 0)], mode=pad)
    d_box, dk, turned = np.zeros_like(box), np.zeros_like(kernel), turn(kernel)
    for image in images(len(x)):
        for n, m in np.ndindex(dy.shape[1:3]):
            up = dy[image, n, m]
            r, c = kernel_start(n, stride), kernel_start(m, stride)
            part = box[image, r : r + a, c : c + b, :, None] * kernel_scale(up)
            dk = dk + part if kernel_add else part
            r, c = input_start(n, stride), input_start(m, stride)
            part = turned @ input_scale(up)
            field = d_box[image, r : r + a, c : c + b]
            field[...] = field + part if input_add else part
    return cut(d_box, p, x.shape), kernel_end(dk, len(x)), bias(dy)


def oracle(x, kernel, dy, stride, padding):
    found = gradients.convolution_gradients(
        np.asarray(x, float),
        np.asarray(kernel, float),
        np.asarray(dy, float),
        strides=stride,
        padding=padding,
    )
    return tuple(found)


def with_kernel(dkernel, *args):
    dx, _, dbias = backward(*args)
    return dx, dkernel, dbias


def with_bias(bias, *args):
    return (*backward(*args)[:2], bias(np.asarray(args[2], float)))


def last_place(x, kernel, dy, stride, padding):
    """Return the kernel's gradient from the last place of all images."""
    only = np.zeros_like(dy)
    only[:, -1, -1] = dy[:, -1, -1]
    return backward(x, kernel, only, stride, padding)[1]


def last_image(x, kernel, dy, stride, padding):
    return backward(x[-1:], kernel, dy[-1:], stride, padding)[1]


def last_filter_last(x, kernel, dy, stride, padding):
    """Overwrite in the loop over the filters, too, so that the last one is left."""
    dx = backward(x, kernel[..., -1:], dy[..., -1:], stride, padding, input_add=False)[0]
    return dx, *backward(x, kernel, dy, stride, padding)[1:]


def draw(rng):
    def case(batch, shape, size, maps, stride, padding, label="", values=integers):
        channels, filters = maps
        out = [(n + 2 * padding - k) // stride + 1 for n, k in zip(shape, size, strict=True)]
        x = values(rng, batch, *shape, channels)
        kernel = values(rng, *size, channels, filters)
        return Case((x, kernel, values(rng, batch, *out, filters), stride, padding), label)

    return [
        case(2, (4, 5), (2, 3), (2, 3), 1, 0, "stride 1, no padding"),
        case(1, (5, 4), (3, 2), (2, 2), 1, 0, "stride 1, no padding", floats),
        case(2, (4, 3), (3, 2), (1, 2), 1, 1, "padding"),
        case(2, (5, 7), (3, 3), (2, 1), 2, 0, "stride 2"),
        case(1, (6, 5), (3, 2), (2, 2), 2, 1, "stride 2 and padding", floats),
        case(2, (6, 6), (2, 2), (1, 2), 3, 0, "pixels that are never read"),
        case(3, (3, 3), (3, 3), (2, 2), 1, 2, "three images, two zeros around each", floats),
        case(2, (3, 4), (1, 1), (2, 3), 1, 0, "a 1 x 1 kernel"),
        case(2, (5, 4), (2, 3), (2, 2), 2, 1, "float32", float32),
        # what comes back to whole numbers need not be whole
        Case((integers(rng, 2, 4, 4, 1), floats(rng, 2, 2, 1, 2), floats(rng, 2, 3, 3, 2), 1, 0)),
    ]


CONV_BACKWARD = Exercise(
    id="conv_backward",
    lab="07",
    points=4,
    call="conv_backward(x, kernel, dy, stride, padding)",
    shape="(dx, dkernel, dbias), of the shapes of x, kernel and the bias (filters,)",
    oracle=oracle,
    model=backward,
    forbidden=(*AUTOMATIC, "keras.ops.conv_transpose", "keras.layers.Conv2DTranspose"),
    examples=(
        Case(
            (
                np.array([[1, 2, 3], [4, 5, 6]]).reshape(1, 2, 3, 1),
                np.array([[1, 0], [0, 2]]).reshape(2, 2, 1, 1),
                np.array([[1, 10]]).reshape(1, 1, 2, 1),
                1,
                0,
            )
        ),
    ),
    draw=draw,
    seconds=6.0,
    hints=(
        "Write the forward pass as loops over images, places and filters: y[b, n, m, f] = "
        "(window * kernel[..., f]).sum() + bias[f]. In each step, what does dy[b, n, m, f] say "
        "about window, kernel and bias?",
        "The kernel gets window * dy, the window gets kernel * dy, the bias gets dy: each added to "
        "what is there already. Pad x first; at the end, cut the zeros off its gradient.",
        "For each b, n, m, f, with r = n * stride, c = m * stride: dkernel[..., f] += "
        "box[b, r:r+A, c:c+B] * d; dbox[b, r:r+A, c:c+B] += kernel[..., f] * d; dbias[f] += d. "
        "Then dx = dbox[:, p : p + H, p : p + W].",
    ),
    mistakes=(
        Mistake(
            "kernel_overwritten",
            "the kernel's gradient is that of the last place only: = instead of +=",
            why="The same weights are used at every place of every image, and every use adds its "
            "part.",
            question="How often is one weight used?",
            knobs={"kernel_add": False},
            also=(
                # all images at the last place; all places of the last image
                lambda *args: with_kernel(last_place(*args), *args),
                lambda *args: with_kernel(last_image(*args), *args),
            ),
        ),
        Mistake(
            "input_overwritten",
            "where windows overlap, the input's gradient is overwritten: = instead of +=",
            why="A pixel is read by several outputs, and gets a part from each.",
            question="How many outputs read a pixel in the middle?",
            knobs={"input_add": False},
            also=(last_filter_last,),
        ),
        places.stride_ignored(
            why="Output (n, m) read from row n * stride and column m * stride on.",
            question="Which pixels did output (0, 1) read?",
            knobs={
                "kernel_start": lambda place, s: place,
                "input_start": lambda place, s: place,
            },
        ),
        Mistake(
            "stride_ignored_in_dkernel",
            "the stride is ignored in the kernel's gradient",
            why="The window that goes into it began at row n * stride.",
            question="Which pixels did the weight meet in output (0, 1)?",
            knobs={"kernel_start": lambda place, s: place},
        ),
        Mistake(
            "stride_ignored_in_dx",
            "the stride is ignored in the input's gradient",
            why="What came back belongs to the window that was read, from row n * stride on.",
            question="To which pixels does dy[0, 0, 1] go back?",
            knobs={"input_start": lambda place, s: place},
        ),
        Mistake(
            "cut_at_zero",
            "dx is empty when there is no padding: pad : -pad",
            why="box[0:-0] is box[0:0], which is nothing. Say where the image ends: "
            "p : p + height.",
            question="What is [1, 2, 3][0:-0]?",
            knobs={"cut": lambda box, p, shape: box[:, p:-p, p:-p] if p else box[:, 0:0, 0:0]},
        ),
        Mistake(
            "not_cut",
            "dx still has the zeros around it",
            why="The padding is no part of x, so nobody asks for its gradient.",
            question="Which shape has x?",
            knobs={"cut": lambda box, p, shape: box},
        ),
        Mistake(
            "cut_at_the_corner",
            "the zeros are cut off at the wrong end of dx",
            why="The image begins at row and column `padding` of the padded one.",
            question="Where in the padded gradient is pixel (0, 0)?",
            knobs={"cut": lambda box, p, shape: box[:, : shape[1], : shape[2]]},
        ),
        Mistake(
            "turned",
            "the kernel is turned by 180 degrees in dx",
            why="Adding kernel * dy to the window needs no turn. (Sliding over a padded dy does.)",
            question="By which weight was the window's first pixel multiplied?",
            knobs={"turn": lambda kernel: kernel[::-1, ::-1]},
        ),
        Mistake(
            "bias_averaged",
            "the bias's gradient is averaged, not added up",
            why="The bias is added at every place of every image, and every place counts.",
            question="If a bias grows by 1, how many outputs grow?",
            knobs={"bias": lambda dy: dy.mean((0, 1, 2))},
        ),
        Mistake(
            "bias_per_batch",
            "the bias's gradient is added up over places, and averaged over images",
            why="The mean over the batch, if there is one, is in dy already.",
            question="If a bias grows by 1, in how many images do outputs grow?",
            knobs={"bias": lambda dy: dy.sum((1, 2)).mean(0)},
        ),
        Mistake(
            "bias_overwritten",
            "the bias's gradient is that of the last place only: = instead of +=",
            why="With =, each place wipes out what the places before it have brought.",
            question="If a bias grows by 1, how many outputs grow?",
            knobs={"bias": lambda dy: dy[-1, -1, -1]},
            also=(
                lambda *args: with_bias(lambda dy: dy[:, -1, -1].sum(0), *args),
                lambda *args: with_bias(lambda dy: dy[-1].sum((0, 1)), *args),
            ),
        ),
        Mistake(
            "bias_total",
            "all filters get one bias gradient",
            why="Each filter has a bias of its own.",
            question="Which shape has the bias?",
            knobs={"bias": lambda dy: dy.sum()},
        ),
        backpropagation.bias_per_place(knobs={"bias": lambda dy: dy.sum(0)}),
        Mistake(
            "divided_by_batch",
            "the kernel's gradient is divided by the number of images",
            why="The mean over the batch belongs to the loss, and has come down with dy already.",
            question="What did the loss do with the batch?",
            knobs={"kernel_end": lambda dk, batch: dk / batch},
        ),
        Mistake(
            "kernel_averaged",
            "the kernel's gradient is averaged over the places, not added up",
            why="The same weights are used at every place, and every use adds its part.",
            question="How often is one weight used?",
            after=lambda answer, x, kernel, dy, *args: (
                answer[0],
                answer[1] / (dy.shape[1] * dy.shape[2]),
                answer[2],
            ),
            also=(lambda *args: with_kernel(backward(*args)[1] / args[2][..., 0].size, *args),),
        ),
        backpropagation.kernel_turned(knobs={"kernel_end": lambda dk, batch: dk[::-1, ::-1]}),
        Mistake(
            "dy_left_out_of_dkernel",
            "the kernel's gradient does not use dy",
            why="What a weight did to the outputs counts only as far as the outputs matter.",
            question="What is the gradient if dy is 0?",
            knobs={"kernel_scale": np.ones_like},
        ),
        Mistake(
            "dy_left_out_of_dx",
            "the input's gradient does not use dy",
            why="A pixel matters as far as the outputs that read it matter.",
            question="What is dx if dy is 0?",
            knobs={"input_scale": np.ones_like},
        ),
        Mistake(
            "first_image_only",
            "only the first image is used for dx and dkernel",
            why="The batch has several.",
            question="Is dx zero for the second image?",
            knobs={"images": lambda batch: range(1)},
        ),
        Mistake(
            "edge",
            "the padding repeats the edge, instead of zeros",
            why="The forward pass saw zeros there, so the kernel's gradient has to, too.",
            question="What stood around the image?",
            knobs={"pad": "edge"},
        ),
        Mistake(
            "exchanged",
            "the kernel's gradient comes before the input's",
            why="Asked for is (dx, dkernel, dbias).",
            question="Which shape has the first of your three results?",
            after=lambda answer, *args: (answer[1], answer[0], answer[2]),
        ),
        arrays.integers_only(
            lambda *args: (*map(np.trunc, backward(*args)[:2]), backward(*args)[2]),
            lambda *args: (np.trunc(backward(*args)[0]), *backward(*args)[1:]),
            after=lambda answer, *args: tuple(np.trunc(part) for part in answer),
        ),
        Mistake(
            "dtype_of_x",
            "dx has x's dtype, so integers in x cut it",
            why="np.zeros_like(x) makes an array of integers when x holds integers.",
            question="Which dtype can hold 2 * 0.25?",
            after=lambda answer, x, *args: (answer[0].astype(x.dtype), *answer[1:]),
        ),
        backpropagation.downhill(after=lambda answer, *args: tuple(-part for part in answer)),
    ),
)
