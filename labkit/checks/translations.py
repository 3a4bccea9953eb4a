"""Keeps the catalogs complete: what there is to translate, and what is missing.

The machinery's messages are found in its source, as the texts given to ``tr``; a lab's are those
of its exercises. A lab has a catalog of its own, so that people can write labs side by side.
"""

import ast
import string
from pathlib import Path

from labkit.checks import registry
from labkit.language import FOLDER, LANGUAGES, read_po

__all__ = ["domains", "problems", "texts", "update"]

HEADER = """msgid ""
msgstr ""
"Project-Id-Version: labkit\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""


def domains():
    """The catalogs there are for each language: ["checks", "lab01", ...]."""
    return ["checks", *(f"lab{lab}" for lab in registry.labs())]


def texts(domain):
    """All English texts of a catalog, in the order in which they stand in the code."""
    found = _of_machinery() if domain == "checks" else _of_lab(domain.removeprefix("lab"))
    return list(dict.fromkeys(text for text in found if text))


def _of_machinery():
    for path in sorted(Path(__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.func.id if isinstance(node, ast.Call) and hasattr(node.func, "id") else ""
            if name != "tr" or not node.args:
                continue
            if isinstance(node.args[0], ast.Dict):
                yield from (value.value for value in node.args[0].values)
            elif isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def _of_lab(lab):
    for exercise in registry.lab_exercises(lab):
        yield exercise.note
        yield from exercise.hints
        for mistake in exercise.mistakes:
            yield from (mistake.name, mistake.why, mistake.question)
        for seed in (None, 0):
            yield from (case.label for case in exercise.cases(seed))


def path_of(language, domain, folder=FOLDER):
    room = "checks" if domain == "checks" else f"exercises/{domain}"
    return Path(folder) / room / f"{language}.po"


def problems(folder=FOLDER):
    """What is wrong with the catalogs, one line each: "es/lab01: not translated: '…'"."""
    found = []
    for language in LANGUAGES[1:]:
        for domain in domains():
            path = path_of(language, domain, folder)
            there = read_po(path) if path.exists() else {}
            needed = texts(domain)
            for text in needed:
                translated = there.get(text)
                if not translated:
                    found.append(f"{language}/{domain}: not translated: {text!r}")
                elif domain == "checks" and _fields(text) != _fields(translated):
                    found.append(f"{language}/{domain}: other {{fields}}: {translated!r}")
            stale = set(there) - set(needed) - {""}
            found += [f"{language}/{domain}: no longer used: {text!r}" for text in sorted(stale)]
    return found


def _fields(text):
    return sorted(field for _, field, _, _ in string.Formatter().parse(text) if field)


def update(folder=FOLDER):
    """Write all catalogs anew: texts in the code's order, translations kept, new ones empty.

    Returns the paths that changed.
    """
    changed = []
    for language in LANGUAGES[1:]:
        for domain in domains():
            path = path_of(language, domain, folder)
            there = read_po(path) if path.exists() else {}
            entries = [HEADER.format(language=language)]
            for text in texts(domain):
                entries.append(f"msgid {_quoted(text)}\nmsgstr {_quoted(there.get(text, ''))}\n")
            content = "\n".join(entries)
            if not path.exists() or path.read_text(encoding="utf-8") != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
                changed.append(path)
    return changed


def _quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
