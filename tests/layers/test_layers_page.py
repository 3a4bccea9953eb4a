"""docs/layers.md and its figure are what the measured table gives; its formula is im2col's."""

import json
from xml.etree import ElementTree

import numpy as np

from labkit.bench import page
from labkit.bench.cases import CASES
from labkit.bench.figure import STYLES
from labkit.bench.layers import TABLE


def test_the_page_its_figure_and_its_numbers_are_what_the_table_gives(tmp_path):
    written = tmp_path / "docs" / page.PAGE.name
    page.write_page(written)
    for name in (page.PAGE.name, page.FIGURE, page.NUMBERS):
        assert page.PAGE.with_name(name).read_text("utf-8") == written.with_name(name).read_text(
            "utf-8"
        ), f"{name}: run python -c 'from labkit.bench.page import write_page; write_page()'"


def test_the_page_states_the_mean_without_the_layer_that_makes_it():
    layers = json.loads(TABLE.read_text("utf-8"))["backends"]["tensorflow"]["layers"]
    ratios = [
        train["auto"]
        for layer in layers
        if layer["name"] != "AlexNet conv2, 2 groups"
        for train in layer["train"].values()
    ]
    assert len(ratios) == 18
    text = " ".join(page.PAGE.read_text("utf-8").split())
    mean = np.exp(np.mean(np.log(ratios)))
    assert f"without it the geometric mean of the other 9 is {mean:.2f}" in text


def test_the_figure_has_a_mark_for_every_number():
    backends = json.loads(TABLE.read_text("utf-8"))["backends"]
    drawing = ElementTree.fromstring(page.PAGE.with_name(page.FIGURE).read_text("utf-8"))
    colors = {color for color, _ in STYLES.values()}
    marks = [path.get("stroke") for path in drawing.iter("{http://www.w3.org/2000/svg}path")]
    numbers = sum(
        ratio is not None and way not in ("built-in", "auto")
        for measured in backends.values()
        for layer in measured["layers"]
        for train in layer["train"].values()
        for way, ratio in train.items()
    )
    assert sum(stroke in colors for stroke in marks) == numbers + len(STYLES)  # and the legend's
    assert page.PAGE.with_name(page.FIGURE).stat().st_size < 300_000


def test_every_layer_of_the_set_was_measured_on_both_backends():
    backends = json.loads(TABLE.read_text("utf-8"))["backends"]
    assert set(backends) == {"tensorflow", "jax"}
    for measured in backends.values():
        assert [layer["name"] for layer in measured["layers"]] == [case.name for case in CASES]


def test_the_formula_counts_the_patches():
    """AlexNet's conv1: a patch of 11 x 11 x 3 float32 for each of 55 x 55 outputs of 8 images."""
    line = next(
        line for line in page.PAGE.read_text("utf-8").splitlines() if "conv1 | 8 | 3" in line
    )
    assert line.startswith(f"| AlexNet conv1 | 8 | {8 * 55 * 55 * 11 * 11 * 3 * 4 / 2**20:.1f} |")
