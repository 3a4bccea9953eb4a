"""Choose where training runs: which devices, in which precision, and how they share the work."""

import contextlib
import dataclasses
import json
import os
from collections.abc import Iterator
from typing import Any

from labkit.quiet import held_back

__all__ = ["Placement", "choose"]


@dataclasses.dataclass
class Placement:
    """Where to build and train a model; do both within :meth:`scope`."""

    line: str  # says it to the user
    devices: list[str]  # "cpu:0", "gpu:1"
    precision: str  # Keras's dtype policy
    part: tuple[int, int] = (0, 1)  # this process is number i of n that share every batch
    strategy: Any = None  # TensorFlow's, if several devices or processes share the work
    distribution: Any = None  # Keras's, if several devices share the work on JAX

    @property
    def gpu(self) -> bool:
        """Whether the work runs on other devices than CPUs."""
        return not self.devices[0].startswith("cpu")

    @property
    def replicas(self) -> int:
        """The number of devices that share each batch, in all processes."""
        return self.strategy.num_replicas_in_sync if self.strategy else len(self.devices)

    @contextlib.contextmanager
    def scope(self) -> Iterator["Placement"]:
        """Enter the devices, the strategy and the precision."""
        import keras

        with contextlib.ExitStack() as stack:
            if self.distribution:
                stack.enter_context(self.distribution.scope())
            elif self.strategy:
                stack.enter_context(self.strategy.scope())
            else:
                stack.enter_context(keras.device(self.devices[0]))
            before = keras.config.dtype_policy()
            stack.callback(keras.config.set_dtype_policy, before)
            keras.config.set_dtype_policy(self.precision)
            yield self


def choose(device: str | None = None, precision: str = "auto") -> Placement:
    """Choose the :class:`Placement` for ``device`` on the backend that Keras runs on.

    Args:
        device: "cpu", "gpu" or "gpu:1" name one device; "all" means all devices of the best kind
            (also several logical CPU devices). None takes all GPUs, or the CPU if there are none.
        precision: a recipe's; "auto" is mixed precision on a GPU (bfloat16 where it supports that,
            from NVIDIA's compute capability 8.0 on) and float32 on a CPU.

    In a process that TF_CONFIG names as one of several workers, the placement uses TensorFlow's
    MultiWorkerMirroredStrategy; call this function before anything else uses TensorFlow.

    Raises:
        ValueError: there is no such device, or float16 is requested on a CPU.
    """
    import keras

    if keras.backend.backend() == "tensorflow" and _workers() > 1:
        return _several_processes(precision)
    with held_back():  # the search for a GPU
        there = _devices()
    devices = _chosen(device, there)
    precision = _precision(precision, devices[0])
    what = f"{_name(devices[0])}, {precision}, Keras on {keras.backend.backend()}"
    if len(devices) == 1:
        return Placement(f"Training on {what}.", devices, precision)
    line = f"Training on {len(devices)} devices ({', '.join(devices)}), each batch shared: {what}."
    if keras.backend.backend() == "jax":
        parallel = keras.distribution.DataParallel(devices=devices)
        return Placement(line, devices, precision, distribution=parallel)
    import tensorflow as tf

    # keras.distribution is not there yet on TensorFlow ("DO NOT USE", says its source in 3.15:
    # distribute_value does nothing), so it is TensorFlow's own strategy
    strategy = tf.distribute.MirroredStrategy([each.upper() for each in devices])
    return Placement(line, devices, precision, strategy=strategy)


def _workers() -> int:
    """Return the number of processes that TF_CONFIG names."""
    try:
        return len(json.loads(os.environ.get("TF_CONFIG", "{}"))["cluster"]["worker"])
    except (KeyError, TypeError, ValueError):
        return 0


def _several_processes(precision: str) -> Placement:
    """Build the placement of one of several processes."""
    import tensorflow as tf

    task = json.loads(os.environ["TF_CONFIG"])["task"]["index"]
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    devices = [name.rsplit("/", 1)[-1] for name in strategy.extended.worker_devices]
    devices = [name.removeprefix("device:").lower() for name in devices]
    precision = _precision(precision, devices[0])
    line = f"Training in {_workers()} processes, this is number {task}: {devices[0]}, {precision}."
    return Placement(line, devices, precision, part=(task, _workers()), strategy=strategy)


def _devices() -> list[str]:
    """List all devices, CPUs last."""
    import keras

    names = []
    for kind in ("gpu", "tpu", "cpu"):
        with contextlib.suppress(RuntimeError):  # JAX raises it if there are none of a kind
            names += [str(name) for name in keras.distribution.list_devices(kind)]
    return [name.replace("cuda", "gpu") for name in names]


def _chosen(device: str | None, there: list[str]) -> list[str]:
    """Select from the devices that are there."""
    kind = there[0].split(":")[0]
    if device is None:
        return [name for name in there if name.startswith(kind)] if kind != "cpu" else ["cpu:0"]
    if device == "all":
        return [name for name in there if name.startswith(kind)]
    wanted = device if ":" in str(device) else f"{device}:0"
    if wanted not in there:
        raise ValueError(
            f"device: expected one of {', '.join(there)}, or 'all', received {device!r}"
        )
    return [wanted]


def _precision(precision: str, device: str) -> str:
    """Resolve "auto", and refuse float16 on a CPU."""
    cpu = device.startswith("cpu")
    if precision == "auto":
        return "float32" if cpu else _mixed()
    if cpu and precision == "mixed_float16":  # bfloat16 is fast on CPUs with AVX512-BF16
        raise ValueError(
            f"precision: {precision} is for GPUs, received it for {device}, where it is many times "
            "slower: choose 'auto', 'float32' or 'mixed_bfloat16'"
        )
    return precision


def _mixed() -> str:
    """Choose bfloat16, which needs no loss scaling, on GPUs that support it (since 2020)."""
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        details = tf.config.experimental.get_device_details(
            tf.config.list_physical_devices("GPU")[0]
        )
        capability = details.get("compute_capability", (8, 0))
    else:
        import jax

        text = str(getattr(jax.devices()[0], "compute_capability", "8.0"))
        capability = tuple(int(part) for part in text.split("."))
    return "mixed_bfloat16" if tuple(capability) >= (8, 0) else "mixed_float16"


def _name(device: str) -> str:
    """Name a device for people."""
    if device.startswith("cpu"):
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return f"the CPU ({cores} core{'s' if cores != 1 else ''})"
    return device.upper()
