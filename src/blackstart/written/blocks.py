"""The sentences and table rows of a page, without their Markdown: what a reader takes in one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blackstart.written.markdown import Document

if TYPE_CHECKING:
    from markdown_it.token import Token

_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text of one sort; `href` is empty outside of links."""

    text: str
    is_code: bool = False
    href: str = ""


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph as one cell, or a row of a table, whose head is `head`; `is_item` says that it is in a list.

    `section` is the text of the second-level heading above it; what stands above the first has none.
    """

    section: str
    line: int
    cells: tuple[Spans, ...]
    head: tuple[str, ...] = ()
    is_item: bool = False

    @property
    def is_row(self) -> bool:
        return bool(self.head)


def blocks(page: Document) -> Iterator[Block]:
    """In the page's order; code blocks and headings are left out."""
    section, head, row = "", list[str](), list[Spans]()
    before, lists = "", 0
    for token in page.tokens:
        if token.type == "inline":
            spans, line = tuple(_spans(token)), page.first_line + (token.map[0] if token.map else 0)
            match before:
                case "h1" | "h2":
                    section = "" if before == "h1" else text_of(spans)
                case "th":
                    head.append(text_of(spans))
                case "td":
                    row.append(spans)
                case "p":
                    yield Block(section, line, (spans,), is_item=lists > 0)
        elif token.type == "table_open":
            head = []
        elif token.type == "tr_close" and row:
            yield Block(section, page.first_line + (token.map or [0])[0], tuple(row), tuple(head))
            row = []
        elif token.tag in ("ul", "ol"):
            lists += token.nesting
        before = token.tag


def text_of(spans: Sequence[Span]) -> str:
    """What a reader sees, white space folded."""
    return " ".join("".join(span.text for span in spans).split())


def sentences(spans: Spans) -> Iterator[Spans]:
    """The same spans, cut behind each full stop that is not in code."""
    sentence: list[Span] = []
    for span in spans:
        first, *more = [span.text] if span.is_code else _SENTENCE.split(span.text)
        sentence.append(Span(first, span.is_code, span.href))
        for piece in more:
            yield tuple(sentence)
            sentence = [Span(piece, href=span.href)]
    yield tuple(sentence)


def _spans(inline: Token) -> Iterator[Span]:
    href = ""
    for child in inline.children or ():
        match child.type:
            case "link_open":
                href = str(child.attrs.get("href", ""))
            case "link_close":
                href = ""
            case "text" | "code_inline":
                yield Span(child.content, child.type == "code_inline", href)
            case "softbreak" | "hardbreak":
                yield Span(" ", href=href)
