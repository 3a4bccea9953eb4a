"""From a student's notebook to a task: one submission as plain data, ready to be graded anywhere.

A task is JSON and holds all that grading needs, so it can be handed to another process or machine.
The hash of its content (the student's text, the lab, the installation, the grader, the seed) is the
key of its record: a record with the same key need not be made again.
"""

from collections.abc import Mapping
from dataclasses import replace

from labkit.grading.answer_key import AnswerKey
from labkit.grading.book.schema import Task
from labkit.grading.hashes import fingerprint
from labkit.grading.intake.extras import adopt
from labkit.grading.intake.reading import MAX_PROSE
from labkit.grading.intake.submissions import FolderContents, SubmissionError, choose_notebook
from labkit.grading.session import fingerprints
from labkit.notebooks import pristine

__all__ = ["holds", "make_task"]


def holds(answer_key: AnswerKey, notebook: dict) -> bool:
    """Tell whether a notebook holds answers to a lab, or most of its text.

    What its metadata say does not count. A notebook that was converted to another format and back
    has often lost the ids of its cells; only then its text decides.
    """
    try:
        if pristine.inspect(notebook, answer_key.notebook).answers:
            return True
        if any(cell["metadata"] for cell in notebook["cells"]):  # these are the ids of another lab
            return False
        shipped = {cell.source.strip() for cell in answer_key.notebook.cells}
        shown = {cell["source"].strip() for cell in notebook["cells"]}
        return 2 * len(shipped & shown) > len(shipped)
    except Exception:  # A notebook can be made up to provoke any error; it is not this lab then.
        return False


def make_task(
    student: str,
    folder: FolderContents,
    answer_key: AnswerKey,
    answer_keys: Mapping[str, AnswerKey],
    *,
    seed: int,
    timeout: float,
    sandbox: bool,
) -> Task:
    """Make the task of one student for one lab.

    Args:
        student: The name of the student's folder.
        folder: What lies in it.
        answer_key: That of the lab.
        answer_keys: Those of all labs that are graded, by number; they tell the labs apart.
        seed: The class's seed.
        timeout: Seconds that each answer and each probe may take.
        sandbox: Whether the answers are to run in a sandbox.

    Raises:
        SubmissionError: The folder holds no notebook of this lab that can be read.
    """
    path, notebook, remarks = choose_notebook(
        folder,
        answer_key.lab,
        answer_key.name,
        lambda lab, notebook: holds(answer_keys[lab], notebook),
        lambda notebook: _answered(answer_key, notebook),
    )
    submission, extras = _take_apart(notebook, answer_key)
    task = {
        "student": student,
        "lab": answer_key.lab,
        "seed": seed,
        "timeout": timeout,
        "sandbox": sandbox,
        "answers": submission.answers,
        "questions": submission.questions,
        "extras": [[extra.anchor, extra.number, extra.source] for extra in extras],
        "grader": fingerprints.grader(answer_key.lab),
        "installation": fingerprints.installation(),
        "lab_fingerprint": fingerprints.lab(answer_key),
        "only": None,
        "kept": [],
    }
    return task | {
        "key": fingerprint(task),
        "content": fingerprint(submission.answers, submission.questions, task["extras"]),
        # These two do not decide a mark.
        "path": path,
        "remarks": remarks + [f"{problem.id}: {problem.text}" for problem in submission.problems],
    }


def _answered(answer_key, notebook):
    """Count the exercises and questions of a lab that are answered in a notebook."""
    try:
        submission, _ = _take_apart(notebook, answer_key)
    except SubmissionError:
        return 0
    texts = submission.answers | submission.questions
    names = (*answer_key.points, *answer_key.questions)
    return sum(answer_key.is_answered(name, texts) for name in names)


def _take_apart(notebook, answer_key):
    """Return a student's answers and added cells, whatever the notebook is like."""
    try:
        submission = pristine.inspect(notebook, answer_key.notebook)
        extras = pristine.strangers(notebook, answer_key.notebook)
        submission, extras = adopt(submission, extras, answer_key.notebook)
    except Exception as error:  # whatever a made-up notebook provokes must not stop the class
        text = f"the notebook's cells cannot be read: {type(error).__name__}: {error}"
        raise SubmissionError(text[:500]) from error
    if not (submission.answers or submission.questions):
        raise SubmissionError(f"the notebook has none of the cells of lab {answer_key.lab}")
    questions = {name: text[:MAX_PROSE] for name, text in _texts(submission.questions).items()}
    submission = replace(submission, answers=_texts(submission.answers), questions=questions)
    return submission, [replace(extra, source=_text(extra.source)) for extra in extras]


def _texts(sources):
    return {name: _text(text) for name, text in sources.items()}


def _text(text):
    """Replace what cannot be written as UTF-8 (lone surrogates) by question marks."""
    return text.encode("utf-8", "replace").decode()
