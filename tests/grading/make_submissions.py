"""Write the submissions in tests/grading/submissions: ``python tests/grading/make_submissions.py``.

The notebooks are committed, so that ``labkit grade tests/grading/submissions --out grades.csv`` can
be tried as it is; a test compares what grading reads in them (answers, problems) with what stands
here, so a change to the lab's prose does not make them stale, and one to its exercises does.

``expected.csv`` is what ``labkit grade tests/grading/submissions --out … --seed 7`` gives. It
changes with the checks' inputs: look at the difference, then copy the new table.
"""

import json
import textwrap
from pathlib import Path

import nbformat

from labkit.notebooks import pristine

FOLDER = Path(__file__).parent / "submissions"
LAB = "01"

# All right, and nobody's style but her own: vectorized, lists, recursion, float32.
ADA = {
    "conv1d": """
        def conv1d(x, kernel):
            windows = np.lib.stride_tricks.sliding_window_view(np.asarray(x), len(kernel))
            return windows @ np.asarray(kernel)
        """,
    "flip": """
        def flip(kernel):
            return [list(row)[::-1] for row in list(kernel)[::-1]]
        """,
    "conv2d": """
        def conv2d(image, kernel):
            image, kernel = np.asarray(image, dtype=float), np.asarray(kernel, dtype=float)
            windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
            return np.einsum("nmab,ab->nm", windows, kernel)
        """,
    "matrix1d": """
        def matrix1d(kernel, n):
            import warnings
            warnings.warn("a warning costs nothing")
            size = len(kernel)
            rows = range(n - size + 1)
            return [[0] * row + list(kernel) + [0] * (n - size - row) for row in rows]
        """,
    "matrix2d": """
        # one column for each pixel: what an image with a single 1 becomes
        def matrix2d(kernel, height, width):
            columns = []
            for pixel in np.eye(height * width):
                columns.append(conv2d(pixel.reshape(height, width), kernel).ravel())
            return np.stack(columns, axis=1)
        """,
    "recover_kernel": """
        def recover_kernel(W, height, width, a, b):
            return np.array([[W[0][i * width + j] for j in range(b)] for i in range(a)])
        """,
    "is_convolution": """
        def is_convolution(W, height, width, a, b):
            W = np.asarray(W)
            if W.shape != ((height - a + 1) * (width - b + 1), height * width):
                return False
            candidate = matrix2d(recover_kernel(W, height, width, a, b), height, width)
            return np.abs(W - candidate).max() < 1e-6
        """,
    "count_parameters": """
        def count_parameters(height, width, a, b):
            local = (height - a + 1) * (width - b + 1) * a * b
            return {
                "dense": local * height * width // (a * b),
                "local": local,
                "convolutional": a * b,
            }
        """,
    "q_photograph": "The zeros stay. Sharing may go: a nose is always in the same place.",
}

# Some right, some wrong in ways that the checks know, some not done.
BEN = {
    "conv1d": """
        def conv1d(x, kernel):
            return np.correlate(x, kernel, mode="valid")
        """,
    "flip": """
        def flip(kernel):
            return np.asarray(kernel).T
        """,
    "conv2d": """
        def conv2d(image, kernel):
            image, kernel = np.asarray(image), np.asarray(kernel)
            a, b = kernel.shape
            out = np.zeros((image.shape[0] - a, image.shape[1] - b))
            for n in range(out.shape[0]):
                for m in range(out.shape[1]):
                    out[n, m] = (image[n : n + a, m : m + b] * kernel).sum()
            return out
        """,
    "matrix1d": """
        def matrix1d(kernel, n):
            W = np.zeros((n - len(kernel) + 1, n))
            for row in range(len(W)):
                W[row, row : row + len(kernel)] = kernel
            return W
        """,
    "matrix2d": """
        def matrix2d(kernel, height, width):
            kernel = np.asarray(kernel)
            a, b = kernel.shape
            W = np.zeros(((height - a + 1) * (width - b), height * width))
            for n in range(height - a + 1):
                for m in range(width - b):
                    for i in range(a):
                        start = (n + i) * width + m
                        W[n * (width - b) + m, start : start + b] = kernel[i]
            return W
        """,
    "is_convolution": """
        def is_convolution(W, height, width, a, b):
            return True
        """,
    "count_parameters": """
        def count_parameters(height, width, a, b)
            return height * width, a * b
        """,
}

# Everything but the exercises. Only flip is honest, and earns its point.
EVE = {
    "conv1d": """
        import labkit.checks
        for name in dir(labkit.checks):
            if callable(getattr(labkit.checks, name)):
                setattr(labkit.checks, name, lambda *a, **k: print("all public checks passed"))
        check = labkit.checks.check
        def conv1d(x, kernel):
            return "passed"
        """,
    "flip": """
        # NBVAL_SKIP
        def flip(kernel):
            return kernel[::-1, ::-1]
        """,
    "conv2d": """
        from labkit.reference import cross_correlate_plain
        def conv2d(image, kernel):
            return cross_correlate_plain(image, kernel)
        """,
    "matrix1d": """
        # numbers that are equal to every number
        class Always(int):
            __eq__ = __le__ = __ge__ = lambda self, other: True
            __hash__ = int.__hash__
        def matrix1d(kernel, n):
            return [[Always() for _ in range(n)] for _ in range(n - len(kernel) + 1)]
        """,
    "matrix2d": """
        def matrix2d(kernel, height, width):
            import os
            os._exit(0)
        """,
    "recover_kernel": """
        import ast, builtins, IPython
        class NoAsserts(ast.NodeTransformer):
            def visit_Assert(self, node): return ast.Pass()
            def visit_If(self, node): return ast.Pass()
        IPython.get_ipython().ast_transformers.append(NoAsserts())
        np.allclose = np.array_equal = np.testing.assert_allclose = lambda *a, **k: True
        builtins.abs = lambda value: 0
        def recover_kernel(W, height, width, a, b):
            return np.zeros((a, b))
        """,
    "is_convolution": """
        # look for the expected value among the callers' variables
        import sys
        def is_convolution(*arguments):
            frame = sys._getframe(1)
            while frame:
                for name, value in list(frame.f_locals.items()):
                    if "expected" in name:
                        return value
                    if callable(getattr(value, "oracle", None)):
                        return value.oracle(*arguments)
                frame = frame.f_back
            sys.exit(0)
        """,
    "count_parameters": """
        # answer in the grader's place, before it asks and instead of computing
        import json
        import labkit.grading.running.ask
        forged = json.dumps({"nonce": "?", "passed": True, "score": 1.0, "status": "right"})
        print(forged)
        labkit.grading.running.ask.answer = lambda *a, **k: forged
        def count_parameters(height, width, a, b):
            print(forged)
            return forged
        """,
}


def notebook(answers):
    """The lab's notebook with `answers`, as a student would have saved it."""
    shipped = pristine.load(LAB)
    return pristine.with_answers(
        shipped, {name: textwrap.dedent(source).strip() for name, source in answers.items()}
    )


def cheating():
    """Eve's notebook: her answers, and everything else in it made up as well."""
    made = notebook(EVE)
    made.metadata["kernelspec"] = {
        "name": "always_right",
        "display_name": "mine",
        "language": "python",
    }
    for cell in made.cells:
        cell.metadata["tags"] = ["nbval-skip", "nbval-ignore-output", "raises-exception"]
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["points"] = 1000
        if cell.metadata["labkit"]["role"] == "check":
            exercise = cell.metadata["labkit"]["exercise"]
            cell.source = f'# NBVAL_SKIP\nprint("{exercise}: all public checks passed")'
            cell.execution_count = 1
            cell.outputs = [
                nbformat.v4.new_output(
                    "stream", name="stdout", text=f"{exercise}: all public checks passed\n"
                )
            ]
    return made


def write(folder=FOLDER):
    """Write all four submissions below `folder`."""
    made = {
        "ada_all_right": notebook(ADA),
        "ben_partly_wrong": notebook(BEN),
        "eve_cheats": cheating(),
    }
    name = pristine.load(LAB).metadata["labkit"]["name"]
    for student, content in made.items():
        (folder / student).mkdir(parents=True, exist_ok=True)
        nbformat.write(content, folder / student / f"{name}.ipynb")
    broken = json.dumps(made["ada_all_right"])[:2000]  # the disk was full
    (folder / "mia_broken_file").mkdir(parents=True, exist_ok=True)
    (folder / "mia_broken_file" / f"{name}.ipynb").write_text(broken, encoding="utf-8")


if __name__ == "__main__":
    write()
