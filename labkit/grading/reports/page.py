"""Render the HTML pages from the templates in ``templates/``.

Every value that a template shows is escaped, so text from students stays text. A template that
names a value which it was not given raises an error instead of leaving a gap.
"""

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

__all__ = ["render"]


def render(template: str, title: str, language: str = "en", **values) -> bytes:
    """Render a whole page, which loads nothing and runs no script.

    Args:
        template: The name of a file in ``templates/``, such as ``"feedback.html"``;
            ``"page.html"`` is a page that consists of its title.
        title: The title of the page and its first heading.
        language: The code of the page's language.
        values: What the template shows, by name.

    Returns:
        The page, encoded as UTF-8.

    Raises:
        jinja2.UndefinedError: The template uses a value that is missing.
    """
    page = _TEMPLATES.get_template(template)
    return page.render(title=title, language=language, **values).encode()


def _printable(value):
    """Turn a value into text: lone surrogates become ``\\udce9``, control characters are left out.

    Direction marks are control characters, too: they could make a text read as another one. HTML
    that a template itself has made stays as it is.
    """
    if isinstance(value, Markup):
        return value
    text = str(value).encode("utf-8", "backslashreplace").decode()
    return "".join(
        character for character in text if character.isprintable() or character in "\n\t"
    )


_TEMPLATES = Environment(
    loader=PackageLoader("labkit.grading.reports"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_printable,
    keep_trailing_newline=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
