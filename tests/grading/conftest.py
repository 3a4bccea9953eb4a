"""A gradebook for the tests of reports, of marks by hand and of nbgrader."""

import pytest
from records_of_a_class import ADA, BEN, CYD, DAN

from labkit.grading.book.gradebook import Gradebook, work_folder


@pytest.fixture
def grades(tmp_path):
    """A table that was graded, of four students."""
    out = tmp_path / "grades.csv"
    work_folder(out).mkdir()
    with Gradebook(work_folder(out) / "gradebook.db") as gradebook:
        for one in (ADA, BEN, CYD, DAN):
            gradebook.store(one)
    return out
