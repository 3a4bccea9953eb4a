"""What a box is made of, piece by piece."""

import errno
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from labkit.kernels import variables as environment
from labkit.kernels.sandbox import box, cgroups, landlock, mounts, seccomp
from labkit.kernels.sandbox.limits import Limits
from labkit.kernels.sandbox.mounts import View

NOTHING_HIDDEN = View(hidden=())
boxed = pytest.mark.skipif(bool(box.why_not()), reason=str(box.why_not()))


def decide(program, number, *arguments, architecture=0xC000003E):
    """What a filter says to a system call: the Linux kernel's rules for these few instructions."""
    given = list(arguments) + [0] * (6 - len(arguments))
    data = struct.pack("=IIQ6Q", number, architecture, 0, *given)
    steps = list(struct.iter_unpack("=HBBI", program))
    value, place = 0, 0
    while True:
        code, yes, no, operand = steps[place]
        place += 1
        if code == 0x20:
            value = struct.unpack_from("=I", data, operand)[0]
        elif code == 0x06:
            return operand
        else:
            holds = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}
            place += yes if holds[code] else no


ALLOW, KILL = 0x7FFF0000, 0x80000000


def refused(number):
    return 0x00050000 | number


@pytest.mark.parametrize(
    ("call", "verdict"),
    [
        ((0,), ALLOW),  # read
        ((59,), refused(errno.EPERM)),  # execve
        ((29,), refused(errno.EPERM)),  # shmget
        ((101,), refused(errno.EPERM)),  # ptrace
        ((165,), refused(errno.EPERM)),  # mount
        ((56, 17), ALLOW),  # clone, as fork
        ((56, 0x10000000 | 17), refused(errno.EPERM)),  # clone into a new user namespace
        ((435,), refused(errno.ENOSYS)),  # clone3
        ((41, 1), ALLOW),  # socket, AF_UNIX
        ((41, 2), ALLOW),
        ((41, 10), ALLOW),
        ((41, 16), refused(errno.EINVAL)),  # AF_NETLINK
        ((16, 0, 0x5401), ALLOW),  # ioctl, TCGETS
        ((16, 0, 0x5412), refused(errno.EPERM)),  # TIOCSTI
        ((16, 0, 0x541C), refused(errno.EPERM)),
        ((0x40000000,), refused(errno.ENOSYS)),  # x32
    ],
)
def test_the_filter_refuses_what_it_should_and_nothing_else(call, verdict):
    assert decide(seccomp.program("x86_64"), *call) == verdict


def test_calls_in_another_processors_dialect_end_the_process():
    assert decide(seccomp.program("x86_64"), 0, architecture=0x40000003) == KILL
    assert decide(seccomp.program("aarch64"), 117, architecture=0xC00000B7) == refused(errno.EPERM)
    assert decide(seccomp.program("aarch64"), 63, architecture=0xC00000B7) == ALLOW
    with pytest.raises(NotImplementedError, match=r"no seccomp filter for s390x: expected x86_64"):
        seccomp.program("s390x")


def in_a_process(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.skipif(not landlock.version(), reason="this Linux has no Landlock")
def test_landlock_leaves_reading_and_one_folder(tmp_path):
    (tmp_path / "open").mkdir()
    code = f"""
import json
from labkit.kernels.sandbox import landlock
landlock.restrict([{str(tmp_path / "open")!r}], ["/dev/null"])
def may(path, how):
    try:
        open(path, how).close()
        return True
    except OSError:
        return False
base = {str(tmp_path)!r}
print(json.dumps([may(base + "/open/a", "w"), may("/dev/null", "w"), may(base + "/b", "w"),
                  may(base + "/open/a", "r"), may("/etc/passwd", "r")]))
"""
    assert in_a_process(code) == [True, True, False, True, True]


def test_students_see_no_tokens_and_no_relative_paths(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    given = {"AWS_SECRET": "x", "TF_X": "1", "PYTHONPATH": "mine", "LABKIT_ZYGOTE": "/tmp/x"}
    assert environment.for_students(given) == {"TF_X": "1", "PYTHONPATH": str(tmp_path / "mine")}
    assert environment.in_a_box(given)["HOME"] == "/home/student"
    imports = environment.for_imports(given, "/nowhere")
    assert (imports["HOME"], imports["OPENBLAS_NUM_THREADS"]) == ("/nowhere", "1")
    assert "AWS_SECRET" not in imports
    other = environment.for_imports(given | {"TF_X": "2"}, "/nowhere")
    assert environment.name_of(imports, ["a"]) != environment.name_of(other, ["a"])
    assert environment.name_of(imports, ["a"]) != environment.name_of(imports, ["b"])


def test_a_box_shows_the_environment_and_nothing_beside_it():
    shown = mounts.environment_folders()
    for needed in (sys.prefix, json.__file__, box.__file__):
        assert any(Path(needed).is_relative_to(path) for path in shown), needed
    root = Path(box.__file__).parents[3]
    for private in (root / "labs" / "reference", root / "tests", root / ".git", Path.home()):
        assert not any(private.is_relative_to(path) for path in shown), private


@boxed
def test_a_box_is_closed_with_all_that_is_in_it():
    with box.Box(NOTHING_HIDDEN, Limits(memory=2**28)) as made:
        inside = {path.name for path in made.root.iterdir()}
        assert {"proc", "tmp", "home", "run"} <= inside
        assert "boot" not in inside
        groups = [Path(entry).parent for entry in made.groups]
        assert all(group.is_dir() for group in groups)
        limits = {"memory.limit_in_bytes": 2**28, "memory.max": 2**28}  # cgroup v1 and v2
        limits["pids.max"] = made.limits.processes
        written = [
            name
            for group in groups
            for name, limit in limits.items()
            if (group / name).exists() and (group / name).read_text().strip() == str(limit)
        ]
        assert len(written) == len(cgroups.available())
        first = made.pid
        made.close()
        assert not os.path.exists(f"/proc/{first}")
        assert not any(group.exists() for group in groups)


def test_a_group_limits_memory_and_processes(monkeypatch, tmp_path):
    monkeypatch.setattr(
        cgroups, "_places", lambda: [(tmp_path, {"memory": "memory.max", "pids": "pids.max"})]
    )
    group = cgroups.Group(Limits(memory=2**20, processes=7))
    (made,) = tmp_path.iterdir()
    assert group.entries == [str(made / "cgroup.procs")]
    assert {path.name: path.read_text() for path in made.iterdir()} == {
        "memory.max": "1048576",
        "pids.max": "7",
    }
    for path in made.iterdir():  # an ordinary folder has to be empty, a control group has not
        path.unlink()
    group.close()
    assert not made.exists()


@boxed
def test_a_bubblewrap_that_fails_is_no_sandbox(monkeypatch, tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(box, "bubblewrap", lambda: str(fake))
    with pytest.raises(box.NoSandbox, match=r"bubblewrap says: setting up uid map: Permission"):
        box.Box(NOTHING_HIDDEN)
