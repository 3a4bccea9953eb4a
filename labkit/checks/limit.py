"""Interrupt a call after some seconds, wherever it runs, and leave other timers as they were."""

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

TICK = 0.05  # seconds between looks; code that swallows the interruption is interrupted again
IMPORTING = 120.0  # seconds: the first import of TensorFlow is nobody's endless loop
STARVED = 6.0  # seconds that do not count, at most, because others had the cores


class TookTooLong(BaseException):
    """Raised inside code that does not end; not an Exception, so that few handlers catch it."""


class Clock:
    """Time spent in a block by the thread that makes the clock; imports do not count.

    Nor does the time in which a thread of this process was ready to run and no core was free: a
    right answer is right on a busy machine, too.
    """

    def __init__(self, seconds):
        self._thread = str(threading.get_native_id())
        self._ran, self._waited = _schedule(self._thread)
        self._others = None  # how long they had waited at the first tick: many calls end before it
        self.begin = self._seen = time.monotonic()
        self.seconds = seconds
        self.fired = False  #: whether the time was up
        self._imports = 0.0

    def used(self):
        """Seconds since the beginning, those left out that do not count."""
        passed = self._passed()
        if self._others is None:
            return passed
        ran, waited = _schedule(self._thread)
        starved = waited - self._waited + _waited_by_others(self._thread) - self._others
        free = max(passed - (ran - self._ran), 0.0)  # it did not run then: slept, or was starved
        return passed - min(max(starved, 0.0), free, STARVED)

    def _passed(self):
        return time.monotonic() - self.begin - self._imports

    def is_over(self, frame):
        """To be asked at every tick, with the frame that is running."""
        if self._others is None:
            self._others = _waited_by_others(self._thread)
        now = time.monotonic()
        if self._imports < IMPORTING and _importing(frame):
            self._imports += now - self._seen
        self._seen = now
        self.fired = self.fired or (
            self._passed() > self.seconds and self.used() > self.seconds  # the latter takes longer
        )
        return self.fired


def _schedule(thread):
    """Seconds that a thread of this process has run, and that it waited for a core."""
    try:
        running, waiting, _ = Path(f"/proc/self/task/{thread}/schedstat").read_text().split()
    except (OSError, ValueError):  # not Linux, or the thread has ended
        return 0.0, 0.0
    return int(running) / 1e9, int(waiting) / 1e9


def _waited_by_others(thread):
    """Seconds that all other threads of this process waited for a core."""
    try:
        threads = os.listdir("/proc/self/task")
    except OSError:  # not Linux
        return 0.0
    return sum(_schedule(other)[1] for other in threads if other != thread)


def _importing(frame):
    """Is the block in the middle of an import?"""
    while frame is not None and frame.f_globals.get("__name__") != "labkit.checks.run":
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


@contextlib.contextmanager
def time_limit(seconds):
    """Raise :class:`TookTooLong` inside the block after `seconds`; yields a :class:`Clock`.

    In the main thread of a POSIX system this is a signal, which also ends ``time.sleep``, and code
    that swallows every exception; elsewhere another thread does it, as soon as the next line of
    Python runs. A C function that never returns, such as a regular expression, ends neither way.
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
        if timer_before[0]:  # somebody else's alarm, pytest-timeout's for one: let it go on
            left = timer_before[0] - (time.monotonic() - clock.begin)
            signal.setitimer(signal.ITIMER_REAL, max(left, 0.001), timer_before[1])


def _raise_some_lines_on(frame, count):
    """Raise at the `count`-th line from here: sooner or later at one that no ``try`` protects."""
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
        # Thrown perhaps, and not arrived yet: take it here, where it does no harm. (To throw None,
        # which is said to cancel it, makes CPython 3.11 look for it for ever, in every thread.)
        if clock.fired:
            with contextlib.suppress(TookTooLong):
                for _ in range(100):
                    time.sleep(0)
        watcher.join()
