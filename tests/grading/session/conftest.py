"""A class that several tests grade."""

import pytest
from classes import FLIP, NAME, hand_in


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """Thirty submissions, of which some cannot be read."""
    folder = tmp_path_factory.mktemp("class")
    for number in range(26):
        hand_in(folder, f"s{number:02}", {"flip": f"{FLIP}  # {'x' * number}"})
    for number, content in enumerate([b"", b"{", b"\xff\xfe", b"[" * 100_000]):
        (folder / f"broken{number}").mkdir()
        (folder / f"broken{number}" / f"{NAME}.ipynb").write_bytes(content)
    return folder
