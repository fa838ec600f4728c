"""The sentences and table rows of a page, without their Markdown: what a reader takes in one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from blackstart.written.parts import Block, Span, Spans

if TYPE_CHECKING:
    from markdown_it.token import Token

_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def blocks(tokens: Sequence[Token], first_line: int) -> Iterator[Block]:
    """In the page's order; code blocks and headings are left out."""
    section, head, row = "", list[str](), list[Spans]()
    before, lists = "", 0
    for token in tokens:
        if token.type == "inline":
            spans, line = tuple(_spans(token)), first_line + (token.map[0] if token.map else 0)
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
            yield Block(section, first_line + (token.map or [0])[0], tuple(row), tuple(head))
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
