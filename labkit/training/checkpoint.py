"""Checkpoints: the complete state of a training, written so that no crash leaves half of one.

Each epoch writes an .npz archive with every variable of the model (weights, statistics, the states
of its random generators) and of the optimizer, and a description in JSON. The newest two are kept.
"""

import hashlib
import io
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.files import write_atomically

__all__ = ["Checkpoints"]

KEPT = 2  # checkpoints
FORMAT = 1  # the version of the files' layout


def _digest(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Hash names, dtypes, shapes and bytes, since an archive's CRC does not cover its index."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.data if array.size else b"")
    return digest.hexdigest()


class Checkpoints:
    """The checkpoints in ``folder`` of one model, recipe and data.

    Args:
        folder: where the files are; it is created if it does not exist.
        variables: the Keras variables to save.
        identity: strings that must be equal for training to go on, so that checkpoints of another
            recipe, model or data are refused.
        say: a function that shows a sentence to the user.
        continues: a function ``(epoch, saved, wanted)`` of the epochs that are done and of two
            identities; true if the training of the saved one may go on as the wanted one, although
            they differ.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        variables: Iterable[Any],
        identity: Mapping[str, str],
        say: Callable[[str], object] = print,
        continues: Callable[[int, dict[str, str], dict[str, str]], bool] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self.variables = list(variables)
        self.identity = dict(identity)
        self.say = say
        self.continues = continues or (lambda epoch, saved, wanted: False)

    def paths(self) -> list[Path]:
        """List the checkpoints in the folder, the newest first."""
        return sorted(self.folder.glob("epoch-*.npz"), reverse=True)

    def check_writable(self) -> None:
        """Create the folder, and raise OSError if nothing can be written to it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            raise OSError(
                error.errno,
                f"folder: expected one that checkpoints can be written to, received {self.folder}: "
                f"{error.strerror}",
            ) from error

    def save(self, epoch: int, rows: list[dict[str, Any]]) -> None:
        """Write a checkpoint after ``epoch`` epochs; ``rows`` is the history so far."""
        import keras

        arrays = {
            f"{number:04d}": keras.ops.convert_to_numpy(variable)
            for number, variable in enumerate(self.variables)
        }
        about = {
            "format": FORMAT,
            "epoch": epoch,
            "rows": rows,
            "identity": self.identity,
            "digest": _digest(arrays),
        }
        file = io.BytesIO()
        np.savez(file, about=np.frombuffer(json.dumps(about).encode(), np.uint8), **arrays)
        try:
            write_atomically(self.folder / f"epoch-{epoch:05d}.npz", file.getvalue())
        except OSError as error:
            raise OSError(
                error.errno, f"the checkpoint of epoch {epoch} could not be written: {error}"
            ) from error
        for old in self.paths()[KEPT:]:
            old.unlink(missing_ok=True)

    def clear(self) -> None:
        """Delete all checkpoints."""
        for path in [*self.paths(), *self._unfinished()]:
            path.unlink()

    def _unfinished(self) -> Iterator[Path]:
        """Find the files of a process that was killed while it wrote a checkpoint."""
        return self.folder.glob(".epoch-*.part")

    def restore(self) -> tuple[int, list[dict[str, Any]]]:
        """Set the variables to the newest undamaged checkpoint.

        A damaged file is reported to the user, and the one before it is used.

        Returns:
            The number of finished epochs, and their rows of the history; (0, []) if there is no
            checkpoint.

        Raises:
            ValueError: the checkpoint belongs to another recipe, model or data.
        """
        for path in self._unfinished():
            path.unlink()
        for path in self.paths():
            try:
                about, arrays = self._read(path)
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as why:
                self.say(f"{path.name} is damaged ({why}): going back to the checkpoint before it.")
                continue
            self._check(path, about, arrays)
            for variable, name in zip(self.variables, sorted(arrays), strict=True):
                variable.assign(arrays[name])
            return about["epoch"], about["rows"]
        return 0, []

    def _read(self, path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Read and verify one checkpoint: its description and its arrays."""
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        about = json.loads(arrays.pop("about").tobytes())
        if about["format"] != FORMAT:
            raise ValueError(f"its format is {about['format']}, this labkit knows {FORMAT}")
        if about["digest"] != _digest(arrays):
            raise ValueError("its contents are not what was written")
        return about, arrays

    def _check(self, path: Path, about: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
        """Raise ValueError if a checkpoint belongs to another training."""
        identity = self.identity
        if self.continues(about["epoch"], about["identity"], identity):
            identity = {}
        for what, wanted in identity.items():
            saved = about["identity"].get(what)
            if saved != wanted:
                raise ValueError(
                    f"{path}: expected a checkpoint of this {what}, received one of another"
                    f"{_difference(saved, wanted)}. Give another folder, or begin anew here "
                    "(resume=False, on the command line --fresh)"
                )
        if len(arrays) != len(self.variables):
            raise ValueError(
                f"{path}: expected {len(self.variables)} variables, received {len(arrays)}"
            )


def _difference(saved_text: Any, wanted_text: str) -> str:
    """Say which entries of two JSON objects differ; nothing if the texts are no JSON objects."""
    try:
        saved, wanted = json.loads(saved_text), json.loads(wanted_text)
        names = [name for name in wanted if saved.get(name) != wanted[name]]
    except (AttributeError, TypeError, ValueError):
        return ""
    text = ", ".join(f"{name} {saved.get(name)!r} there, {wanted[name]!r} here" for name in names)
    return f" ({text})" if text else ""
