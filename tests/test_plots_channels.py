"""Pictures of channels: what is drawn is the matrix, and the browser computes the definition."""

import json
import re
import shutil
import subprocess
import sys

import IPython.display
import numpy as np
import pytest
from matplotlib.patches import Rectangle

from labkit import matrix, plots, reference, widgets
from labkit.plots.skeletons import JOINTS
from labkit.widgets.showing import script

RNG = np.random.default_rng(3)
IMAGE = RNG.permutation(24).reshape(3, 4, 2) - 9
KERNELS = RNG.permutation(np.arange(1, 25)).reshape(2, 2, 2, 3)


def drawn(axes):
    """{(row, column): (color, label)} of a drawn matrix."""
    cells = [p for p in axes.patches if isinstance(p, Rectangle) and p.get_fill()]
    colors = {(round(p.get_y()), round(p.get_x())): p.get_facecolor() for p in cells}
    labels = {
        (int(t.get_position()[1]), int(t.get_position()[0])): t.get_text() for t in axes.texts
    }
    return {at: (colors[at], labels[at]) for at in colors}


def in_order(order):
    """The constrained matrix, with rows and columns in the picture's order."""
    W = matrix.convolution_matrix(KERNELS, IMAGE.shape[:2])
    if order == "blocks":
        W = W.reshape(-1, 3, 12, 2).transpose(1, 0, 3, 2).reshape(W.shape)
    return W


@pytest.mark.parametrize("order", ["blocks", "channels last"])
def test_the_drawn_matrix_is_the_constrained_matrix(order):
    cells = drawn(plots.channels(IMAGE, KERNELS, (1, 2, 1), order=order).axes[-1])
    truth = in_order(order)
    assert set(cells) == {(int(r), int(c)) for r, c in zip(*np.nonzero(truth), strict=True)}
    for (i, j, k, _), value in np.ndenumerate(KERNELS):  # all values differ
        marks = {cells[int(r), int(c)] for r, c in np.argwhere(truth == value)}
        assert marks == {(marks_color(cells, i, j), f"{'ab'[k]}{i}{j}")}


def marks_color(cells, i, j):
    (color,) = {color for color, label in cells.values() if label[1:] == f"{i}{j}"}
    return color


def test_both_orders_hold_the_same_weights():
    blocks, last = plots.channel_matrices((3, 4, 2), (2, 2, 2, 3)).axes
    assert [axes.get_title().strip() for axes in (blocks, last)] == ["blocks", "channels last"]
    names = [sorted(label for _, label in drawn(axes).values()) for axes in (blocks, last)]
    assert names[0] == names[1]
    assert [label.get_text() for label in blocks.get_xticklabels()] == ["channel a", "channel b"]


def test_the_sum_under_the_picture_is_the_output():
    label = plots.channels(IMAGE, KERNELS, (1, 2, 1)).axes[-1].get_xlabel()
    truth = reference.cross_correlate(IMAGE[None], KERNELS)[0, 1, 2, 1]
    assert label.startswith(f"output(1, 2) of filter 1 = {truth}".replace("-", "−"))


def test_a_skeleton_shows_its_joints_and_the_peak():
    figure = plots.skeletons(RNG.random((20, 8)), np.arange(16.0), every=5, kernel_size=5)
    sticks, bands, response = figure.axes
    assert len(sticks.lines) == 4 * 5  # a spine and four limbs for each figure
    assert [label.get_text() for label in bands.get_yticklabels()] == list(JOINTS)
    assert response.texts[0].get_text() == "largest at 15"
    with pytest.raises(ValueError, match=re.escape("expected (frames, 8), received (20, 7)")):
        plots.skeletons(np.ones((20, 7)))


def displayed(monkeypatch, *args, **kwargs):
    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: shown.append(bundle))
    widgets.channels(*args, **kwargs)
    return shown[0]


def test_the_explorer_comes_with_its_static_figure(monkeypatch):
    bundle = displayed(monkeypatch, IMAGE, KERNELS, at=(1, 2, 1), order="blocks")
    assert "application/vnd.jupyter.widget-view+json" in bundle
    alt = bundle["text/plain"].removeprefix("Figure: ")
    still = plots.mimebundle(plots.channels(IMAGE, KERNELS, (1, 2, 1), order="blocks"), alt)
    assert bundle["text/html"] == still["text/html"]
    assert "filter 1 of 3" in alt


def test_without_anywidget_the_explorer_is_its_figure(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    assert set(displayed(monkeypatch, IMAGE, KERNELS)) == {"text/html", "text/plain"}


@pytest.mark.parametrize(
    ("image", "options", "says"),
    [
        (np.ones((3, 4)), {}, "received shapes (3, 4) and (2, 2, 2, 3)"),
        (np.ones((6, 6, 2)), {}, "expected at most 64 numbers, received (6, 6, 2)"),
        (np.ones((3, 4, 3)), {}, "channels"),
        (IMAGE, {"at": (2, 0, 0)}, "expected a cell of the (2, 3, 3) output, received (2, 0, 0)"),
        (IMAGE, {"order": "Fortran"}, "expected one of blocks, channels last, received 'Fortran'"),
    ],
)
def test_what_cannot_be_explored_is_said(image, options, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        widgets.channels(image, KERNELS, **options)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node, to run the explorer's script")
def test_what_the_browser_computes_is_the_definition(tmp_path):
    (tmp_path / "channels.mjs").write_text(script("channels"), encoding="utf-8")
    ask = (
        'import { convolve, places } from "./channels.mjs";'
        f"const net = convolve({IMAGE.tolist()}, {KERNELS.tolist()});"
        "const output = [0, 1].map((n) => [0, 1, 2].map((m) => [0, 1, 2].map((f) => "
        "net.output(n, m, f))));"
        'const rows = Object.fromEntries(["blocks", "channels last"].map((order) => {'
        "const at = places(net, order);"
        "return [order, [at.row(1, 2, 1), net.taps(1, 2, 1).map((t) => "
        "[at.column(t.row, t.column, t.k), t.weight])]]; }));"
        "console.log(JSON.stringify({ output, rows }));"
    )
    (tmp_path / "ask.mjs").write_text(ask, encoding="utf-8")
    done = subprocess.run(
        ["node", "ask.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    answer = json.loads(done.stdout)
    truth = reference.cross_correlate(IMAGE[None], KERNELS)[0]
    np.testing.assert_allclose(answer["output"], truth)
    for order, (row, cells) in answer["rows"].items():
        weights = np.zeros(24)
        for column, weight in cells:
            weights[column] = weight
        np.testing.assert_array_equal(weights, in_order(order)[row])
