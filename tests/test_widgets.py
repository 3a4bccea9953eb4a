"""The explorer: its figure where nothing moves, and its arithmetic where it does."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import IPython.display
import numpy as np
import pytest

import labkit
from labkit import matrix, plots, reference, widgets

IMAGE = np.arange(20.0).reshape(4, 5) - 7
KERNEL = np.array([[1.0, 2.0, -3.0], [4.0, 5.0, 6.0]])
SCRIPT = Path(labkit.__file__).parent / "static" / "explorer.js"


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


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node, to run the explorer's script")
def test_what_the_browser_computes_is_the_definition(tmp_path):
    (tmp_path / "explorer.mjs").write_bytes(SCRIPT.read_bytes())
    ask = (
        'import { correlate } from "./explorer.mjs";'
        f"const {{ output, taps }} = correlate({IMAGE.tolist()}, {KERNEL.tolist()});"
        "const cells = taps(1, 2).map((t) => [t.row, t.column, t.weight]);"
        "console.log(JSON.stringify({ output, cells }));"
    )
    (tmp_path / "ask.mjs").write_text(ask, encoding="utf-8")
    done = subprocess.run(
        ["node", "ask.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    answer = json.loads(done.stdout)
    np.testing.assert_allclose(answer["output"], reference.cross_correlate_plain(IMAGE, KERNEL))
    row = np.zeros(IMAGE.shape)
    for r, c, weight in answer["cells"]:
        row[r, c] = weight
    np.testing.assert_array_equal(
        row.ravel(), matrix.convolution_matrix(KERNEL, IMAGE.shape)[1 * 3 + 2]
    )
