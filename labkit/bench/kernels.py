"""Warm and sandboxed kernels beside stock ones: time to the first cell, CPU, memory.

Everything is measured through jupyter_client, as nbval and nbclient use it; only the provisioner
differs. Stock kernels get the same environment.
"""

import contextlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

__all__ = ["KINDS", "cpu_of_nbval", "first_cell", "losses", "private_memory", "run"]

KINDS = {"stock": "local-provisioner", "warm": "labkit-warm", "sandboxed": "labkit-sandbox"}
_VARIABLE = "JUPYTER_DEFAULT_PROVISIONER_NAME"
_TRAIN = """
import keras, numpy as np
keras.utils.set_random_seed(7)
x = np.random.default_rng(0).standard_normal((64, 8, 8, 1)).astype("float32")
y = (x.mean((1, 2, 3)) > 0).astype("float32")
model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(4, 3), keras.layers.Flatten(),
                          keras.layers.Dense(1, activation="sigmoid")])
model.compile("sgd", "binary_crossentropy", jit_compile=False)
history = model.fit(x, y, epochs=2, batch_size=16, verbose=0).history["loss"]
"""


class _Specs(KernelSpecManager):
    def get_kernel_spec(self, kernel_name):
        from ipykernel.kernelspec import get_kernel_dict

        stanza = {"kernel_provisioner": {"provisioner_name": kernel_name}}
        return KernelSpec(resource_dir="", metadata=stanza, **_without_metadata(get_kernel_dict()))


def _without_metadata(spec):
    return {name: value for name, value in spec.items() if name != "metadata"}


@contextlib.contextmanager
def _kernel(kind, folder):
    """(manager, client) of a kernel that answers."""
    manager = KernelManager(kernel_name=KINDS[kind], kernel_spec_manager=_Specs())
    manager.start_kernel(cwd=folder)
    client = manager.client()
    client.start_channels()
    try:
        client.kernel_info(reply=True, timeout=120)
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def first_cell(kind, folder, source="import tensorflow"):
    """Seconds from the wish for a kernel to the end of its first cell."""
    begin = time.perf_counter()
    with _kernel(kind, folder) as (_, client):
        reply = client.execute(source, reply=True, timeout=120)
        assert reply["content"]["status"] == "ok", reply["content"]
        return time.perf_counter() - begin


def private_memory(kind, folder, source="import tensorflow"):
    """Bytes that a kernel has for itself after its first cell."""
    with _kernel(kind, folder) as (manager, client):
        client.execute(source, reply=True, timeout=120)
        text = Path(f"/proc/{manager.provisioner.process.pid}/smaps_rollup").read_text()
        rows = dict(line.split(":") for line in text.splitlines()[1:])
        return 1024 * sum(int(rows[name].split()[0]) for name in ("Private_Clean", "Private_Dirty"))


def death(kind, folder):
    """Seconds until a kernel's end is noticed."""
    with _kernel(kind, folder) as (manager, client):
        client.execute("import os; os._exit(0)")
        begin = time.perf_counter()
        while manager.is_alive():
            time.sleep(0.001)
        return time.perf_counter() - begin


def cpu_of_nbval(kind, folder, count=10):
    """Seconds of CPU for `count` notebooks that only import, under nbval as it is."""
    for number in range(count):
        cell = nbformat.v4.new_code_cell("import tensorflow")
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), Path(folder, f"{number}.ipynb"))
    # of pytest's plugins nbval alone, and what they compile is kept, as on an ordinary machine
    quiet = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    quiet |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", _VARIABLE: KINDS[kind]}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "nbval.plugin",
        "--nbval-lax",
        "--nbval-current-env",
        "-q",
    ]
    command += ["-p", "no:cacheprovider", "--rootdir", folder, folder]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command,
        env=quiet,
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def losses(kind, folder):
    """The losses of a small training, as text with all digits."""
    with _kernel(kind, folder) as (_, client):
        asked = {"losses": "[one.hex() for one in history]"}
        reply = client.execute(_TRAIN, user_expressions=asked, reply=True, timeout=300)
        return reply["content"]["user_expressions"]["losses"]["data"]["text/plain"]


def run(*, rounds=7, trainings=20, nbval=True, echo=print):
    """Print the figures; returns them by name."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="labkit-bench-") as folder:
        for kind in ("warm", "sandboxed"):
            begin = time.perf_counter()
            first_cell(kind, folder)
            echo(
                f"{kind}: the warm process and its first kernel came up in "
                f"{time.perf_counter() - begin:.1f} s"
            )
        times = {kind: [] for kind in KINDS}
        for _ in range(rounds):  # in turns, so that a slow moment hits all of them
            for kind, taken in times.items():
                taken.append(first_cell(kind, folder))
        medians = {kind: statistics.median(taken) for kind, taken in times.items()}
        for kind, seconds in medians.items():
            found[f"first cell, {kind}"] = seconds
            echo(
                f"first cell with TensorFlow, {kind}: {1000 * seconds:.0f} ms "
                f"({medians['stock'] / seconds:.1f} times sooner)"
            )
        found["sandbox"] = statistics.median(
            box - warm for box, warm in zip(times["sandboxed"], times["warm"], strict=True)
        )
        echo(f"sandbox on top of a warm kernel: {1000 * found['sandbox']:.0f} ms")
        for kind in KINDS:
            found[f"memory, {kind}"] = private_memory(kind, folder)
            echo(f"private memory, {kind}: {found[f'memory, {kind}'] / 1e6:.0f} MB")
            found[f"death, {kind}"] = death(kind, folder)
            echo(f"death noticed, {kind}: after {1000 * found[f'death, {kind}']:.0f} ms")
        if nbval:
            for kind in KINDS:
                with tempfile.TemporaryDirectory() as notebooks:
                    found[f"nbval, {kind}"] = cpu_of_nbval(kind, notebooks)
                ratio = found["nbval, stock"] / found[f"nbval, {kind}"]
                echo(
                    f"10 notebooks that import, under nbval, {kind}: "
                    f"{found[f'nbval, {kind}']:.1f} s of CPU ({ratio:.1f} times less)"
                )
        if trainings:
            expected = losses("stock", folder)
            same = sum(losses("warm", folder) == expected for _ in range(trainings))
            found["trainings"] = same
            echo(f"{same} of {trainings} trainings in forked kernels have a stock kernel's losses")
    return found
