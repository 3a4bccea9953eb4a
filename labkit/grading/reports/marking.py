"""A page on which a person enters marks: a small server for this machine's own browser.

It listens on 127.0.0.1 alone. Every address holds a token that only the instructor's browser is
given, so that neither other users of the machine nor a page from the network can mark; students'
answers are shown as text and never interpreted.
"""

import contextlib
import hmac
import math
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote

from labkit.grading.book.gradebook import open_gradebook
from labkit.grading.book.table import points
from labkit.grading.reports.manual import find, queue
from labkit.grading.reports.page import document, tag

__all__ = ["MarkingServer"]

MOST = 64 * 1024  # bytes of a form


class MarkingServer(ThreadingHTTPServer):
    """Serves the queue of the class that was graded into `grades`; ``address`` opens it.

    Raises FileNotFoundError: nothing was graded there; OSError: the port is taken.
    """

    daemon_threads = True

    def __init__(self, grades, port=0):
        open_gradebook(grades).__exit__()  # now, and not with the first page
        self.grades, self.token = grades, secrets.token_urlsafe(24)
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def hosts(self):
        """The names by which a browser of this machine may ask for us."""
        return {f"{name}:{self.server_port}" for name in ("127.0.0.1", "localhost")}

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/{self.token}/"


class _Handler(BaseHTTPRequestHandler):
    server_version, sys_version = "labkit", ""

    def log_message(self, *_):
        """Nothing: addresses hold the token."""

    def do_GET(self):
        path = self._path()
        if path is not None:
            with open_gradebook(self.server.grades) as gradebook:
                if path in ("", "all"):
                    self._send(200, _list(queue(gradebook, path == "all"), path == "all"))
                elif item := find(gradebook, path):
                    self._send(200, _form(item))
                else:
                    self._send(404, document("There is no such answer"))

    def do_POST(self):
        path = self._path()
        if path is None:
            return
        origin = self.headers.get("Origin")
        if origin not in (None, *(f"http://{host}" for host in self.server.hosts)):
            self._send(403, document("Not from here"))
            return
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= MOST:
            self._send(413, document("Too long"))
            return
        form = parse_qs(self.rfile.read(length).decode("utf-8", "replace"))
        with open_gradebook(self.server.grades) as gradebook:
            item = find(gradebook, path)
            if item is None:
                self._send(404, document("There is no such answer"))
                return
            problem = _enter(gradebook, item, form)
            if problem:
                self._send(400, _form(item, problem, form))
                return
            waiting = queue(gradebook)
        following = next((one for one in waiting if one.id == item.id), None)
        following = following or next(iter(waiting), None)
        target = quote(following.name) if following else ""
        self.send_response(303)
        self.send_header("Location", f"/{self.server.token}/{target}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _path(self):
        """What is asked for behind the token; None if it was refused."""
        # another name for this machine, in a page from elsewhere, must not reach us
        known_host = self.headers.get("Host") in self.server.hosts
        token, _, path = self.path.split("?")[0].lstrip("/").partition("/")
        if known_host and hmac.compare_digest(token.encode(), self.server.token.encode()):
            return path
        self._send(403, document("Open the address that labkit mark printed"))
        return None

    def _send(self, status, content):
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        # not "no-referrer": a browser then says of our own form that it comes from nowhere
        self.send_header("Referrer-Policy", "same-origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(content)


def _enter(gradebook, item, form):
    """Do what a form says; what is wrong with it, or None."""
    try:
        if "take back" in form.get("do", []):
            gradebook.unmark(item.record, item.id)
            return None
        given = form.get("points", [""])[0].replace(",", ".")
        try:
            value = float(given)
        except ValueError:
            value = math.nan
        comment = form.get("comment", [""])[0].replace("\r\n", "\n")
        gradebook.mark(item.record, item.id, value, comment)
    except ValueError as error:
        return str(error)
    except OSError as error:
        return f"nothing is stored: {error}"
    return None


def _list(items, everything):
    rows = [
        tag(
            "tr",
            tag("td", tag("a", f"{item.id}", href=quote(item.name))),
            tag("td", item.record["student"]),
            tag("td", _state(item)),
        )
        for item in items
    ]
    other = ("only what waits", "./") if everything else ("everything, to change a mark", "all")
    waiting = sum(item.waits for item in items)
    return document(
        "Marks by hand",
        tag("p", f"{waiting} answers wait for a mark. ", tag("a", other[0], href=other[1])),
        tag("table", *rows),
    )


def _state(item):
    if item.mark:
        changed = ", for an answer that has changed since" if item.changed else ""
        return f"marked {points(item.mark['points'])} of {points(item.points)}{changed}"
    if item.earned is not None:
        return f"{points(item.earned)} of {points(item.points)} from the machine"
    return f"waits, {points(item.points)} points"


def _form(item, problem="", form=None):
    mark = item.mark or {}
    value = points(mark.get("points"))
    comment = mark.get("comment", "")
    if form is not None:
        value, comment = (form.get(name, [""])[0] for name in ("points", "comment"))
    field = tag(
        "input",
        type="number",
        name="points",
        min="0",
        max=points(item.points),
        step="any",
        value=value,
        required="",
        autofocus="",
    )
    buttons = [tag("button", "Enter", name="do", value="enter")]
    if item.mark:
        buttons.append(tag("button", "Take back", name="do", value="take back", formnovalidate=""))
    return document(
        f"{item.id}: {item.record['student']}",
        tag("p", problem, class_="warn") if problem else None,
        tag("p", _state(item)),
        tag("pre", item.text),
        tag(
            "form",
            tag("label", f"Points, 0 to {points(item.points)} ", field),
            tag(
                "label",
                "Comment, which the student reads",
                tag("textarea", comment, name="comment", rows="4"),
            ),
            *buttons,
            method="post",
        ),
        tag("p", tag("a", "back to the list", href="./")),
    )
