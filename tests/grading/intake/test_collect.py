"""Downloads as they come, and as nobody wants them: a folder for each student all the same."""

import io
import json
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from classes import NOW, make_zip
from click.testing import CliRunner

from labkit.cli import main
from labkit.grading.intake import store
from labkit.grading.intake.archives import ArchiveError, entries, portable
from labkit.grading.intake.collect import collect, remarks_on


def tree(folder):
    """{path: content} of all that is visible below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and ".collected" not in path.parts
    }


def refusals(found):
    return {name: why for student in found.students for name, why in student.refused} | dict(
        found.refused
    )


@pytest.fixture
def to(tmp_path):
    return tmp_path / "in"


def test_moodle_with_folders_and_without(tmp_path, to):
    source = make_zip(
        tmp_path / "moodle.zip",
        {
            "Ada Lovelace_101_assignsubmission_file_/lab.ipynb": b"ada",
            "Ada Lovelace_101_assignsubmission_file_/data/x.csv": b"1",
            "Zoë O'Neil_102_assignsubmission_file_lab.ipynb": b"zoe",
            "Ada Lovelace_103_assignsubmission_file/lab.ipynb": b"another ada",
            "Bo_104_assignsubmission_onlinetext_onlinetext.html": b"<p>see mail</p>",
        },
    )
    found = collect(source, to)
    assert refusals(found) == {}
    assert tree(to) == {
        "Ada Lovelace_101/lab.ipynb": b"ada",
        "Ada Lovelace_101/data/x.csv": b"1",
        "Ada Lovelace_103/lab.ipynb": b"another ada",
        "Bo_104/onlinetext.html": b"<p>see mail</p>",
        "Zoë O'Neil_102/lab.ipynb": b"zoe",
    }


def test_canvas_the_last_one_in_time_is_chosen_and_all_are_kept(tmp_path, to):
    files = {
        "lovelaceada_101_2001_lab.ipynb": b"first",
        "lovelaceada_101_2002_lab-1.ipynb": b"second",
        "lovelaceada_LATE_101_2003_lab-2.ipynb": b"late",
        "oneilzo_LATE_102_2004_lab.ipynb": b"only late",
        "bo_103_2005_lab.ipynb": b"in time",
    }
    found = collect(make_zip(tmp_path / "canvas.zip", files), to)
    assert tree(to) == {
        "bo_103/lab.ipynb": b"in time",
        "lovelaceada_101/lab.ipynb": b"second",
        "oneilzo_102/lab.ipynb": b"only late",
    }
    assert refusals(found) == {}
    assert remarks_on(to, "lovelaceada_101") == ["lab.ipynb: the last in time of 3 versions"]
    assert remarks_on(to, "oneilzo_102") == ["lab.ipynb: handed in late"]
    assert remarks_on(to, "bo_103") == []
    stored = {
        path.read_bytes() for path in (to / ".collected" / "files").rglob("*") if path.is_file()
    }
    assert stored == set(files.values())
    collect(make_zip(tmp_path / "canvas.zip", files), to, late="always")
    assert tree(to)["lovelaceada_101/lab.ipynb"] == b"late"


def test_a_folder_per_student_with_or_without_a_folder_around_them(tmp_path, to):
    source = tmp_path / "plain"
    for name in ["ada/lab.ipynb", "ada/sub/more.txt", "ben/lab.ipynb", "readme.txt"]:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    found = collect(source, to)
    assert set(tree(to)) == {"ada/lab.ipynb", "ada/sub/more.txt", "ben/lab.ipynb"}
    assert refusals(found) == {"readme.txt": "its name does not say whose it is"}
    wrapped = {f"all/{name}": b"x" for name in ["ada/lab.ipynb", "ben/lab.ipynb"]}
    collect(make_zip(tmp_path / "w.zip", wrapped), tmp_path / "other")
    assert set(tree(tmp_path / "other")) == {"ada/lab.ipynb", "ben/lab.ipynb"}


def test_the_deadline_is_the_downloads_clock(tmp_path, to):
    name = "Ada_1_assignsubmission_file_/lab.ipynb"
    for content, hour in [(b"in time", 10), (b"late", 13)]:
        source = make_zip(tmp_path / f"{hour}.zip", {name: (content, (2026, 11, 20, hour, 0, 0))})
        found = collect(source, to, deadline="2026-11-20 12:00:00")
    assert tree(to) == {"Ada_1/lab.ipynb": b"in time"}
    assert [one["late"] for one in found.students[0].files] == [False, True]
    collect(source, to, deadline="2026-11-20 14:00:00")
    assert tree(to) == {"Ada_1/lab.ipynb": b"late"}


def test_collecting_again_adds_and_changes_nothing_that_is_the_same(tmp_path, to):
    one = make_zip(tmp_path / "one.zip", {"ada/lab.ipynb": b"1", "ben/lab.ipynb": b"1"})
    two = make_zip(
        tmp_path / "two.zip",
        {"ada/lab.ipynb": (b"2", (2026, 11, 21, 0, 0, 0)), "cy/lab.ipynb": b"1"},
    )
    assert [student.changed for student in collect(one, to).students] == [True, True]
    before = (to / "ada" / "lab.ipynb").stat().st_mtime_ns
    assert [student.changed for student in collect(one, to).students] == [False, False]
    assert (to / "ada" / "lab.ipynb").stat().st_mtime_ns == before
    collect(two, to)
    assert tree(to) == {"ada/lab.ipynb": b"2", "ben/lab.ipynb": b"1", "cy/lab.ipynb": b"1"}
    assert len(collect(one, to).students[0].files) == 2
    assert tree(to)["ada/lab.ipynb"] == b"2"  # the older download came last
    assert not list((to / ".collected").glob("new-*"))


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path, to):
    (to / "ada").mkdir(parents=True)
    (to / "ada" / "mine.txt").write_text("mine")
    found = collect(make_zip(tmp_path / "one.zip", {"ada/lab.ipynb": b"1"}), to)
    assert tree(to) == {"ada/mine.txt": b"mine"}
    assert refusals(found) == {"ada": f"{to / 'ada'} was not made by labkit collect: left alone"}


def special(name, mode=None, **fields):
    info = zipfile.ZipInfo(name, NOW)
    if mode is not None:
        info.external_attr = mode << 16
    for key, value in fields.items():
        setattr(info, key, value)
    return info


def test_what_would_do_harm_is_refused_alone(tmp_path, to, monkeypatch):
    monkeypatch.setattr(store, "MAX_FILE", 2**20)
    source = make_zip(
        tmp_path / "evil.zip",
        {
            "eve/../../../etc/cron.d/x": b"out",
            "/etc/passwd": b"out",
            "C:\\windows\\x": b"out",
            "eve/..\\..\\x": b"out",
            special("eve/link.ipynb", stat.S_IFLNK | 0o777): b"/etc/passwd",
            special("eve/pipe.ipynb", stat.S_IFIFO | 0o666): b"",
            "eve/bomb.ipynb": b"\0" * (50 * 2**20),
            "eve/empty.ipynb": b"",
            "eve/fine.ipynb": b"eve",
            "ada/lab.ipynb": b"ada",
            "__MACOSX/ada/._lab.ipynb": b"x",
            "ada/.ipynb_checkpoints/lab-checkpoint.ipynb": b"old",
        },
    )
    found = collect(source, to)
    assert tree(tmp_path) == {
        "evil.zip": source.read_bytes(),
        "in/ada/lab.ipynb": b"ada",
        "in/eve/fine.ipynb": b"eve",
    }
    assert refusals(found) == {
        "eve/../../../etc/cron.d/x": "its path leads out of the folder",
        "/etc/passwd": "its path leads out of the folder",
        "C:\\windows\\x": "its path leads out of the folder",
        "eve/..\\..\\x": "its path leads out of the folder",
        "eve/link.ipynb": "a symbolic link, which is not followed",
        "eve/pipe.ipynb": "not a regular file",
        "eve/bomb.ipynb": "larger than 1 MB",
        "eve/empty.ipynb": "the file is empty",
    }
    assert not list((to / ".collected").glob("new-*"))
    assert "eve/bomb.ipynb: refused: larger than 1 MB" in remarks_on(to, "eve")


def test_a_student_of_whom_nothing_can_be_taken_still_has_a_folder(tmp_path, to):
    collect(make_zip(tmp_path / "a.zip", {"eve/lab.ipynb": b"", "ada/lab.ipynb": b"1"}), to)
    assert list((to / "eve").iterdir()) == []
    assert remarks_on(to, "eve") == ["eve/lab.ipynb: refused: the file is empty"]


def damaged(path, name, change):
    """Change the bytes of one entry's content, or of its central header."""
    raw = bytearray(path.read_bytes())
    change(raw, raw.rindex(name.encode()), raw.index(name.encode()))
    path.write_bytes(raw)
    return path


def test_a_damaged_an_encrypted_and_a_lying_entry_cost_only_themselves(tmp_path, to):
    files = {f"{name}/lab.ipynb": os.urandom(2000) for name in ["ada", "bad", "enc", "lie"]}
    path = make_zip(tmp_path / "a.zip", files)

    def corrupt(raw, central, local):
        raw[local + 500] ^= 0xFF

    def encrypt(raw, central, local):
        raw[central - 46 + 8] |= 1

    def lie(raw, central, local):
        raw[central - 46 + 24 : central - 46 + 28] = struct.pack("<I", 10)  # its size

    damaged(path, "bad/lab.ipynb", corrupt)
    damaged(path, "enc/lab.ipynb", encrypt)
    damaged(path, "lie/lab.ipynb", lie)
    found = collect(path, to)
    assert tree(to) == {"ada/lab.ipynb": files["ada/lab.ipynb"]}
    assert refusals(found)["enc/lab.ipynb"] == "encrypted"
    for name in ("bad/lab.ipynb", "lie/lab.ipynb"):
        assert refusals(found)[name].startswith("it cannot be unpacked: "), name


def test_names_that_are_not_utf8(tmp_path, to):
    path = make_zip(tmp_path / "a.zip", {"ada/läb.ipynb": b"1", "bob/lab.ipynb": b"2"})
    raw = path.read_bytes().replace("läb".encode(), b"l\xff\xfeb")  # the flag still says UTF-8
    path.write_bytes(raw)
    with pytest.raises(UnicodeDecodeError):
        zipfile.ZipFile(path)
    found = collect(path, to)
    assert tree(to) == {"bob/lab.ipynb": b"2"}
    assert list(refusals(found).values()) == ["its name is not UTF-8"]
    folder = tmp_path / "folder"
    for name in (b"ada", b"caf\xe9"):
        os.makedirs(os.path.join(os.fsencode(folder), name))
        with open(os.path.join(os.fsencode(folder), name, b"lab.ipynb"), "wb") as file:
            file.write(b"1")
    found = collect(folder, tmp_path / "two")
    assert set(tree(tmp_path / "two")) == {"ada/lab.ipynb"}
    assert list(refusals(found).values()) == ["its name is not UTF-8"]


def test_utf8_without_the_flag_is_utf8(tmp_path, to):
    path = make_zip(tmp_path / "a.zip", {"zoë/lab.ipynb": b"1"})
    raw = bytearray(path.read_bytes())
    for header, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        raw[raw.index(header) + offset + 1] &= ~0x08
    path.write_bytes(raw)
    collect(path, to)
    assert tree(to) == {"zoë/lab.ipynb": b"1"}


def zipped(files):
    buffer = io.BytesIO()
    make_zip(buffer, files)
    return buffer.getvalue()


def test_a_students_zip_is_unpacked_once_and_its_faults_are_theirs(tmp_path, to, monkeypatch):
    monkeypatch.setattr(store, "MAX_STUDENT", 3 * 2**20)
    inner = zipped({"lab.ipynb": b"1", "../out": b"x", "deep.zip": zipped({"lab.ipynb": b"2"})})
    bomb = zipped({f"{number}.ipynb": b"\0" * 2**20 for number in range(20)})
    source = make_zip(
        tmp_path / "a.zip",
        {
            "ada/home.zip": inner,
            "bob/home.zip": b"PK no zip",
            "eve/home.zip": bomb,
            "zed/a.txt": b"1",
        },
    )
    found = collect(source, to)
    assert set(tree(to)) >= {"ada/home/lab.ipynb", "ada/home/deep.zip", "zed/a.txt"}
    assert "bob/home.zip" not in tree(to)
    told = refusals(found)
    assert told["ada/home.zip: ../out"] == "its path leads out of the folder"
    assert told["bob/home.zip"] == "not a zip file that can be read"
    assert sum(why == "more than 3 MB of one student" for why in told.values()) >= 17
    assert len([name for name in tree(to) if name.startswith("eve/")]) <= 2


def test_links_and_pipes_in_a_folder_are_not_followed(tmp_path, to):
    source, secret = tmp_path / "src", tmp_path / "secret"
    secret.mkdir()
    (secret / "key.ipynb").write_text("key")
    (source / "ada").mkdir(parents=True)
    (source / "ada" / "lab.ipynb").symlink_to(secret / "key.ipynb")
    (source / "ada" / "all").symlink_to(secret)
    (source / "eve").symlink_to(secret)
    os.mkfifo(source / "ada" / "pipe.ipynb")
    found = collect(source, to)
    assert tree(to) == {}
    assert set(refusals(found)) == {"ada/lab.ipynb", "ada/all", "ada/pipe.ipynb", "eve"}


def test_what_is_no_archive_is_refused_as_a_whole(tmp_path, to, monkeypatch):
    for content in (b"", b"PK", b"not a zip", zipped({"a/b": b"1"})[:-8]):
        path = tmp_path / "a.zip"
        path.write_bytes(content)
        with pytest.raises(ArchiveError, match="not a zip file"):
            collect(path, to)
    monkeypatch.setattr("labkit.grading.intake.archives.MAX_ENTRIES", 3)
    with pytest.raises(ArchiveError, match="more than 3 entries"):
        list(entries(make_zip(tmp_path / "b.zip", {f"a/{n}": b"1" for n in range(4)})))


def test_portable_names_are_names():
    for name in [
        "..",
        "",
        ".",
        " ",
        "a" * 400,
        "ü" * 200,
        "a\0b",
        "nul.txt",
        "a/b",
        "x. ",
        "\u202e",
    ]:
        made = portable(name)
        assert made not in ("", ".", "..")
        assert len(made.encode()) <= 151
        assert not set(made) & set('<>:"/\\|?*\0')
        assert not made.startswith(".")


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path, to):
    source = make_zip(
        tmp_path / "c.zip", {"ada_1_2_lab.ipynb": b"1", "ada_1_3_lab-1.ipynb": b"2", "x.txt": b"3"}
    )

    def run(*more):
        done = CliRunner().invoke(main, ["collect", str(source), "--to", str(to), *more])
        return done.exit_code, done.stdout.splitlines(), done.stderr

    code, said, wrong = run("--dry-run")
    assert code == 3
    assert not to.exists()
    assert said == [
        "ada_1: would be collected, 1 file",
        "  lab.ipynb: last of 2 versions, of 2026-11-20 12:00:00",
        f"1 students, 1 would be new or changed: {to}",
    ]
    assert "refused: --: 'x.txt': its name does not say whose it is" in wrong
    code, said, _ = run()
    assert code == 3
    assert said[-1] == f"1 students, 1 new or changed: {to}"
    assert tree(to) == {"ada_1/lab.ipynb": b"2"}
    assert run()[1][-1] == f"1 students, 0 new or changed: {to}"
    assert json.loads(next((to / ".collected").glob("*.json")).read_text())["student"] == "ada_1"


def test_a_deadline_without_an_hour_is_the_end_of_that_day(tmp_path, to):
    source = make_zip(tmp_path / "c.zip", {"ada_1_2_lab.ipynb": b"1"})  # at noon
    for deadline, late in [("2026-11-20", False), ("2026-11-20 11:59", True)]:
        command = ["collect", str(source), "--to", str(to), "--deadline", deadline]
        assert ("late" in CliRunner().invoke(main, command).output) == late


def test_nothing_to_collect_is_said(tmp_path, to):
    (tmp_path / "empty").mkdir()
    done = CliRunner().invoke(main, ["collect", str(tmp_path / "empty"), "--to", str(to)])
    assert done.exit_code == 1
    assert "expected one folder for each student, or the names that Moodle or Canvas" in done.stderr
    assert CliRunner().invoke(main, ["collect", str(tmp_path / "none"), "--to", "x"]).exit_code == 2
