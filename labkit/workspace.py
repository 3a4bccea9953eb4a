"""The student's workspace: a folder with a copy of every student notebook, and JupyterLab on it.

What the student wrote, ran or saved there is never overwritten. A notebook counts as *untouched*
when its cells (kind and text, in order) are those of a version that labkit put there and it holds
no output: opening it, or JupyterLab saving it in its own layout, does not touch it; typing a
letter or running a cell does, because outputs are a student's work too. Which versions labkit put
there is recorded in ``.labkit.json`` before they are copied, and every file is written under a
temporary name first: being killed at any moment costs nothing.
"""

import hashlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from labkit import paths
from labkit.files import write_atomically

__all__ = ["Changes", "WorkspaceError", "digest", "jupyterlab", "prepare", "report"]

STATE = ".labkit.json"
# what reading a file that should be a notebook, or the state, may raise when it is neither
_DAMAGED = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


class WorkspaceError(Exception):
    """The workspace cannot be made or opened; the text says why and what to do. No work is lost."""


@dataclass
class Changes:
    """What :func:`prepare` did."""

    new: list = field(default_factory=list)  #: names of notebooks that were not there
    updated: list = field(default_factory=list)  #: untouched ones, replaced by a newer version
    kept: list = field(default_factory=list)  #: the student's own, with nothing newer to bring
    beside: list = field(default_factory=list)  #: (the student's own, the newer one put beside it)
    remarks: list = field(default_factory=list)  #: sentences about a workspace in a bad state


def digest(data):
    """What a notebook file's cells say, as a hex string; None if it holds outputs or is damaged.

    >>> one = digest(b'{"cells": [{"cell_type": "code", "source": ["x"], "outputs": []}]}')
    >>> one == digest(b'{"cells": [{"source": "x", "cell_type": "code", "metadata": {}}]}')
    True
    >>> digest(b'{"cells": [{"cell_type": "code", "source": "x", "outputs": [{}]}]}') is None
    True
    """
    try:
        cells = []
        for cell in json.loads(data)["cells"]:
            if cell.get("outputs") or cell.get("execution_count") is not None:
                return None
            cells.append(
                [cell["cell_type"], "".join(cell["source"]), cell.get("attachments") or {}]
            )
        return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()
    except _DAMAGED:
        return None


def prepare(folder, labs=None):
    """Bring `folder` up to date with the student notebooks in `labs`; returns :class:`Changes`.

    Raises:
        WorkspaceError: the folder is a file or cannot be written, or there are no labs.
    """
    folder, labs = Path(folder), Path(labs or paths.labs())
    shipped = {path.name: path.read_bytes() for path in sorted(labs.glob("[0-9][0-9]_*.ipynb"))}
    if not shipped:
        raise WorkspaceError(f"there are no notebooks in {labs}: 'labkit build' makes them")
    if folder.exists() and not folder.is_dir():
        raise WorkspaceError(
            f"{folder} is a file: expected a folder to put the labs into. "
            "Choose another name: labkit start FOLDER"
        )
    changes = Changes()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        state = _read_state(folder / STATE, changes)
        before = json.dumps(state)
        steps = {name: _step(folder / name, data, state) for name, data in shipped.items()}
        for name, data in shipped.items():
            state["versions"].setdefault(name, [])
            if digest(data) not in state["versions"][name]:
                state["versions"][name].append(digest(data))
            if steps[name] != "beside":
                state["brought"][name] = digest(data)
        if json.dumps(state) != before:
            _write_state(folder, state)
        for name, data in shipped.items():
            if steps[name] in ("new", "updated"):
                write_atomically(folder / name, data)
            if steps[name] == "beside":
                beside = _put_beside(folder, name, data, state)
                changes.beside.append((name, beside))
            elif steps[name] != "current":
                getattr(changes, steps[name]).append(name)
    except OSError as error:
        raise WorkspaceError(
            f"{folder} cannot be written ({error.strerror or error}): nothing of yours was "
            "changed. Choose a folder of your own: labkit start FOLDER"
        ) from None
    return changes


def report(folder, changes):
    """Sentences, for the terminal, that say what :func:`prepare` did."""
    lines = list(changes.remarks)
    if changes.new:
        lines.append(f"New in {folder}: {', '.join(changes.new)}")
    if changes.updated:
        lines.append(f"Updated, you had not touched them: {', '.join(changes.updated)}")
    for name, beside in changes.beside:
        lines.append(f"{name} is yours and stays as it is; the new version is {beside} beside it")
    if changes.kept:
        lines.append(f"Yours, with nothing newer to bring: {', '.join(changes.kept)}")
    return lines or [f"{folder} is up to date"]


def _step(target, data, state):
    """What is to be done about one notebook: new, current, updated, kept or beside."""
    latest = digest(data)
    if not target.exists():
        return "new"
    content = target.read_bytes()
    own = digest(content)
    if own == latest:
        return "current"
    if own in state["versions"].get(target.name, []):
        return "updated"
    if state["brought"].get(target.name) == latest or _without_outputs(content) == latest:
        return "kept"
    return "beside"


def _put_beside(folder, name, data, state):
    """The new version under a name of its own; what the student wrote into an older one stays."""
    stem, number = name.removesuffix(".ipynb"), 1
    while True:
        beside = folder / (f"{stem}.new.ipynb" if number == 1 else f"{stem}.new-{number}.ipynb")
        if not beside.exists() or digest(beside.read_bytes()) in state["versions"][name]:
            break
        number += 1
    write_atomically(beside, data)
    state["brought"][name] = digest(data)
    _write_state(folder, state)
    return beside.name


def _without_outputs(content):
    """The digest that a notebook would have had before it was run."""
    try:
        notebook = json.loads(content)
        for cell in notebook["cells"]:
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
    except _DAMAGED:
        return None
    return digest(json.dumps(notebook))


def _read_state(path, changes):
    """What labkit did here before: the digests of all ``versions`` of each notebook that it ever
    copied, and the last one ``brought``, whether as the notebook itself or beside it.
    """
    empty = {"versions": {}, "brought": {}}
    if not path.exists():
        return empty
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        versions = {name: [*digests] for name, digests in state["versions"].items()}
        return {"versions": versions, "brought": {**state["brought"]}}
    except _DAMAGED:
        changes.remarks.append(
            f"{path} was damaged and is made anew. Notebooks that differ from the shipped ones "
            "count as yours."
        )
        return empty


def _write_state(folder, state):
    write_atomically(folder / STATE, json.dumps(state, indent=1, sort_keys=True) + "\n")


def jupyterlab(folder, port=None, browser=True, arguments=()):
    """Run JupyterLab on `folder` until it ends; returns its exit status.

    The kernel "Python 3" is the Python that runs this. `arguments` go to JupyterLab as they are.

    Raises:
        WorkspaceError: JupyterLab is not installed, or `port` is taken.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise WorkspaceError(
            "JupyterLab is not installed for this Python. Install what the labs need: "
            f'"{sys.executable}" -m pip install "labkit-cnn[labs]"'
        )
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={Path(folder).resolve()}"]
    if port is not None:
        _free(port)
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container there is nobody else to be
    # "python3" has to be this Python, not one that the user registered under that name
    environment = {"TF_CPP_MIN_LOG_LEVEL": "3", "JUPYTER_PREFER_ENV_PATH": "1", **os.environ}
    # Nothing between a student and the lab: no news, and no question whether news is wanted. The
    # user's own settings go before these defaults.
    settings = [str(Path(__file__).parent / "jupyter")]
    if "JUPYTER_CONFIG_PATH" in environment:
        settings.insert(0, environment["JUPYTER_CONFIG_PATH"])
    environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(settings)
    process = subprocess.Popen([*command, *arguments], env=environment)
    # The terminal sends Ctrl-C to JupyterLab too, which asks before it stops: wait for its answer.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    before_term = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        status = process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGTERM, before_term)
    return status if status >= 0 else 128 - status


def _free(port):
    with socket.socket() as probe:
        if os.name == "posix":  # a port that was closed a moment ago is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise WorkspaceError(
                f"port {port} cannot be used ({error.strerror}): perhaps JupyterLab already runs "
                "there. Choose another with --port, or leave --port out and a free one is taken"
            ) from None
