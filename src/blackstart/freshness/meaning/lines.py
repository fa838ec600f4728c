"""Files that are read line by line: requirements, and whatever no parser knows."""

from __future__ import annotations

from dataclasses import replace

from blackstart.freshness.meaning.language import Language


def plain(text: str) -> bytes:
    """Every line counts; white space at its end does not."""
    return "\n".join(line.rstrip() for line in text.rstrip().split("\n")).encode()


def behind(language: Language) -> Language:
    """Compares what the language cannot parse by lines at once: on hostile input Pygments' lexers take hours."""

    def whole(text: str) -> bytes:
        form = language.whole(text)
        return b"lines\0" + plain(text) if form is None else form

    return replace(language, whole=whole)


def requirements(text: str) -> bytes:
    """The order of requirements means nothing."""
    lines = (line.split(" #")[0].strip() for line in text.split("\n") if not line.lstrip().startswith("#"))
    return "\n".join(sorted(line for line in lines if line)).encode()
