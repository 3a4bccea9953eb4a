"""Pictures of pooling: what they refuse, and that the browser computes what the definition says."""

import json
import re
import shutil
import subprocess
import sys

import IPython.display
import numpy as np
import pytest

from labkit import geometry, plots, reference, widgets
from labkit.widgets.showing import script

IMAGE = np.array([[5, 13, 9, 1, 7], [13, 15, 10, 15, 7], [15, 2, 0, 11, -3], [12, 0, 0, 8, -4]])


def displayed(monkeypatch, *args, **kwargs):
    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: shown.append(bundle))
    widgets.pooling(*args, **kwargs)
    return shown[0]


def test_the_explorer_comes_with_its_static_figure(monkeypatch):
    bundle = displayed(monkeypatch, IMAGE, (2, 3), 2, at=(1, 0), kind="max")
    assert "application/vnd.jupyter.widget-view+json" in bundle
    alt = bundle["text/plain"].removeprefix("Figure: ")
    still = plots.mimebundle(plots.pooling(IMAGE, (2, 3), (1, 0), strides=2, kind="max"), alt)
    assert bundle["text/html"] == still["text/html"]
    assert "max pooling with windows of 2 by 3 and stride 2" in alt


def test_without_anywidget_the_explorer_is_its_figure(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    assert set(displayed(monkeypatch, IMAGE)) == {"text/html", "text/plain"}


@pytest.mark.parametrize(
    ("image", "options", "says"),
    [
        (np.ones(5), {}, "received shape (5,)"),
        (np.ones((9, 9)), {}, "expected at most 64 pixels, received (9, 9)"),
        (IMAGE, {"kind": "median"}, "expected one of max, average, received 'median'"),
        (IMAGE, {"at": (2, 0)}, "expected a cell of the (2, 2) output, received (2, 0)"),
        (IMAGE, {"pool_size": (5, 1)}, "kernel_size"),
    ],
)
def test_what_cannot_be_explored_is_said(image, options, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        widgets.pooling(image, **options)


def words(figure):
    parts = [*figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    return [part.get_text() for part in parts if part.get_text()]


def test_the_matrix_of_an_average_is_drawn_with_its_weights():
    figure = plots.pooling(IMAGE, 2, (1, 1), strides=1)
    said = words(figure)
    assert said.count("1/4") == 12 * 4
    assert "output(1, 1) = (15 + 10 + 2 + 0) / 4 = 6.75" in said


def test_the_matrix_of_a_maximum_has_one_1_in_each_row():
    said = words(plots.pooling(IMAGE * 10, 2, (1, 1), strides=2, kind="max"))
    assert said.count("1") == 4
    assert said.count("0") == 3 + 4 * 3  # three pixels, and the places that did not win
    assert "output(1, 1) = max(0, 110, 0, 80) = 110, pixel (2, 3)" in said


def test_figure_5_shows_maxima_and_averages():
    said = words(plots.pooling_windows(IMAGE[:, :4], 2))
    for value in ("11.5", "8.75", "7.25", "4.75"):
        assert value in said
    with pytest.raises(ValueError, match=re.escape("received (2, 2) for (4, 5)")):
        plots.pooling_windows(IMAGE, 2)


def test_a_reading_has_a_label_for_each_field():
    said = words(plots.reading(np.zeros((8, 16)), [2, 0, 1], field=8, stride=4, sure=[1, 0, 1]))
    assert said == ["2", "0", "1"]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node, to run the explorer's script")
@pytest.mark.parametrize(("size", "stride"), [((2, 2), 2), ((2, 3), 1), ((3, 2), 2), ((4, 5), 3)])
def test_what_the_browser_computes_is_the_definition(tmp_path, size, stride):
    (tmp_path / "pooling.mjs").write_text(script("pooling"), encoding="utf-8")
    ask = (
        'import { pool } from "./pooling.mjs";'
        "const answer = {};"
        'for (const kind of ["average", "max"]) {'
        f"  const {{ output, window }} = pool({IMAGE.tolist()}, {list(size)}, {stride}, kind);"
        "  const rows = output.flatMap((line, n) => line.map((_, m) => window(n, m)));"
        "  const cells = rows.map((row) => row.map((p) => [p.row, p.column, p.weight]));"
        "  answer[kind] = { output, cells };"
        "}"
        "console.log(JSON.stringify(answer));"
    )
    (tmp_path / "ask.mjs").write_text(ask, encoding="utf-8")
    done = subprocess.run(
        ["node", "ask.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    answer = json.loads(done.stdout)
    reads = geometry.index_map(IMAGE.shape, size, strides=stride)
    batch = IMAGE[None, ..., None]
    for kind, oracle in (("average", reference.average_pool), ("max", reference.max_pool)):
        expected = oracle(batch, size, strides=stride)[0, ..., 0]
        np.testing.assert_allclose(answer[kind]["output"], expected)
        cells = np.array(answer[kind]["cells"])
        np.testing.assert_array_equal(cells[..., 0] * IMAGE.shape[1] + cells[..., 1], reads)
        np.testing.assert_allclose(cells[..., 2].sum(axis=1), 1)
        np.testing.assert_allclose(
            (cells[..., 2] * IMAGE.ravel()[reads]).sum(axis=1), expected.ravel()
        )
