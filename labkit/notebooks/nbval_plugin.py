"""A pytest plugin for the run that :mod:`labkit.notebooks.regression` starts: nbval, and a record.

nbval compares all but stderr, whose warnings depend on the platform (the build refuses any), and
every cell that fails is written to the file ``--labkit-failures`` names.

nbval 0.11 does not treat three things as JupyterLab does, so a notebook saved there would fail its
own test. This plugin treats them in the same way as JupyterLab and nbclient:

- A cell that ends in a semicolon shows no result. IPython looks for the semicolon in its history,
  and nbval runs cells without one.
- An output that has a display id shows what was last displayed under that id, even by a later
  cell. Such outputs are therefore compared when all cells have run.
- ``clear_output`` removes what the cell has shown so far.
"""

import functools
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import nbformat
import nbval.plugin
import pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, NbCellError

__all__ = []

_COLOR = re.compile(r"\x1b\[[0-9;]*m")  # IPython colors its tracebacks whatever one asks for
_DISPLAYS = {"display_data", "execute_result", "update_display_data"}
_OUTPUTS = {"stream", "error", "display_data", "execute_result"}
_FAILURES = pytest.StashKey[list[dict[str, Any]]]()
_DEFERRED = pytest.StashKey[list[Any]]()  # comparisons to be made when all cells have run
_MESSAGES = pytest.StashKey["_Messages"]()


class _Kernel(RunningKernel):
    """A kernel that keeps a history of its cells, as JupyterLab's and nbclient's do."""

    def execute_cell_input(self, cell_input, allow_stdin=None):
        return self.kc.execute(
            cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
        )


class _Messages:
    """The messages of a notebook's kernel, with display ids and ``clear_output`` applied.

    Args:
        receive: nbval's function that waits for the next message.
    """

    def __init__(self, receive):
        self.receive = receive
        self.displays = defaultdict(list)  # display id -> the (data, metadata) shown under it
        self.cell = None  # the cell that is running
        self.cell_message = None  # the id of the message that asked the kernel to run it
        self.clears = False  # its next output replaces all that it has shown
        self.updatable = set()  # the cells that have an output with a display id

    def start(self, cell):
        """Get ready for the messages of `cell`."""
        self.cell, self.cell_message, self.clears = cell, None, False

    def __call__(self, timeout=None, stream="iopub"):
        while True:
            message = self.receive(timeout=timeout, stream=stream)
            kind, parent = message["msg_type"], message["parent_header"].get("msg_id")
            if kind == "execute_input":
                self.cell_message = parent
            if parent == self.cell_message:
                self._clear(kind, message["content"])
            if kind in _DISPLAYS:
                self._display(kind, message["content"], parent == self.cell_message)
            if kind not in {"update_display_data", "clear_output"}:  # nbval does not know these
                return message

    def _clear(self, kind, content):
        """Remove the running cell's outputs where this message, or one before it, says so."""
        waits = kind == "clear_output" and content.get("wait")
        if (kind == "clear_output" and not waits) or (self.clears and kind in _OUTPUTS):
            self.cell.test_outputs.clear()
            self.clears = False
        self.clears = self.clears or bool(waits)

    def _display(self, kind, content, of_this_cell):
        """Show the message's content in all outputs that have its display id."""
        display_id = (content.get("transient") or {}).get("display_id")
        if not display_id:
            return
        data, metadata = (nbformat.from_dict(content[name]) for name in ("data", "metadata"))
        for shown_data, shown_metadata in self.displays[display_id]:
            shown_data.clear()
            shown_data.update(data)
            shown_metadata.clear()
            shown_metadata.update(metadata)
        if kind != "update_display_data":
            # nbval takes these two objects for its output, so they can be changed later
            content["data"], content["metadata"] = data, metadata
            self.displays[display_id].append((data, metadata))
            if of_this_cell:
                self.updatable.add(self.cell)


def _compare(cell, compare, computed, stored):
    """Compare a cell's outputs now, or when all cells have run if one of them may still change."""
    if cell in cell.parent.stash[_MESSAGES].updatable:
        cell.config.stash[_DEFERRED].append((cell, functools.partial(compare, computed, stored)))
        return True
    return compare(computed, stored)


def pytest_addoption(parser):
    parser.addoption("--labkit-failures", type=Path, required=True, help="where failures go, JSON")


def pytest_configure(config):
    config.stash[_FAILURES], config.stash[_DEFERRED] = [], []
    nbval.plugin.RunningKernel = _Kernel


def pytest_itemcollected(item):
    if not isinstance(item, IPyNbCell):
        return
    notebook = item.parent
    if "stderr" not in notebook.skip_compare:
        notebook.skip_compare += ("stderr",)
    if _MESSAGES not in notebook.stash:
        notebook.stash[_MESSAGES] = _Messages(notebook.get_kernel_message)
        notebook.get_kernel_message = notebook.stash[_MESSAGES]
    item.compare_outputs = functools.partial(_compare, item, item.compare_outputs)


def pytest_runtest_call(item):
    if isinstance(item, IPyNbCell):
        item.parent.stash[_MESSAGES].start(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and isinstance(item, IPyNbCell):
        _record_failure(item, report.when, report.longreprtext)
    return report


def _record_failure(item, when, text):
    failure = {"cell": item.cell.get("id"), "when": when, "text": _COLOR.sub("", text)}
    item.config.stash[_FAILURES].append(failure)


def _compare_deferred(session):
    """Compare the outputs that later cells could change; a difference fails the session."""
    for item, compare in session.config.stash[_DEFERRED]:
        if compare():
            continue
        try:
            item.raise_cell_error("Cell outputs differ", "\n".join(item.comparison_traceback))
        except NbCellError:
            text = str(item.repr_failure(pytest.ExceptionInfo.from_current()))
        _record_failure(item, "call", text)
        session.testsfailed += 1
        if session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_sessionfinish(session):
    _compare_deferred(session)
    path = session.config.getoption("--labkit-failures")
    record = {"cells": session.testscollected, "failures": session.config.stash[_FAILURES]}
    path.write_text(json.dumps(record), encoding="utf-8")
