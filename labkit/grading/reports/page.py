"""HTML that cannot be broken by what stands in it: every text and attribute is escaped.

>>> str(tag("p", "1 < 2 ", tag("b", "& so on"), title='"'))
'<p title="&quot;">1 &lt; 2 <b>&amp; so on</b></p>'
"""

import html

__all__ = ["Html", "document", "tag"]

_EMPTY = {"br", "input", "meta"}
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #2a7; --part: #ca3; --bad: #c54 }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem }
tr { border-top: 1px solid var(--line) }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
pre { white-space: pre-wrap; overflow-wrap: anywhere }
pre { border-left: 3px solid var(--line); padding-left: 1rem }
.bar { display: block; height: .8rem; min-width: 12rem; background: var(--line) }
.bar span { display: inline-block; height: 100%; vertical-align: top }
.good { color: var(--good) } .part { color: var(--part) } .bad { color: var(--bad) }
.bar .good { background: var(--good) } .bar .part { background: var(--part) }
.warn { border: 2px solid var(--bad); padding: .5rem 1rem } .quiet { opacity: .75 }
input[type=number] { width: 6rem } textarea { width: 100% } label { display: block }
"""


class Html(str):
    """Text that is HTML already."""


def tag(name, /, *children, **attributes):
    """An element. Children that are not :class:`Html` are text; ``class_`` stands for ``class``."""
    given = "".join(
        f' {key.rstrip("_")}="{html.escape(_text(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _EMPTY:
        return Html(f"<{name}{given}>")
    inside = "".join(
        child if isinstance(child, Html) else html.escape(_text(child))
        for child in children
        if child is not None
    )
    return Html(f"<{name}{given}>{inside}</{name}>")


def document(title, *children, language="en"):
    """A whole page, which loads nothing and runs nothing, as bytes."""
    # what a page of ours holds cannot be told to do anything, should something slip through
    policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        tag("meta", name="viewport", content="width=device-width"),
        tag("title", title),
        Html(f"<style>{_STYLE}</style>"),
    )
    body = tag("body", tag("h1", title), *children)
    return f"<!doctype html>\n{tag('html', head, body, lang=language)}\n".encode()


def _text(value):
    # lone surrogates and control characters are no text: shown as \udce9, or left out
    text = str(value).encode("utf-8", "backslashreplace").decode()
    return "".join(c for c in text if c.isprintable() or c in "\n\t")
