"""What a page shows as code: spans and the lines of fenced blocks, with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from blackstart.written.markdown import Document

_SPAN = re.compile(r"(?<!`)(`{1,9})(?!`)(.{1,1000}?)(?<!`)\1(?!`)")
_BEGINS = re.compile(r"<!--\s*(?:begin|start)\b", re.IGNORECASE)
_NOT_BY_HAND = re.compile(r"auto-?generated|do not edit", re.IGNORECASE)
_GENERATED_END = re.compile(r"<!--\s*(?:end|stop)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:previously|formerly|used to be|was (?:called|named)|renamed from|no longer|before version|deprecated)\b",
    re.IGNORECASE,
)
_PAST_TITLE = re.compile(r"\b(?:change(?:[ -]?log|s)|history|release notes|revisions?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Code:
    """One code span or one line of a fenced block; `language` is None for a span. Line and column count from 1."""

    text: str
    line: int
    column: int
    language: str | None


def present_code(page: Document) -> Iterator[Code]:
    """The code that a reader is meant to use today: not what was generated, nor what tells of the past."""
    past = past_lines(page)
    return (code for code in code_of(page) if code.line not in past)


def code_of(page: Document) -> Iterator[Code]:
    """All code of the page, in its order."""
    fenced: dict[int, str] = {}
    for fence in page.fences:
        # A fence that ends with the page has one line fewer than its content says.
        size = min(len(fence.content.split("\n")) - 1, page.first_line + len(page.source) - fence.line - 1)
        fenced |= dict.fromkeys(range(fence.line + 1, fence.line + 1 + size), fence.language)
    delimiters = {fence.line for fence in page.fences} | {number + 1 for number in fenced if number + 1 not in fenced}
    for number, line in page.numbered():
        if number in fenced:
            yield Code(line, number, page.column(number, 0), fenced[number])
        elif number not in delimiters:
            for span in _SPAN.finditer(line):
                yield Code(span[2], number, page.column(number, span.start(2)), None)


def _begins_generated(line: str) -> bool:
    return bool("<!--" in line and (_BEGINS.search(line) or _NOT_BY_HAND.search(line)))


def is_of_the_past(title: str) -> bool:
    """Whether a section or a page of that name tells what was: a changelog, a history."""
    return bool(_PAST_TITLE.search(title.replace("_", " ")))


def past_lines(page: Document) -> frozenset[int]:
    """The lines that nobody is meant to follow today: changelogs, "previously …", what a generator wrote."""
    told = {number for section in page.sections if is_of_the_past(section.heading.text) for number, _ in section.lines}
    told |= {number for number, line in page.numbered() if _PAST.search(line)}
    generated = False
    for index, line in enumerate(page.source):
        generated = (generated or _begins_generated(line)) and not _GENERATED_END.search(line)
        if generated:
            told.add(page.first_line + index)
    return frozenset(told)
