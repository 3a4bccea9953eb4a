"""The pages on which a person enters marks, from a small server for a browser of this machine.

The server listens on 127.0.0.1 only. Every address contains a token that only the instructor's
browser gets, so neither other users of the machine nor a page from the network can enter marks.
Students' answers are shown as text and never interpreted.
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
from labkit.grading.reports.page import render

__all__ = ["MarkingServer"]

MAX_FORM = 64 * 1024  # bytes


class MarkingServer(ThreadingHTTPServer):
    """A server for the answers of a class that wait for a mark; open its ``address``.

    Args:
        grades: The table that grading wrote; the gradebook lies beside it.
        port: The port to listen on; 0 takes any free one.

    Raises:
        FileNotFoundError: Nothing was graded there.
        OSError: The port is taken.
    """

    daemon_threads = True

    def __init__(self, grades, port=0):
        open_gradebook(grades).__exit__()  # fail here, not when the first page is asked for
        self.grades, self.token = grades, secrets.token_urlsafe(24)
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def hosts(self):
        """The Host headers that a browser of this machine may send."""
        return {f"{name}:{self.server_port}" for name in ("127.0.0.1", "localhost")}

    @property
    def address(self):
        """The address of the queue, with the token."""
        return f"http://127.0.0.1:{self.server_port}/{self.token}/"


class _Handler(BaseHTTPRequestHandler):
    server_version, sys_version = "labkit", ""

    def log_message(self, *_):
        """Log nothing, because addresses contain the token."""

    def do_GET(self):
        path = self._path()
        if path is not None:
            with open_gradebook(self.server.grades) as gradebook:
                if path in ("", "all"):
                    self._send(200, _queue_page(queue(gradebook, path == "all"), path == "all"))
                elif item := find(gradebook, path):
                    self._send(200, _form_page(item))
                else:
                    self._send(404, render("page.html", "There is no such answer"))

    def do_POST(self):
        path = self._path()
        if path is None:
            return
        origin = self.headers.get("Origin")
        if origin not in (None, *(f"http://{host}" for host in self.server.hosts)):
            self._send(
                403, render("page.html", "This form was not sent from one of labkit's own pages")
            )
            return
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= MAX_FORM:
            self._send(413, render("page.html", "This form is too large"))
            return
        form = parse_qs(self.rfile.read(length).decode("utf-8", "replace"))
        with open_gradebook(self.server.grades) as gradebook:
            item = find(gradebook, path)
            if item is None:
                self._send(404, render("page.html", "There is no such answer"))
                return
            problem = _enter(gradebook, item, form)
            if problem:
                self._send(400, _form_page(item, problem, form))
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
        """The requested path after the token; None if the request was refused."""
        # A page from elsewhere may call this machine by another name: that must not work.
        known_host = self.headers.get("Host") in self.server.hosts
        token, _, path = self.path.split("?")[0].lstrip("/").partition("/")
        if known_host and hmac.compare_digest(token.encode(), self.server.token.encode()):
            return path
        self._send(403, render("page.html", "Open the address that labkit mark printed"))
        return None

    def _send(self, status, content):
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        # With "no-referrer", a browser would send the Origin "null" with our own form.
        self.send_header("Referrer-Policy", "same-origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(content)


def _enter(gradebook, item, form):
    """Store or take back a mark as the form says; return what is wrong with the form, or None."""
    try:
        if "take back" in form.get("do", []):
            gradebook.unmark(item.record, item.id)
            return None
        entered = form.get("points", [""])[0].replace(",", ".")
        try:
            value = float(entered)
        except ValueError:
            value = math.nan
        comment = form.get("comment", [""])[0].replace("\r\n", "\n")
        gradebook.mark(item.record, item.id, value, comment)
    except ValueError as error:
        return str(error)
    except OSError as error:
        return f"the mark was not stored: {error}"
    return None


def _queue_page(items, everything):
    """The page with all answers of the queue; each leads to its form."""
    return render(
        "queue.html",
        "Marks by hand",
        everything=everything,
        waiting=sum(item.waits for item in items),
        rows=[
            {
                "id": item.id,
                "address": quote(item.name),
                "student": item.record["student"],
                "state": _state(item),
            }
            for item in items
        ],
    )


def _state(item):
    """Whether an answer is marked, in a few words."""
    if item.mark:
        changed = ", but the answer has changed since" if item.changed else ""
        return f"marked {points(item.mark['points'])} of {points(item.points)}{changed}"
    if item.earned is not None:
        return f"{points(item.earned)} of {points(item.points)} from the machine"
    return f"waits, {points(item.points)} points"


def _form_page(item, problem="", form=None):
    """The page with one answer and the form for its mark.

    Args:
        item: The answer.
        problem: Why the form that was sent could not be stored, or "".
        form: The form that was sent, whose values are shown again; by default the stored mark's.
    """
    mark = item.mark or {}
    values = {"points": points(mark.get("points")), "comment": mark.get("comment", "")}
    if form is not None:
        values = {name: form.get(name, [""])[0] for name in values}
    return render(
        "marking.html",
        f"{item.id}: {item.record['student']}",
        problem=problem,
        state=_state(item),
        answer=item.text,
        most=points(item.points),
        marked=bool(item.mark),
        **values,
    )
