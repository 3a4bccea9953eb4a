"""Read what a kernel sends: its messages are bounded, and none of them raises an error here."""

import re
from dataclasses import dataclass, field

import zmq

__all__ = ["MAX_TEXT", "CellText", "Reply", "read_reply", "receive"]

MAX_TEXT = 4_000  # characters of output and of traceback that are kept
_MAX_OUTPUT = 64 * 2**20  # bytes of a cell's output that are decoded
_SMALL = 10_000  # bytes; the message that a cell has ended is no larger, and is always decoded

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_CELL_FILE = re.compile(r"\(\d+\.py, (line \d+)\)")  # IPython's name for a cell: no use to anybody


@dataclass(frozen=True)
class Reply:
    """The result of running one cell."""

    status: str  #: "ok", "error", "timeout" (interrupted; the kernel may live) or "died"
    seconds: float
    error: str = ""  #: such as "NameError: name 'npp' is not defined"
    traceback: str = ""
    text: str = ""  #: the beginning of what the cell printed
    values: dict = field(
        default_factory=dict
    )  #: the text/plain form of each expression; None: it raised
    waited: float = 0.0  #: the part of `seconds` after a timeout that was spent waiting for a core


class CellText:
    """The first MAX_TEXT characters that a cell prints."""

    def __init__(self):
        self.parts, self.room, self.bytes = [], MAX_TEXT, _MAX_OUTPUT

    def has_room_for(self, size):
        """Whether a message of `size` bytes should be decoded; its bytes are counted."""
        self.bytes -= size
        return size <= _SMALL or self.bytes >= 0

    def take(self, message):
        """Keep what `message` prints; return True when it says that the cell has ended."""
        content = message.get("content", {})
        if message.get("msg_type") == "stream" and self.room > 0:
            piece = str(content.get("text", ""))[: self.room]
            self.parts.append(piece)
            self.room -= len(piece)
        return message.get("msg_type") == "status" and content.get("execution_state") == "idle"

    def __str__(self):
        return "".join(self.parts)


def receive(channel, msg_id, text=None):
    """Return the next message of a channel if it answers the request `msg_id`, else {}.

    Nothing that a kernel sends can raise an error here.

    Args:
        channel: A channel of jupyter_client's.
        msg_id: The id of the request.
        text: A :class:`CellText`; if given, a message for which it has no room is dropped.
    """
    try:
        parts = channel.socket.recv_multipart(zmq.NOBLOCK)
        if text is not None and not text.has_room_for(sum(map(len, parts))):
            return {}
        _, parts = channel.session.feed_identities(parts)
        message = channel.session.deserialize(parts)
    except Exception:  # there is none, or it is forged: bad signature, broken JSON, endless nesting
        return {}
    parent = message.get("parent_header")
    if not isinstance(parent, dict) or parent.get("msg_id") != msg_id:
        return {}
    return message if isinstance(message.get("content"), dict) else {}


def read_reply(content, seconds, text):
    """Turn the content of an execute_reply message into a :class:`Reply`, and trust none of it."""
    if content.get("status") == "ok":
        return Reply("ok", seconds, text=text, values=_values(content.get("user_expressions")))
    name, value = content.get("ename"), content.get("evalue")
    frames = content.get("traceback")
    frames = frames if isinstance(frames, list) else []
    traceback = "\n".join(str(frame)[:MAX_TEXT] for frame in frames[-20:])
    return Reply(
        "error",
        seconds,
        error=_CELL_FILE.sub(r"(\1)", _ANSI.sub("", f"{str(name)[:100]}: {str(value)[:500]}")),
        traceback=_ANSI.sub("", traceback)[-MAX_TEXT:],
        text=text,
    )


def _values(expressions):
    values = {}
    for name, value in (expressions if isinstance(expressions, dict) else {}).items():
        data = value.get("data") if isinstance(value, dict) else None
        plain = data.get("text/plain") if isinstance(data, dict) else None
        if isinstance(plain, str):
            values[name] = plain
        elif isinstance(value, dict) and value.get("status") == "error":
            values[name] = None
    return values
