"""What one call of a student's function produced: facts, without any judgment."""

from dataclasses import dataclass

__all__ = ["CallResult", "Unsupported"]


@dataclass(frozen=True)
class Unsupported:
    """Stands for a value that is not carried to the judge: its type's name, and its shape."""

    type: str
    shape: tuple | None = None


@dataclass(frozen=True)
class CallResult:
    """The result of one call. `kind` is one of

    - ``"value"``: it returned `value`, which was of type `type`;
    - ``"error"``: it raised `error` ("IndexError") with `message`;
    - ``"late"``: it was interrupted;
    - ``"skipped"``: it was not called, because an earlier call had decided the verdict.

    For errors and interruptions, `line` is the line that the student's code had reached (0 if the
    error came from no line of theirs), `source` that line's text, `where` the function it is in,
    and `file` the name of the file, "" for a notebook's cell.
    """

    kind: str
    value: object = None
    type: str = ""
    error: str = ""
    message: str = ""
    line: int = 0
    source: str = ""
    where: str = ""
    file: str = ""
    changed: tuple = ()  #: the names of the arguments that the call changed
    shortcut: str = ""  #: the forbidden function that it called
    printed: str = ""  #: the beginning of what it printed
