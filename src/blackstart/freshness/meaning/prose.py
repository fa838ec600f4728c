"""Markdown by its headings: a section with those below it, word for word, and the definitions that its links need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from blackstart.freshness.meaning import lines
from blackstart.freshness.meaning.language import Language
from blackstart.written.markdown import Document

_FRONT_MATTER = re.compile(r"---[ \t]*\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_DEFINITION = re.compile(r" {0,3}\*?\[(\^?[^\]\n]{1,200})\]:")
_LABEL = re.compile(r"\[(\^?[^\]\[\n]{1,200})\]")
_NO_SLUG = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class _Section:
    """The lines from a heading up to the next of its level or above, and the names that people give it."""

    start: int
    end: int
    names: frozenset[str]


@lru_cache(maxsize=1)
def _sections(text: str) -> list[_Section]:
    front = _FRONT_MATTER.match(text)
    first = text[: front.end()].count("\n") if front else 0
    headings = Document(text[front.end() if front else 0 :], first).headings
    ends = [text.count("\n") + 1] * len(headings)
    open_ones: list[int] = []
    taken: dict[str, int] = {}
    found = []
    for index, heading in enumerate(headings):
        while open_ones and headings[open_ones[-1]].level >= heading.level:
            ends[open_ones.pop()] = heading.line
        open_ones.append(index)
    for heading, end in zip(headings, ends, strict=True):
        names = {heading.anchor, heading.text, " ".join(heading.text.split()), _github(heading.text, taken)}
        found.append(_Section(heading.line, end, frozenset(names - {""})))
    return found


def _github(text: str, taken: dict[str, int]) -> str:
    """The anchor that GitHub makes: every letter stays, and equal ones are numbered."""
    slug = _NO_SLUG.sub("", text.strip().lower()).replace(" ", "-")
    number = taken.get(slug, 0)
    taken[slug] = number + 1
    return f"{slug}-{number}" if number else slug


def _part(text: str, fragment: str) -> bytes | None:
    rows = text.split("\n")
    wanted = next((one for one in _sections(text) if fragment in one.names), None)
    if wanted is None:
        wanted = next((one for one in _sections(text) if fragment.lower() in map(str.lower, one.names)), None)
    if wanted is None:
        return None
    own = rows[wanted.start : wanted.end]
    return lines.plain("\n".join([*own, "", *_definitions(rows, wanted)]))


def _definitions(rows: list[str], wanted: _Section) -> Iterator[str]:
    """Links and footnotes whose labels the section uses and another section, mostly the last, defines."""
    used = {label.lower() for row in rows[wanted.start : wanted.end] for label in _LABEL.findall(row)}
    follows = False
    for number, row in enumerate(rows):
        match = _DEFINITION.match(row)
        follows = match[1].lower() in used if match else follows and row.startswith((" ", "\t"))
        if follows and not wanted.start <= number < wanted.end:
            yield row


def _names(text: str) -> frozenset[str]:
    return frozenset().union(*(section.names for section in _sections(text)))


def _whole(_: str) -> None:
    """Lines do."""
    return


MARKDOWN = Language(_whole, _part, _names)
