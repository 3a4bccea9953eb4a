import shutil
from pathlib import Path

import pytest

from labkit.notebooks.source import read_lab

LABS = Path(__file__).parent / "labs"


@pytest.fixture
def folder(tmp_path):
    """A labs folder of its own, with the sample lab's source in it and nothing built."""
    return Path(shutil.copytree(LABS, tmp_path / "labs"))


@pytest.fixture
def source(folder):
    return folder / "source" / "90_sample.py"


@pytest.fixture
def lab(source):
    return read_lab(source)


@pytest.fixture
def edit(source):
    """Replace a piece of the sample's source, which must be there, and read it again."""

    def edit(old, new):
        text = source.read_text(encoding="utf-8")
        assert old in text
        source.write_text(text.replace(old, new, 1), encoding="utf-8")
        return read_lab(source)

    return edit
