"""The parts of a Markdown page that rules speak about: headings, fences, links, visible lines, with their places."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from markdown.extensions.toc import slugify, unique
from markdown_it import MarkdownIt
from markdown_it.token import Token

_FENCE = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(`{3,}|~{3,})")
_BLOCK = re.compile(r'^(?:!!!|\?\?\?\+?|===\+?!?)[ \t]+[\w"]')
_ATTRIBUTES = re.compile(r"[ \t]*\{:?([^{}]*)\}[ \t]*$")


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


@dataclass(frozen=True, slots=True)
class Link:
    """A link or an image as written."""

    target: str
    line: int
    column: int
    image: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the numbered visible lines below it, up to the next heading of its level or above."""

    heading: Heading
    lines: tuple[tuple[int, str], ...]


class Document:
    """A page's body. `first_line` is the line of the file at which it begins."""

    def __init__(self, body: str, first_line: int = 1) -> None:
        self.first_line = first_line
        self.source = tuple(body.replace("\r\n", "\n").split("\n"))
        self.visible = tuple(_visible(self.source))

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        return tuple(self._headings())

    @cached_property
    def fences(self) -> tuple[Fence, ...]:
        return tuple(
            Fence(_language(token.info), token.info.strip(), token.content, self._line(token))
            for token in self._tokens
            if token.type == "fence"
        )

    @cached_property
    def links(self) -> tuple[Link, ...]:
        return tuple(link for token in self._tokens for link in self._links(token))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        return tuple(self._section(index) for index in range(len(self.headings)))

    def numbered(self) -> Iterator[tuple[int, str]]:
        """Every visible line with its number in the file; HTML comments are blank."""
        return ((self.first_line + index, line) for index, line in enumerate(self.visible))

    @cached_property
    def _tokens(self) -> list[Token]:
        return MarkdownIt("commonmark").enable("table").parse("\n".join(self.visible))

    def _line(self, token: Token) -> int:
        return self.first_line + (token.map[0] if token.map else 0)

    def _headings(self) -> Iterator[Heading]:
        seen: set[str] = set()
        for opening, inline in zip(self._tokens, self._tokens[1:], strict=False):
            if opening.type != "heading_open":
                continue
            text, anchor = _plain(inline), ""
            if attributes := _ATTRIBUTES.search(text):
                text = text[: attributes.start()]
                anchor = next((word[1:] for word in attributes[1].split() if word.startswith("#")), "")
            # The site's headings get their ids from this function too, so fragments agree.
            anchor = unique(anchor or slugify(html.unescape(text), "-"), seen)
            yield Heading(int(opening.tag[1]), text.strip(), anchor, self._line(opening))

    def _section(self, index: int) -> Section:
        heading = self.headings[index]
        later = (other.line for other in self.headings[index + 1 :] if other.level <= heading.level)
        end = next(later, self.first_line + len(self.visible))
        inner = {other.line for other in self.headings if heading.line <= other.line < end}
        lines = (
            (number, line) for number, line in self.numbered() if heading.line < number < end and number not in inner
        )
        return Section(heading, tuple(lines))

    def _links(self, token: Token) -> Iterator[Link]:
        if token.type != "inline" or token.map is None:
            return
        start = 0
        for child in _descendants(token):
            target = child.attrGet("href") if child.type == "link_open" else child.attrGet("src")
            if child.type not in ("link_open", "image") or target is None:
                continue
            line, column, start = self._find(str(target), token.map, start)
            yield Link(str(target), line, column, child.type == "image")

    def _find(self, target: str, lines: list[int], start: int) -> tuple[int, int, int]:
        """Where `target` is written at or after character `start` of the block, else the block's first line."""
        block = "\n".join(self.source[lines[0] : lines[1]])
        at = block.find(html.unescape(target), start)
        if at < 0:
            return self.first_line + lines[0], 1, start
        before = block[:at]
        return self.first_line + lines[0] + before.count("\n"), at - before.rfind("\n"), at + 1


def _visible(source: tuple[str, ...]) -> Iterator[str]:
    """The lines without HTML comments, and with admonitions and tabs taken apart, one line for one line."""
    fence, commented, indents = "", False, [0]
    for line in source:
        if fence:
            fence = "" if _closes(line, fence) else fence
        elif commented or line.lstrip().startswith("<!--"):
            commented = "-->" not in line
            line = line.partition("-->")[2] if not commented else ""
        else:
            line = re.sub(r"<!--.*?-->", lambda comment: " " * len(comment[0]), line)
            while line.strip() and not line.startswith(" " * indents[-1]):
                indents.pop()
            if _BLOCK.match(line[indents[-1] :]):
                indents.append(indents[-1] + 4)
                line = ""
            elif opened := _FENCE.match(line[indents[-1] :]):
                fence = opened[1]
        yield line[indents[-1] :] if line[: indents[-1]].isspace() or not indents[-1] else line


def _closes(line: str, fence: str) -> bool:
    mark = line.strip(" \t>")
    return mark.startswith(fence) and not mark.strip(fence[0])


def _language(info: str) -> str:
    words = info.strip().replace("{", " { ").split()
    if not words:
        return ""
    if words[0] != "{":
        return words[0].lower()
    return next((word[1:].lower() for word in words[1:] if word.startswith(".")), "")


def _plain(inline: Token) -> str:
    return "".join(
        child.content if child.type in ("text", "code_inline", "image") else " " if child.type == "softbreak" else ""
        for child in inline.children or ()
    )


def _descendants(token: Token) -> Iterator[Token]:
    for child in token.children or ():
        yield child
        yield from _descendants(child)
