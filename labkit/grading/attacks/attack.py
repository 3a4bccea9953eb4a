"""What an attack is, and how to try it: in a kernel like any student's, with bait outside."""

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from labkit.checks import registry
from labkit.grading.running import probe
from labkit.grading.running.guarded_kernel import GuardedKernel

__all__ = ["OVERRUN", "Attack", "Result", "attempt", "processes", "resident"]

OVERRUN = 1.0  # seconds that a cell may exceed its time, not counting those without a core
_JUDGED = 5.0  # seconds that judging an answer may take, which happens outside the box
_QUIET = 2.0  # seconds after which every process that an attack started must have ended


@dataclass(frozen=True)
class Attack:
    """Code that a student might hand in.

    The code finds bait (paths, ports, process ids) in the dictionary ``BAIT``, and appends what it
    gets hold of to the list ``loot``. If `exercise` is given, it is an answer to that exercise
    instead, and must not earn points.
    """

    id: str
    title: str  #: what it tries to do, in a few words
    source: str
    exercise: str = ""
    seconds: float = 10  #: how long the cell may run
    ends: tuple = ("ok",)  #: how its cell may end
    #: called with the Bait and the kernel's reply; returns how the attack succeeded, or ""
    success: Callable = field(default=lambda bait, reply: "")


@dataclass(frozen=True)
class Result:
    """The result of trying an attack."""

    attack: Attack
    problem: str  #: how the attack succeeded; "" if it was held
    seconds: float

    @property
    def held(self):
        """Whether the attack failed."""
        return not self.problem


def processes(namespace):
    """Return the ids of the processes in a PID namespace, given as "pid:[4026531836]"."""
    ids = set()
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (path / "stat").read_text().rpartition(")")[2].split()[0]
            if os.readlink(path / "ns/pid") == namespace and state not in "ZX":
                ids.add(int(path.name))
    return ids


def attempt(attack, bait, folder, sandbox=True):
    """Try an attack.

    Args:
        attack: The :class:`Attack`.
        bait: The open :class:`~labkit.grading.attacks.bait.Bait`.
        folder: The folder in which the kernel starts.
        sandbox: Whether the kernel runs in a sandbox.

    Returns:
        A :class:`Result`.
    """
    begin = time.monotonic()
    kernel = GuardedKernel(folder, sandbox=sandbox)
    try:
        namespace = os.readlink(f"/proc/{kernel.km.provisioner.process.pid}/ns/pid")
        before = processes(namespace) if namespace == os.readlink("/proc/self/ns/pid") else set()
        reply = kernel.run(f"BAIT = {dict(bait)!r}\nloot = []\n{attack.source}", attack.seconds)
        problem = _ending(attack, reply) or attack.success(bait, reply)
        if not problem and attack.exercise:
            problem = _earned(attack.exercise, kernel)
        elif not problem and reply.status == "ok":
            problem = _loot(kernel)
    finally:
        kernel.stop()
    problem = problem or _left_behind(namespace, before)
    return Result(attack, problem, time.monotonic() - begin)


def _ending(attack, reply):
    """Say what is wrong with how the cell ended, or ""."""
    if reply.status not in attack.ends:
        return f"its cell ended with {reply.status!r} {reply.error}".strip()
    over = reply.seconds - reply.waited - attack.seconds
    if over > OVERRUN:
        return f"its cell ran {over:.1f} s over its time"
    return ""


def _loot(kernel):
    """Say what an attack got hold of, or ""."""
    loot = kernel.run("", 5, {"loot": "[str(one)[:200] for one in loot]"}).values.get("loot")
    return "" if loot in ("[]", None) else f"it got {loot[:300]}"


def _earned(name, kernel):
    """Say whether an answer earned points or took long to judge, or ""."""
    exercise = registry.get(name)
    cases = exercise.cases(seed=1)
    question, nonce = probe.question(exercise, cases)
    reply = kernel.run("", 10 + 2 * exercise.seconds, {"answer": question})
    begin = time.monotonic()
    result = probe.verdict(exercise, cases, reply, nonce)
    took = time.monotonic() - begin
    if took > _JUDGED:
        return f"judging it took {took:.0f} s"
    return f"it earned {result['score']:g} of 1" if result["score"] else ""


def _left_behind(namespace, before):
    """Say whether processes of an attack outlived its kernel, or ""."""
    end = time.monotonic() + _QUIET
    while left := processes(namespace) - before:
        if time.monotonic() > end:
            return f"{len(left)} processes are still running"
        time.sleep(0.02)
    return ""


def resident():
    """Return the bytes of memory that this process uses."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
