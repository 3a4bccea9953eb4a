"""Interrupt a call after some seconds, wherever it runs, and leave other timers as they were."""

import contextlib
import ctypes
import signal
import sys
import threading
import time

__all__ = ["TookTooLong", "time_limit"]

AGAIN = 0.1  # seconds: code that swallows the interruption is interrupted again
IMPORTING = 60.0  # seconds: the first import of TensorFlow is nobody's endless loop


class TookTooLong(BaseException):
    """Raised inside code that does not end; not an Exception, so that few handlers catch it."""


class _Clock:
    def __init__(self, seconds):
        self.begin = time.monotonic()
        self.seconds = seconds
        self.fired = False

    def is_over(self, frame):
        """Time is up, and `frame` is not in the middle of an import."""
        passed = time.monotonic() - self.begin
        if passed < self.seconds or (passed < IMPORTING and _importing(frame)):
            return False
        self.fired = True
        return True


def _importing(frame):
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


@contextlib.contextmanager
def time_limit(seconds):
    """Raise :class:`TookTooLong` inside the block after `seconds`; yields a clock with `.fired`.

    In the main thread of a POSIX system this is a signal, which also ends ``time.sleep``;
    elsewhere another thread does it, as soon as the next line of Python runs.
    """
    clock = _Clock(seconds)
    main = threading.current_thread() is threading.main_thread()
    interrupt = _by_signal if main and hasattr(signal, "setitimer") else _by_thread
    with interrupt(clock):
        yield clock


@contextlib.contextmanager
def _by_signal(clock):
    def handler(number, frame):
        if clock.is_over(frame):
            raise TookTooLong

    handler_before = signal.signal(signal.SIGALRM, handler)
    timer_before = signal.setitimer(signal.ITIMER_REAL, clock.seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler_before)
        if timer_before[0]:  # somebody else's alarm, pytest-timeout's for one: let it go on
            left = timer_before[0] - (time.monotonic() - clock.begin)
            signal.setitimer(signal.ITIMER_REAL, max(left, 0.001), timer_before[1])


@contextlib.contextmanager
def _by_thread(clock):
    target = ctypes.c_ulong(threading.get_ident())
    done, lock = threading.Event(), threading.Lock()
    throw = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def watch():
        wait = clock.seconds
        while not done.wait(wait):
            wait = AGAIN
            with lock:
                frame = sys._current_frames().get(target.value)
                if not done.is_set() and clock.is_over(frame):
                    throw(target, ctypes.py_object(TookTooLong))

    watcher = threading.Thread(target=watch, name="labkit-time-limit", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        with lock:
            throw(target, None)  # thrown but not arrived: it is no longer meant
        watcher.join()
