"""Pictures on a slider: what is shown where no widget can run, and what the browser gets."""

import IPython.display
import pytest

from labkit import plots, widgets

LINES = {shift: plots.curves([0, 1], {"a": [shift, 1]}, xlabel="x", ylabel="y") for shift in (2, 3)}
ALTS = {2: "A line that falls from 2 to 1.", 3: "A line that falls from 3 to 1."}


@pytest.fixture
def shown(monkeypatch):
    found = []
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: found.append(bundle))
    return found


def test_the_first_frame_stands_where_no_widget_can_run(shown):
    widgets.frames(LINES, ALTS, what="shift", at=1)
    assert shown[0]["text/plain"] == f"Figure: {ALTS[3]}"
    assert shown[0]["text/html"] == plots.mimebundle(LINES[3], ALTS[3])["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in shown[0]


def test_without_anywidget_it_is_the_figure_alone(shown, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "anywidget", None)
    widgets.frames(LINES, ALTS, what="shift")
    assert set(shown[0]) == {"text/html", "text/plain"}


@pytest.mark.parametrize(
    ("figures", "alts", "at"), [({}, {}, 0), (LINES, {2: "One."}, 0), (LINES, ALTS, 2)]
)
def test_what_cannot_be_shown_is_refused(figures, alts, at):
    with pytest.raises(ValueError, match="a sentence for each of them, and `at` below"):
        widgets.frames(figures, alts, what="shift", at=at)
