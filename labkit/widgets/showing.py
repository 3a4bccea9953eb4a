"""How a widget gets into a notebook: its script, and the static figure that stands in for it."""

import contextlib
import re
from pathlib import Path

__all__ = ["script", "show"]

_FOLDER = Path(__file__).parent
_SHARED_IMPORT = re.compile(r'^import \{[^}]*\} from "\./drawing\.js";$', re.MULTILINE)


def script(name):
    """Return the JavaScript module of the widget ``name`` as one text.

    A notebook serves a widget's module without its neighbors, so the functions of ``drawing.js``
    are written in front of the widget's own script, in place of its import.
    """
    own = (_FOLDER / f"{name}.js").read_text(encoding="utf-8")
    alone = _SHARED_IMPORT.sub("", own)
    if alone == own:
        return own
    return (_FOLDER / "drawing.js").read_text(encoding="utf-8") + alone


def show(bundle, make_widget):
    """Display a widget together with the static figure that replaces it where no widget can run.

    Args:
        bundle: the figure by MIME type, from :func:`labkit.plots.mimebundle`.
        make_widget: a function without arguments that makes the anywidget. Where anywidget is
            not installed it raises ImportError, and the figure is displayed alone.
    """
    from IPython.display import display

    with contextlib.suppress(ImportError):
        # a front end takes the first of these MIME types that it can show
        bundle = make_widget()._repr_mimebundle_()[0] | bundle
    display(bundle, raw=True)
