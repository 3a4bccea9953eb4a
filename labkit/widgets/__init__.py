"""Pictures that answer: what :mod:`labkit.plots` draws, to be moved through by pointer or keyboard.

Each comes with its static figure, and a notebook shows whichever it can: the widget in JupyterLab,
the figure in an HTML export or under nbval.
"""

from labkit.widgets.channels import channels
from labkit.widgets.explorer import explorer
from labkit.widgets.frames import frames
from labkit.widgets.padding import padding_viewer
from labkit.widgets.pooling import pooling

__all__ = ["channels", "explorer", "frames", "padding_viewer", "pooling"]
