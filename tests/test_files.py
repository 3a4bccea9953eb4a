import os
import stat

import pytest

from labkit.files import write_atomically


def test_text_and_bytes_are_written_and_folders_made(tmp_path):
    write_atomically(tmp_path / "a" / "b.txt", "×\n")
    assert (tmp_path / "a" / "b.txt").read_bytes() == "×\n".encode()
    write_atomically(tmp_path / "a" / "b.txt", b"\x00")
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"\x00"


def test_cut_off_before_the_name_is_given_the_old_file_stays(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_text("old")

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")
def test_the_file_may_be_read_by_whom_the_umask_allows(tmp_path):
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "x", "")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o640
