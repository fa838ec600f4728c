"""The shapes of the small values that people write: paths, names, lists."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic import Strict as StrictMode

_LINE = r"^\S(?:[^\r\n]*\S)?$"
_NAME = r"^[A-Za-z0-9][A-Za-z0-9._/-]*$"
_SLUG = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
_SOURCE = r"^[A-Za-z0-9][A-Za-z0-9._-]+$"
_TIER = r"^[0-9]$"
_FINGERPRINT = r"^\d+\.[0-9a-f]{10}$"
SHAPES = {
    _LINE: "one line of text",
    _NAME: "a name of letters, digits, `.`, `_`, `-` and `/` that begins with a letter or digit",
    _SOURCE: "a name of two or more letters, digits, `.`, `_` and `-`",
    _FINGERPRINT: "a fingerprint, as `blackstart review` writes it",
    _TIER: "a digit in quotes, the smaller the sooner it must be back",
    _SLUG: "lower-case words with hyphens, such as `lost-database`",
}
"""What the patterns mean, in words."""

Line = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=_LINE)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_NAME)]
SourceName = Annotated[str, StringConstraints(max_length=100, pattern=_SOURCE)]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_SLUG)]
Tier = Annotated[str, StringConstraints(pattern=_TIER)]
Fingerprint = Annotated[str, StringConstraints(pattern=_FINGERPRINT)]
Names = Annotated[tuple[Name, ...], StrictMode(False)]
Lines = Annotated[tuple[Line, ...], StrictMode(False)]


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


SiblingPath = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable), AfterValidator(beside)]
FolderPath = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable), AfterValidator(inside)]
