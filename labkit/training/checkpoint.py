"""Checkpoints: all that training goes on from, written so that no crash leaves half of one.

One file an epoch, an .npz archive: every variable of the model (weights, statistics, the states of
its random generators) and of the optimizer, and a description in JSON. The newest two are kept.
"""

import hashlib
import io
import json
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from labkit.files import write_atomically

__all__ = ["Checkpoints"]

KEPT = 2
FORMAT = 1


def _digest(arrays):
    """SHA-256 over names, dtypes, shapes and bytes: an archive's CRC does not cover its index."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        found.update(f"{name} {array.dtype.str} {array.shape}".encode())
        found.update(array.data if array.size else b"")
    return found.hexdigest()


class Checkpoints:
    """The checkpoints in ``folder`` of one model, recipe and data.

    Args:
        folder: made if need be.
        variables: what is saved, a list of Keras variables.
        identity: a dict of strings that must be equal for training to go on: what belongs to
            another recipe, model or data is refused.
        say: a function that takes a sentence for the user.
        continues: a function ``(epoch, saved, wanted)`` of the epochs that are done and of two
            identities; true if the training of the saved one may go on as the wanted one, although
            they differ.
    """

    def __init__(self, folder, variables, identity, say=print, continues=None):
        self.folder = Path(folder)
        self.variables = list(variables)
        self.identity = dict(identity)
        self.say = say
        self.continues = continues or (lambda epoch, saved, wanted: False)

    def paths(self):
        """The checkpoints that are there, the newest first."""
        return sorted(self.folder.glob("epoch-*.npz"), reverse=True)

    def check_writable(self):
        """Make the folder, and raise OSError if nothing can be written to it."""
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

    def save(self, epoch, rows):
        """Write what training goes on from after ``epoch`` epochs; ``rows`` is its history."""
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

    def clear(self):
        """Forget everything: begin anew."""
        for path in [*self.paths(), *self._unfinished()]:
            path.unlink()

    def _unfinished(self):
        """What a process left that was killed while it wrote a checkpoint."""
        return self.folder.glob(".epoch-*.part")

    def restore(self):
        """Set the variables to the newest whole checkpoint; returns (epochs done, rows).

        (0, []) where there is none. A damaged file is named and the one before it taken.

        Raises:
            ValueError: it belongs to another recipe, model or data.
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

    def _read(self, path):
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        about = json.loads(arrays.pop("about").tobytes())
        if about["format"] != FORMAT:
            raise ValueError(f"its format is {about['format']}, this labkit knows {FORMAT}")
        if about["digest"] != _digest(arrays):
            raise ValueError("its contents are not what was written")
        return about, arrays

    def _check(self, path, about, arrays):
        identity = self.identity
        if self.continues(about["epoch"], about["identity"], identity):
            identity = {}
        for what, wanted in identity.items():
            found = about["identity"].get(what)
            if found != wanted:
                raise ValueError(
                    f"{path}: expected a checkpoint of this {what}, received one of another"
                    f"{_difference(found, wanted)}. Give another folder, or begin anew here "
                    "(resume=False, on the command line --fresh)"
                )
        if len(arrays) != len(self.variables):
            raise ValueError(
                f"{path}: expected {len(self.variables)} variables, received {len(arrays)}"
            )


def _difference(found, wanted):
    """Which entries of two JSON objects differ, for people; nothing for what is no JSON object."""
    try:
        found, wanted = json.loads(found), json.loads(wanted)
        names = [name for name in wanted if found.get(name) != wanted[name]]
    except (AttributeError, TypeError, ValueError):
        return ""
    said = ", ".join(f"{name} {found.get(name)!r} there, {wanted[name]!r} here" for name in names)
    return f" ({said})" if said else ""
