"""A Dask cluster of separate processes grades as one machine does, even if a worker is killed."""

import os
import re
import shutil
import signal
import threading
import time
from pathlib import Path

import distributed
import graded_fast
import pytest
from classes import FLIP, hand_in, results_of
from click.testing import CliRunner

from labkit.cli import main
from labkit.grading.session import session, task_records
from labkit.grading.session.scheduling import ClusterError


class Fast(distributed.WorkerPlugin):
    """Workers, also those that come later, grade without kernels."""

    def __init__(self, log):
        self.log = str(log)

    def setup(self, worker):
        graded_fast.PAUSE = 0.05
        task_records._run = graded_fast.fake(self.log)


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster


@pytest.fixture
def client(cluster):
    with distributed.Client(cluster, set_as_default=False) as client:
        yield client


def test_one_worker_killed_midway_and_the_same_bytes(
    cluster,
    client,
    classroom,
    tmp_path,
    monkeypatch,
):
    log = tmp_path / "log"
    log.touch()
    monkeypatch.setattr(task_records, "_run", graded_fast.fake(tmp_path / "other"))
    session.grade_folder(classroom, tmp_path / "here.csv", seed=7)
    client.register_plugin(Fast(log), name="fast")
    pids = client.run(os.getpid)
    assert len({os.getpid(), *pids.values()}) == 3
    killed = []

    def kill():
        end = time.monotonic() + 20
        while len(log.read_text().split()) < 8:
            if time.monotonic() > end:
                return
            time.sleep(0.01)
        killed.append(pids.popitem()[1])
        os.kill(killed[0], signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        out = tmp_path / "there.csv"
        session.grade_folder(classroom, out, seed=7, scheduler=cluster.scheduler_address)
    finally:
        thread.join()
        client.unregister_worker_plugin("fast")
    assert killed
    assert (
        not Path(f"/proc/{killed[0]}").exists() or killed[0] not in client.run(os.getpid).values()
    )
    assert results_of(out) == results_of(tmp_path / "here.csv")
    # killed with one or two submissions in its hands, which were graded again
    graded = log.read_text().split()
    assert set(graded) == {f"s{number:02}" for number in range(26)}
    assert len(graded) <= 26 + 3


@pytest.mark.slow
def test_real_submissions_on_a_cluster_give_what_they_give_here(cluster, client, tmp_path):
    client.restart()
    folder = tmp_path / "in"
    hand_in(folder, "ann", {"flip": FLIP})
    hand_in(folder, "ben", {"flip": FLIP.replace("[::-1, ::-1]", "[::-1]")})
    hand_in(folder, "eve", {"flip": "import os\ndef flip(kernel): os._exit(0)"})
    out = tmp_path / "there.csv"
    command = ["grade", str(folder), "--out", str(out), "--seed", "7"]
    done = CliRunner().invoke(main, [*command, "--scheduler", cluster.scheduler_address])
    assert done.exit_code == 0, done.output
    session.grade_folder(folder, tmp_path / "here.csv", seed=7)
    here, there = (tmp_path / "here.csv").read_bytes(), out.read_bytes()
    assert there == here
    assert b"ann,01,graded,1,18" in here
    assert re.search(rb"ben,01,graded,0\.\d+,18", here)


def test_no_cluster_is_said_and_nothing_is_graded(classroom, tmp_path, monkeypatch):
    monkeypatch.setattr("labkit.grading.session.scheduling.PATIENCE", 1)
    with pytest.raises(ClusterError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9"):
        session.grade_folder(
            classroom, tmp_path / "grades.csv", seed=7, scheduler="tcp://127.0.0.1:9"
        )
    assert not (tmp_path / "grades.csv").exists()
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install 'labkit-cnn.cluster"):
        session.grade_folder(classroom, tmp_path / "grades.csv", seed=7, scheduler="tcp://x:1")
    shutil.rmtree(tmp_path / "grades.csv.records")
