"""The shapes of the small values that people write: paths, names, lists."""

from __future__ import annotations

import re
from typing import Annotated

from blackstart.written.shapes import Check, Text

_LINE = r"\S(?:[^\r\n]*\S)?"
_NAME = r"[A-Za-z0-9][A-Za-z0-9._/-]*"
_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_SOURCE = r"[A-Za-z0-9][A-Za-z0-9._-]+"
_TIER = r"[0-9]"
_FINGERPRINT = r"\d+\.[0-9a-f]{10}"

_WORDS = "a name of letters, digits, `.`, `_`, `-` and `/` that begins with a letter or digit"

Line = Annotated[str, Text(1, 300, _LINE, "one line of text")]
Name = Annotated[str, Text(1, 100, _NAME, _WORDS)]
SourceName = Annotated[str, Text(0, 100, _SOURCE, "a name of two or more letters, digits, `.`, `_` and `-`")]
Slug = Annotated[str, Text(1, 100, _SLUG, "lower-case words with hyphens, such as `lost-database`")]
Tier = Annotated[str, Text(pattern=_TIER, words="a digit in quotes, the smaller the sooner it must be back")]
Fingerprint = Annotated[str, Text(pattern=_FINGERPRINT, words="a fingerprint, as `blackstart review` writes it")]
Names = tuple[Name, ...]
Lines = tuple[Line, ...]


_ODD_PARTS = frozenset(("..", ".", "", ".git"))


def inside(path: str) -> str:
    """Refuse a path that is absolute or climbs out of the repository."""
    if path.startswith(("/", "~")) or "\\" in path or (len(path) > 1 and path[1] == ":"):
        raise ValueError("write the path relative to the repository's root, with `/` between folders")
    if not _ODD_PARTS.isdisjoint(path.rstrip("/").split("/")):
        raise ValueError("the path must stay inside the repository: no `..`, `.`, `.git` or empty parts")
    return path


def beside(path: str) -> str:
    """Refuse a path that is absolute; it may climb out of the repository."""
    if path.startswith(("/", "~", "-")) or "\\" in path or (len(path) > 1 and path[1] == ":"):
        raise ValueError("write the path relative to the repository's root, such as `../api`")
    return path


def is_below(path: str, folders: tuple[str, ...]) -> bool:
    """Whether `path` is one of the folders or in one; no folder at all means everywhere."""
    return not folders or any(not folder or path == folder or path.startswith(f"{folder}/") for folder in folders)


def is_tier(text: str) -> bool:
    return re.fullmatch(_TIER, text) is not None


def printable(text: str) -> str:
    """Refuse control characters, which have no business in a path that people read."""
    if not text.isprintable():
        raise ValueError("the text holds a line break or another control character")
    return text


SiblingPath = Annotated[str, Text(1, 200), Check(printable), Check(beside)]
FolderPath = Annotated[str, Text(1, 200), Check(printable), Check(inside)]
