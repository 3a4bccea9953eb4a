"""Pictures on a slider: what changes when one number does."""

from labkit import plots
from labkit.widgets.showing import script, show

__all__ = ["frames"]


def _widget(pictures, values, what, at):
    import anywidget
    import traitlets

    class Frames(anywidget.AnyWidget):
        _esm = script("frames")
        pictures = traitlets.List().tag(sync=True)
        values = traitlets.List().tag(sync=True)
        what = traitlets.Unicode().tag(sync=True)
        at = traitlets.Int().tag(sync=True)

    return Frames(pictures=pictures, values=values, what=what, at=at)


def frames(figures, alts, *, what, at=0):
    """Show one of ``figures`` at a time, chosen with a slider.

    ``figures`` maps each of the slider's values, in order, to a Figure; ``alts`` maps them to a
    sentence that says what is to be seen; ``what`` names what the slider changes, and the
    ``at``-th value is there at first. Without anywidget, or where no widget can run, that figure
    alone.

    Raises:
        ValueError: no figure, a figure without its sentence, or ``at`` is beyond the last.
    """
    values = list(figures)
    if not values or set(alts) != set(figures) or not 0 <= at < len(values):
        raise ValueError(
            "frames: expected figures, a sentence for each of them, and `at` below their number, "
            f"received figures of {values}, sentences of {list(alts)}, at={at}"
        )
    bundles = [plots.mimebundle(figures[value], alts[value]) for value in values]
    pictures = [bundle["text/html"] for bundle in bundles]
    show(bundles[at], lambda: _widget(pictures, [str(value) for value in values], what, at))
