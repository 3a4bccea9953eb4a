"""The attack collection, tried: every one held in the sandbox, and real ones without it."""

import contextlib

import numpy as np
import psutil
import pytest
from click.testing import CliRunner

from labkit.checks import registry
from labkit.cli import main
from labkit.grading.attacks import ATTACKS, Attack, Bait, Result, attempt, doctor
from labkit.kernels.sandbox import box

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.skipif(bool(box.why_not()), reason=str(box.why_not())),
]


@pytest.fixture(scope="module")
def bait():
    with Bait() as made:
        yield made


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.id for attack in ATTACKS])
def test_held(attack, bait):
    result = attempt(attack, bait, str(bait.desk))
    assert result.held, result.problem


# none that does harm: without a sandbox they succeed
REAL = ["read_solutions", "read_gradebook", "read_others"]
REAL += ["read_shadow", "tcp", "udp", "unix", "daemon"]


@pytest.mark.parametrize(
    "attack", [one for one in ATTACKS if one.id in REAL], ids=lambda one: one.id
)
def test_what_holds_is_the_sandbox(attack, bait):
    """Else an attack that is broken itself would be "held" for ever."""
    try:
        assert not attempt(attack, bait, str(bait.desk), sandbox=False).held
    finally:  # what the "daemon" left: outside a sandbox nobody else ends it
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.cwd() == str(bait.desk):
                    process.kill()


def test_the_search_of_memory_finds_an_oracle_where_there_is_one():
    [attack] = [one for one in ATTACKS if one.id == "memory_search"]
    flip, space = registry.get("flip"), {}
    exec(attack.source, space)
    kernel = flip.cases(seed=0)[0].args[0]
    assert np.array_equal(space["flip"](kernel), flip.oracle(kernel))


def test_a_right_answer_and_loot_are_seen(bait):
    right = "def flip(kernel): return [row[::-1] for row in kernel[::-1]]"
    result = attempt(Attack("right", "be right", right, "flip"), bait, str(bait.desk))
    assert result.problem == "it earned 1 of 1"
    result = attempt(Attack("loot", "find", "loot.append('gold')"), bait, str(bait.desk))
    assert result.problem == "it got ['gold']"
    result = attempt(Attack("broken", "fail", "1 / 0"), bait, str(bait.desk))
    assert result.problem == "its cell ended with 'error' ZeroDivisionError: division by zero"


def test_the_doctor_says_attack_by_attack_what_was_held(monkeypatch):
    done = CliRunner().invoke(main, ["grade", "doctor", "read_shadow", "exit"])
    assert done.exit_code == 0, done.output
    assert "held      read_shadow       read /etc/shadow" in done.output
    assert "2 of 2 held" in done.output
    assert "control groups: " in done.output
    lost = Result(ATTACKS[0], "it got everything", 1.0)
    monkeypatch.setattr(doctor, "examine", lambda names: [lost])
    done = CliRunner().invoke(main, ["grade", "doctor"])
    assert done.exit_code == 3
    assert "not held  read_key          read the lab's answers" in done.output
    assert "it got everything" in done.output


def test_the_doctor_refuses_what_it_does_not_know_and_where_there_is_no_sandbox(monkeypatch):
    done = CliRunner().invoke(main, ["grade", "doctor", "tickle"])
    assert done.exit_code == 2
    assert "no attack 'tickle': expected one of read_key, " in done.output
    monkeypatch.setattr(box, "why_not", lambda: "no sandbox: not here")
    done = CliRunner().invoke(main, ["grade", "doctor"])
    assert done.exit_code == 1
    assert done.output.endswith("Error: no sandbox: not here\n")
