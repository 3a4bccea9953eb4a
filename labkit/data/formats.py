"""Files into arrays: Keras's npz, MNIST's idx, CIFAR's pickled batches, folders of photographs.

Every reader takes the folder in which a dataset's files lie and gives ``{"x_train": ..., ...}``, or
None when they are not there. What is there and cannot be read raises, with whatever exception.
"""

import contextlib
import gzip
import io
import pickle
import tarfile
import zipfile

import numpy as np

__all__ = ["KEYS", "READERS"]

KEYS = ("x_train", "y_train", "x_test", "y_test")


@contextlib.contextmanager
def _named(name):
    """Name the one of many files that could not be read."""
    try:
        yield
    except Exception as error:  # truncated archives raise whatever they like
        raise ValueError(f"{name}: {str(error) or type(error).__name__}") from error


def _npz(name):
    def read(folder):
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


def _idx(folder):
    """The four files of (Fashion-)MNIST, gzipped, http://yann.lecun.com/exdb/mnist."""
    if not all((folder / name).is_file() for name in IDX.values()):
        return None
    return {key: _idx_array(folder / name) for key, name in IDX.items()}


def _idx_array(path):
    with _named(path.name), gzip.open(path) as file:
        content = file.read()
        rank = content[3]
        shape = np.frombuffer(content, ">i4", rank, offset=4)
        return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


class _Arrays(pickle.Unpickler):
    """Unpickles what CIFAR's batches hold, and nothing that could run code."""

    def find_class(self, module, name):
        known = {
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} is nothing that CIFAR-10 holds")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def _cifar(folder):
    """``cifar-10-batches-py``, as a folder or inside its archive."""
    names = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]
    inner, archive = folder / "cifar-10-batches-py", folder / "cifar-10-python.tar.gz"
    if inner.is_dir():
        contents = {name: (inner / name).read_bytes() for name in names}
    elif archive.is_file():
        with tarfile.open(archive) as files:
            contents = {
                name: files.extractfile(f"cifar-10-batches-py/{name}").read() for name in names
            }
    else:
        return None
    batches = []
    for name in names:
        with _named(name):
            batch = _Arrays(io.BytesIO(contents[name]), encoding="bytes").load()
            images = np.asarray(batch[b"data"], np.uint8).reshape(-1, 3, 32, 32)
            labels = np.asarray(batch[b"labels"], np.uint8)
        batches.append((images.transpose(0, 2, 3, 1), labels))
    (x, y), (x_test, y_test) = map(np.concatenate, zip(*batches[:5], strict=True)), batches[5]
    return {"x_train": x, "y_train": y, "x_test": x_test, "y_test": y_test}


def _imagenette(folder):
    """``imagenette2-160``, as a folder or inside its archive: a folder for each class."""
    inner, archive = folder / "imagenette2-160", folder / "imagenette2-160.tgz"
    if inner.is_dir():
        files = ((path.relative_to(inner).parts, path) for path in sorted(inner.rglob("*.JPEG")))
        return _photographs((parts, path.open("rb")) for parts, path in files)
    if not archive.is_file():
        return None
    with tarfile.open(archive) as files:
        members = sorted(
            (one for one in files if one.name.endswith(".JPEG")), key=lambda one: one.name
        )
        return _photographs(
            (tuple(one.name.split("/")[1:]), files.extractfile(one)) for one in members
        )


def _photographs(files):
    from PIL import Image

    found = {"train": ([], []), "val": ([], [])}
    for (split, kind, name), file in files:
        with _named(name), file, Image.open(file) as image:
            left, top = (image.width - 160) // 2, (image.height - 160) // 2
            middle = image.convert("RGB").crop((left, top, left + 160, top + 160))
        found[split][0].append(np.asarray(middle))
        found[split][1].append(kind)
    kinds = sorted(set(found["train"][1]))
    arrays = {}
    for split, key in (("train", "train"), ("val", "test")):
        arrays[f"x_{key}"] = np.stack(found[split][0])
        arrays[f"y_{key}"] = np.array([kinds.index(kind) for kind in found[split][1]], np.uint8)
    return arrays


#: For each dataset, the forms in which it may lie in a folder, (files, reader); the first that is
#: there is read.
READERS = {
    "mnist": ((("mnist.npz",), _npz("mnist")), (tuple(IDX.values()), _idx)),
    "fashion_mnist": ((("fashion_mnist.npz",), _npz("fashion_mnist")), (tuple(IDX.values()), _idx)),
    "cifar10": (
        (("cifar10.npz",), _npz("cifar10")),
        (("cifar-10-batches-py", "cifar-10-python.tar.gz"), _cifar),
    ),
    "imagenette": ((("imagenette2-160", "imagenette2-160.tgz"), _imagenette),),
}
