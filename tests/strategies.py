"""Hypothesis strategies: convolutions of every kind that labkit knows."""

import dataclasses

import numpy as np
from hypothesis import strategies as st


@dataclasses.dataclass(frozen=True)
class Convolution:
    """One convolution; whole numbers, so that equal means equal, to the last bit."""

    x: np.ndarray
    kernel: np.ndarray
    options: dict  # strides, padding, dilation_rate
    groups: int

    @property
    def spatial(self):
        return self.x.shape[1:-1]

    @property
    def kernel_size(self):
        return self.kernel.shape[:-2]


def integers_like(shape, seed):
    return np.random.default_rng(seed).integers(-9, 10, shape)


@st.composite
def convolutions(draw, ranks=(1, 2, 3), groups=(1, 2, 3), batch=2):
    rank = draw(st.sampled_from(ranks))

    def axes(values):
        return tuple(draw(st.lists(values, min_size=rank, max_size=rank)))

    kernel_size = axes(st.integers(1, 4 if rank < 3 else 2))
    strides = axes(st.integers(1, 3))
    dilation_rate = axes(st.integers(1, 3 if rank < 3 else 2))
    extents = [(k - 1) * d + 1 for k, d in zip(kernel_size, dilation_rate, strict=True)]
    kinds = ["valid", "same", "full", "int", "pairs"] + ["causal"] * (rank == 1)
    padding = draw(st.sampled_from(kinds))
    if padding == "int":
        padding = draw(st.integers(0, 2))
    elif padding == "pairs":
        padding = axes(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    # under named padding the kernel may be larger than the image, otherwise it has to fit
    padded = padding in ("same", "full", "causal")
    more = axes(st.integers(1, 3))
    spatial = tuple((e // 2 if padded else e) + n for e, n in zip(extents, more, strict=True))
    count = draw(st.sampled_from(groups))
    depth, each = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    seed = draw(st.integers(0, 2**32 - 1))
    return Convolution(
        x=integers_like((batch, *spatial, depth * count), seed),
        kernel=integers_like((*kernel_size, depth, each * count), seed + 1),
        options={"strides": strides, "padding": padding, "dilation_rate": dilation_rate},
        groups=count,
    )
