"""labkit start: what it brings, and above all what it leaves alone."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from labkit import workspace
from labkit.workspace import Changes, WorkspaceError, jupyterlab, prepare, report

NAME = "01_sample.ipynb"


def notebook(text="first version"):
    cells = [new_markdown_cell(text, id="prose"), new_code_cell("answer = ...", id="answer")]
    return new_notebook(cells=cells)


@pytest.fixture
def labs(tmp_path):
    folder = tmp_path / "labs"
    (folder / "reference").mkdir(parents=True)
    nbformat.write(notebook(), folder / NAME)
    nbformat.write(notebook("with answers"), folder / "reference" / NAME)
    return folder


@pytest.fixture
def folder(labs, tmp_path):
    """A workspace that was made from the first version."""
    prepare(tmp_path / "work", labs)
    return tmp_path / "work"


@pytest.fixture
def update(labs):
    def update(text="second version"):
        nbformat.write(notebook(text), labs / NAME)

    return update


def change(folder, **cell):
    """What a student does: the answer's cell gets another source, or outputs."""
    own = nbformat.read(folder / NAME, as_version=4)
    own.cells[1].update(cell)
    nbformat.write(own, folder / NAME)
    return (folder / NAME).read_bytes()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_first_time_everything_is_new_and_only_student_notebooks_are_copied(labs, tmp_path):
    work = tmp_path / "deep" / "work"
    assert prepare(work, labs) == Changes(new=[NAME])
    assert names(work) == [".labkit.json", NAME]
    assert (work / NAME).read_bytes() == (labs / NAME).read_bytes()


def test_again_without_an_update_nothing_happens(labs, folder):
    times = [path.stat().st_mtime_ns for path in sorted(folder.iterdir())]
    assert prepare(folder, labs) == Changes()
    assert [path.stat().st_mtime_ns for path in sorted(folder.iterdir())] == times


def test_an_update_replaces_what_was_not_touched_and_brings_what_is_new(labs, folder, update):
    update()
    nbformat.write(notebook("another lab"), labs / "02_other.ipynb")
    assert prepare(folder, labs) == Changes(new=["02_other.ipynb"], updated=[NAME])
    assert (folder / NAME).read_bytes() == (labs / NAME).read_bytes()


@pytest.mark.parametrize(
    "work",
    [
        {"source": "answer = 42"},
        {"outputs": [new_output("stream", text="a printed line")], "execution_count": 1},
        {"execution_count": 1},
    ],
    ids=["typed", "ran", "ran without output"],
)
def test_what_the_student_did_is_never_overwritten(labs, folder, update, work):
    own = change(folder, **work)
    update()
    assert prepare(folder, labs) == Changes(beside=[(NAME, "01_sample.new.ipynb")])
    assert (folder / NAME).read_bytes() == own
    assert (folder / "01_sample.new.ipynb").read_bytes() == (labs / NAME).read_bytes()


def test_a_changed_notebook_without_an_update_is_just_kept(labs, folder):
    own = change(folder, source="answer = 42")
    assert prepare(folder, labs) == Changes(kept=[NAME])
    assert (folder / NAME).read_bytes() == own
    assert names(folder) == [".labkit.json", NAME]


def test_opened_and_saved_by_jupyterlab_is_not_touched(labs, folder, update):
    own = json.loads((folder / NAME).read_text())
    own["metadata"]["language_info"] = {"name": "python", "version": "3.13.1"}
    own["cells"][1]["metadata"]["scrolled"] = True
    own["cells"][1]["source"] = "".join(own["cells"][1]["source"])
    (folder / NAME).write_text(json.dumps(own, indent=4))
    assert prepare(folder, labs) == Changes()
    update()
    assert prepare(folder, labs) == Changes(updated=[NAME])


def test_the_new_version_is_put_beside_once(labs, folder, update):
    change(folder, source="answer = 42")
    update()
    prepare(folder, labs)
    beside = folder / "01_sample.new.ipynb"
    written = beside.stat().st_mtime_ns
    assert prepare(folder, labs) == Changes(kept=[NAME])
    assert beside.stat().st_mtime_ns == written
    beside.unlink()  # the student has seen it
    assert prepare(folder, labs) == Changes(kept=[NAME])
    assert names(folder) == [".labkit.json", NAME]


def test_a_still_newer_version_replaces_the_one_beside_if_that_was_not_touched(
    labs, folder, update
):
    change(folder, source="answer = 42")
    update()
    prepare(folder, labs)
    update("third version")
    assert prepare(folder, labs) == Changes(beside=[(NAME, "01_sample.new.ipynb")])
    assert (folder / "01_sample.new.ipynb").read_bytes() == (labs / NAME).read_bytes()


def test_work_in_the_version_beside_is_not_overwritten_either(labs, folder, update):
    change(folder, source="answer = 42")
    update()
    prepare(folder, labs)
    beside = folder / "01_sample.new.ipynb"
    beside.write_text(beside.read_text().replace("answer = ...", "answer = 43"))
    update("third version")
    assert prepare(folder, labs) == Changes(beside=[(NAME, "01_sample.new-2.ipynb")])
    assert "answer = 43" in beside.read_text()


def test_a_notebook_that_the_student_brought_up_to_date_is_current(labs, folder, update):
    change(folder, source="answer = 42")
    update()
    prepare(folder, labs)
    (folder / "01_sample.new.ipynb").replace(folder / NAME)
    assert prepare(folder, labs) == Changes()
    change(folder, execution_count=3)
    assert prepare(folder, labs) == Changes(kept=[NAME])


def test_a_deleted_notebook_comes_back(labs, folder):
    (folder / NAME).unlink()
    assert prepare(folder, labs) == Changes(new=[NAME])


def test_a_damaged_notebook_is_the_students_too(labs, folder, update):
    (folder / NAME).write_text('{"cells": [{"source": "answer = 42"')
    update()
    assert prepare(folder, labs) == Changes(beside=[(NAME, "01_sample.new.ipynb")])
    assert "answer = 42" in (folder / NAME).read_text()


@pytest.mark.parametrize(
    "state", ["", "{", "[]", '{"versions": 3}', "null", '{"versions": {"a": 1}, "brought": {}}']
)
def test_a_damaged_record_costs_no_work(labs, folder, update, state):
    own = change(folder, source="answer = 42")
    (folder / ".labkit.json").write_text(state)
    update()
    changes = prepare(folder, labs)
    assert changes.beside == [(NAME, "01_sample.new.ipynb")]
    assert changes.remarks == [
        f"{folder / '.labkit.json'} was damaged and is made anew. Notebooks that differ from the "
        "shipped ones count as yours."
    ]
    assert (folder / NAME).read_bytes() == own
    assert prepare(folder, labs) == Changes(kept=[NAME])


def test_files_that_are_not_labkits_are_left_alone(labs, folder, update):
    (folder / "notes.ipynb").write_text("mine")
    (folder / "01_sample-Copy1.ipynb").write_text("mine too")
    update()
    prepare(folder, labs)
    assert (folder / "notes.ipynb").read_text() == "mine"
    assert (folder / "01_sample-Copy1.ipynb").read_text() == "mine too"


@pytest.mark.parametrize("moment", range(1, 4))
@pytest.mark.parametrize("touched", [False, True])
def test_killed_at_any_write_nothing_is_lost_and_the_next_start_finishes(
    labs, folder, update, monkeypatch, moment, touched
):
    own = change(folder, source="answer = 42") if touched else None
    update()
    nbformat.write(notebook("another lab"), labs / "02_other.ipynb")
    writes = 0

    def write_or_die(path, data):
        nonlocal writes
        writes += 1
        if writes == moment:
            raise KeyboardInterrupt
        write(path, data)

    write = workspace.write_atomically
    monkeypatch.setattr(workspace, "write_atomically", write_or_die)
    with pytest.raises(KeyboardInterrupt):
        prepare(folder, labs)
    monkeypatch.setattr(workspace, "write_atomically", write)
    prepare(folder, labs)
    assert (folder / "02_other.ipynb").exists()
    latest = (labs / NAME).read_bytes()
    if touched:
        assert (folder / NAME).read_bytes() == own
        assert (folder / "01_sample.new.ipynb").read_bytes() == latest
    else:
        assert (folder / NAME).read_bytes() == latest
    assert names(folder).count("01_sample.new.ipynb") == touched


def test_a_file_in_the_folders_place_is_an_error(labs, tmp_path):
    place = tmp_path / "work"
    place.write_text("mine")
    with pytest.raises(WorkspaceError) as caught:
        prepare(place, labs)
    assert str(caught.value) == (
        f"{place} is a file: expected a folder to put the labs into. Choose another name: labkit "
        "start FOLDER"
    )
    assert place.read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_an_error(labs, tmp_path, monkeypatch):
    def refuse(path, data):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(workspace, "write_atomically", refuse)  # root may write anywhere
    with pytest.raises(WorkspaceError) as caught:
        prepare(tmp_path / "work", labs)
    assert str(caught.value) == (
        f"{tmp_path / 'work'} cannot be written (Permission denied): nothing of yours was changed. "
        "Choose a folder of your own: labkit start FOLDER"
    )


def test_a_folder_where_a_notebook_should_be_is_an_error(labs, tmp_path):
    (tmp_path / "work" / NAME).mkdir(parents=True)
    with pytest.raises(WorkspaceError, match="cannot be written"):
        prepare(tmp_path / "work", labs)


def test_without_labs_it_says_so(tmp_path):
    with pytest.raises(WorkspaceError, match=r"there are no notebooks in .*: 'labkit build' makes"):
        prepare(tmp_path / "work", tmp_path)
    assert not (tmp_path / "work").exists()


def test_the_report_says_what_was_done():
    changes = Changes(["a"], ["b", "c"], ["d"], [("e.ipynb", "e.new.ipynb")], ["A remark."])
    assert report(Path("work"), changes) == [
        "A remark.",
        "New in work: a",
        "Updated, you had not touched them: b, c",
        "e.ipynb is yours and stays as it is; the new version is e.new.ipynb beside it",
        "Yours, with nothing newer to bring: d",
    ]
    assert report(Path("work"), Changes()) == ["work is up to date"]


def test_a_taken_port_is_an_error_before_anything_starts(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(WorkspaceError) as caught:
            jupyterlab(tmp_path, port)
    assert str(caught.value) == (
        f"port {port} cannot be used (Address already in use): perhaps JupyterLab already runs "
        "there. Choose another with --port, or leave --port out and a free one is taken"
    )


def test_without_jupyterlab_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(WorkspaceError) as caught:
        jupyterlab(tmp_path)
    assert str(caught.value) == (
        "JupyterLab is not installed for this Python. Install what the labs need: "
        f'"{sys.executable}" -m pip install "labkit-cnn[labs]"'
    )


class Started:
    """Stands in for JupyterLab: remembers how it was started, and ends."""

    def __init__(self, status):
        self.status = status

    def __call__(self, command, env):
        self.command, self.env = command, env
        return self

    def wait(self):
        return self.status


@pytest.mark.parametrize(("status", "passed_on"), [(0, 0), (3, 3), (-15, 143)])
def test_how_jupyterlab_is_started(tmp_path, monkeypatch, status, passed_on):
    started = Started(status)
    monkeypatch.setattr(subprocess, "Popen", started)
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    assert jupyterlab(tmp_path, None, False, ["--ip=0.0.0.0"]) == passed_on
    assert started.command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={tmp_path}" in started.command
    assert started.command[-1] == "--ip=0.0.0.0"
    assert "--no-browser" in started.command
    assert not any("port" in argument for argument in started.command)
    assert started.env["TF_CPP_MIN_LOG_LEVEL"] == "3"  # as for the references
    jupyterlab(tmp_path, browser=True)
    assert "--no-browser" not in started.command


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="ends the server by POSIX signals")
def test_jupyterlab_really_runs_on_the_folder_with_this_python(labs, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = (
        "import sys; from labkit import workspace; workspace.prepare(sys.argv[1], sys.argv[2]);"
        "sys.exit(workspace.jupyterlab(sys.argv[1], int(sys.argv[3]), False,"
        " ['--IdentityProvider.token=', '--ServerApp.disable_check_xsrf=True']))"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "work"), str(labs), str(port)]
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path), "IPYTHONDIR": str(tmp_path)}
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)

    def get(path):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return json.load(answer)

    try:
        for _ in range(240):
            try:
                found = [entry["name"] for entry in get("/api/contents")["content"]]
                break
            except OSError:
                assert server.poll() is None, (tmp_path / "log").read_text()
                time.sleep(0.25)
        else:
            pytest.fail((tmp_path / "log").read_text())
        assert found == [NAME]
        assert "python3" in get("/api/kernelspecs")["kernelspecs"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/lab", timeout=20) as page:
            assert b"<title>JupyterLab</title>" in page.read()
    finally:
        server.terminate()
        status = server.wait(30)
    assert status in (0, 143), (tmp_path / "log").read_text()
