"""Who grades which submission when: some at a time on this machine, or a Dask cluster's workers.

The order in which results come does not matter to anybody, and is not the same twice.
"""

import contextlib
import itertools
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from labkit.grading.session.tasks import MACHINE, failed, grade_task

__all__ = ["ClusterError", "results"]

PATIENCE = 10  # seconds that a scheduler may take to answer
TRIES = 3  # of a submission that the machine, not the student, let fail


class ClusterError(RuntimeError):
    """There is no cluster to grade on; the text says why."""


def results(tasks, *, jobs=1, scheduler=None, tries=TRIES):
    """Grade `tasks`; yields ``(task, record)`` as they end.

    `jobs` are graded at a time on this machine, each in processes of its own; with `scheduler` (the
    address of a running Dask scheduler) its workers grade, as many at a time as they have threads.
    A submission that ends in a machine error is tried again after the others, `tries` times in all.

    Raises :class:`ClusterError`.
    """
    with _on_cluster(scheduler) if scheduler else _here(jobs) as (submit, first):
        waiting = [(task, 1) for task in tasks]
        running = {}
        with contextlib.ExitStack() as stack:
            # should we be left in the middle, nothing more is to be started
            stack.callback(lambda: [future.cancel() for future in running])
            queue = iter(waiting)
            again = []
            for task, tried in itertools.islice(queue, submit.most):
                running[submit(task)] = task, tried
            while running:
                for future in first(running):
                    task, tried = running.pop(future)
                    record = _outcome(task, future)
                    if record["status"] == MACHINE and tried < tries:
                        again.append((task, tried + 1))
                    else:
                        yield task, record
                    following = next(queue, None) or (again.pop(0) if again else None)
                    if following:
                        running[submit(following[0])] = following


def _outcome(task, future):
    try:
        return future.result()
    except Exception as error:  # the worker was killed, or the cluster lost it, again and again
        return failed(task, f"the worker was lost: {type(error).__name__}: {error}"[:500])


class _Submit:
    """Start a task; `most` of them at a time."""

    def __init__(self, start, most):
        self.start, self.most = start, most

    def __call__(self, task):
        return self.start(grade_task, task)


@contextlib.contextmanager
def _here(jobs):
    with ThreadPoolExecutor(jobs) as pool:  # threads: each does little but wait for its processes
        yield (
            _Submit(pool.submit, jobs),
            lambda futures: wait(futures, return_when=FIRST_COMPLETED).done,
        )


@contextlib.contextmanager
def _on_cluster(address):
    try:
        import distributed
    except ImportError as error:
        raise ClusterError(
            f"--scheduler needs {error.name}, which is not installed: pip install 'labkit[cluster]'"
        ) from None
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address}: {error}") from None
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise ClusterError(f"the Dask scheduler at {address} has no workers: start some")

        def start(function, task):
            # pure=False: a second try is no repetition of the first
            return client.submit(function, task, pure=False, retries=0)

        def first(futures):
            with client.as_current():
                return distributed.wait(list(futures), return_when="FIRST_COMPLETED").done

        # twice as many as can run: a worker that is ready need not wait for us
        yield _Submit(start, 2 * threads), first
