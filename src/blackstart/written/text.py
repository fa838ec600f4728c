"""Bytes to text, with every way that can go wrong named at its place."""

from __future__ import annotations

from dataclasses import dataclass

from blackstart.model import Problem

MAX_BYTES = 1_000_000  # no one reads a longer page in an outage, and parsers stay quick


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a file without its byte order mark, and what was wrong with it."""

    text: str
    problems: tuple[Problem, ...] = ()


def decode(path: str, data: bytes) -> Text:
    """Read UTF-8; what is not text gives empty text and the problem."""
    if len(data) > MAX_BYTES:
        return _unreadable(path, 1, 1, f"the file has {len(data):,} bytes, the limit is {MAX_BYTES:,}", "Split it.")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _position(data, error.start)
        byte = data[error.start]
        return _unreadable(
            path, line, column, f"byte 0x{byte:02x} is not UTF-8 text", "Save the file as UTF-8, for example with iconv."
        )
    if (at := text.find("\0")) >= 0:
        line, column = _position(data, len(text[:at].encode()))
        return _unreadable(path, line, column, "a NUL character: this is not a text file", "Remove the character.")
    return Text(text)


def _unreadable(path: str, line: int, column: int, message: str, fix: str) -> Text:
    return Text("", (Problem(path, line, column, message, fix),))


def _position(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset]
    return before.count(b"\n") + 1, offset - before.rfind(b"\n")
