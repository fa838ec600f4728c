"""The HTML that an author wrote among the Markdown: each tag with its attributes and its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape

from markdown_it.token import Token

from blackstart.written.links import Block, Places, descendants
from blackstart.written.parts import Tag

_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)(?=[\s/>]|$)((?:[^<>\"']|\"[^\"]*\"|'[^']*'){0,2000})>?|<([!?])")
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?")


def tags_of(tokens: Sequence[Token], visible: Sequence[str], place: Places) -> Iterator[Tag]:
    """Every opening tag outside of code; comments are not visible and so no tags."""
    blocks: dict[tuple[int, int], Block] = {}
    for token in tokens:
        if token.type not in ("html_block", "inline") or not token.map:
            continue
        start, end = token.map
        block = blocks.setdefault((start, end), Block(visible[start:end], start, place))
        if token.type == "html_block":
            yield from _tags(token.content, block)
        for child in descendants(token):
            if child.type == "html_inline":
                yield from _tags(child.content, block)


def _tags(html: str, block: Block) -> Iterator[Tag]:
    for found in _TAG.finditer(html):
        if found[1]:
            continue  # its opening tag has said it
        line, column = block.find(found[0].split("\n", 1)[0]) or block.start
        yield Tag(found[4] or found[2].lower(), tuple(_attributes(found[3] or "")), line, column)


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    for found in _ATTRIBUTE.finditer(text):
        yield found[1].lower(), unescape(next((value for value in found.groups()[1:] if value is not None), ""))
