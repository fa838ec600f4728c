"""The parts of a Markdown page that rules speak about: headings, fences, links, visible lines, with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from blackstart.written.visible import closes, visible

if TYPE_CHECKING:  # what judges freshness alone reads no Markdown, and its parsers take long to load
    from markdown_it.token import Token

    from blackstart.written.html import Tag
    from blackstart.written.links import Link, Links, Reference

_ATTRIBUTES = re.compile(r" \{:? *([^}\n ][^}\n]*)\} *$")
_INLINE_ATTRIBUTES = re.compile(r"^\{:? *[^}\n ][^}\n]*\}")
_CARRIERS = ("em_close", "strong_close", "link_close", "code_inline", "image")
_ID = re.compile(r"""(?:^| )(?:#|id=["']?)([^\s"'=}]+)""")
_INLINE_ID = re.compile(r"\{:?[^{}\n#]{0,200}#([^\s{}]{1,200})[^{}\n]{0,200}\}")
_HTML_ID = re.compile(r"""<[a-zA-Z][^<>]{0,500}?\s(?:id|name)\s*=\s*["']?([^\s"'<>]+)""")


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` counts from 1; `anchor` is the id that the site gives it."""

    level: int
    text: str
    anchor: str
    line: int


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced code block; `language` is empty where none is named, `line` is the opening fence's."""

    language: str
    info: str
    content: str
    line: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the numbered visible lines below it, up to the next heading of its level or above."""

    heading: Heading
    lines: tuple[tuple[int, str], ...]


class Document:
    """A page's body. `first_line` is the line of the file at which it begins."""

    def __init__(self, body: str, first_line: int = 1) -> None:
        self.first_line = first_line
        # A lone carriage return would be a line for the parser and none for editors.
        self.source = tuple(body.replace("\r\n", "\n").replace("\r", " ").split("\n"))
        self.visible, self._titles = visible(self.source)

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        return tuple(self._headings())

    @cached_property
    def anchors(self) -> frozenset[str]:
        """Every id that a link may name: those of headings and steps, and those that the author gave to something."""
        given = (name for token in self._parsed[0] for name in _given_ids(token))
        return frozenset([*given, *(heading.anchor for heading in self.headings), *self._steps()])

    @cached_property
    def fences(self) -> tuple[Fence, ...]:
        return tuple(self._fence(token) for token in self._parsed[0] if token.type == "fence")

    @cached_property
    def links(self) -> tuple[Link, ...]:
        return tuple(self._linked.all())

    @cached_property
    def undefined(self) -> tuple[Reference, ...]:
        """Links by label whose label is defined nowhere: readers see brackets."""
        return tuple(self._linked.undefined())

    @cached_property
    def tags(self) -> tuple[Tag, ...]:
        """The HTML that the author wrote."""
        from blackstart.written.html import tags_of

        return tuple(tags_of(self._parsed[0], self.visible, self._place))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        titles = {heading.line for heading in self.headings}
        return tuple(self._section(index, titles) for index in range(len(self.headings)))

    def numbered(self) -> Iterator[tuple[int, str]]:
        """Every visible line with its number in the file; HTML comments are blank."""
        return ((self.first_line + index, line) for index, line in enumerate(self.visible))

    def box_titles(self) -> Iterator[tuple[int, str]]:
        """Every line that begins an admonition, a fold or a tab, whole, with its number in the file."""
        return ((self.first_line + index, self.source[index]) for index in self._titles)

    def column(self, line: int, index: int) -> int:
        """The column in the file of character `index` of a visible line."""
        at = line - self.first_line
        return len(self.source[at]) - len(self.visible[at]) + index + 1

    @property
    def tokens(self) -> list[Token]:
        """What the parser made of the visible lines."""
        return self._parsed[0]

    @property
    def last_line(self) -> int:
        """The last line with text."""
        filled = (index for index in range(len(self.source) - 1, -1, -1) if self.source[index].strip())
        return self.first_line + next(filled, 0)

    @cached_property
    def _parsed(self) -> tuple[list[Token], dict[str, Any]]:
        """The tokens, and the definitions of links."""
        from markdown_it import MarkdownIt

        environment: dict[str, Any] = {}
        tokens = MarkdownIt("commonmark").enable("table").parse("\n".join(self.visible), environment)
        return tokens, environment.get("references", {})

    @cached_property
    def _linked(self) -> Links:
        from blackstart.written.links import Links

        return Links(*self._parsed, self.visible, self._place)

    def _place(self, index: int, at: int) -> tuple[int, int]:
        line = self.first_line + index
        return line, self.column(line, at)

    def _line(self, token: Token) -> int:
        return self.first_line + (token.map[0] if token.map else 0)

    def _headings(self) -> Iterator[Heading]:
        """With the ids that the site gives: it asks the same function, and there, too, given ids come first."""
        from markdown.extensions.toc import slugify, unique

        tokens = self._parsed[0]
        found = [(opening, *_titled(inline)) for opening, inline in pairwise(tokens) if opening.type == "heading_open"]
        taken = {given for _, _, given in found if given}
        counters: dict[str, int] = {}  # keeps a page of nothing but equal headings from taking for ever
        for opening, text, given in found:
            anchor = given or unique(slugify(text, "-"), taken, counters)  # type: ignore[call-arg]  # the stubs are older
            yield Heading(int(opening.tag[1]), text, anchor, self._line(opening))

    def _steps(self) -> Iterator[str]:
        """The ids that the site gives to the items of numbered lists right below a section: `steps-1` and so on."""
        headings, section, number = iter(self.headings), "", 0
        ordered = False
        for token in self._parsed[0]:
            if token.type == "heading_open":
                heading = next(headings)
                section, number = (heading.anchor if heading.level == 2 else section), number * (heading.level > 2)
            elif token.level == 0 and token.type.endswith("list_open"):
                ordered = token.type == "ordered_list_open"
            elif section and ordered and token.type == "list_item_open" and token.level == 1:
                number += 1
                yield f"{section}-{number}"

    def _fence(self, token: Token) -> Fence:
        start, end = token.map or (0, 0)
        closed = end - 1 > start and closes(self.visible[end - 1], token.markup)
        return Fence(_language(token.info), token.info.strip(), token.content, self._line(token), closed)

    def _section(self, index: int, titles: set[int]) -> Section:
        heading = self.headings[index]
        later = (self.headings[at] for at in range(index + 1, len(self.headings)))
        ends = (other.line for other in later if other.level <= heading.level)
        end = next(ends, self.first_line + len(self.visible))
        numbers = (number for number in range(heading.line + 1, end) if number not in titles)
        return Section(heading, tuple((number, self.visible[number - self.first_line]) for number in numbers))


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
