"""Files that are read line by line: requirements, lists, and whatever no parser knows."""

from __future__ import annotations

import re
from dataclasses import replace

from blackstart.freshness.meaning.language import Language

UNREAD = b"lines\0"
_NO_COMMENT = re.compile(r"#(?:include|includedir|tryinclude|exec)\b")  # orders to sudo and Asterisk


def plain(text: str) -> bytes:
    """Every line counts; white space at its end does not."""
    return "\n".join(line.rstrip() for line in text.rstrip().split("\n")).encode()


def listed(text: str) -> bytes:
    """The same without empty lines and comments."""
    lines = (line.rstrip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line and not is_comment(line.lstrip())).encode()


def is_comment(line: str, signs: tuple[str, ...] = ("#",)) -> bool:
    """Whether a line that begins with one of the signs says nothing to those who read settings."""
    return line.startswith(signs) and not _NO_COMMENT.match(line)


def behind(language: Language, *, lexed: int = 0) -> Language:
    """Compares what the language cannot parse by lines at once: on hostile input Pygments' lexers take hours.

    Up to `lexed` characters it is still left to them.
    """

    def whole(text: str) -> bytes | None:
        form = language.whole(text)
        return UNREAD + plain(text) if form is None and len(text) > lexed else form

    return replace(language, whole=whole)


def requirements(text: str) -> bytes:
    """The order of requirements means nothing."""
    lines = (line.split(" #")[0].strip() for line in text.split("\n") if not line.lstrip().startswith("#"))
    return "\n".join(sorted(line for line in lines if line)).encode()
