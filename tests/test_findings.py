"""labkit's side of what the scripts in findings/ show: its own behaviour is the expected one."""

import json
import warnings
from pathlib import Path

import nbformat
import numpy as np
import pytest
from sklearn.datasets import load_digits

from labkit import gradients, layers
from labkit.data import load
from labkit.grading.intake.reading import read_notebook

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # nbgrader's own warnings
    from nbgrader.utils import determine_grade

REFERENCES = sorted((Path(__file__).parents[1] / "labs" / "reference").glob("*.ipynb"))


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.stem[:2])
def test_nbgrader_gives_a_reference_all_its_points(path):
    """A text on stderr or a number as a check's last value would cost points."""
    cells = nbformat.read(path, as_version=4).cells
    grades = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    checks = [cell for cell in grades if not cell.metadata.nbgrader.solution]
    assert checks
    for cell in checks:
        earned, points = determine_grade(cell)
        assert earned == points, cell.metadata.nbgrader.grade_id


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.stem[:2])
def test_what_a_reference_prints_is_stored_as_one_output_for_each_stream(path):
    """JupyterLab stores it so; nbclient does unless told otherwise."""
    for cell in nbformat.read(path, as_version=4).cells:
        streams = [output.name for output in cell.get("outputs", []) if "name" in output]
        assert len(streams) == len(set(streams)), cell.id


@pytest.fixture
def submitted(tmp_path):
    def submitted(minor, *cells):
        empty = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        notebook = {"nbformat": 4, "nbformat_minor": minor, "metadata": {}}
        path = tmp_path / "submitted.ipynb"
        path.write_text(json.dumps(notebook | {"cells": [empty | cell for cell in cells]}))
        return path

    return submitted


def test_a_cell_appended_to_a_notebook_from_colab_is_read(submitted):
    """Colab writes minor version 0, in which no cell may have the id that nbformat gives it."""
    colab = {"source": ["x = 1"], "metadata": {"id": "a1B2c3"}}
    path = submitted(0, colab, {"source": "print(x)", "id": "e4ee13fd"})
    cells = read_notebook(path)["cells"]
    assert [cell["source"] for cell in cells] == ["x = 1", "print(x)"]


def test_two_cells_with_one_id_are_read_alike_each_time(submitted):
    """nbformat gives the second a new id at each reading."""
    cells = [{"source": source, "id": "train"} for source in ("x = 1", "x = 2")]
    path = submitted(5, *cells)
    assert [cell["id"] for cell in read_notebook(path)["cells"]] == ["train", "train"]
    assert read_notebook(path) == read_notebook(path)


@pytest.mark.parametrize("implementation", ["native", "shift", "im2col", "sparse"])
def test_an_infinite_pixel_stays_in_the_windows_that_hold_it(implementation):
    """keras.ops.image.extract_patches would make it NaN, and spread it."""
    image = np.ones((1, 6, 6, 1), "float32")
    image[0, 1, 1] = np.inf
    layer = layers.Conv2D(1, 3, implementation=implementation, kernel_initializer="ones")
    outputs = np.asarray(layer(image))[0, :, :, 0]
    expected = np.full((4, 4), 9.0)
    expected[:2, :2] = np.inf
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)


@pytest.mark.parametrize("implementation", ["matrix", "fft", "winograd", "banded"])
def test_an_infinite_pixel_also_reaches_other_windows_in_some_implementations(implementation):
    """Zero times infinity and infinity minus itself are NaN: see docs/layers.md."""
    image = np.ones((1, 12, 12, 1), "float32")
    image[0, 4, 4] = np.inf
    layer = layers.Conv2D(1, 3, implementation=implementation, kernel_initializer="ones")
    outside = np.ones((10, 10), bool)
    outside[2:5, 2:5] = False
    assert np.isnan(np.asarray(layer(image))[0, :, :, 0][outside]).any()


def test_slopes_at_a_kink_and_in_float64_are_those_of_the_textbook():
    """maximum(x, 0) has the slope 0, 0.5 or 1 at 0, and leaky ReLU 0.1 rounded to float32."""
    assert gradients.relu_gradient([0.0], [1.0]) == [0]
    assert gradients.leaky_relu_gradient([-1.0], [1.0], negative_slope=0.1) == [0.1]


def test_the_digits_are_split_in_the_order_of_the_file():
    """Shuffled, a test digit would have neighbors by the same writer among the training's."""
    labels = load_digits().target
    (_, train_labels), (_, test_labels) = load("digits")
    np.testing.assert_array_equal(np.concatenate([train_labels, test_labels]), labels)
    assert len(test_labels) == 360
