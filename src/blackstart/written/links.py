"""The links of a Markdown page, with the place where each target is written."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from html import unescape
from itertools import accumulate
from typing import Any, TypeAlias

from markdown_it.common.normalize_url import normalizeLink
from markdown_it.common.utils import normalizeReference
from markdown_it.helpers import parseLinkDestination
from markdown_it.token import Token

from blackstart.written.parts import Link, Reference

Places: TypeAlias = Callable[[int, int], tuple[int, int]]
"""From the index of a visible line, and of a character in it, to line and column of the file."""

_REFERENCE = re.compile(r"(?<![\w\]\\!])!?\[([^\[\]\n]{1,200})\]\[([^\[\]\n]{0,200})\]")
_OPENING = re.compile(r"\]\(\s{0,200}")
_CODE = re.compile(r"`[^`\n]+`")
_TAG = re.compile(
    r"""<(a|img)(?=\s)[^<>]{0,500}?\s(?:href|src)\s*=\s*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"'<>]+))""", re.IGNORECASE
)


class Links:
    """`references` are the definitions that the parser found; `place` says where a character of a visible line is."""

    def __init__(
        self, tokens: Sequence[Token], references: Mapping[str, Any], visible: Sequence[str], place: Places
    ) -> None:
        self._inline = [token for token in tokens if token.type == "inline" and token.map]
        self._html = [token for token in tokens if token.type == "html_block" and token.map]
        self._references, self._visible, self._place = references, visible, place
        self._blocks: dict[tuple[int, int], Block] = {}
        self._defined_at = {entry["href"]: entry["map"][0] for entry in references.values()}

    def all(self) -> Iterator[Link]:
        for token in self._html:
            yield from _tags(token.content, self._block(token))
        for token in self._inline:
            block = self._block(token)
            for child in descendants(token):
                if child.type == "html_inline":
                    yield from _tags(child.content, block)
                target = child.attrGet("href") if child.type == "link_open" else child.attrGet("src")
                if child.type in ("link_open", "image") and target is not None:
                    place = block.find_target(str(target)) or self._definition(str(target)) or block.start
                    yield Link(str(target), *place, image=child.type == "image")

    def undefined(self) -> Iterator[Reference]:
        for token in self._inline:
            if "][" not in token.content:
                continue
            block = self._block(token)
            text = " ".join(child.content for child in descendants(token) if child.type == "text")
            for found in _REFERENCE.finditer(text):
                label = found[2] or found[1]
                known = normalizeReference(label) in self._references or label.startswith("^")  # a footnote
                if not known and (place := block.find(found[0])):
                    yield Reference(label, *place)

    def _block(self, token: Token) -> Block:
        """One for all cells of a table's row, so that what is found in one is not found again in the next."""
        start, end = token.map or (0, 0)
        if (start, end) not in self._blocks:
            self._blocks[start, end] = Block(self._visible[start:end], start, self._place)
        return self._blocks[start, end]

    def _definition(self, target: str) -> tuple[int, int] | None:
        """Where the label that leads to the target is defined."""
        index = self._defined_at.get(target)
        if index is None:
            return None
        before, _, behind = self._visible[index].partition("]:")
        return self._place(index, len(before) + 2 + len(behind) - len(behind.lstrip(" <")))


class Block:
    """The lines of a paragraph. What occurs twice is found at its first place, then at its second."""

    def __init__(self, lines: Sequence[str], first: int, place: Places) -> None:
        self._first, self._in_file = first, place
        self._text = "\n".join(lines)
        self._starts = [0, *accumulate(len(text) + 1 for text in lines)]
        self._next: dict[str, int] = {}

    @property
    def start(self) -> tuple[int, int]:
        return self._in_file(self._first, 0)

    def find(self, needle: str, offset: int = 0) -> tuple[int, int] | None:
        """The place of the character `offset` of the needle."""
        at = self._text.find(needle, self._next.get(needle, 0))
        self._next[needle] = at + 1 if at >= 0 else len(self._text)
        return self._place(at + offset) if at >= 0 else None

    def find_target(self, target: str) -> tuple[int, int] | None:
        left = self._targets.get(target)
        return self._place(left.popleft()) if left else None

    @cached_property
    def _targets(self) -> dict[str, deque[int]]:
        """Where each target of an inline link is written, read as the parser reads it."""
        text = _CODE.sub(lambda code: " " * len(code[0]), self._text)
        found: dict[str, deque[int]] = defaultdict(deque)
        for opening in _OPENING.finditer(text):
            at = opening.end()
            read = parseLinkDestination(text, at, len(text))
            target = normalizeLink(read.str) if read.ok else ""
            found[target].append(at + text.startswith("<", at))
        return found

    def _place(self, at: int) -> tuple[int, int]:
        index = bisect_right(self._starts, at) - 1
        return self._in_file(self._first + index, at - self._starts[index])


def _tags(html: str, block: Block) -> Iterator[Link]:
    """Links and images that the author wrote as HTML."""
    for found in _TAG.finditer(html):
        group = found.lastindex or 0
        place = block.find(found[0], found.start(group) - found.start()) or block.start
        yield Link(unescape(found[group]), *place, image=found[1].lower() == "img")


def descendants(token: Token) -> Iterator[Token]:
    """Every token inside, in order; a stack, for hostile nesting is deeper than Python's."""
    left = list(reversed(token.children or ()))
    while left:
        child = left.pop()
        yield child
        left += reversed(child.children or ())
