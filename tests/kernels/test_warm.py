"""Warm kernels, as jupyter_client, nbclient and nbval use them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import pytest

from labkit.bench import kernels as bench
from labkit.kernels import scratch
from labkit.kernels.provisioner import _arguments
from labkit.kernels.sandbox import box
from labkit.kernels.warm import client as warm
from labkit.kernels.warm import zygote

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux forks")
ROOT = Path(warm.__file__).parents[3]
boxed = pytest.mark.skipif(bool(box.why_not()), reason=str(box.why_not()))
KINDS = ["warm", pytest.param("sandboxed", marks=boxed)]


def ask(client, expression, source=""):
    reply = client.execute(source, user_expressions={"it": expression}, reply=True, timeout=60)
    assert reply["content"]["status"] == "ok", reply["content"]
    return reply["content"]["user_expressions"]["it"]["data"]["text/plain"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_forked_kernel_is_warm_and_small_and_like_any_other(kind, tmp_path):
    (tmp_path / "data.csv").write_text("1")
    with bench._kernel(kind, str(tmp_path)) as (manager, client):
        assert ask(client, "'tensorflow' in __import__('sys').modules") == "True"
        assert ask(client, "open('data.csv').read()") == "'1'"
        assert ask(client, "__name__") == "'__main__'"
        first = ask(
            client, "(r.random(), float(n.random.rand()))", "import random as r, numpy as n"
        )
        assert manager.is_alive()
    with bench._kernel(kind, str(tmp_path)) as (_, client):
        again = ask(
            client, "(r.random(), float(n.random.rand()))", "import random as r, numpy as n"
        )
    assert first != again, "every fork draws the same"
    assert bench.private_memory(kind, str(tmp_path)) < 100e6  # 49 MB measured, 323 a stock one
    assert bench.death(kind, str(tmp_path)) < 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_interrupt_restart_and_shutdown(kind, tmp_path):
    with bench._kernel(kind, str(tmp_path)) as (manager, client):
        client.execute("while True: pass", stop_on_error=False)
        time.sleep(0.2)
        manager.interrupt_kernel()
        assert ask(client, "x", "x = 1") == "1"
        before = manager.provisioner.process.pid
        manager.restart_kernel(now=True)
        assert manager.is_alive()
        assert manager.provisioner.process.pid != before
        assert not os.path.exists(f"/proc/{before}/exe")
        folder = manager.provisioner.folder
    assert not manager.is_alive()
    assert not (folder and folder.path.exists())


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_losses_are_a_stock_kernels(kind, tmp_path):
    """`labkit bench kernels --trainings 500` does it 500 times."""
    expected = bench.losses("stock", str(tmp_path))
    assert all(bench.losses(kind, str(tmp_path)) == expected for _ in range(5))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_nbval_uses_them_as_it_is(kind, tmp_path):
    cells = [nbformat.v4.new_code_cell("import os; assert 'JPY_PARENT_PID' not in os.environ")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "--nbval-lax", "--nbval-current-env"]
    command += ["-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    name = {"JUPYTER_DEFAULT_PROVISIONER_NAME": bench.KINDS[kind]}
    done = subprocess.run(command, env=os.environ | name, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_a_kernel_ends_with_who_asked_for_it(tmp_path):
    code = """
import os, signal, sys
from labkit.bench import kernels
with kernels._kernel(sys.argv[1], sys.argv[2]) as (manager, client):
    print(manager.provisioner.process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    for kind in ["warm"] if box.why_not() else ["warm", "sandboxed"]:
        done = subprocess.run(
            [sys.executable, "-c", code, kind, str(tmp_path)], capture_output=True, text=True
        )
        pid = int(done.stdout)
        end = time.monotonic() + 5
        while os.path.exists(f"/proc/{pid}/exe"):
            assert time.monotonic() < end, f"the kernel of a {kind} grader that was killed lives on"
            time.sleep(0.05)


@pytest.mark.parametrize("when", ["ready", "importing"])
def test_a_warm_process_ends_with_its_parent_whoever_holds_its_pipe(when, tmp_path):
    """And the next one sweeps up what that parent left."""
    (tmp_path / "slow.py").write_text("import time; time.sleep(1)")
    code = """
import os, signal, subprocess, sys, threading
from labkit.kernels.warm import client as warm
started = warm.subprocess.Popen
def popen(*given, **options):
    made = started(*given, **options)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    holder = started(["sleep", "60"], pass_fds=[made.stdin.fileno()], **quiet)
    print(made.pid, holder.pid, flush=True)
    if sys.argv[1] == "importing":
        os.kill(os.getpid(), signal.SIGKILL)
    return made
warm.subprocess.Popen = popen
warm.share(dict(os.environ), ["slow"])
os.kill(os.getpid(), signal.SIGKILL)
"""
    variables = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": f"{ROOT}:{tmp_path}"}
    command = [sys.executable, "-c", code, when]
    done = subprocess.run(command, capture_output=True, text=True, env=variables)
    assert done.returncode == -signal.SIGKILL, done.stderr
    pid, holder = map(int, done.stdout.split())
    try:
        end = time.monotonic() + 10
        while os.path.exists(f"/proc/{pid}/exe"):
            assert time.monotonic() < end, "it lives on"
            time.sleep(0.05)
    finally:
        os.kill(holder, signal.SIGKILL)
    assert len(list(tmp_path.glob("labkit-warm-*"))) == 1
    calm = "from labkit.kernels import scratch\nscratch.sweep()"
    subprocess.run([sys.executable, "-c", calm], env=variables, check=True)
    assert not list(tmp_path.glob("labkit-warm-*"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_temporary_folder_too_long_for_sockets_will_do(kind, tmp_path, monkeypatch):
    """A socket's name has at most 107 bytes, which pytest's own folders reach."""
    long = tmp_path / ("long" * 30)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.setattr(warm, "_ours", {})
    try:
        with bench._kernel(kind, str(tmp_path)) as (manager, client):
            assert isinstance(manager.provisioner.process, warm.Kernel)
            assert ask(client, "'tensorflow' in __import__('sys').modules") == "True"
    finally:
        warm._stop_all()
    assert not list(long.glob("labkit-*"))


def test_what_is_held_is_not_swept_up(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with scratch.Scratch("grade") as mine:
        (tmp_path / "labkit-labs").mkdir()  # somebody's own
        scratch.sweep()
        assert mine.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["labkit-labs"]


def test_a_child_that_still_writes_does_not_keep_a_folder_alive(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    mine = scratch.Scratch("grade")
    os.close(mine._handle)  # killed
    refused, remove = [], scratch.shutil.rmtree

    def rmtree(path, **options):
        try:
            (mine.path / "result.json").write_text("a child that does not know yet")
        except FileNotFoundError:
            refused.append(True)
        remove(path, **options)

    monkeypatch.setattr(scratch.shutil, "rmtree", rmtree)
    scratch.sweep()
    assert refused
    assert not list(tmp_path.iterdir())


def test_what_windows_lacks_is_not_needed_to_start_kernels_as_ever():
    code = """
import os, sys
import jupyter_client.provisioning, nbval.kernel, psutil, zmq  # for which this is no Windows
for name in ("fcntl", "resource", "termios"):
    sys.modules[name] = None
del os.register_at_fork
from labkit.kernels import provisioner
import labkit.grading.session.session
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_it_refuses_to_fork_with_threads_or_after_an_operation():
    code = """
import json, threading
from labkit.kernels.warm import zygote
said = [zygote.unfit()]
held = threading.Event()
threading.Thread(target=held.wait, daemon=True).start()
said.append(zygote.unfit())
held.set()
import time; time.sleep(0.1)
import sys, types
eager = types.ModuleType("tensorflow.python.eager.context")
eager._context = types.SimpleNamespace(_context_handle=object())
sys.modules["tensorflow.python.eager.context"] = eager
said.append(zygote.unfit())
print(json.dumps(said))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [
        None,
        "2 threads are running, expected 1",
        "TensorFlow has executed an operation",
    ]


@pytest.mark.slow
def test_the_names_that_it_looks_at_are_tensorflows():
    code = """
import json, tensorflow
from labkit.kernels.warm import zygote
before = zygote.unfit()
tensorflow.zeros(1)
import os
os.listdir = lambda path: ["one thread"]
print(json.dumps([before, zygote.unfit()]))
"""
    alone = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=alone, check=True)
    assert json.loads(done.stdout) == [None, "TensorFlow has executed an operation"]


def test_what_is_no_kernel_of_this_python_is_left_to_jupyter():
    mine = [sys.executable, "-m", "ipykernel_launcher", "-f", "c.json", "--log-level=ERROR"]
    assert _arguments(mine) == ["--log-level=ERROR"]
    assert _arguments(["/usr/bin/false", *mine[1:]]) is None
    assert _arguments([sys.executable, "-m", "bash_kernel", "-f", "c.json"]) is None


def test_a_warm_process_that_is_not_there_gives_no_kernel(tmp_path):
    with pytest.raises(warm.NotWarm, match=r"the warm process gave no kernel: .*No such file"):
        warm.fork(str(tmp_path / "nothing"), {})
    assert len(json.dumps(dict(os.environ))) < zygote.MAX_REQUEST
