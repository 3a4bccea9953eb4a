"""Run a reference under nbval: does the lab still give the numbers and texts that are stored?

nbval runs in a pytest of its own, one for each notebook: its cells then keep their order whatever
the outer pytest does with its tests (``-n 2`` would deal single cells out to several kernels).
"""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat

from labkit.notebooks.execute import environment, warm_environment

__all__ = ["CellFailure", "regressions"]

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class CellFailure:
    """A cell whose outputs are not the stored ones."""

    cell: str  #: its id: the exercise's, or a digest of its content
    text: str  #: nbval's account: the source, then stored against computed

    def __str__(self):
        return f"cell {self.cell!r}\n{self.text}"


def regressions(path, timeout=600):
    """Run the notebook under nbval, every output compared; returns a list of CellFailure.

    Raises:
        ValueError: the notebook was never executed: nbval would pass it without comparing.
        RuntimeError: nbval itself did not come to an end.
    """
    path = Path(path)
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    never = [cell.get("id") for cell in code if cell.execution_count is None]
    if never or not code:
        raise ValueError(
            f"{path} was never executed: {len(never)} of {len(code)} code cells have no execution "
            "count, and nbval would pass them without comparing. Run 'labkit build --force'"
        )
    with tempfile.TemporaryDirectory(prefix="labkit-nbval-") as folder:
        # a copy: nbval's kernel works in the notebook's folder, and may write there
        work, record = Path(folder, "work"), Path(folder, "failures.json")
        work.mkdir()
        copy = shutil.copyfile(path, work / path.name)
        Path(folder, "pytest.ini").write_text("[pytest]\n")
        command = [sys.executable, "-m", "pytest", str(copy), "--nbval", "--nbval-current-env"]
        command += [f"--nbval-sanitize-with={_HERE / 'nbval_sanitize.cfg'}"]
        command += [f"--nbval-cell-timeout={timeout}", "-p", "labkit.notebooks.nbval_plugin"]
        command += [f"--labkit-failures={record}", f"--rootdir={folder}", "--color=no", "-q"]
        command += ["-c", str(Path(folder, "pytest.ini")), "-p", "no:cacheprovider", "-W", "error"]
        run = subprocess.run(
            command,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=warm_environment(environment(Path(folder, "ipython"))),
            cwd=folder,
        )
        told = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    failures = [CellFailure(one["cell"], one["text"]) for one in told.get("failures", [])]
    expected = 1 if failures else 0
    # a run that did less than it should must not look like one that found nothing
    if run.returncode != expected or told.get("cells") != sum(
        cell.cell_type == "code" for cell in notebook.cells
    ):
        raise RuntimeError(
            f"nbval did not come to an end on {path} (exit status {run.returncode}):\n"
            f"{(run.stdout + run.stderr)[-4000:]}"
        )
    return failures
