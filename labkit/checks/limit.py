"""Interrupts a call after some seconds, in any thread, without disturbing other timers."""

import contextlib
import ctypes
import itertools
import os
import signal
import sys
import threading
import time
from pathlib import Path

__all__ = ["Clock", "TookTooLong", "time_limit"]

TICK = 0.05  # seconds between looks at the clock; code that swallows an interruption gets another
IMPORTING = 120.0  # seconds that imports may take and do not count: TensorFlow takes many
STARVED = 6.0  # seconds at most that do not count because no core was free


class TookTooLong(BaseException):
    """Raised inside code that does not end. No Exception, so that few handlers catch it."""


class Clock:
    """Measures the time that the thread which makes the clock spends in a block.

    Imports do not count. Nor does the time in which a thread of this process was ready to run and
    no core was free, so that a right answer passes on a busy machine as well.
    """

    def __init__(self, seconds):
        self._thread = str(threading.get_native_id())
        self._ran, self._waited = _schedule(self._thread)
        self._others = None  # seconds they had waited at the first tick; many calls end before that
        self.begin = self._last_look = time.monotonic()
        self.seconds = seconds
        self.fired = False  #: whether the time ran out
        self._imports = 0.0

    def used(self):
        """Return the seconds since the beginning, without those that do not count."""
        passed = self._passed()
        if self._others is None:
            return passed
        ran, waited = _schedule(self._thread)
        starved = waited - self._waited + _waited_by_others(self._thread) - self._others
        free = max(passed - (ran - self._ran), 0.0)  # when it slept or waited for a core
        return passed - min(max(starved, 0.0), free, STARVED)

    def _passed(self):
        return time.monotonic() - self.begin - self._imports

    def is_over(self, frame):
        """Return whether the time ran out; called at every tick with the frame that is running."""
        if self._others is None:
            self._others = _waited_by_others(self._thread)
        now = time.monotonic()
        if self._imports < IMPORTING and _importing(frame):
            self._imports += now - self._last_look
        self._last_look = now
        self.fired = self.fired or (
            self._passed() > self.seconds
            and self.used() > self.seconds  # used() takes longer to find out
        )
        return self.fired


def _schedule(thread):
    """The seconds that a thread of this process has run, and that it has waited for a core."""
    try:
        running, waiting, _ = Path(f"/proc/self/task/{thread}/schedstat").read_text().split()
    except (OSError, ValueError):  # not Linux, or the thread has ended
        return 0.0, 0.0
    return int(running) / 1e9, int(waiting) / 1e9


def _waited_by_others(thread):
    """The seconds that all other threads of this process have waited for a core."""
    try:
        threads = os.listdir("/proc/self/task")
    except OSError:  # not Linux
        return 0.0
    return sum(_schedule(other)[1] for other in threads if other != thread)


def _importing(frame):
    """Whether the block is in the middle of an import."""
    while frame is not None and frame.f_globals.get("__name__") != "labkit.checks.run":
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


@contextlib.contextmanager
def time_limit(seconds):
    """Raise :class:`TookTooLong` inside the block after `seconds`; the context is a :class:`Clock`.

    In the main thread of a POSIX system a signal does it, which also ends ``time.sleep`` and code
    that swallows every exception. Elsewhere another thread does it, as soon as the next line of
    Python runs. Neither can end a C function that never returns, such as a regular expression.
    """
    clock = Clock(seconds)
    main = threading.current_thread() is threading.main_thread()
    interrupt = _by_signal if main and hasattr(signal, "setitimer") else _by_thread
    with interrupt(clock):
        yield clock


@contextlib.contextmanager
def _by_signal(clock):
    swallowed = itertools.count()

    def handler(number, frame):
        if clock.is_over(frame):
            count = next(swallowed)
            if count < 3:
                raise TookTooLong
            _raise_some_lines_on(frame, count)

    trace_before = sys.gettrace()
    handler_before = signal.signal(signal.SIGALRM, handler)
    timer_before = signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler_before)
        if clock.fired:
            sys.settrace(trace_before)
        if timer_before[0]:  # another alarm, such as pytest-timeout's: let it go on
            left = timer_before[0] - (time.monotonic() - clock.begin)
            signal.setitimer(signal.ITIMER_REAL, max(left, 0.001), timer_before[1])


def _raise_some_lines_on(frame, count):
    """Raise at the `count`-th line from here, sooner or later at one outside every ``try``."""
    left = itertools.count(count % 23, -1)

    def trace(frame, event, argument):
        if event == "line" and next(left) <= 0:
            raise TookTooLong
        return trace

    frame.f_trace = trace
    sys.settrace(trace)


@contextlib.contextmanager
def _by_thread(clock):
    target = ctypes.c_ulong(threading.get_ident())
    done, lock = threading.Event(), threading.Lock()
    throw = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def watch():
        while not done.wait(TICK):
            with lock:
                frame = sys._current_frames().get(target.value)
                if not done.is_set() and clock.is_over(frame):
                    throw(target, ctypes.py_object(TookTooLong))

    watcher = threading.Thread(target=watch, name="labkit-time-limit", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        with lock:
            done.set()
        # It may have been thrown and not have arrived yet: catch it here, where it does no harm.
        # (Throwing None, the documented way to cancel it, makes CPython 3.11 look for it for ever,
        # in every thread.)
        if clock.fired:
            with contextlib.suppress(TookTooLong):
                for _ in range(100):
                    time.sleep(0)
        watcher.join()
