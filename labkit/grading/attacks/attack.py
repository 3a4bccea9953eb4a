"""What an attack is, and how it is tried: in a kernel like any student's, with bait outside."""

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

OVERRUN = 1.0  # seconds that a cell may run over its time, but for those without a core
_JUDGED = 5.0  # seconds that judging an answer may take: it happens outside of the box
_QUIET = 2.0  # seconds until all that an attack started has to be gone


@dataclass(frozen=True)
class Attack:
    """Code that a student might hand in.

    It finds bait (paths, ports, process ids) in ``BAIT`` and puts what it achieved into ``loot``, a
    list; with `exercise`, it is an answer to that exercise instead, and what it must not achieve is
    a point.
    """

    id: str
    title: str  #: what it tries, in a few words
    source: str
    exercise: str = ""
    seconds: float = 10  #: that the cell may run
    ends: tuple = ("ok",)  #: how its cell may end
    #: called with the Bait and the kernel's reply: what went wrong, or ""
    seen: Callable = field(default=lambda bait, reply: "")


@dataclass(frozen=True)
class Result:
    """What came of an attack."""

    attack: Attack
    problem: str  #: "" : held
    seconds: float

    @property
    def held(self):
        return not self.problem


def processes(namespace):
    """The processes in a namespace for processes (its name as Linux has it), by their ids."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (path / "stat").read_text().rpartition(")")[2].split()[0]
            if os.readlink(path / "ns/pid") == namespace and state not in "ZX":
                found.add(int(path.name))
    return found


def attempt(attack, bait, folder, sandbox=True):
    """Try an :class:`Attack`; a :class:`Result`."""
    begin = time.monotonic()
    kernel = GuardedKernel(folder, sandbox=sandbox)
    try:
        namespace = os.readlink(f"/proc/{kernel.km.provisioner.process.pid}/ns/pid")
        before = processes(namespace) if namespace == os.readlink("/proc/self/ns/pid") else set()
        reply = kernel.run(f"BAIT = {dict(bait)!r}\nloot = []\n{attack.source}", attack.seconds)
        problem = _ending(attack, reply) or attack.seen(bait, reply)
        if not problem and attack.exercise:
            problem = _earned(attack.exercise, kernel)
        elif not problem and reply.status == "ok":
            problem = _loot(kernel)
    finally:
        kernel.stop()
    problem = problem or _left_behind(namespace, before)
    return Result(attack, problem, time.monotonic() - begin)


def _ending(attack, reply):
    if reply.status not in attack.ends:
        return f"its cell ended with {reply.status!r} {reply.error}".strip()
    over = reply.seconds - reply.waited - attack.seconds
    if over > OVERRUN:
        return f"its cell ran {over:.1f} s over its time"
    return ""


def _loot(kernel):
    found = kernel.run("", 5, {"loot": "[str(one)[:200] for one in loot]"}).values.get("loot")
    return "" if found in ("[]", None) else f"it got {found[:300]}"


def _earned(name, kernel):
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
    end = time.monotonic() + _QUIET
    while left := processes(namespace) - before:
        if time.monotonic() > end:
            return f"{len(left)} processes are still there"
        time.sleep(0.02)
    return ""


def resident():
    """Bytes of memory that this process uses."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
