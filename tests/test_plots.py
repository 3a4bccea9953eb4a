"""The pictures: what is drawn is what the mathematics says, and everything has words."""

import html
import re

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from labkit import matrix, plots
from labkit.plots.base import text_color

IMAGE = np.arange(20.0).reshape(4, 5) - 7
KERNEL = np.array([[1.0, 2.0, -3.0], [4.0, 5.0, 6.0]])


def colored_cells(axes):
    """Cells of the matrix drawn in `axes`: {(row, column): color}."""
    cells = [p for p in axes.patches if isinstance(p, Rectangle) and p.get_fill()]
    return {(round(p.get_y()), round(p.get_x())): p.get_facecolor() for p in cells}


@pytest.mark.parametrize(
    "options",
    [{}, {"strides": 2}, {"padding": "same"}, {"dilation_rate": 2}, {"padding": ((1, 0), (0, 2))}],
)
def test_the_drawn_matrix_is_the_constrained_matrix(options):
    figure = plots.picture(IMAGE, KERNEL, at=(0, 0), **options)
    drawn = colored_cells(figure.axes[-1])
    truth = matrix.convolution_matrix(KERNEL, IMAGE.shape, **options)
    assert set(drawn) == {(int(r), int(c)) for r, c in zip(*np.nonzero(truth), strict=True)}
    # equal color exactly where the weight is equal: the kernel's six values are all different
    for value in KERNEL.ravel():
        assert len({drawn[int(r), int(c)] for r, c in np.argwhere(truth == value)}) == 1
    assert len(set(drawn.values())) == KERNEL.size


def test_the_transpose_is_drawn_beside_the_matrix():
    figure = plots.matrix((7,), (3,), strides=2, transpose=True)
    drawn, turned = (colored_cells(axes) for axes in figure.axes)
    assert turned == {(column, row): color for (row, column), color in drawn.items()}
    truth = matrix.convolution_matrix(np.array([1.0, 2.0, 3.0]), 7, strides=2).T
    assert set(turned) == set(zip(*(index.tolist() for index in np.nonzero(truth)), strict=True))


def test_the_sum_under_the_picture_is_the_output():
    label = plots.picture(IMAGE, KERNEL, at=(1, 2)).axes[-1].get_xlabel()
    value = (IMAGE[1:3, 2:5] * KERNEL).sum()
    assert label.startswith("output(1, 2) = 0·1 + 1·2 + 2·(−3) + 5·4")
    assert label.endswith(f"= {value:.0f}".replace("-", "−"))


def test_a_network_counts_its_edges_and_weights():
    titles = [axes.get_title() for axes in plots.network(6, 3).axes]
    assert titles == [
        "dense: 24 edges, 24 weights",
        "local: 12 edges, 12 weights",
        "convolutional: 12 edges, 3 weights",
    ]
    assert [len(axes.lines) for axes in plots.network(6, 3).axes] == [24, 12, 12]


FIGURES = {
    "matrix": lambda: plots.matrix((3, 4), (2, 2)),
    "matrix, rank 1": lambda: plots.matrix((6,), (3,)),
    "images": lambda: plots.images([IMAGE, IMAGE], ["a", "b"]),
    "signed images": lambda: plots.images([IMAGE] * 3, ["a"], columns=2, signed=True),
    "flat image": lambda: plots.images([np.zeros((3, 3))], signed=True),
    "curves": lambda: plots.curves(
        [1, 2, 4], {"a": [1, 2, 3], "b": [3, 2, 1]}, xlabel="x", ylabel="y"
    ),
    "large kernel": lambda: plots.picture(np.ones((5, 5)), np.ones((4, 4))),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_renders_to_the_same_bytes_twice_with_its_words(name):
    first, second = (
        plots.mimebundle(FIGURES[name](), 'A "figure" & <its> words') for _ in range(2)
    )
    assert first == second
    assert first["text/plain"] == 'Figure: A "figure" & <its> words'
    alt = re.search(r'<img alt="([^"]*)"', first["text/html"]).group(1)
    assert html.unescape(alt) == 'A "figure" & <its> words'


@pytest.mark.parametrize("alt", ["", "  ", None])
def test_a_figure_without_words_is_refused(alt):
    with pytest.raises(ValueError, match="alt: expected a sentence"):
        plots.mimebundle(plots.matrix((3,), (2,)), alt)


@pytest.mark.parametrize("at", [(3, 0), (0, 3), (-1, 0)])
def test_an_output_that_is_not_there_is_refused(at):
    with pytest.raises(
        ValueError, match=re.escape(f"at: expected a cell of the (3, 3) output, received {at}")
    ):
        plots.picture(IMAGE, KERNEL, at=at)


def test_labels_are_readable_on_every_tap_color():
    """WCAG 2: contrast of at least 4.5 between a label and what it stands on."""

    def luminance(color):
        channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        return linear @ [0.2126, 0.7152, 0.0722]

    for color in plots.TAP_COLORS:
        text = {"white": "#FFFFFF", "black": "#000000"}[text_color(color)]
        light, dark = sorted((luminance(color), luminance(text)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, color


def test_the_zeros_of_the_padding_are_drawn_and_outlined_where_they_are_read():
    figure = plots.picture(IMAGE, KERNEL, at=(0, 0), padding=((1, 0), (0, 2)), strides=2)
    image = figure.axes[0]
    cells = [p for p in image.patches if isinstance(p, Rectangle) and p.get_fill()]
    assert len(cells) == 5 * 7  # the image is 4 by 5
    outlined = {
        (p.get_y(), p.get_x()) for p in image.patches if not p.get_fill() and p.get_lw() > 2
    }
    assert outlined == {(r, c) for r in (0, 1) for c in (0, 1, 2)}  # row 0 is a row of zeros
    assert "zeros around" in image.get_title()
    assert figure.axes[-1].get_xlabel().startswith("output(0, 0) = (−7)·4 + (−6)·5")


def test_tables_share_one_scale():
    figure = plots.tables([[[0, 10]], [[5, 10], [0, 0]]], ["one", "two"])
    shades = [[p.get_facecolor()[0] for p in axes.patches] for axes in figure.axes]
    assert shades[0] == [1.0, pytest.approx(0.55)]
    assert shades[1] == [pytest.approx(0.775), pytest.approx(0.55), 1.0, 1.0]
    assert [axes.get_title() for axes in figure.axes] == ["one", "two"]


def test_tables_count_their_rows_and_columns():
    (axes,) = plots.tables([np.ones((2, 3))], [""], numbered=True).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0", "1"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "1", "2"]


def test_tied_entries_have_the_color_and_the_name_of_their_weight():
    (axes,) = plots.tied([[1, 2, 3], [10, 20, -30]], (3,), (2,), "").axes
    said = [text.get_text() for text in axes.texts]
    assert said == ["k0\n1", "k1\n2", "3", "10", "k0\n20", "k1\n−30"]
    faces = [patch.get_facecolor() for patch in axes.patches]
    assert faces[0] == faces[4] != faces[1] == faces[5]
    assert faces[2] == faces[3] == (1, 1, 1, 1)


def test_a_shuffled_matrix_has_its_columns_in_the_order():
    plain, shuffled = (
        plots.matrix((2, 2), (1, 2), order=order).axes[0] for order in (None, (3, 1, 0, 2))
    )
    places = [[(p.get_y(), p.get_x()) for p in axes.patches] for axes in (plain, shuffled)]
    assert places[0] == [(0, 0), (0, 1), (1, 2), (1, 3)]
    assert places[1] == [(0, 2), (0, 1), (1, 3), (1, 0)]  # input 0 is now column 2


def test_curves_have_bars_where_errors_are_given():
    options = {"xlabel": "", "ylabel": "", "log": False}
    (axes,) = plots.curves([0, 1], {"a": [1, 2]}, errors={"a": [0.5, 0.25]}, **options).axes
    (bars,) = axes.collections
    assert [segment[:, 1].tolist() for segment in bars.get_segments()] == [[0.5, 1.5], [1.75, 2.25]]


def test_a_narrow_logarithmic_scale_still_has_ticks_to_read_by():
    (axes,) = plots.curves([1, 2], {"a": [26, 6]}, xlabel="", ylabel="").axes
    low, high = axes.get_ylim()
    assert len([tick for tick in axes.get_yticks() if low <= tick <= high]) >= 4
