"""Data from a folder, the cache, a download: found in order, verified, never half-used."""

import gzip
import hashlib
import http.server
import io
import os
import pickle
import tarfile
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from labkit import data
from labkit.cli import main
from labkit.data import registry, sources
from labkit.data.sources import DataError

RNG = np.random.default_rng(0)
ARRAYS = {
    "x_train": RNG.integers(0, 256, (6, 4, 4), np.uint8),
    "y_train": np.array([0, 1, 1, 0, 1, 0], np.uint8),
    "x_test": RNG.integers(0, 256, (4, 4, 4), np.uint8),
    "y_test": np.array([1, 0, 0, 1], np.uint8),
}


def npz(arrays=ARRAYS):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


@pytest.fixture
def tiny():
    """A small dataset that goes by MNIST's name, so that MNIST's readers read it."""
    hashes = tuple(hashlib.sha256(ARRAYS[key]).hexdigest() for key in ARRAYS)
    sizes = {"train": (6, 4, 4), "test": (4, 4, 4), "classes": ("a", "b"), "arrays": hashes}
    return replace(registry.get("mnist"), files=(), **sizes)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.delenv(sources.VARIABLE, raising=False)
    monkeypatch.setattr(sources, "cache", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def served(tiny):
    """The dataset on a server of our own; `how` says what the server does."""
    content, how = npz(), {"do": "serve", "asked": 0}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            how["asked"] += 1
            body = content[: len(content) // 2] if how["do"] == "break" else content
            body = body[:-1] + b"?" if how["do"] == "other" else body
            self.send_response(404 if how["do"] == "missing" else 200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/mnist.npz"
    file = registry.File("mnist.npz", url, len(content), hashlib.sha256(content).hexdigest())
    yield replace(tiny, files=(file,)), how, server
    server.shutdown()
    server.server_close()


def put(folder, content=None, name="mnist.npz"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(npz() if content is None else content)
    return folder


def same(arrays):
    return all(np.array_equal(arrays[key], ARRAYS[key]) for key in ARRAYS)


def test_the_users_folder_comes_before_the_cache_and_the_cache_before_a_download(
    tiny, tmp_path, cache, monkeypatch
):
    put(cache / "mnist")
    arrays, said = sources.find(tiny)
    assert same(arrays)
    assert said == f"the cache {cache / 'mnist'}"
    monkeypatch.setenv(sources.VARIABLE, str(put(tmp_path / "mine")))
    assert sources.find(tiny)[1] == f"your folder {tmp_path / 'mine'}"
    other = put(tmp_path / "other" / "mnist").parent
    assert sources.find(tiny, other)[1] == f"your folder {other / 'mnist'}"


def test_a_download_is_verified_kept_and_not_repeated(served, cache):
    dataset, how, _ = served
    arrays, said = sources.find(dataset, progress=False)
    assert same(arrays)
    assert said.startswith("a download, kept in ")
    assert sources.find(dataset)[1] == f"the cache {cache / 'mnist'}"
    assert how["asked"] == 1


def test_a_download_that_breaks_off_leaves_nothing_and_begins_anew(served, cache):
    dataset, how, _ = served
    how["do"] = "break"
    with pytest.raises(DataError, match="mnist is not on this machine: fetch http://127"):
        sources.find(dataset, progress=False)
    assert list((cache / "mnist").iterdir()) == []
    how["do"] = "serve"
    assert same(sources.find(dataset, progress=False)[0])


@pytest.mark.parametrize(
    ("do", "says"), [("other", "gave another file than expected"), ("missing", "404")]
)
def test_another_file_than_expected_is_not_kept(served, cache, do, says):
    dataset, how, _ = served
    how["do"] = do
    with pytest.raises(DataError, match=says):
        sources.find(dataset, progress=False)
    assert list((cache / "mnist").iterdir()) == []


def test_offline_it_says_what_to_fetch_and_where_to_put_it(served, tmp_path, cache):
    dataset, _, server = served
    server.server_close()
    with pytest.raises(DataError) as caught:
        sources.find(dataset, progress=False)
    assert str(caught.value) == (
        f"mnist is not on this machine: fetch {dataset.files[0].url} (0 MiB) into "
        f"{cache / 'mnist'}, or into a folder that LABKIT_DATA_DIR names (no connection to it "
        "from here)"
    )
    with pytest.raises(DataError, match="expected a folder with mnist, found none"):
        sources.find(dataset, tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (npz()[:-200], "File is not a zip file"),
        (b"", "File is not a zip file"),
        (npz(ARRAYS | {"x_train": ARRAYS["x_train"] ^ 1}), "x_train is not MNIST's: its SHA-256"),
        (npz(ARRAYS | {"x_test": ARRAYS["x_test"][:3]}), r"expected x_test of shape \(4, 4, 4\)"),
        (npz(ARRAYS | {"y_test": ARRAYS["y_test"] + 1}), "y_test holds numbers beyond 0 to 1"),
        (npz(ARRAYS | {"x_test": ARRAYS["x_test"] / 2}), "whole numbers, found .* float64"),
        (npz({"x_train": ARRAYS["x_train"]}), "y_train, x_test, y_test missing"),
    ],
)
def test_a_damaged_file_is_named_and_not_used(tiny, tmp_path, content, says):
    put(tmp_path / "mine", content)
    with pytest.raises(DataError, match=says) as caught:
        sources.find(tiny, tmp_path / "mine")
    assert f"mnist in {tmp_path / 'mine'} is damaged" in str(caught.value)
    assert "Remove mnist.npz there, and fetch it again" in str(caught.value)


def test_a_flipped_bit_is_noticed(tiny, tmp_path):
    content = bytearray(npz())
    content[200] ^= 4
    put(tmp_path / "mine", bytes(content))
    with pytest.raises(DataError, match="damaged"):
        sources.find(tiny, tmp_path / "mine")


def test_labels_in_a_column_are_as_good(tiny, tmp_path):
    columns = {key: ARRAYS[key][:, None] for key in ("y_train", "y_test")}
    assert same(sources.find(tiny, put(tmp_path / "mine", npz(ARRAYS | columns)))[0])


def test_idx_files_are_read(tiny, tmp_path):
    names = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"]
    for name, array in zip(names, ARRAYS.values(), strict=True):
        head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
        content = gzip.compress(head + array.tobytes())
        put(tmp_path / "mine", content, f"{name}-ubyte.gz")
    assert same(sources.find(tiny, tmp_path / "mine")[0])


def test_of_several_files_the_damaged_one_is_named(tiny, tmp_path):
    for name in ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"]:
        whole = gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 0]))
        put(tmp_path, whole[:-9] if "t10k-l" in name else whole, f"{name}-ubyte.gz")
    with pytest.raises(DataError, match=r"damaged: t10k-labels-idx1-ubyte.gz: Compressed file end"):
        sources.find(tiny, tmp_path)


@pytest.fixture
def batches():
    """CIFAR's batches, with few images."""
    made = {}
    for number, name in enumerate([*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]):
        images = np.random.default_rng(number).integers(0, 256, (10, 3072), np.uint8)
        made[name] = pickle.dumps({b"data": images, b"labels": list(range(10))})
    return made


@pytest.mark.parametrize("packed", [True, False])
def test_cifars_own_form_is_read(tmp_path, batches, packed):
    dataset = replace(registry.get("cifar10"), train=(50, 32, 32, 3), test=(10, 32, 32, 3))
    inner = tmp_path / "cifar-10-batches-py"
    for name, content in batches.items():
        put(inner, content, name)
    if packed:
        with tarfile.open(tmp_path / "cifar-10-python.tar.gz", "w:gz") as archive:
            archive.add(inner, inner.name)
        for path in inner.iterdir():
            path.unlink()
        inner.rmdir()
    arrays, _ = sources.find(dataset, tmp_path)
    first = pickle.loads(batches["data_batch_1"])[b"data"][0]
    np.testing.assert_array_equal(arrays["x_train"][0, 3, 7], first.reshape(3, 32, 32)[:, 3, 7])
    assert arrays["y_train"].tolist() == list(range(10)) * 5


def test_classes_of_which_one_has_more_images_are_not_cifars(tmp_path):
    dataset = replace(registry.get("cifar10"), train=(20, 32, 32, 3), test=(20, 32, 32, 3))
    x, y = np.zeros((20, 32, 32, 3), np.uint8), np.repeat(np.arange(10), 2)
    whole = {"x_train": x, "y_train": y, "x_test": x, "y_test": y}
    sources.find(dataset, put(tmp_path, npz(whole), "cifar10.npz"))
    y = np.array([1, *y[1:]])
    put(tmp_path, npz(whole | {"y_test": y}), "cifar10.npz")
    with pytest.raises(DataError, match="in y_test, found 1 of class 0 and 3 of class 1"):
        sources.find(dataset, tmp_path)


def test_code_in_a_batch_is_not_run(tmp_path, batches):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "was-here"),)

    for name, content in (batches | {"data_batch_3": pickle.dumps(Evil())}).items():
        put(tmp_path / "cifar-10-batches-py", content, name)
    with pytest.raises(
        DataError, match=r"data_batch_3: .*mkdir is not among what CIFAR-10's files contain"
    ):
        sources.find(registry.get("cifar10"), tmp_path)
    assert not (tmp_path / "was-here").exists()


def test_photographs_are_cut_to_their_middle(tmp_path):
    from PIL import Image

    for split, count in (("train", 2), ("val", 1)):
        for kind in ("n01", "n02"):
            folder = tmp_path / "imagenette2-160" / split / kind
            folder.mkdir(parents=True)
            for number in range(count):
                shade = 100 if kind == "n01" else 200
                Image.new("RGB", (200, 160), (shade,) * 3).save(folder / f"{number}.JPEG")
    dataset = replace(
        registry.get("imagenette"),
        train=(4, 160, 160, 3),
        test=(2, 160, 160, 3),
        classes=("tench", "church"),
    )
    arrays, _ = sources.find(dataset, tmp_path)
    assert arrays["y_train"].tolist() == [0, 0, 1, 1]
    assert arrays["x_test"][:, 0, 0, 0].tolist() == [100, 200]


def real(name):
    """The folder with real data, where the person who runs the tests has named one."""
    folder = Path(REAL) if REAL else None
    if folder is None or not (folder / f"{name}.npz").is_file():
        pytest.skip(f"no {name}.npz: name its folder in LABKIT_DATA_DIR to test with it")
    return folder


REAL = os.environ.get(sources.VARIABLE)  # before the fixture takes it away


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_real_data_is_whole(name):
    (x, y), (x_test, y_test) = data.load(name, folder=real(name))
    counts = np.bincount(y), np.bincount(y_test)
    if name == "cifar10":
        assert set(counts[0].tolist()) == {5000}
    assert (len(x), len(x_test)) == (counts[0].sum(), counts[1].sum())
    assert x.dtype == np.uint8
    assert y.dtype == np.int64


def test_the_command_lists_describes_and_fetches(tmp_path, monkeypatch):
    runner = CliRunner()
    listed = runner.invoke(main, ["data", "list"])
    assert "digits         embedded: scikit-learn carries it" in listed.output
    assert "cifar10        cifar10 is not on this machine" in listed.output
    assert "CC BY-SA 3.0" in runner.invoke(main, ["data", "describe", "mnist"]).output
    unknown = runner.invoke(main, ["data", "describe", "minst"])
    assert unknown.exit_code == 2
    assert "did you mean 'mnist'?" in unknown.output
    put(tmp_path / "mine", b"")
    done = runner.invoke(main, ["data", "fetch", "digits", "mnist", "--folder", tmp_path / "mine"])
    assert done.exit_code == 1
    assert "mnist: mnist in" in done.output


def test_a_datasheet_says_whose_it_is_and_shows_samples():
    assert "The first 5,000 test images cause two to three times as many errors" in repr(
        data.describe("mnist")
    )
    assert "caution" not in repr(data.describe("cifar10"))
    sheet = data.describe("digits")
    assert "CC BY 4.0" in repr(sheet)
    assert "<th" in sheet._repr_html_()
    assert len(sheet.figure().axes) == 80
    assert "163 MiB from https://www.cs.toronto.edu" in repr(data.describe("cifar10"))


@pytest.mark.parametrize(
    ("make", "shape", "classes"),
    [
        (lambda seed: data.motion(40, 32, seed=seed), (40, 32, 8), 4),
        (lambda seed: data.volumes(40, 8, seed=seed), (40, 8, 8, 8, 3), 4),
        (lambda seed: data.textures(40, 32, seed=seed), (40, 32, 32, 3), 8),
    ],
)
def test_generated_data_is_a_function_of_its_seed(make, shape, classes):
    (x, y), (again, _), (other, _) = make(1), make(1), make(2)
    assert x.shape == shape
    np.testing.assert_array_equal(x, again)
    assert not np.array_equal(x, other)
    assert np.bincount(y).tolist() == [40 // classes] * classes


def test_textured_shapes_are_nothing_for_a_linear_model():
    x, y = data.textures(600, 16)
    x = x.reshape(len(x), -1) / 255.0
    # least squares on one-hot labels, a little damped
    flat = np.c_[x, np.ones(len(x))]
    train, test = flat[:400], flat[400:]
    weights = np.linalg.solve(
        train.T @ train + 10 * np.eye(train.shape[1]), train.T @ np.eye(8)[y[:400]]
    )
    assert ((test @ weights).argmax(1) == y[400:]).mean() < 0.35
