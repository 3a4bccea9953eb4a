"""What every lab has: a lab that has it passes, and each thing taken away is missed."""

import pytest

from labkit.notebooks.lint import lint
from labkit.notebooks.source import read_lab

OPENING = """# %% [markdown]
# # Lab 91 · All there
#
# You will be able to
#
# - see,
# - say,
# - do.
#
# **Rests on** the lecture; Somebody, *Something*, 1998.
#
# **Time budget:** about 90 minutes of yours.

# %% [markdown]
# ## Part
#
# ```
# ##### no heading, a comment in fenced code
# - no bullet
# ```
#
# **Predict, then run.**

# %% predict="guess"
guess = None

# %%
from labkit import plots

plots.show(None, alt="a line that rises")
"""
EXERCISE = """
# %% [markdown]
# ### Exercise {number} ★★ · 1.5 points

# %% exercise="e{number}" points=1.5
### BEGIN SOLUTION
x = {number}
### END SOLUTION

# %% check="e{number}"
check("e{number}", x)

# %% hint="e{number}"
hint("e{number}")
"""
ENDING = """
# %% [markdown]
# ## Summary
#
# All there.

# %% [markdown] question="q1" points=1
# <!-- BEGIN SOLUTION -->
# Yes.
# <!-- END SOLUTION -->

# %% [markdown] question="q2" points=1
# <!-- BEGIN SOLUTION -->
# No.
# <!-- END SOLUTION -->
"""
COMPLETE = OPENING + "".join(EXERCISE.format(number=number) for number in "1234") + ENDING


def findings(tmp_path, text):
    path = tmp_path / "91_complete.py"
    path.write_text(text, encoding="utf-8")
    return [(finding.line, finding.text) for finding in lint(read_lab(path))]


def test_a_complete_lab_has_nothing_to_say(tmp_path):
    assert findings(tmp_path, COMPLETE) == []


LACKING = {
    "objectives": (
        "# - do.\n",
        "",
        "# # Lab 91",
        "the first cell has 2 bullets: expected three, what one will learn",
    ),
    "time budget": (
        "about 90 minutes",
        "a while",
        "# # Lab 91",
        "no time budget in the first cell: '**Time budget:** … minutes …'",
    ),
    "prediction": (
        '# %% predict="guess"',
        "# %%",
        "# %%",
        'no predict-then-run prompt: expected a cell # %% predict="…"',
    ),
    "prompt": (
        "**Predict, then run.**",
        "Well?",
        "guess = None",
        "guess: expected prose before it that asks to predict",
    ),
    "figure": (
        'plots.show(None, alt="a line that rises")',
        "plots",
        "# %%",
        "no figure: expected at least one plots.show(figure, alt=…)",
    ),
    "no alt": (
        'plots.show(None, alt="a line that rises")',
        "plots.show(None)",
        "plots.show(None)",
        'plots.show(…) without alt text: expected plots.show(figure, alt="what is to be seen")',
    ),
    "empty alt": (
        'alt="a line that rises"',
        'alt=" "',
        "plots.show(",
        'plots.show(…) without alt text: expected plots.show(figure, alt="what is to be seen")',
    ),
    "plt.show": (
        "plots.show(None",
        "plt.show()\nplots.show(None",
        "plt.show()",
        'plt.show(…) without alt text: expected plots.show(figure, alt="what is to be seen")',
    ),
    "matplotlib": (
        "from labkit import plots",
        "from labkit import plots\nimport matplotlib.pyplot as plt",
        "import matplotlib",
        "plotting code belongs into labkit.plots, not into a cell",
    ),
    "picture in prose": (
        "# All there.",
        "# ![](kernel.png)",
        "# ![](",
        "a picture without alt text",
    ),
    "picture in HTML": (
        "# All there.",
        '# <img src="k.png">',
        "# <img",
        "a picture without alt text",
    ),
    "stars": (
        "Exercise 2 ★★",
        "Exercise 2",
        "x = 2",
        "e2: expected a heading of its own with ★, ★★ or ★★★, found 'Exercise 2 · 1.5 points'",
    ),
    "four stars": (
        "Exercise 2 ★★",
        "Exercise 2 ★★★★",
        "x = 2",
        "e2: expected a heading of its own with ★, ★★ or ★★★, found 'Exercise 2 ★★★★ · 1.5 points'",
    ),
    "points": (
        "Exercise 2 ★★ · 1.5 points",
        "Exercise 2 ★★ · 2 points",
        "# ### Exercise 2",
        "e2: worth 1.5 points, but the heading is 'Exercise 2 ★★ · 2 points'",
    ),
    "sources": (
        "# **Rests on** the lecture; Somebody, *Something*, 1998.\n#\n",
        "",
        "# %% [markdown]",
        "no sources in the first cell: '**Rests on** the lecture's …; paper, year'",
    ),
    "hint": ('# %% hint="e3"', "# %%", "x = 3", 'e3: no hint cell, # %% hint="e3"'),
    "exercises": (
        EXERCISE.format(number=4),
        "",
        "x = 3",
        "3 exercises: expected at least four",
    ),
    "summary": ("## Summary", "## So long", '"q2"', "no '## Summary' after the last exercise"),
    "questions": (
        ENDING[ENDING.index('\n# %% [markdown] question="q2"') :],
        "",
        '"q1"',
        "1 open questions: expected at least two",
    ),
    "skipped heading": (
        "# ## Part",
        "# ### Part",
        "# ### Part",
        "heading 'Part' has level 3 after level 1: one was skipped",
    ),
    "second title": (
        "# ## Part",
        "# # Part",
        "# # Part",
        "a second title, 'Part': expected '##' or deeper",
    ),
    "long cell": (
        "from labkit import plots\n",
        "from labkit import plots\n" + "x = 1\n" * 14,
        "from labkit",
        "a code cell of 17 lines: expected at most 16; split it",
    ),
}


@pytest.mark.parametrize(("old", "new", "place", "text"), LACKING.values(), ids=LACKING)
def test_what_is_taken_away_is_missed(tmp_path, old, new, place, text):
    assert old in COMPLETE
    changed = COMPLETE.replace(old, new, 1)
    found = findings(tmp_path, changed)
    assert text in [text for _, text in found]
    line = next(line for line, said in found if said == text)
    cell_start = changed[: changed.index(place)].count("\n") + 1
    # a finding points at the line itself, or at the first line of its cell
    assert abs(cell_start - line) <= 2, (line, cell_start)
    # and is followed by no more than what it entails
    assert len(found) <= 2, found


def test_an_answer_cell_may_be_long(tmp_path):
    assert findings(tmp_path, COMPLETE.replace("x = 2\n", "x = 2\n" * 30)) == []


def test_sixteen_lines_are_allowed(tmp_path):
    cell = "from labkit import plots\n"
    assert findings(tmp_path, COMPLETE.replace(cell, cell + "x = 1\n" * 13)) == []
