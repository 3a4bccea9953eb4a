"""A kernel with hostile code in it: every wait ends soon, and says how."""

import pytest

from labkit.grading.running import guarded_kernel as module
from labkit.grading.running.guarded_kernel import GuardedKernel
from labkit.grading.running.reply import MAX_TEXT


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    kernel = GuardedKernel(cwd=str(tmp_path_factory.mktemp("desk")))
    yield kernel
    kernel.stop()


@pytest.fixture
def fresh(tmp_path):
    kernel = GuardedKernel(cwd=str(tmp_path))
    yield kernel
    kernel.stop()


def test_it_answers(shared):
    reply = shared.run("x = 6; print('seen')", 10, {"value": "x * 7", "none": "1 / 0"})
    assert (reply.status, reply.text, reply.values) == (
        "ok",
        "seen\n",
        {"value": "42", "none": None},
    )


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def f(:", "SyntaxError: invalid syntax (line 1)"),
        ("import sys; sys.exit()", "SystemExit: "),
        ("input()", "StdinNotImplementedError: raw_input was called"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt: "),
        ("class E(Exception): __str__ = lambda self: 1 / 0\nraise E", "ZeroDivisionError: "),
    ],
)
def test_an_error_is_named(shared, source, error):
    reply = shared.run(source, 10)
    assert reply.status == "error"
    assert reply.error.startswith(error)
    assert "\x1b" not in reply.traceback


def test_stderr_and_warnings_are_no_errors(shared):
    source = "import sys, warnings\nwarnings.warn('a')\nprint('b', file=sys.stderr)\n"
    assert shared.run(source, 10).status == "ok"


@pytest.mark.parametrize("source", ["exit()", "quit()", "import os; os.close(1); os.close(2)"])
def test_the_next_cell_still_runs(fresh, source):
    fresh.run(source, 10)
    assert fresh.run("x = 1", 10, {"x": "x"}).values == {"x": "1"}


@pytest.mark.parametrize("end", ["exit()", "quit()", "exit(3)", "exit", "import sys; sys.exit(1)"])
def test_what_ends_a_program_ends_the_cell_only(shared, end):
    assert shared.run(end, 10).status == "error"
    assert shared.run("x = 3", 10, {"x": "x"}).values == {"x": "3"}
    assert shared.run("pass", 10).status == "ok"


def test_an_endless_loop_is_interrupted_and_the_kernel_lives(shared):
    reply = shared.run("while True: pass", 1)
    assert reply.status == "timeout"
    assert 1 <= reply.seconds < 2
    assert shared.run("x = 2", 10, {"x": "x"}).values == {"x": "2"}


@pytest.mark.parametrize(
    "source",
    [
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        "import time, signal; signal.pthread_sigmask(0, [2]); time.sleep(60)",
    ],
)
def test_what_cannot_be_interrupted_is_killed(fresh, source):
    reply = fresh.run(source, 1)
    assert reply.status == "timeout"
    assert not fresh.is_alive()
    assert reply.seconds - reply.waited < 1 + module.GRACE + 2
    assert fresh.run("x = 1", 10).status == "died"


@pytest.mark.parametrize("how", ["os._exit(0)", "os.kill(os.getpid(), 9)", "os.abort()"])
def test_death_is_noticed_at_once_and_not_after_the_timeout(fresh, how):
    reply = fresh.run(f"import os; {how}", 60)
    assert reply.status == "died"
    assert reply.seconds < 2


def test_endless_output_is_bounded_and_ends(fresh):
    reply = fresh.run("while True: print('y' * 1000)", 2)
    assert reply.status == "timeout"
    assert reply.seconds < 5
    assert len(reply.text) == MAX_TEXT
    after = fresh.run("x = 1", 10, {"x": "x"})  # it has got rid of its flood in time, or is gone
    assert (after.status, after.values) in [("ok", {"x": "1"}), ("died", {})]


def test_a_thread_that_never_stops_printing_does_not_hold_the_next_cell(fresh):
    source = """
        import threading
        def chatter():
            while True: print("z" * 100)
        threading.Thread(target=chatter, daemon=True).start()
        """
    fresh.run("\n".join(line[8:] for line in source.splitlines()), 10)
    reply = fresh.run("x = 1", 10, {"x": "x"})
    assert reply.values == {"x": "1"}
    assert reply.seconds < 3


def test_a_message_too_large_costs_its_sender_the_kernel(fresh):
    reply = fresh.run("", 3, {"big": f"'a' * {module.MAX_MESSAGE + 1}"})
    assert reply.status == "timeout"


def test_forged_messages_are_dropped(fresh):
    source = """
        import json
        session, kernel = get_ipython().kernel.session, get_ipython().kernel
        parent = get_ipython().parent_header
        for content in ([], "text", {"status": 3, "ename": [1], "traceback": "no list"}, {}):
            session.send(kernel.iopub_socket, "status", json.dumps(content), parent)
            session.send(kernel.iopub_socket, "stream", json.dumps(content), parent)
        bad = [b"<IDS|MSG>", b"forged", b"[" * 10000, b"{}", b"{}", b"{}"]
        kernel.iopub_socket.send_multipart(bad)
        print("sent")
        """
    reply = fresh.run("\n".join(line[8:] for line in source.splitlines()), 10)
    assert reply.text.endswith("sent\n"), reply
    assert fresh.run("x = 1", 10, {"x": "x"}).values == {"x": "1"}


def test_stopping_twice_is_fine(fresh):
    fresh.stop()
    fresh.stop()
    assert not fresh.is_alive()
