"""Markdown-it's tokens → the parts of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from markdown.extensions.toc import slugify, unique
from markdown_it import MarkdownIt
from markdown_it.token import Token

from blackstart.written.parts import Block, Fence, Heading, Link, Parts, Reference, Tag
from blackstart.written.visible import closes

if TYPE_CHECKING:
    from blackstart.written.links import Links, Places

_ATTRIBUTES = re.compile(r" \{:? *([^}\n ][^}\n]*)\} *$")
_INLINE_ATTRIBUTES = re.compile(r"^\{:? *[^}\n ][^}\n]*\}")
_CARRIERS = ("em_close", "strong_close", "link_close", "code_inline", "image")
_ID = re.compile(r"""(?:^| )(?:#|id=["']?)([^\s"'=}]+)""")
_INLINE_ID = re.compile(r"\{:?[^{}\n#]{0,200}#([^\s{}]{1,200})[^{}\n]{0,200}\}")
_HTML_ID = re.compile(r"""<[a-zA-Z][^<>]{0,500}?\s(?:id|name)\s*=\s*["']?([^\s"'<>]+)""")


class Parsed:
    """What stands in the visible lines, of which the first is the file's `first_line`; each when first asked for."""

    def __init__(self, visible: Sequence[str], first_line: int, place: Places) -> None:
        self._visible, self._first_line, self._place = visible, first_line, place
        environment: dict[str, dict[str, object]] = {}
        self._tokens = MarkdownIt("commonmark").enable("table").parse("\n".join(visible), environment)
        self._references = environment.get("references", {})

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        return tuple(_headings(self._tokens, self._first_line))

    @cached_property
    def fences(self) -> tuple[Fence, ...]:
        fences = (token for token in self._tokens if token.type == "fence")
        return tuple(_fence(token, self._visible, self._first_line) for token in fences)

    @cached_property
    def _links(self) -> Links:
        from blackstart.written.links import Links  # what judges freshness alone needs no links

        return Links(self._tokens, self._references, self._visible, self._place)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        return tuple(self._links.all())

    @cached_property
    def undefined(self) -> tuple[Reference, ...]:
        return tuple(self._links.undefined())

    @cached_property
    def tags(self) -> tuple[Tag, ...]:
        from blackstart.written.html import tags_of

        return tuple(tags_of(self._tokens, self._visible, self._place))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        from blackstart.written.blocks import blocks

        return tuple(blocks(self._tokens, self._first_line))

    @cached_property
    def names(self) -> tuple[str, ...]:
        given = (name for token in self._tokens for name in _given_ids(token))
        return (*given, *_steps(self._tokens, self.headings))

    def all(self) -> Parts:
        return Parts(self.headings, self.fences, self.links, self.undefined, self.tags, self.blocks, self.names)


def _headings(tokens: Sequence[Token], first_line: int) -> Iterator[Heading]:
    """With the ids that the site gives: it asks the same function, and there, too, given ids come first."""
    found = [(opening, *_titled(inline)) for opening, inline in pairwise(tokens) if opening.type == "heading_open"]
    taken = {given for _, _, given in found if given}
    counters: dict[str, int] = {}  # keeps a page of nothing but equal headings from taking for ever
    for opening, text, given in found:
        anchor = given or unique(slugify(text, "-"), taken, counters)  # type: ignore[call-arg]  # the stubs are older
        yield Heading(int(opening.tag[1]), text, anchor, _line(opening, first_line))


def _steps(tokens: Sequence[Token], headings: Sequence[Heading]) -> Iterator[str]:
    """The ids that the site gives to the items of numbered lists right below a section: `steps-1` and so on."""
    left, section, number = iter(headings), "", 0
    ordered = False
    for token in tokens:
        if token.type == "heading_open":
            heading = next(left)
            section, number = (heading.anchor if heading.level == 2 else section), number * (heading.level > 2)
        elif token.level == 0 and token.type.endswith("list_open"):
            ordered = token.type == "ordered_list_open"
        elif section and ordered and token.type == "list_item_open" and token.level == 1:
            number += 1
            yield f"{section}-{number}"


def _fence(token: Token, visible: Sequence[str], first_line: int) -> Fence:
    start, end = token.map or (0, 0)
    closed = end - 1 > start and closes(visible[end - 1], token.markup)
    return Fence(_language(token.info), token.info.strip(), token.content, _line(token, first_line), closed)


def _line(token: Token, first_line: int) -> int:
    return first_line + (token.map[0] if token.map else 0)


def _titled(inline: Token) -> tuple[str, str]:
    """A heading's text, and the id that the author gave it or nothing."""
    text = _plain(inline)
    if attributes := _ATTRIBUTES.search(text):
        given = _ID.findall(attributes[1])
        return text[: attributes.start()].strip(), given[-1] if given else ""
    return text.strip(), ""


def _plain(inline: Token) -> str:
    """What the site makes ids from: text and code, without tags, images and the attributes behind them."""
    kept = {"softbreak": "\n", "hardbreak": "\n"}
    text, before = "", ""
    for child in inline.children or ():
        content = child.content if child.type in ("text", "code_inline") else kept.get(child.type, "")
        text += _INLINE_ATTRIBUTES.sub("", content) if child.type == "text" and before in _CARRIERS else content
        before = child.type
    return text


def _given_ids(token: Token) -> Iterator[str]:
    if token.type == "inline" and "#" in token.content:
        yield from _INLINE_ID.findall(token.content)
    if token.type in ("inline", "html_block") and "<" in token.content:
        yield from _HTML_ID.findall(token.content)


def _language(info: str) -> str:
    words = info.strip().replace("{", " { ").split()
    if not words:
        return ""
    if words[0] != "{":
        return "" if "=" in words[0] else words[0].lower()  # `title="x"` is an option
    return next((word[1:].rstrip("}").lower() for word in words[1:] if word.startswith(".")), "")
