"""Grade a folder without kernels: ``python graded_fast.py FOLDER OUT LOG [JOBS]``.

What decides a mark is the length of the answer. Each submission that is graded is a line in LOG,
written when its grading begins.
"""

import os
import sys
import time

from labkit.grading.running.engine import MachineError
from labkit.grading.session import session, task_records

PAUSE = 0.004  # seconds: what a submission takes


def judge(answers, seeds):
    """What the engine would say."""
    return {
        name: {
            "cell": {"status": "ok", "error": "", "seconds": time.monotonic() % 1},
            "shortcuts": [],
            "status": "partly",
            "score": len(answers[name]) % 7 / 7,
            "right": 1,
            "total": 7,
            "detail": "",
            "mistake": f"seed {seed}",
            "text": "",
            "probe_seconds": time.monotonic() % 1,
        }
        for name, seed in seeds.items()
    }


def fake(log):
    """An engine for tests: fails as its answer tells it to."""

    def run(notebook, answers, seeds, task):
        handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, f"{task['student']}\n".encode())
        os.close(handle)
        time.sleep(PAUSE)
        if any("the disk is full" in answers[name] for name in seeds):
            raise MachineError("the disk is full", {}, "")
        if any("a fault of the grader" in answers[name] for name in seeds):
            raise ZeroDivisionError("ours")
        return judge(answers, seeds)

    return run


if __name__ == "__main__":
    folder, out, log, *jobs = sys.argv[1:]
    task_records._run = fake(log)
    session.grade_folder(folder, out, seed=7, jobs=int(jobs[0]) if jobs else 1)
