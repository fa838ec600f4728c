"""What a parser finds in a Markdown page, as plain data that can be kept. Lines and columns are the file's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeAlias


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
class Link:
    """A link or an image as written."""

    target: str
    line: int
    column: int
    image: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """A link by label, `[text][label]`, whose label is defined nowhere."""

    label: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening tag; `name` is in lower case, `!` for declarations. Values have no entities left."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text of one sort; `href` is empty outside of links."""

    text: str
    is_code: bool = False
    href: str = ""


Spans: TypeAlias = tuple[Span, ...]


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


@dataclass(frozen=True, slots=True)
class Parts:
    """`undefined` are links that readers see as brackets, `names` all ids but those of headings."""

    headings: tuple[Heading, ...]
    fences: tuple[Fence, ...]
    links: tuple[Link, ...]
    undefined: tuple[Reference, ...]
    tags: tuple[Tag, ...]
    blocks: tuple[Block, ...]
    names: tuple[str, ...]


def to_json(parts: Parts) -> str:
    return json.dumps(parts, default=row, separators=(",", ":"))


def from_json(text: str) -> Parts:
    headings, fences, links, undefined, tags, blocks, names = json.loads(text)
    return Parts(
        tuple(Heading(*row) for row in headings),
        tuple(Fence(*row) for row in fences),
        tuple(Link(*row) for row in links),
        tuple(Reference(*row) for row in undefined),
        tuple(Tag(name, tuple((key, value) for key, value in given), *place) for name, given, *place in tags),
        tuple(_block(*row) for row in blocks),
        tuple(names),
    )


def _block(section: str, line: int, cells: list[list[list[Any]]], head: list[str], is_item: bool) -> Block:  # noqa: FBT001
    return Block(section, line, tuple(tuple(Span(*row) for row in cell) for cell in cells), tuple(head), is_item)


@cache
def _values(kind: type[Any]) -> Callable[[Any], Any]:
    return attrgetter(*(one.name for one in fields(kind)))


def row(item: Any) -> Any:
    """The values of a dataclass in their order; `json` asks for them by `default=row`, also inside of others."""
    return _values(type(item))(item)  # type: ignore[arg-type]  # a class is hashable, whatever its instances are
