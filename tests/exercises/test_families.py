"""Mistakes that exercises share are declared once."""

from collections import Counter

import pytest

from labkit.checks import registry
from labkit.checks.exercise import Mistake
from labkit.exercises.families import Family

FAMILIES = registry.families()
MISTAKES = [
    mistake
    for lab in registry.labs()
    for exercise in registry.lab_exercises(lab)
    for mistake in exercise.mistakes
]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: f"{family.id}: {family.name}")
def test_a_family_is_used_by_several_exercises(family):
    assert sum(mistake.name == family.name for mistake in MISTAKES) >= 2


def test_no_two_families_have_the_same_texts():
    counts = Counter((family.name, family.why) for family in FAMILIES)
    assert max(counts.values()) == 1


def test_a_mistake_of_a_family_takes_what_the_exercise_says():
    late = Family("late", "it is late", why="It came late.", question="When?", knobs={"delay": 1})
    assert late() == Mistake(
        "late", "it is late", why="It came late.", question="When?", knobs={"delay": 1}
    )
    changed = late(len, id="too_late", question="Why?", knobs={"delay": 2})
    assert (changed.id, changed.question, changed.also) == ("too_late", "Why?", (len,))
    assert changed.knobs == {"delay": 2}
    assert type(changed) is Mistake
