"""What the pooling exercises share: mistakes about where windows go, and what may not be used."""

from labkit.checks.exercise import Mistake
from labkit.checks.forbidden import BUILTINS
from labkit.exercises.families import places, pooling

__all__ = ["ARGUMENTS", "FORBIDDEN", "SIZES"]

#: What pools by itself, and so may not be called.
FORBIDDEN = (
    *BUILTINS,
    *(f"keras.layers.{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in (1, 2, 3)),
    *(f"keras.layers.Global{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in (2,)),
    "keras.ops.max_pool",
    "keras.ops.average_pool",
    "tensorflow.nn.pool",
    *(f"tensorflow.nn.{kind}_pool{rank}" for kind in ("max", "avg") for rank in ("", "2d", "3d")),
    "jax.lax.reduce_window",
    "skimage.measure.block_reduce",
    "torch.max_pool2d",
    "torch.nn.functional.avg_pool2d",
)

#: Pool size and stride taken for something else; for a model called with (x, pool, stride, ...).
ARGUMENTS = (
    Mistake(
        "stride_is_pool",
        "the stride is taken equal to the pool size",
        why="Your windows stand side by side whatever the stride says. Overlapping pooling, "
        "AlexNet's, has a stride smaller than its window.",
        question="Where does the second window of 3 start if the stride is 2?",
        before=lambda x, pool, stride, *pad: (x, pool, pool, *pad),
    ),
    Mistake(
        "pool_is_stride",
        "the window is taken as large as the stride",
        why="The windows start at the right places, but each is as large as the step to the "
        "next one: the pool size is not used.",
        question="How many pixels does one output look at?",
        before=lambda x, pool, stride, *pad: (x, stride, stride, *pad),
    ),
    Mistake(
        "pool_exchanged",
        "the window's rows and columns are exchanged",
        why="pool[0] is the number of rows. With a square window nobody notices.",
        question="Is a window of (2, 3) higher than wide?",
        before=lambda x, pool, stride, *pad: (x, pool[::-1], stride, *pad),
    ),
    Mistake(
        "stride_exchanged",
        "the strides of rows and columns are exchanged",
        why="stride[0] goes down, from row to row. With equal strides nobody notices.",
        question="Which way does stride[1] move the window?",
        before=lambda x, pool, stride, *pad: (x, pool, stride[::-1], *pad),
    ),
    Mistake(
        "square_window",
        "the window is taken to be square",
        why="The number of rows is used for the columns, too.",
        question="What is pool[1] for?",
        before=lambda x, pool, stride, *pad: (x, (pool[0], pool[0]), stride, *pad),
    ),
)

#: These, and wrong windows; for a model that is `slide`.
SIZES = (
    *ARGUMENTS,
    Mistake(
        "stride_one",
        "the stride is always 1",
        why="Every place where the window fits gives an output, so almost nothing is reduced.",
        question="How far apart do two neighboring windows start?",
        before=lambda x, pool, stride, *pad: (x, pool, (1, 1), *pad),
    ),
    Mistake(
        "start_not_multiplied",
        "the number of outputs is right, but the windows move by 1",
        why="Output (n, m) reads the window at (n, m), so you see the top left part of the "
        "image only.",
        question="At which row does the window of output (1, 0) start if the stride is 2?",
        knobs={"start": "1"},
    ),
    pooling.dilated(knobs={"spread": True, "start": "1"}),
    Mistake(
        "remainder_kept",
        "windows that reach over the edge are kept, cut short",
        why="A slice that ends outside is cut without a word. What is left over at the edge "
        "gets no output here (padding='valid').",
        question="How many whole windows of 2 fit side by side into 5 pixels?",
        knobs={"places": "ceil((N - A) / S) + 1"},
    ),
    pooling.every_start(knobs={"places": "ceil(N / S)"}),
    Mistake(
        "size_over_stride",
        "the output has N // stride rows",
        why="That counts how many steps fit, not how many windows. With a stride equal to the "
        "pool size nobody notices.",
        question="How many windows of 3, a stride of 2 apart, fit into 8 rows?",
        knobs={"places": "N // S"},
    ),
    pooling.last_window_missing(knobs={"places": "(N - A) // S"}),
    pooling.edge_left_out(knobs={"places": "ceil((N - A) / S)"}),
    places.result_transposed(id="transposed"),
)
