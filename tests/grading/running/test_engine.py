"""One submission against its grader: what is hostile or unlucky costs itself, and nothing else."""

import contextlib
import json
import os
import textwrap
import time

import nbformat
import psutil
import pytest
from make_submissions import ADA as ALL_OF_ADA
from make_submissions import notebook

from labkit.grading.answer_key import load_answer_key
from labkit.grading.intake.submissions import StudentFolder
from labkit.grading.running import engine
from labkit.grading.session import session
from labkit.kernels.warm import client as warm
from labkit.notebooks import pristine

pytestmark = pytest.mark.slow  # each starts a grader and a kernel

ADA = {name: source for name, source in ALL_OF_ADA.items() if not name.startswith("q_")}


@pytest.fixture(scope="module")
def key():
    return load_answer_key("01")


@pytest.fixture
def hand_in(tmp_path, key):
    """Grade a notebook as one student's submission: (record, {exercise: its part})."""

    def grade(made, timeout=20, seed=1, sandbox=True):
        nbformat.write(made, tmp_path / f"{key.name}.ipynb")
        submission = StudentFolder("ada", tmp_path)
        record = session.grade_submission(
            submission, key, seed=seed, timeout=timeout, sandbox=sandbox
        )
        json.dumps(record, allow_nan=False)
        return record, {exercise["id"]: exercise for exercise in record["exercises"]}

    return grade


def statuses(exercises):
    return {name: exercise["status"] for name, exercise in exercises.items()}


def grading_processes():
    """Processes of this test's graders and their kernels."""
    parents = [psutil.Process(), *(psutil.Process(one.process.pid) for one in warm._ours.values())]
    found = set()
    for parent in parents:
        for child in parent.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                line = " ".join(child.cmdline())
                lives = child.status() != psutil.STATUS_ZOMBIE
                kernel = child.ppid() != os.getpid() and "labkit.kernels.warm.zygote" in line
                if lives and (kernel or "labkit.grading.running.plugin" in line):
                    found.add(child.pid)
    return found


def test_one_exercise_that_goes_wrong_costs_no_other(hand_in):
    made = notebook(
        {
            # loops for ever, and can be interrupted
            "conv1d": "def conv1d(x, kernel):\n    while True: pass",
            "flip": ADA["flip"],
            # loops for ever, and cannot
            "conv2d": """
                import signal
                def conv2d(image, kernel):
                    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGALRM})
                    while True: pass
                """,
            "matrix1d": ADA["matrix1d"],
            # ends the kernel, not in the function but in the cell
            "matrix2d": "import os\nos._exit(0)",
            # prints for ever, in the cell
            "recover_kernel": ADA["recover_kernel"] + "\n        while True: print('y' * 1000)",
            # the cell ends with an error after the function is defined
            "count_parameters": ADA["count_parameters"] + "\n        count_parameters(1, 2)",
        }
    )
    record, exercises = hand_in(made, timeout=1)
    assert record["status"] == "graded"
    assert statuses(exercises) == {
        "conv1d": "timeout",
        "flip": "right",
        "conv2d": "timeout",
        "matrix1d": "right",
        "matrix2d": "died",
        "recover_kernel": "right",
        "is_convolution": "unanswered",
        "count_parameters": "right",
    }
    assert record["total"] == sum(
        exercises[name]["points"]
        for name in ["flip", "matrix1d", "recover_kernel", "count_parameters"]
    )
    assert exercises["count_parameters"]["cell"]["error"].startswith("TypeError: ")
    assert "did not finish in time" not in exercises["recover_kernel"]["text"]


def test_a_cell_that_mutes_its_kernel_costs_only_itself(hand_in):
    mute = "\n        get_ipython().kernel.session.send = lambda *a, **k: None"
    made = notebook({**ADA, "flip": ADA["flip"] + mute})
    record, exercises = hand_in(made, timeout=2)
    assert record["status"] == "graded"
    assert exercises["flip"]["earned"] == 0
    del exercises["flip"]
    assert set(statuses(exercises).values()) == {"right"}


def test_checks_and_hints_left_in_an_answer_cost_nothing(hand_in):
    left = """
        from labkit.checks import check, hint, progress
        check("flip", flip); hint("flip"); progress()
        """
    made = notebook({**ADA, "flip": textwrap.dedent(ADA["flip"]) + textwrap.dedent(left)})
    _, exercises = hand_in(made)
    assert set(statuses(exercises).values()) == {"right"}
    assert exercises["flip"]["cell"]["error"] == ""


def test_commands_and_unused_imports_in_an_answer_cost_nothing(hand_in):
    before = "!pip install numpy\n%pip list\nfiles = !ls\nassert files == []\nimport scipy.signal\n"
    made = notebook({**ADA, "conv1d": before + textwrap.dedent(ADA["conv1d"])})
    _, exercises = hand_in(made)
    assert set(statuses(exercises).values()) == {"right"}
    assert "Commands are not run here." in exercises["conv1d"]["printed"]


def test_added_cells_and_new_kernels_have_an_end(hand_in, monkeypatch):
    """Each of these cells takes less than its time; run again for every answer, they take hours."""
    monkeypatch.setattr(engine, "SPARE", 1)
    names = ["conv1d", "flip", "conv2d"]
    deadly = {name: f"import os\nx = a0 + a1\ndef {name}(*a): os._exit(0)" for name in names}
    made = notebook(deadly)
    slow = "import time\ntime.sleep(1.5)\n"
    made.cells[2:2] = [nbformat.v4.new_code_cell(f"{slow}a{number} = 1") for number in range(2)]
    record, exercises = hand_in(made, timeout=5)
    assert record["status"] == "graded"
    assert [exercises[name]["earned"] for name in names] == [0] * 3
    # the first kernel takes 3 of the 5 seconds, and the third finds none left
    assert exercises["conv1d"]["cell"]["status"] == "ok"
    assert exercises["conv2d"]["cell"]["error"].startswith("NameError: name 'a")


def test_answers_are_found_wherever_they_are(hand_in):
    made = notebook({**ADA, "matrix1d": "def matrix1d(kernel, n): return"})
    cells = {cell.id: cell for cell in made.cells}
    # reordered: the first answer is now the last cell
    made.cells.append(made.cells.pop(made.cells.index(cells["conv1d"])))
    # pasted anew: another id, the metadata still there
    cells["flip"].id = "8f2c11aa"
    # id kept, metadata gone
    cells["conv2d"].metadata.clear()
    # split: the second half in a copy
    half = nbformat.from_dict(json.loads(json.dumps(cells["matrix1d"])))
    half.id, half.source = "matrix1d-2", textwrap.dedent(ADA["matrix1d"])
    made.cells.insert(made.cells.index(cells["matrix1d"]) + 1, half)
    # missing
    made.cells.remove(cells["count_parameters"])
    # shadowed by metadata that lies
    cells["matrix2d"].metadata["labkit"] = {"exercise": 3, "role": ["answer"]}
    cells["recover_kernel"].metadata = {"tags": ["nbval-skip"], "nbgrader": "none"}
    record, exercises = hand_in(made)
    assert record["status"] == "graded"
    assert statuses(exercises) == dict.fromkeys(ADA, "right") | {"count_parameters": "missing"}
    assert exercises["count_parameters"]["earned"] == 0
    remarks = "; ".join(record["remarks"])
    assert "count_parameters: its cell is gone" in remarks
    assert "matrix1d: 2 cells, of which 2 were changed" in remarks


def test_part_of_the_inputs_right_is_part_of_the_points(hand_in):
    contiguous = """
        def matrix2d(kernel, height, width):
            kernel = np.asarray(kernel)
            a, b = kernel.shape
            W = np.zeros(((height - a + 1) * (width - b + 1), height * width))
            for n in range(height - a + 1):
                for m in range(width - b + 1):
                    start = n * width + m  # right for kernels of one row, or as wide as the image
                    W[n * (width - b + 1) + m, start : start + a * b] = kernel.ravel()
            return W
        """
    record, exercises = hand_in(notebook({"matrix2d": contiguous}))
    part = exercises["matrix2d"]
    assert part["status"] == "partly"
    assert 0 < part["right"] < part["total"]
    assert part["earned"] == round(4 * part["right"] / part["total"], 2) == record["total"]
    assert part["mistake"] == "kernel_contiguous"
    assert record["remarks"] == ["matrix2d: partly, kernel_contiguous"]


def test_a_stub_handed_in_is_unanswered_and_starts_no_process(hand_in, key, monkeypatch):
    monkeypatch.setattr(engine.subprocess, "Popen", None)
    record, exercises = hand_in(pristine.load("01"))
    assert (record["status"], record["total"], record["by_hand"]) == ("graded", 0, 0)
    assert set(statuses(exercises).values()) == {"unanswered"}


# Without a sandbox: the parent of the warm process is the grader's
KILL_GRADER = """
        import os, signal
        def kill_grader():
            status = open(f"/proc/{os.getppid()}/stat").read()
            os.kill(int(status.rpartition(")")[2].split()[1]), signal.SIGKILL)
"""


def test_killing_the_grader_is_reported_and_what_was_judged_before_is_kept(hand_in):
    kill = KILL_GRADER + "        def flip(kernel): kill_grader()"
    before = grading_processes()
    record, exercises = hand_in(notebook({**ADA, "flip": kill}), sandbox=False)
    assert record["status"] == "machine error"
    assert record["total"] is None
    assert record["remarks"][-1] == "pytest ended with code -9"
    assert statuses(exercises) == dict.fromkeys(ADA, "not judged") | {"conv1d": "right"}
    assert exercises["matrix2d"]["earned"] is None
    assert exercises["conv1d"]["earned"] == 2
    wait_for(lambda: not grading_processes() - before)


@pytest.mark.parametrize("keep_seal", [False, True])
def test_results_that_a_student_wrote_are_refused(hand_in, keep_seal):
    forge = f"""{KILL_GRADER}
        import json, os, pathlib
        def conv1d(x, kernel):
            return [0]
        def flip(kernel):
            path = pathlib.Path.cwd().parent / "private" / "result.json"
            found = json.loads(path.read_text())
            for name in ["conv1d", "flip"]:
                found["exercises"].setdefault(name, {{}}).update(score=1.0, shortcuts=[])
            if not {keep_seal}:
                found["seal"] = "0" * 64
            path.write_text(json.dumps(found))
            kill_grader()
        """
    record, _ = hand_in(notebook({"conv1d": forge, "flip": "flip = flip"}), sandbox=False)
    assert (record["status"], record["total"]) == ("machine error", None)
    assert "the results were tampered with" in record["remarks"][-1]


def test_a_grader_that_takes_too_long_is_ended_with_all_that_it_started(hand_in, monkeypatch):
    real = engine._pytest
    monkeypatch.setattr(engine, "_pytest", lambda *given: real(*given[:-1], 4))  # seconds
    slow = "import time\ntime.sleep(60)\ndef flip(kernel): return kernel"
    before = grading_processes()
    record, _ = hand_in(notebook({"flip": slow}), timeout=10)
    assert record["status"] == "machine error"
    assert record["remarks"][-1].startswith("it took more than ")
    wait_for(lambda: not grading_processes() - before)


def test_student_code_sees_a_cut_down_environment(hand_in, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "secret")
    peek = """
        import os, pathlib
        assert "MY_TOKEN" not in os.environ
        assert pathlib.Path.home() == pathlib.Path.cwd()
        assert {path.suffix for path in pathlib.Path.cwd().iterdir()} <= {".ipynb", ""}
        def flip(kernel): return [row[::-1] for row in kernel[::-1]]
        """
    _, exercises = hand_in(notebook({"flip": peek}))
    assert exercises["flip"]["cell"] == {**exercises["flip"]["cell"], "status": "ok", "error": ""}
    assert exercises["flip"]["status"] == "right"


@pytest.fixture
def broken_module(tmp_path, monkeypatch):
    """Put a module that cannot be imported before the installed one of that name."""

    def put(name, source):
        folder = tmp_path / "path"
        folder.mkdir()
        (folder / f"{name}.py").write_text(source)
        before = os.environ.get("PYTHONPATH")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(folder), before])))

    return put


def test_a_lab_that_does_not_run_here_is_the_machines_fault(hand_in, broken_module):
    broken_module("matplotlib", "raise ImportError('not installed')")
    record, _ = hand_in(notebook({"conv1d": ADA["conv1d"]}))
    assert (record["status"], record["total"]) == ("machine error", None)
    assert record["exercises"][0]["earned"] is None
    assert "of the lab itself does not run here: error ImportError: not" in record["remarks"][-1]


def test_a_kernel_that_does_not_start_is_the_machines_fault(hand_in, broken_module):
    broken_module("zmq", "raise SystemExit(1)")
    record, _ = hand_in(notebook({"conv1d": ADA["conv1d"]}))
    assert (record["status"], record["total"]) == ("machine error", None)
    assert "the warm process did not come up" in record["remarks"][-1]


def test_without_a_sandbox_nothing_is_graded(hand_in, monkeypatch):
    monkeypatch.setattr(engine.box, "why_not", lambda: "no sandbox: not here")
    record, exercises = hand_in(notebook({"conv1d": ADA["conv1d"]}))
    assert (record["status"], record["total"]) == ("machine error", None)
    assert record["remarks"][-1] == "no sandbox: not here"
    assert exercises["conv1d"]["status"] == "not judged"


def wait_for(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
