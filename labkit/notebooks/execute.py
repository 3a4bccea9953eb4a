"""Run a notebook from top to bottom, and keep nothing of the machine that ran it.

The kernel is the Python that runs this, whatever kernelspecs are installed, in an empty temporary
folder. Seeds are the lab's own business: what differs from run to run, nbval finds.
"""

import copy
import os
import re
import tempfile
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from traitlets import Unicode

from labkit.kernels.warm import client as warm
from labkit.notebooks.build import reference_notebook, student_notebook

__all__ = [
    "ExecutionError",
    "environment",
    "execute",
    "execute_reference",
    "noise",
    "stub_failures",
    "warm_environment",
]

CELL_TIMEOUT = 600  # seconds; a lab's own budget is far below, this only ends what hangs

_PROVISIONER = "JUPYTER_DEFAULT_PROVISIONER_NAME"  # jupyter_client's: what starts kernels
_WIDGET = "application/vnd.jupyter.widget-view+json"  # its content is a random id
_BASE64 = re.compile(r"base64,[A-Za-z0-9+/=\s]+")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")
# "/a/b" where no word, tag, address or other path comes before it; or "C:\a"
_PATH = re.compile(r"""(?<![\w.:/<)\]}*~-])/[\w.-]+/[\w./-]+|\b[A-Za-z]:\\[\w.\\-]+""")


class ExecutionError(RuntimeError):
    """A lab did not run through, or left something in its outputs that must not be stored."""


class _ThisPython(KernelSpecManager):
    """The running Python is the only kernel there is.

    `provisioner` names what starts it; "" leaves that to jupyter_client, as a kernelspec does that
    names none.
    """

    provisioner = Unicode()

    def get_kernel_spec(self, kernel_name):
        from ipykernel.kernelspec import get_kernel_dict

        kernel = get_kernel_dict()
        if self.provisioner:
            kernel["metadata"]["kernel_provisioner"] = {"provisioner_name": self.provisioner}
        return KernelSpec(resource_dir="", **kernel)


def environment(folder):
    """Environment variables for a kernel: quiet, English, on the CPU, without IPython settings.

    `folder` is where IPython may write. The same for the build and for nbval, so that numbers can
    agree: oneDNN would sum in another order on other processors.
    """
    variables = {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "CUDA_VISIBLE_DEVICES": "-1",
        "JAX_PLATFORMS": "cpu",
        "KERAS_BACKEND": "tensorflow",
        "LABKIT_LANG": "en",
        "IPYTHONDIR": str(folder),
    }
    inherited = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}
    return inherited | variables


def warm_environment(variables):
    """Add to `variables` what makes kernels fork from a process that has imported TensorFlow.

    All runs of this process share that process. Where nothing can be forked, `variables` come back
    as they are, and kernels are stock ones.
    """
    try:
        shared = warm.share(variables, warm.PLAIN, str(Path.home()))
    except (warm.NotWarm, OSError):
        return variables
    return variables | {_PROVISIONER: "labkit-warm", warm.VARIABLE: shared}


def execute(notebook, *, allow_errors=False, timeout=CELL_TIMEOUT, warmed=False):
    """A copy of `notebook` with the outputs of one run in a fresh kernel.

    With `allow_errors`, a cell that raises keeps its error as an output and the next one runs. With
    `warmed`, the kernel is forked from a process that has imported TensorFlow, where that is
    possible.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell raised, and errors are not allowed.
        nbclient.exceptions.CellTimeoutError: a cell ran for more than `timeout` seconds.
        nbclient.exceptions.DeadKernelError: the kernel died.
    """
    from jupyter_client import AsyncKernelManager
    from nbclient import NotebookClient

    notebook = copy.deepcopy(notebook)
    metadata = copy.deepcopy(notebook.metadata)
    with tempfile.TemporaryDirectory(prefix="labkit-run-") as folder:
        work, ipython = Path(folder, "work"), Path(folder, "ipython")
        work.mkdir()
        ipython.mkdir()
        variables = environment(ipython)
        provisioner = ""
        if warmed:
            variables = warm_environment(variables)
            provisioner = variables.get(_PROVISIONER, "")
        client = NotebookClient(
            notebook,
            km=AsyncKernelManager(kernel_spec_manager=_ThisPython(provisioner=provisioner)),
            allow_errors=allow_errors,
            coalesce_streams=True,
            extra_arguments=["--log-level=ERROR"],  # the kernel's own notes are not for authors
            record_timing=False,
            shutdown_kernel="immediate",  # a polite one now and then waits for seconds
            resources={"metadata": {"path": str(work)}},
            store_widget_state=False,
            timeout=timeout,
        )
        # nbclient leaves a kernel running whose manager it did not make
        client.execute(env=variables, cleanup_kc=True)
    notebook.metadata = metadata  # nbclient writes the kernel's Python version into it
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for output in cell.outputs:
                if "data" in output:
                    output.data.pop(_WIDGET, None)
            cell.outputs = [output for output in cell.outputs if output.get("data", True)]
    return notebook


def execute_reference(lab, timeout=CELL_TIMEOUT):
    """The reference notebook of a lab with its outputs.

    Raises:
        ExecutionError: a cell raised, hung or killed the kernel, or an output holds noise; the
            text names the source's file and line.
    """
    from nbclient.exceptions import CellControlSignal, CellTimeoutError, DeadKernelError

    notebook = reference_notebook(lab)
    try:
        done = execute(notebook, timeout=timeout, allow_errors=True)
    except (CellTimeoutError, CellControlSignal, DeadKernelError) as error:
        raise ExecutionError(f"{lab.path}: {error}") from None
    found = noise(done)
    if found:
        index, text = found[0]
        cell = lab.cells[index]
        more = f" ({len(found) - 1} more in this lab)" if len(found) > 1 else ""
        raise ExecutionError(
            f"{lab.path}:{cell.line}: cell {done.cells[index].id!r}: {text}{more}\n"
            + "\n".join(f"    {line}" for line in cell.reference.split("\n")[:6])
        )
    return done


def noise(notebook):
    """What must not stand in a stored reference, as ``[(index of the cell, what it is), …]``."""
    found = []
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                found.append((index, f"raised {output.ename}: {output.evalue}"))
            elif output.output_type == "stream" and output.name == "stderr":
                text = " ".join(output.text.split())[:300]
                found.append((index, f"wrote to stderr, expected nothing there: {text}"))
            else:
                texts = [output.text] if "text" in output else output.get("data", {}).values()
                found += [(index, text) for text in map(_of_this_machine, texts) if text]
    return found


def _of_this_machine(text):
    """What in an output would be different on another machine, or None."""
    text = _BASE64.sub("base64,", text if isinstance(text, str) else str(text))
    for pattern, name in ((_ADDRESS, "a memory address"), (_PATH, "an absolute path")):
        match = pattern.search(text)
        if match:
            return f"its output holds {name}, {match[0]!r}, which is another one on every machine"
    return None


def stub_failures(lab):
    """Check the student's answers as they ship: ``{exercise id: whether its check failed}``.

    The law is that all of them are True: a check that passes before the student has written a
    line does not check. Only the imports, the answers and the checks are run: what lies between
    would train networks for minutes.
    """
    notebook = student_notebook(lab)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kept = [cell for cell in code[1:] if cell.metadata.labkit.role in ("answer", "check")]
    notebook.cells = [code[0], *kept]
    done = execute(notebook, allow_errors=True, warmed=True)
    return {
        cell.metadata.labkit.exercise: any(
            out.output_type == "error" and out.ename != "NameError" for out in cell.outputs
        )
        for cell in done.cells
        if cell.metadata.labkit.role == "check"
    }
