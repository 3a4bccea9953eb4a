"""What the grader sees without running anything: needed cells and forbidden shortcuts."""

import pytest

from labkit.checks.forbidden import BUILTINS as ORACLES
from labkit.grading.running.context import needed_cells
from labkit.grading.running.shortcuts import shortcuts

IMPORTS = [
    "import numpy as np\nfrom labkit import data, matrix",
    "import scipy.signal",
    "from labkit.checks import check, hint",
]


def lab(answer, *context, after="print(f(1))"):
    return [*((cell, False) for cell in context), (answer, True), (after, False)]


@pytest.mark.parametrize(
    ("answer", "needed"),
    [
        ("def f(x): return 1", [4]),
        ("def f(x): return np.sum(x)", [0, 4]),
        ("def f(x): return helper(x)", [0, 1, 4]),
        ("def f(x): return words", [2, 3, 4]),  # a list that another cell fills
        ("def f(np): return np", [4]),  # a parameter is no global
        ("def f(x):\n  def g(): return np\n  return g()", [0, 4]),
        ("class A:\n  b = np.pi", [0, 4]),
        ("%timeit np.sum(1)", [0, 4]),
        ("def f(x): return eval('np')", [0, 1, 2, 3, 4]),
        ("def f(x: return np", [0, 4]),
        ("def f(x): print(x); return len(x)", [4]),  # other cells print as well
    ],
)
def test_only_what_an_answer_needs_is_run(answer, needed):
    context = [
        "import numpy as np",
        "def helper(x): return np.abs(x)",
        "words = []",
        "words.append('a')",
    ]
    assert needed_cells(lab(answer, *context)) == needed


def test_when_in_doubt_a_cell_runs():
    answer = "def f(x): return y"
    assert needed_cells(lab(answer, "%matplotlib inline", "from x import *", "print(1)")) == [
        0,
        1,
        3,
    ]
    assert needed_cells(lab("def f(x): return np", "np.random.seed(1)", "np.pi = 3")) == [0, 1, 2]


def test_between_two_answers_the_later_one_counts():
    cells = [("def f(): return 1", True), ("y = f()", False), ("def g(): return y", True)]
    assert needed_cells(cells) == [0, 1, 2]


def test_endless_sources_end():
    deep, long = "x = " + "(" * 5000, "x = " + "+".join(["matrix"] * 20_000)
    assert needed_cells([(deep, True), (long, True)]) == [0, 1]
    assert shortcuts(deep, ORACLES) == []
    shortcuts(long, ORACLES, IMPORTS)
    shortcuts("x = matrix" + ".a" * 20_000, ORACLES, IMPORTS)


@pytest.mark.parametrize(
    "source",
    [
        "def f(k, n): return matrix.convolution_matrix(k, n)",
        "m = matrix\ndef f(k, n): return m.convolution_matrix(k, n)",
        "from labkit.matrix import convolution_matrix as c",
        "import labkit\ndef f(k): return labkit.matrix.apply(k)",
        "def f(k):\n    import labkit.matrix as helper\n    return helper",
        "def f(k): return __import__('labkit.matrix')",
        "import importlib\nm = importlib.import_module('labkit.matrix')",
        "f = lambda k: matrix.apply(k)",
        "def f(k):\n    def g(matrix): return matrix\n    return matrix.apply(k)",
    ],
)
def test_the_judges_own_code_is_found_in_an_answer(source):
    assert shortcuts(source, ORACLES, IMPORTS) == ["labkit.matrix"]


@pytest.mark.parametrize(
    "source",
    [
        "def f(k, n):\n    matrix = np.zeros(n)\n    matrix[0] = k\n    return matrix",
        "def f(matrix, height): return matrix[0].reshape(height, -1)",
        "def f(k): return [matrix for matrix in k]",
        "# see labkit.matrix\ndef f(k): 'like labkit.matrix does'; return np.array(k)",
        "def f(k): return data.photograph('china')",
        "def f(k): return k\ncheck('f', f); hint('f')",
        "import labkit.matrix\nimport labkit.reference as ref\ndef f(k): return k",
    ],
)
def test_an_honest_answer_is_no_shortcut(source):
    assert shortcuts(source, ORACLES, IMPORTS) == []


def test_an_exercise_forbids_what_it_lists():
    source = "def f(x, k): return np.convolve(scipy.signal.fftconvolve(x, k), k)"
    assert shortcuts(source, ["numpy.convolve", "scipy", "numpy.sum"], IMPORTS) == [
        "numpy.convolve",
        "scipy",
    ]
