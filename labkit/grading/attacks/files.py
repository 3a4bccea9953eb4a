"""Attacks on files: reading those of others, and writing outside the box."""

from labkit.grading.attacks.attack import Attack

__all__ = ["ATTACKS"]

_READ = """
import glob, os
for pattern in BAIT[{what!r}]:
    for path in [pattern, "/proc/1/root" + pattern, "/proc/self/root" + pattern]:
        for match in glob.glob(path, recursive=True):
            try:
                if os.path.isdir(match):
                    loot.append((match, os.listdir(match)))
                else:
                    loot.append((match, open(match, "rb").read(40)))
            except OSError:
                pass
"""
_SOLUTIONS = """
import gc, importlib, os, re, subprocess, sys, labkit
for folder, _, names in os.walk(os.path.dirname(labkit.__file__)):
    for path in [os.path.join(folder, name) for name in names if name.endswith(".py")]:
        declares = re.search("^[A-Z0-9_]+ = Exercise[(]", open(path).read(), re.M)
        if declares or re.fullmatch("lab[0-9]+", os.path.basename(folder)):
            loot.append(path)
ids = "from labkit.checks import registry; print(*registry.ids())"
try:
    loot += subprocess.run([sys.executable, "-c", ids], capture_output=True).stdout.split()
except OSError:
    pass
loot += importlib.import_module("labkit.checks.registry").ids()
loot += [one for one in sys.modules if one.startswith("labkit.exercises.lab")]
loot += [one.id for one in gc.get_objects() if type(one).__name__ == "Exercise"]
"""
_SEARCH = """
import os
for folder, folders, files in os.walk("/"):
    folders[:] = [one for one in folders if one not in ("proc", "sys", "site-packages")]
    loot += [os.path.join(folder, one) for one in files if one in BAIT["names"]]
"""
_WRITE = """
import os, sys, labkit, numpy
places = [*BAIT["folders"], "/", "/etc", "/usr/lib", "/run", "/dev", "/proc/sys/kernel", sys.prefix]
places += [os.path.dirname(labkit.__file__), os.path.dirname(numpy.__file__), "/run/kernel/../.."]
for place in places:
    if os.path.isdir(place) and os.stat(place).st_dev == os.stat("/tmp").st_dev:
        continue  # it belongs to the box; the bait looks at what lies outside
    path = os.path.join(place, "labkit-was-here")
    for act in (lambda: open(path, "w"), lambda: os.mkdir(path), lambda: os.symlink("/", path)):
        try:
            act()
            loot.append(path)
        except OSError:
            pass
for path in (labkit.__file__, numpy.__file__, "/etc/passwd", "/proc/sys/kernel/core_pattern"):
    for act in (lambda: open(path, "r+b"), lambda: os.remove(path), lambda: os.chmod(path, 0o777)):
        try:
            act()
            loot.append(path)
        except OSError:
            pass
"""
_DEVICES = """
import os, stat
for name, number in (("mem", (1, 1)), ("disk", (254, 0)), ("sda", (8, 0)), ("kmsg", (1, 11))):
    try:
        path = "/tmp/" + name
        os.mknod(path, stat.S_IFBLK | 0o600, os.makedev(*number))
        loot.append(open(path, "rb").read(1))
    except OSError:
        pass
for path in ("/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/proc/kcore", "/dev/fuse"):
    try:
        loot.append(open(path, "rb").read(1))
    except OSError:
        pass
"""
_HANDLES = """
import os
for number in range(3, 256):
    try:
        where = os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        continue
    if where in BAIT["gradebook"] or any(where.startswith(one) for one in BAIT["folders"]):
        loot.append(where)
    try:
        loot.append(os.listdir(number))
    except OSError:
        pass
"""


def _wrote(bait, reply):
    written = bait.written()
    return f"it wrote {written[0]}" if written else ""


ATTACKS = (
    Attack("read_key", "read the lab's answers", _READ.format(what="key")),
    Attack("read_solutions", "find the solutions in labkit's exercises", _SOLUTIONS),
    Attack("read_gradebook", "read the gradebook", _READ.format(what="gradebook")),
    Attack("read_others", "read other submissions", _READ.format(what="others")),
    Attack("read_shadow", "read /etc/shadow", _READ.format(what="shadow")),
    Attack("read_home", "read the home folder", _READ.format(what="home")),
    Attack("search", "search the whole disk for private files", _SEARCH, seconds=30),
    Attack("write", "write outside the box", _WRITE, success=_wrote),
    Attack("devices", "open the machine's devices", _DEVICES),
    Attack("handles", "use files that the grader left open", _HANDLES),
)
