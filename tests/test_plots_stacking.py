"""Pictures of bias, of two layers in one, and of non-linearities: drawn is what the matrices "
"say."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from labkit import matrix, plots

RNG = np.random.default_rng(5)


def drawn(axes):
    """{(row, column): (color, label)} of the cells of a drawn matrix."""
    cells = [p for p in axes.patches if isinstance(p, Rectangle) and p.get_fill()]
    colors = {(round(p.get_y()), round(p.get_x())): p.get_facecolor() for p in cells}
    texts = {t.get_position(): t.get_text() for t in axes.texts}
    return {(r, c): (color, texts[c + 0.5, r + 0.5]) for (r, c), color in colors.items()}


@pytest.mark.parametrize("filters", [1, 2, 3])
def test_the_bias_column_is_that_of_the_matrix(filters):
    kernels = np.arange(1, 4 * filters + 1).reshape(2, 2, 1, filters)
    bias = 100 + np.arange(filters)
    W = matrix.with_bias(matrix.convolution_matrix(kernels, (3, 4)), bias)
    image = RNG.integers(0, 9, (3, 4))
    at = (1, 2, filters - 1)
    figure = plots.bias_column(image, kernels[:, :, 0], bias, at)
    expected = W @ np.append(image.ravel(), 1)
    said = figure.axes[-1].get_xlabel()
    assert said.endswith(f"= {expected.reshape(2, 3, filters)[at]:g}")
    assert f"1·{bias[-1]}" in said
    cells = drawn(figure.axes[-1])
    assert set(cells) == {(int(r), int(c)) for r, c in zip(*np.nonzero(W), strict=True)}
    for (row, column), (_, label) in cells.items():
        if column == 12:
            assert label == f"b{W[row, column] - 100}"
        else:
            tap = np.unravel_index((W[row, column] - 1) // filters, (2, 2))
            assert label == f"k{tap[0]}{tap[1]}"


def test_an_output_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match=r"at: expected a cell of the \(2, 3, 1\) output"):
        plots.bias_column(np.ones((3, 4)), np.ones((2, 2, 1)), np.ones(1), at=(2, 0, 0))


@pytest.mark.parametrize(
    ("spatial", "first", "second"),
    [((4, 4), (2, 2), (2, 2)), ((3, 5), (1, 2), (2, 3)), ((7,), (3,), (2,))],
)
def test_the_drawn_product_is_the_product(spatial, first, second):
    k, g = (
        RNG.permutation(np.arange(1, 1 + np.prod(size))).reshape(size) for size in (first, second)
    )
    W1 = matrix.convolution_matrix(k, spatial)
    between = tuple(n - a + 1 for n, a in zip(spatial, first, strict=True))
    W2 = matrix.convolution_matrix(g, between)
    panels = plots.product(spatial, first, second).axes
    for axes, W in zip(panels, (W2, W1, W2 @ W1), strict=True):
        cells = drawn(axes)
        assert set(cells) == {(int(r), int(c)) for r, c in zip(*np.nonzero(W), strict=True)}
        for label in {label for _, label in cells.values()}:
            tied = {W[place] for place, (_, other) in cells.items() if other == label}
            assert len(tied) == 1, label


def test_gray_is_where_the_slope_is_small():
    z = np.linspace(-1, 1, 5)
    figure = plots.activations(z, {"relu": z.clip(0)}, {"relu": (z > 0) * 1.0}, threshold=0.05)
    (above, below) = figure.axes
    gray = above.collections[0].get_paths()[0].get_extents()
    assert (gray.x0, gray.x1) == (-1, 0)
    assert above.get_title() == "relu"
    assert "0.05" in below.get_ylabel()


def test_lines_by_layer_are_named():
    figure = plots.by_layer({"a": [1, 0.1, 0.01], "b": [1, 1, 1]}, ylabel="size")
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]
    assert axes.get_yscale() == "log"
    assert axes.lines[0].get_xdata().tolist() == [1, 2, 3]
