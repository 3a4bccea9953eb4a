"""Which submission is graded when: some at a time on this machine, or on a Dask cluster's workers.

Records come in no particular order; nothing depends on it.
"""

import contextlib
import itertools
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from labkit.grading.book.schema import MACHINE, Record, Task
from labkit.grading.session.task_records import failed, grade_task

__all__ = ["ClusterError", "results"]

PATIENCE = 10  # seconds that a scheduler may take to answer
TRIES = 3  # for a submission that failed for a reason of the machine's


class ClusterError(RuntimeError):
    """There is no cluster to grade on; the text says why."""


def results(
    tasks: Iterable[Task], *, jobs: int = 1, scheduler: str | None = None, tries: int = TRIES
) -> Iterator[tuple[Task, Record]]:
    """Grade `tasks`, and yield each with its record as soon as it has ended.

    Args:
        tasks: What to grade. A task that ends in a machine error is tried again after the others.
        jobs: How many are graded at a time on this machine, each in processes of its own.
        scheduler: The address of a running Dask scheduler. Its workers then grade, as many tasks
            at a time as they have threads, and `jobs` does not count.
        tries: How often a task is tried in all.

    Raises:
        ClusterError: There is no scheduler at that address, or it has no workers.
    """
    with _on_cluster(scheduler) if scheduler else _here(jobs) as (submit, first):
        running = {}
        with contextlib.ExitStack() as stack:
            # If the caller stops in the middle, nothing more is started.
            stack.callback(lambda: [future.cancel() for future in running])
            queue = iter([(task, 1) for task in tasks])
            again = []
            for task, tried in itertools.islice(queue, submit.most):
                running[submit(task)] = task, tried
            while running:
                for future in first(running):
                    task, tried = running.pop(future)
                    record = _record_of(task, future)
                    if record["status"] == MACHINE and tried < tries:
                        again.append((task, tried + 1))
                    else:
                        yield task, record
                    following = next(queue, None) or (again.pop(0) if again else None)
                    if following:
                        running[submit(following[0])] = following


def _record_of(task, future):
    try:
        return future.result()
    except Exception as error:  # the worker was killed, or the cluster lost it, again and again
        return failed(task, f"the worker was lost: {type(error).__name__}: {error}"[:500])


class _Submit:
    """Starts tasks; `most` is how many may run at a time."""

    def __init__(self, start, most):
        self.start, self.most = start, most

    def __call__(self, task):
        return self.start(grade_task, task)


@contextlib.contextmanager
def _here(jobs):
    with ThreadPoolExecutor(jobs) as pool:  # threads suffice: each only waits for its processes
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
            f"--scheduler needs {error.name}, which is not installed: "
            "pip install 'labkit-cnn[cluster]'"
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
            # pure=False: a second try must not be answered with the result of the first.
            return client.submit(function, task, pure=False, retries=0)

        def first(futures):
            with client.as_current():
                return distributed.wait(list(futures), return_when="FIRST_COMPLETED").done

        # Twice as many as can run at once, so that a free worker need not wait for this process.
        yield _Submit(start, 2 * threads), first
