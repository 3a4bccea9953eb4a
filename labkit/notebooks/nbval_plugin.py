"""A pytest plugin for the run that :mod:`labkit.notebooks.regression` starts: nbval, and a record.

nbval compares all but stderr, whose warnings depend on the platform (the build refuses any), and
every cell that fails is written to the file ``--labkit-failures`` names.
"""

import json
import re
from pathlib import Path

import pytest
from nbval.plugin import IPyNbCell

__all__ = []

_FAILURES = pytest.StashKey()
_COLOR = re.compile(r"\x1b\[[0-9;]*m")  # IPython colors its tracebacks whatever one asks for


def pytest_addoption(parser):
    parser.addoption("--labkit-failures", type=Path, required=True, help="where failures go, JSON")


def pytest_configure(config):
    config.stash[_FAILURES] = []


def pytest_itemcollected(item):
    if isinstance(item, IPyNbCell) and "stderr" not in item.parent.skip_compare:
        item.parent.skip_compare += ("stderr",)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and isinstance(item, IPyNbCell):
        item.config.stash[_FAILURES].append(
            {
                "cell": item.cell.get("id"),
                "when": report.when,
                "text": _COLOR.sub("", report.longreprtext),
            }
        )
    return report


def pytest_sessionfinish(session):
    path = session.config.getoption("--labkit-failures")
    record = {"cells": session.testscollected, "failures": session.config.stash[_FAILURES]}
    path.write_text(json.dumps(record), encoding="utf-8")
