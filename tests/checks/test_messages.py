"""Three languages, and nothing left untranslated."""

import os
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from labkit import language as messages
from labkit.checks import translations
from labkit.checks.registry import get
from labkit.cli import main

VARIABLES = ("LABKIT_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def copy_of_catalogs(folder):
    for path in messages.FOLDER.rglob("*.po"):
        copy = folder / path.relative_to(messages.FOLDER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return folder


def test_every_message_is_translated():
    assert translations.problems() == []


def test_the_catalogs_are_as_the_tool_writes_them(tmp_path):
    folder = copy_of_catalogs(tmp_path)
    assert translations.update(folder) == []


def test_a_missing_translation_is_found_and_kept_ones_stay(tmp_path):
    folder = copy_of_catalogs(tmp_path)
    path = folder / "exercises" / "lab01" / "es.po"
    lines = path.read_text(encoding="utf-8")
    path.write_text(lines.replace('msgstr "decimales"', 'msgstr ""'), encoding="utf-8")
    assert translations.problems(folder) == ["es/lab01: not translated: 'decimals'"]
    path.write_text(lines.replace('msgid "decimals"', 'msgid "ratios of 3"'), encoding="utf-8")
    assert translations.problems(folder) == [
        "es/lab01: not translated: 'decimals'",
        "es/lab01: no longer used: 'ratios of 3'",
    ]
    assert translations.update(folder) == [path]
    updated = path.read_text(encoding="utf-8")
    assert 'msgid "decimals"\nmsgstr ""\n' in updated
    assert updated.endswith('\n#~ msgid "ratios of 3"\n#~ msgstr "decimales"\n')
    assert translations.problems(folder) == ["es/lab01: not translated: 'decimals'"]
    path.unlink()
    assert len(translations.problems(folder)) > 300


def test_a_translation_whose_english_text_changed_is_kept_as_fuzzy_and_not_shown(tmp_path):
    folder = copy_of_catalogs(tmp_path)
    path = folder / "exercises" / "lab01" / "es.po"
    before = path.read_text(encoding="utf-8")
    # as if the code said "backward" since today, and "backwards" before
    old = before.replace('"the kernel is read backward"', '"the kernel is read backwards"')
    assert old != before
    path.write_text(old, encoding="utf-8")
    assert translations.update(folder) == [path]
    updated = path.read_text(encoding="utf-8")
    assert (
        '#, fuzzy\nmsgid "the kernel is read backward"\nmsgstr "el kernel se lee al revés"\n'
    ) in updated
    assert "the kernel is read backward" not in messages.read_po(path)
    assert translations.problems(folder) == [
        "es/lab01: fuzzy, so students see the English text: 'the kernel is read backward'"
    ]
    assert translations.update(folder) == []  # it stays so until a person looks at it
    path.write_text(updated.replace("#, fuzzy\n", ""), encoding="utf-8")
    assert translations.problems(folder) == []
    assert messages.read_po(path)["the kernel is read backward"] == "el kernel se lee al revés"
    assert translations.update(folder) == []
    assert path.read_text(encoding="utf-8") == before


def test_a_text_that_comes_back_gets_its_translation_back(tmp_path, monkeypatch):
    folder = copy_of_catalogs(tmp_path)
    before = {path: path.read_text(encoding="utf-8") for path in folder.rglob("*.po")}
    monkeypatch.setattr(translations, "texts", lambda domain: [])
    assert len(translations.update(folder)) == len(before)
    assert not any(messages.read_po(path) for path in before)
    monkeypatch.undo()
    translations.update(folder)
    assert {path: path.read_text(encoding="utf-8") for path in before} == before


def test_a_translation_that_loses_a_field_is_found(tmp_path):
    folder = copy_of_catalogs(tmp_path)
    path = folder / "checks" / "ca.po"
    changed = path.read_text(encoding="utf-8").replace('"{count} valors"', '"valors"')
    path.write_text(changed, encoding="utf-8")
    assert translations.problems(folder) == ["ca/checks: other {fields}: 'valors'"]


@pytest.mark.parametrize(
    ("settings", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "ca_ES.UTF-8"}, "ca"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "es", "LC_ALL": "ca_AD"}, "ca"),
        ({"LANG": "es", "LC_ALL": "de_AT"}, "en"),
        ({"LANGUAGE": "de:es:ca"}, "es"),
        ({"LABKIT_LANG": "es-MX", "LC_ALL": "ca_ES"}, "es"),
        ({"LABKIT_LANG": "en", "LC_ALL": "ca_ES"}, "en"),
    ],
)
def test_the_users_setting_decides(monkeypatch, settings, spoken):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert messages.language() == spoken


def test_a_verdict_in_each_language(monkeypatch, verdict_on):
    texts = {}
    for spoken in messages.LANGUAGES:
        monkeypatch.setenv("LABKIT_LANG", spoken)
        verdict = verdict_on(lambda x: x, get("flip"))
        texts[spoken] = verdict.text
        assert f'lang="{spoken}"' in verdict.html
    assert "This looks like: the kernel comes back as it was." in texts["en"]
    assert "Esto parece: el kernel vuelve tal como estaba." in texts["es"]
    assert "Això sembla: el kernel torna tal com era." in texts["ca"]


def test_po_files_are_read_as_gettext_does(tmp_path):
    path = tmp_path / "one.po"
    path.write_text(
        '# a comment\nmsgid ""\nmsgstr ""\n"Language: es\\n"\n\n#: file.py:3\nmsgid "a "\n"b"\n'
        'msgstr "á "\n"\\"b\\""\n#, fuzzy\nmsgid "unsure"\nmsgstr "inseguro"\n\n'
        'msgid "c"\nmsgstr "d"'
    )
    assert messages.read_po(path) == {"a b": 'á "b"', "c": "d"}
    path.write_text('msgid "a"\nnonsense\n')
    with pytest.raises(ValueError, match=r"one.po:2: expected a comment, msgid, .* 'nonsense'"):
        messages.read_po(path)


def test_english_needs_no_babel():
    code = (
        "import sys; from labkit.checks import check; from labkit.language import tr; "
        "check('flip', lambda kernel: kernel[::-1, ::-1]); print('babel' in sys.modules);"
        "import os; os.environ['LABKIT_LANG'] = 'es'; tr('text'); print('babel' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"LABKIT_LANG": "en"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines()[1:] == ["False", "True"]


def test_the_command(monkeypatch):
    done = CliRunner().invoke(main, ["checks", "messages", "--check"])
    assert (done.exit_code, done.output) == (0, "")
