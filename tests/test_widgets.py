"""The explorer: its figure where nothing moves, and its arithmetic where it does."""

import json
import re
import shutil
import subprocess
import sys

import IPython.display
import numpy as np
import pytest

from labkit import matrix, plots, reference, widgets
from labkit.widgets.showing import script

IMAGE = np.arange(20.0).reshape(4, 5) - 7
KERNEL = np.array([[1.0, 2.0, -3.0], [4.0, 5.0, 6.0]])


def displayed(monkeypatch, *args, **kwargs):
    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: shown.append(bundle))
    widgets.explorer(*args, **kwargs)
    return shown[0]


def test_the_explorer_comes_with_its_static_figure(monkeypatch):
    bundle = displayed(monkeypatch, IMAGE, KERNEL, at=(1, 2))
    assert "application/vnd.jupyter.widget-view+json" in bundle
    alt = bundle["text/plain"].removeprefix("Figure: ")
    still = plots.mimebundle(plots.picture(IMAGE, KERNEL, (1, 2)), alt)
    assert bundle["text/html"] == still["text/html"]
    assert "output (1, 2)" in alt


def test_without_anywidget_the_explorer_is_its_figure(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    assert set(displayed(monkeypatch, IMAGE, KERNEL)) == {"text/html", "text/plain"}


@pytest.mark.parametrize(
    ("image", "kernel", "says"),
    [
        (np.ones(5), np.ones((2, 2)), "received shapes (5,) and (2, 2)"),
        (np.ones((9, 9)), np.ones((2, 2)), "expected at most 64 pixels, received (9, 9)"),
        (np.ones((2, 2)), np.ones((3, 3)), "kernel"),
    ],
)
def test_what_cannot_be_explored_is_said(image, kernel, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        widgets.explorer(image, kernel)


def test_the_explorers_figure_has_the_options_that_it_begins_with(monkeypatch):
    options = {"strides": 2, "padding": 1, "dilation_rate": 1}
    bundle = displayed(monkeypatch, IMAGE, KERNEL, at=(0, 1), controls=("strides",), **options)
    alt = bundle["text/plain"].removeprefix("Figure: ")
    still = plots.mimebundle(plots.picture(IMAGE, KERNEL, (0, 1), **options), alt)
    assert bundle["text/html"] == still["text/html"]
    assert "with strides 2, padding 1" in alt


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"strides": 4}, "strides: expected one of 1, 2, 3, received 4"),
        ({"padding": "smae"}, "padding: expected one of 'valid', 'same', 'full', 1, 2"),
        ({"controls": ("stride",)}, "controls: expected one of 'kernel', 'padding', 'strides'"),
    ],
)
def test_options_that_there_are_not_are_said(options, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        widgets.explorer(IMAGE, KERNEL, **options)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node, to run the explorer's script")
def test_what_the_browser_computes_is_the_definition(tmp_path):
    cases = [
        {"strides": s, "padding": p, "dilation_rate": d}
        for s in (1, 2, 3)
        for p in ("valid", "same", "full", 1, 2)
        for d in (1, 2)
    ]
    (tmp_path / "explorer.mjs").write_text(script("explorer"), encoding="utf-8")
    given = [
        {"stride": c["strides"], "padding": str(c["padding"]), "dilation": c["dilation_rate"]}
        for c in cases
    ]
    ask = (
        'import { correlate } from "./explorer.mjs";'
        f"const [image, kernel] = [{IMAGE.tolist()}, {KERNEL.tolist()}];"
        f"console.log(JSON.stringify({json.dumps(given)}.map((options) => {{"
        "const { output, taps } = correlate(image, kernel, options);"
        "const cells = output.map((line, n) => line.map((_, m) => taps(n, m)"
        ".filter((t) => t.inside).map((t) => [t.row, t.column, t.weight])));"
        "return { output, cells }; })));"
    )
    (tmp_path / "ask.mjs").write_text(ask, encoding="utf-8")
    done = subprocess.run(
        ["node", "ask.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    for case, answer in zip(cases, json.loads(done.stdout), strict=True):
        truth = matrix.convolution_matrix(KERNEL, IMAGE.shape, **case)
        built = np.zeros((len(truth), *IMAGE.shape))
        for row, cells in enumerate(cell for line in answer["cells"] for cell in line):
            for r, c, weight in cells:
                built[row, r, c] += weight
        np.testing.assert_array_equal(built.reshape(truth.shape), truth)
        expected = reference.cross_correlate_plain(IMAGE, KERNEL, **case)
        np.testing.assert_allclose(np.array(answer["output"]).reshape(expected.shape), expected)
