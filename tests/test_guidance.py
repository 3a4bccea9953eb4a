"""What people are told to read and to install is there, and is ours."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "datasets/*.md", "findings/*.md", "labkit/**/*.md")
    for path in ROOT.glob(pattern)
)
# `labkit/checks/judge.py`, `tests/exercises/right/labNN.py`, [text](docs/layers.md#anchor)
CODE = re.compile(r"`((?:labkit|labs|tests|docs|datasets|findings|\.ci)/[^`\s]*)`")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def paths_in(text):
    """The paths that a page mentions, as it writes them.

    >>> list(paths_in("see `labkit/language.py` and [the other](../README.md#top)"))
    ['labkit/language.py', '../README.md']
    """
    yield from CODE.findall(text)
    yield from LINK.findall(text)


def exists(page, path):
    """Is there such a file, seen from the root or from the page? `NN` and `name` stand for any."""
    patterns = [re.sub(r"NN|NAME|\bname\b|(?<=_)name\b", "*", path).rstrip("/")]
    return any(
        list(base.glob(pattern)) or (base / pattern).exists()
        for pattern in patterns
        for base in (ROOT, (ROOT / page).parent)
        if not pattern.startswith("..") or base != ROOT
    )


def test_there_are_pages():
    assert {"README.md", "CONTRIBUTING.md", "docs/architecture.md"} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_only_files_that_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    missing = [path for path in paths_in(text) if not exists(page, path)]
    assert not missing, f"{page} names {missing}"


def test_a_file_that_is_not_there_is_noticed():
    assert exists("docs/architecture.md", "labkit/exercises/labNN/es.po")
    assert not exists("README.md", "labkit/checks/labNN.py")


def test_nobody_is_told_to_install_the_other_labkit():
    """PyPI's `labkit` is not this project: the distribution is called labkit-cnn."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not listed:
        pytest.skip("not a git clone: there is no list of the project's own files")
    told = re.compile(r"""(?:pip|uv|pipx|conda) (?:\w+ )*install[^\n]*?["' ]labkit(?![-\w./])""")
    texts = {
        name: (ROOT / name).read_text(encoding="utf-8", errors="ignore")
        for name in listed
        if name.endswith((".py", ".md", ".txt", ".ipynb", ".toml", ".sh", ".html"))
        and name != "tests/test_guidance.py"
    }
    assert [name for name, text in texts.items() if told.search(text)] == []
    assert told.search('pip install "labkit[labs]"')
    assert not told.search('pip install "labkit-cnn[labs]"')
