"""The padding viewer: its figure, and the arithmetic that the browser does."""

import json
import re
import shutil
import subprocess

import IPython.display
import keras
import numpy as np
import pytest

from labkit import plots, widgets
from labkit.widgets.showing import script

SIGNAL = np.array([3.0, 1, 4, 1, 5, 9, 2, 6])
KERNEL = np.array([1.0, 2, -1, 3, -2])


def test_the_viewer_comes_with_its_static_figure(monkeypatch):
    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: shown.append(bundle))
    widgets.padding_viewer(SIGNAL[:6], KERNEL[:3], strides=2)
    assert "application/vnd.jupyter.widget-view+json" in shown[0]
    alt = shown[0]["text/plain"].removeprefix("Figure: ")
    assert "0 zeros before and 1 after" in alt
    still = plots.mimebundle(plots.padding(SIGNAL[:6], KERNEL[:3], strides=2), alt)
    assert shown[0]["text/html"] == still["text/html"]


def numbers(axes):
    return [float(text.get_text().replace("−", "-")) for text in axes.texts]


def test_the_drawn_outputs_are_kerass():
    figure = plots.padding(SIGNAL[:6], KERNEL[:3], strides=2)
    layer = keras.layers.Conv1D(1, 3, strides=2, padding="same", use_bias=False)
    layer.build((None, 6, 1))
    layer.set_weights([KERNEL[:3].reshape(3, 1, 1)])
    expected = np.asarray(layer(SIGNAL[:6].reshape(1, 6, 1))).ravel()
    kernel, above, below = figure.axes
    assert numbers(kernel) == [1, 2, -1]
    np.testing.assert_allclose(numbers(above)[-3:], expected)
    assert numbers(below)[-3:] == [5, 8, 2]
    assert "0 before, 1 after, 3 outputs" in above.get_title()


def test_outputs_that_are_equal_are_not_outlined():
    figure = plots.padding(SIGNAL[:7], KERNEL[:3], strides=1)
    assert not [p for axes in figure.axes for p in axes.patches if p.get_lw() > 2]


@pytest.mark.parametrize(
    ("signal", "kernel", "says"),
    [
        (SIGNAL[:3], KERNEL[:2], "expected a signal of 4 to 16 numbers"),
        (SIGNAL.reshape(2, 4), KERNEL, "received shapes (2, 4) and (5,)"),
        (SIGNAL[:4], KERNEL, "expected a kernel of 1 to 4 numbers"),
    ],
)
def test_what_cannot_be_shown_is_said(signal, kernel, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        widgets.padding_viewer(signal, kernel)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node, to run the viewer's script")
def test_what_the_browser_computes_is_the_definition(tmp_path):
    (tmp_path / "padding.mjs").write_text(script("padding"), encoding="utf-8")
    cases = [(n, a, s) for n in (4, 7, 8) for a in (1, 2, 3, 4) for s in (1, 2, 3)]
    ask = (
        'import { pads, outputs } from "./padding.mjs";'
        f"const [signal, kernel] = [{SIGNAL.tolist()}, {KERNEL.tolist()}];"
        f"console.log(JSON.stringify({json.dumps(cases)}.map(([n, a, s]) => {{"
        "const both = pads(n, a, s);"
        "return [both, outputs(signal.slice(0, n), kernel.slice(0, a), both[0], s)]; })));"
    )
    (tmp_path / "ask.mjs").write_text(ask, encoding="utf-8")
    done = subprocess.run(
        ["node", "ask.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    for (n, a, s), (pads, outputs) in zip(cases, json.loads(done.stdout), strict=True):
        assert tuple(map(tuple, pads)) == plots.padding_conventions(n, a, s)
        padded = np.pad(SIGNAL[:n], pads[0])
        expected = np.lib.stride_tricks.sliding_window_view(padded, a) @ KERNEL[:a]
        np.testing.assert_allclose(outputs, expected[::s])
