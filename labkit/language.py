"""The reader's language: every text that a student reads goes through :func:`tr`.

The code is in English. The translations are gettext catalogs, ``es.po`` and ``ca.po``: those of a
lab lie in its folder of ``labkit/exercises``, those of the checks' own messages in
``labkit/checks``. They are read as they are, without a compiled form that could be out of date, and
Babel is imported only when a language other than English is asked for.
"""

import functools
import os
from pathlib import Path

__all__ = ["FOLDER", "LANGUAGES", "catalog", "language", "read_catalog", "read_po", "tr"]

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "es", "ca")


def language():
    """Return the language to use: "en", "es" or "ca".

    As in gettext, the first of LABKIT_LANG, LANGUAGE, LC_ALL, LC_MESSAGES and LANG that is set
    decides. A language for which there are no translations becomes English.
    """
    for name in ("LABKIT_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        for setting in os.environ.get(name, "").split(":"):
            code = setting.partition(".")[0].partition("_")[0].partition("-")[0].lower()
            if code in LANGUAGES:
                return code
        if os.environ.get(name):
            return "en"
    return "en"


def tr(text, **fields):
    """Translate `text` into the reader's language and fill in its ``{fields}``.

    A text without a translation, or with a fuzzy one, stays in English.

    >>> tr("{count} of {total} inputs", count=1, total=2)
    '1 of 2 inputs'
    """
    code = language()
    if code != "en":
        text = catalog(code).get(text) or text
    return text.format(**fields) if fields else text


@functools.cache
def catalog(code):
    """Return all translations into one language ("es" or "ca"): {English: translation}."""
    merged = {}
    for path in sorted(FOLDER.rglob(f"{code}.po")):
        merged.update(read_po(path))
    return merged


def read_po(path):
    """Read the translations of a catalog that students may see: {English: translation}.

    Fuzzy translations are left out: their English text has changed since.

    Raises:
        ValueError: a line is neither a comment nor part of an entry.
    """
    messages = read_catalog(path)
    return {one.id: one.string for one in messages if one.id and not one.fuzzy}


def read_catalog(path):
    """Read a catalog as a ``babel.messages.catalog.Catalog``, with its fuzzy and old messages.

    Raises:
        ValueError: a line is neither a comment nor part of an entry; the text names file and line.
    """
    from babel.messages import pofile

    with open(path, "rb") as file:
        try:
            return pofile.read_po(file, abort_invalid=True)
        except pofile.PoFileError as error:
            place = f"{path}:{error.lineno + 1}"
            expected = "expected a comment, msgid, msgstr or a text in quotes"
            raise ValueError(f"{place}: {expected}, received {error.line!r}") from None
