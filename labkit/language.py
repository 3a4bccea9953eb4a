"""What is said to the student, in their language: gettext's catalogs, read as they are edited.

``es.po`` and ``ca.po`` beside the code hold the translations: those of a lab in its folder of
``labkit/exercises``, those of the checks' own messages in ``labkit/checks``. They are read
directly: nothing is compiled, so nothing can be out of date. The code itself is in English. The
language is ``LABKIT_LANG``, else the locale's.
"""

import ast
import functools
import os
from pathlib import Path

__all__ = ["LANGUAGES", "catalog", "language", "read_po", "tr"]

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "es", "ca")


def language():
    """The language to speak: "en", "es" or "ca".

    The first of LABKIT_LANG, LANGUAGE, LC_ALL, LC_MESSAGES and LANG that is set decides, as in
    gettext; a language that we do not speak becomes English.
    """
    for name in ("LABKIT_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        for wish in os.environ.get(name, "").split(":"):
            wanted = wish.partition(".")[0].partition("_")[0].partition("-")[0].lower()
            if wanted in LANGUAGES:
                return wanted
        if os.environ.get(name):
            return "en"
    return "en"


def tr(text, **fields):
    """`text` in the user's language, its ``{fields}`` filled in.

    >>> tr("{count} of {total} inputs", count=1, total=2)
    '1 of 2 inputs'
    """
    spoken = language()
    if spoken != "en":
        text = catalog(spoken).get(text) or text
    return text.format(**fields) if fields else text


@functools.cache
def catalog(spoken):
    """All translations into one language: {English: translated}."""
    merged = {}
    for path in sorted(FOLDER.rglob(f"{spoken}.po")):
        merged.update(read_po(path))
    merged.pop("", None)  # the header
    return merged


def read_po(path):
    """A catalog's entries {English: translated}, header included, fuzzy ones left out.

    Raises:
        ValueError: a line that belongs to no entry; the text names file and line.
    """
    entries, entry, fuzzy, field = {}, {}, False, None
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate([*lines, ""], 1):
        line = line.strip()
        if not line or line.startswith("#"):
            if entry and not fuzzy:
                entries[entry["msgid"]] = entry.get("msgstr", "")
            if entry or not line:
                entry, fuzzy, field = {}, False, None
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        keyword, _, rest = line.partition(" ")
        if keyword in ("msgid", "msgstr"):
            field = keyword
            line = rest
        if field is None or not line.startswith('"'):
            raise ValueError(f'{path}:{number}: expected msgid, msgstr or "…", received {line!r}')
        entry[field] = entry.get(field, "") + ast.literal_eval(line)
    return entries
