"""Explains in one line, without a traceback, that a cell needs an answer not written yet."""

import re
import sys

from labkit.language import tr

__all__ = ["explain"]

_STUB = re.compile(r"(\w+): your code goes here")  # what notebooks.cells.Answer puts into a stub


def explain():
    """Let the notebook's shell, if there is one, explain the NotImplementedError of a stub.

    The cell still fails, so a Run All stops there. Any other NotImplementedError keeps its
    traceback.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    if shell:
        shell.set_custom_exc((NotImplementedError,), _show)


def _show(shell, etype, value, tb, tb_offset=None):
    stub = _STUB.fullmatch(str(value))
    if stub:
        explanation = tr(
            "○ This cell needs your {id}, which is not written yet. Write it where it says YOUR "
            "CODE HERE, run that cell, then run this one.",
            id=stub[1],
        )
        lines = [explanation]
    else:
        lines = shell.InteractiveTB.structured_traceback(etype, value, tb, tb_offset=tb_offset)
    shell._showtraceback(etype, value, lines)
    return lines
