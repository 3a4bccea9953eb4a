"""Keeps the catalogs of translations complete: which texts there are, and which lack a translation.

The messages of the checks themselves are the texts passed to ``tr`` in their source; those of a lab
come from its exercises, and those of the mistakes that labs share from ``exercises/families``. Each
lab has a catalog of its own, so that several people can write labs side by side.
"""

import ast
import io
import string
from pathlib import Path

from labkit.checks import registry
from labkit.language import FOLDER, LANGUAGES, read_catalog

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
    """Return the names of the catalogs of each language: ["checks", "families", "lab01", ...]."""
    return ["checks", "families", *(f"lab{lab}" for lab in registry.labs())]


def texts(domain):
    """Return all English texts of a catalog, in the order in which they stand in the code."""
    if domain == "checks":
        all_texts = _of_checks()
    elif domain == "families":
        all_texts = _of_families()
    else:
        shared = set(_of_families())
        all_texts = (text for text in _of_lab(domain.removeprefix("lab")) if text not in shared)
    return list(dict.fromkeys(text for text in all_texts if text))


def _of_checks():
    for path in sorted(Path(__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.func.id if isinstance(node, ast.Call) and hasattr(node.func, "id") else ""
            if name != "tr" or not node.args:
                continue
            if isinstance(node.args[0], ast.Dict):
                yield from (value.value for value in node.args[0].values)
            elif isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def _of_families():
    for family in registry.families():
        yield from (family.name, family.why, family.question)


def _of_lab(lab):
    for exercise in registry.lab_exercises(lab):
        yield exercise.note
        yield from exercise.hints
        for mistake in exercise.mistakes:
            yield from (mistake.name, mistake.why, mistake.question)
        for seed in (None, 0):
            yield from (case.label for case in exercise.cases(seed))


def path_of(language, domain, folder=FOLDER):
    """Return the path of a catalog."""
    rooms = {"checks": "checks", "families": "exercises"}
    room = rooms.get(domain, f"exercises/{domain}")
    return Path(folder) / room / f"{language}.po"


def problems(folder=FOLDER):
    """Return what is wrong with the catalogs, one line each.

    Such as "es/lab01: not translated: '…'", "fuzzy" (the English text has changed: students see it
    in English until somebody adapts the translation and removes the word ``fuzzy``), "no longer
    used", and "other {fields}" (the translation would not fill in the same values).
    """
    lines = []
    for language in LANGUAGES[1:]:
        for domain in domains():
            catalog = _catalog_at(path_of(language, domain, folder), language)
            expected = texts(domain)
            for text in expected:
                if problem := _problem(text, catalog.get(text), domain):
                    lines.append(f"{language}/{domain}: {problem}")
            stale = {message.id for message in catalog if message.id} - set(expected)
            lines += [f"{language}/{domain}: no longer used: {text!r}" for text in sorted(stale)]
    return lines


def _problem(text, message, domain):
    """What is wrong with the translation of one text, "" if nothing is."""
    if not (message and message.string):
        return f"not translated: {text!r}"
    if message.fuzzy:
        return f"fuzzy, so students see the English text: {text!r}"
    if domain == "checks" and _fields(text) != _fields(message.string):
        return f"other {{fields}}: {message.string!r}"
    return ""


def _fields(text):
    return sorted(field for _, field, _, _ in string.Formatter().parse(text) if field)


def update(folder=FOLDER):
    """Bring all catalogs up to date with the code, without losing a translation.

    Texts stand in the code's order. A new text that resembles an old one gets the old one's
    translation, marked fuzzy; any other new text gets an empty one. Translations that fit no text
    stay at the end of the file as comments (``#~``), and come back when their text does.

    Returns:
        The paths that changed.
    """
    changed = []
    for language in LANGUAGES[1:]:
        for domain in domains():
            path = path_of(language, domain, folder)
            content = _updated(_catalog_at(path, language), texts(domain), language)
            if not path.exists() or path.read_text(encoding="utf-8") != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
                changed.append(path)
    return changed


def _catalog_at(path, language):
    from babel.messages.catalog import Catalog

    return read_catalog(path) if path.exists() else Catalog(language)


def _updated(catalog, expected, language):
    """The text of a catalog that holds the `expected` texts, in this order."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    for text in expected:
        if text not in catalog and text in catalog.obsolete:
            old = catalog.obsolete.pop(text)
            catalog.add(text, old.string, user_comments=old.user_comments)
    template = Catalog()
    for text in expected:
        template.add(text)
    catalog.update(template)
    for message in catalog:
        message.flags &= {"fuzzy"}  # Babel takes "50 % of" and "{2, 3}" for format strings
    file = io.BytesIO()
    write_po(file, catalog, width=0, omit_header=True)
    return f"{HEADER.format(language=language)}\n{file.getvalue().decode().rstrip()}\n"
