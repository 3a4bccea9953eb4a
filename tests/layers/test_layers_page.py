"""docs/layers.md is what the measured table gives, and its formula is im2col's."""

import json

from labkit.bench import page
from labkit.bench.cases import CASES
from labkit.bench.layers import TABLE


def test_the_page_is_what_the_table_gives(tmp_path):
    written = tmp_path / "docs" / "layers.md"
    page.write_page(written)
    assert page.PAGE.read_text("utf-8") == written.read_text("utf-8"), (
        "docs/layers.md: run python -c 'from labkit.bench.page import write_page; write_page()'"
    )


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
