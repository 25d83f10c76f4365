"""A file to text: only what is a file, at most so much of it, and nothing in it that is no text."""

import os
import re
import stat
from pathlib import Path

from lumbar.reading.problems import Problem

_KINDS = (
    (stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"), (stat.S_ISLNK, "a link"),
)  # fmt: skip
# What is no part of a text: control characters, and those that hide or turn round what is written.
_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff"
_HIDING = r"\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069"
_NO_TEXT = re.compile(f"[{_CONTROL}{_HIDING}]")
_LOOKS_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters of nothing


def no_file(mode: int) -> str:
    """Return what a thing of this mode is where it is no file, such as 'a pipe'."""
    return next((f"it is {name}, not a file" for is_one, name in _KINDS if is_one(mode)), "")


def read_bytes(path: Path, at_most: int) -> bytes:
    """Read a file up to `at_most` bytes; raise OSError where it is none: no pipe is waited for."""
    said = no_file(path.stat().st_mode)
    if not said:
        without_waiting = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, without_waiting), "rb") as stream:
            said = no_file(os.fstat(stream.fileno()).st_mode)
            if not said:
                return stream.read(at_most)
    raise OSError(0, said)


def read_text(path: Path, name: str, at_most: int) -> tuple[str, list[Problem]]:
    """Read a UTF-8 text of at most `at_most` bytes; a problem instead of an exception."""
    try:
        return decoded(read_bytes(path, at_most + 1), name, at_most)
    except OSError as error:
        said = f"cannot be read: {(error.strerror or 'unknown').lower()}"
        return "", [Problem(name, 0, 0, "no-file", said)]


def decoded(raw: bytes, name: str, at_most: int) -> tuple[str, list[Problem]]:
    """Decode bytes as UTF-8; too many bytes, or bytes that are no text, are a problem."""
    if len(raw) > at_most:
        hint = f"at most {at_most // 1000} kB are read"
        return "", [Problem(name, 0, 0, "too-large", "the file is too large", hint)]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        said, hint = "the file is not plain text", "save it as UTF-8 text"
        return "", [Problem(name, 0, 0, "not-text", said, hint)]
    wrong = _NO_TEXT.search(text)
    if wrong is None:
        return text, []
    before = text[: wrong.start()]
    line, column = before.count("\n") + 1, wrong.start() - before.rfind("\n")
    return "", [Problem(name, line, column, "not-text", *_no_part(wrong[0]))]


def _no_part(character: str) -> tuple[str, str]:
    """Return what is said of a character that is no part of a text, and a hint."""
    return f"the character U+{ord(character):04X} is no part of a text", "delete it"


def no_text(text: str) -> tuple[str, str] | None:
    """Return what is wrong with a text that nobody could read, and a hint; None if nothing is."""
    if "0" <= text[:1] <= "z" and text.isprintable():  # nearly every text; the rest costs more
        return None
    if wrong := _NO_TEXT.search(text):
        return _no_part(wrong[0])
    import unicodedata  # hardly any text gets here

    if text and all(one in _LOOKS_BLANK or unicodedata.category(one)[0] in "ZC" for one in text):
        return "there is nothing to be seen in this text", "write it, or delete its line"
    return None
