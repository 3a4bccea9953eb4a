"""Pictures on a slider: what changes when one number does."""

from pathlib import Path

from labkit import plots

__all__ = ["frames"]

_SCRIPT = Path(__file__).with_name("frames.js")


def _widget(pictures, values, what, at):
    import anywidget
    import traitlets

    class Frames(anywidget.AnyWidget):
        _esm = _SCRIPT
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
    from IPython.display import display

    bundles = [plots.mimebundle(figures[value], alts[value]) for value in values]
    bundle = bundles[at]
    try:
        pictures = [one["text/html"] for one in bundles]
        widget = _widget(pictures, [str(value) for value in values], what, at)
    except ImportError:  # one of them, and it does not move
        pass
    else:
        # a frontend takes the first of these that it can show
        bundle = widget._repr_mimebundle_()[0] | bundle
    display(bundle, raw=True)
