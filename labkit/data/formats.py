"""Read data files: Keras's npz, MNIST's idx, CIFAR's pickled batches, folders of photographs.

Every reader takes the folder that holds a dataset's files and returns ``{"x_train": ..., ...}``, or
None when they are not there. For a file that cannot be read it raises any exception.
"""

import contextlib
import gzip
import io
import pickle
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["KEYS", "READERS"]

KEYS = ("x_train", "y_train", "x_test", "y_test")

_Arrays: TypeAlias = dict[str, NDArray[Any]]
_Reader: TypeAlias = Callable[[Path], _Arrays | None]


@contextlib.contextmanager
def _named(name: str) -> Iterator[None]:
    """Name the file in any exception that is raised while reading it."""
    try:
        yield
    except Exception as error:  # a truncated archive may raise any exception
        raise ValueError(f"{name}: {str(error) or type(error).__name__}") from error


def _npz(name: str) -> _Reader:
    """Return a reader of Keras's archive ``name.npz``."""

    def read(folder: Path) -> _Arrays | None:
        path = folder / f"{name}.npz"
        if not path.is_file():
            return None
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        if damaged:
            raise ValueError(f"{damaged} in it is damaged")
        with np.load(path, allow_pickle=False) as arrays:
            missing = [key for key in KEYS if key not in arrays]
            if missing:
                raise ValueError(f"expected arrays {', '.join(KEYS)}; {', '.join(missing)} missing")
            return {key: arrays[key] for key in KEYS}

    return read


IDX = {
    "x_train": "train-images-idx3-ubyte.gz",
    "y_train": "train-labels-idx1-ubyte.gz",
    "x_test": "t10k-images-idx3-ubyte.gz",
    "y_test": "t10k-labels-idx1-ubyte.gz",
}


def _idx(folder: Path) -> _Arrays | None:
    """Read the four gzipped files of (Fashion-)MNIST, see http://yann.lecun.com/exdb/mnist."""
    if not all((folder / name).is_file() for name in IDX.values()):
        return None
    return {key: _idx_array(folder / name) for key, name in IDX.items()}


def _idx_array(path: Path) -> NDArray[np.uint8]:
    """Read one file: a header of big-endian sizes, then the bytes."""
    with _named(path.name), gzip.open(path) as file:
        content = file.read()
        rank = content[3]
        shape = np.frombuffer(content, ">i4", rank, offset=4)
        return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


class _ArraysOnly(pickle.Unpickler):
    """Unpickles the arrays in CIFAR's batches, and refuses everything that could run code."""

    def find_class(self, module: str, name: str) -> Any:
        known = {
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(
                f"{module}.{name} is not among what CIFAR-10's files contain"
            )
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def _cifar(folder: Path) -> _Arrays | None:
    """Read ``cifar-10-batches-py``, as a folder or inside its archive."""
    names = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]
    inner, archive = folder / "cifar-10-batches-py", folder / "cifar-10-python.tar.gz"
    if inner.is_dir():
        contents = {name: (inner / name).read_bytes() for name in names}
    elif archive.is_file():
        with tarfile.open(archive) as files:
            contents = {
                name: _member(files, f"cifar-10-batches-py/{name}").read() for name in names
            }
    else:
        return None
    batches = []
    for name in names:
        with _named(name):
            batch = _ArraysOnly(io.BytesIO(contents[name]), encoding="bytes").load()
            images = np.asarray(batch[b"data"], np.uint8).reshape(-1, 3, 32, 32)
            labels = np.asarray(batch[b"labels"], np.uint8)
        batches.append((images.transpose(0, 2, 3, 1), labels))
    (x, y), (x_test, y_test) = map(np.concatenate, zip(*batches[:5], strict=True)), batches[5]
    return {"x_train": x, "y_train": y, "x_test": x_test, "y_test": y_test}


def _member(archive: tarfile.TarFile, member: str | tarfile.TarInfo) -> IO[bytes]:
    """Open a file in an archive."""
    file = archive.extractfile(member)
    if file is None:
        raise ValueError(f"expected a file, received {member}")
    return file


def _imagenette(folder: Path) -> _Arrays | None:
    """Read ``imagenette2-160``, as a folder or inside its archive, with a folder for each class."""
    inner, archive = folder / "imagenette2-160", folder / "imagenette2-160.tgz"
    if inner.is_dir():
        paths = sorted(inner.rglob("*.JPEG"))
        return _photographs((path.relative_to(inner).parts, path.open("rb")) for path in paths)
    if not archive.is_file():
        return None
    with tarfile.open(archive) as files:
        members = sorted(
            (one for one in files if one.name.endswith(".JPEG")), key=lambda one: one.name
        )
        return _photographs(
            (tuple(one.name.split("/")[1:]), _member(files, one)) for one in members
        )


def _photographs(files: Iterable[tuple[tuple[str, ...], IO[bytes]]]) -> _Arrays:
    """Read photographs, each with its path ``(split, class, name)``; keep the middle of each."""
    from PIL import Image

    images: dict[str, list[NDArray[np.uint8]]] = {"train": [], "val": []}
    labels: dict[str, list[str]] = {"train": [], "val": []}
    for (split, kind, name), file in files:
        with _named(name), file, Image.open(file) as image:
            left, top = (image.width - 160) // 2, (image.height - 160) // 2
            middle = image.convert("RGB").crop((left, top, left + 160, top + 160))
        images[split].append(np.asarray(middle))
        labels[split].append(kind)
    kinds = sorted(set(labels["train"]))
    arrays: _Arrays = {}
    for split, key in (("train", "train"), ("val", "test")):
        arrays[f"x_{key}"] = np.stack(images[split])
        arrays[f"y_{key}"] = np.array([kinds.index(kind) for kind in labels[split]], np.uint8)
    return arrays


# For each dataset, the forms in which a folder may hold it, as (files, reader). The first that is
# there is read.
READERS: dict[str, tuple[tuple[tuple[str, ...], _Reader], ...]] = {
    "mnist": ((("mnist.npz",), _npz("mnist")), (tuple(IDX.values()), _idx)),
    "fashion_mnist": ((("fashion_mnist.npz",), _npz("fashion_mnist")), (tuple(IDX.values()), _idx)),
    "cifar10": (
        (("cifar10.npz",), _npz("cifar10")),
        (("cifar-10-batches-py", "cifar-10-python.tar.gz"), _cifar),
    ),
    "imagenette": ((("imagenette2-160", "imagenette2-160.tgz"), _imagenette),),
}
