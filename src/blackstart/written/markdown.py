"""A Markdown page as rules speak about it: headings, fences, links, visible lines, with their places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

from blackstart.written.text import digest
from blackstart.written.visible import visible

if TYPE_CHECKING:  # what judges freshness alone reads no Markdown, and this takes long to load
    from blackstart.written.parser import Parsed
    from blackstart.written.parts import Block, Fence, Heading, Link, Parts, Reference, Tag

T = TypeVar("T")


class Store(Protocol):
    """Keeps texts by key, from one run to the next."""

    def get(self, key: str) -> str | None: ...
    def put(self, key: str, value: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the numbered visible lines below it, up to the next heading of its level or above."""

    heading: Heading
    lines: tuple[tuple[int, str], ...]


class Document:
    """A page's body. `first_line` is the line of the file at which it begins, `store` what earlier runs knew."""

    def __init__(self, body: str, first_line: int = 1, store: Store | None = None) -> None:
        self.first_line = first_line
        # A lone carriage return would be a line for the parser and none for editors.
        self.source = tuple(body.replace("\r\n", "\n").replace("\r", " ").split("\n"))
        self.visible, self._titles = visible(self.source)
        self._store = store

    @property
    def headings(self) -> tuple[Heading, ...]:
        return self._parts.headings

    @cached_property
    def anchors(self) -> frozenset[str]:
        """Every id that a link may name: those of headings and steps, and those that the author gave to something."""
        return frozenset([*self._parts.names, *(heading.anchor for heading in self.headings)])

    @property
    def fences(self) -> tuple[Fence, ...]:
        return self._parts.fences

    @property
    def links(self) -> tuple[Link, ...]:
        return self._parts.links

    @property
    def undefined(self) -> tuple[Reference, ...]:
        """Links by label whose label is defined nowhere: readers see brackets."""
        return self._parts.undefined

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The HTML that the author wrote."""
        return self._parts.tags

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its paragraphs and rows of tables."""
        return self._parts.blocks

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
    def last_line(self) -> int:
        """The last line with text."""
        filled = (index for index in range(len(self.source) - 1, -1, -1) if self.source[index].strip())
        return self.first_line + next(filled, 0)

    def kept(self, name: str, make: Callable[[], T], encode: Callable[[T], str], decode: Callable[[str], T]) -> T:
        """What `make` makes of this very page, or made of it in an earlier run."""
        if self._store is None:
            return make()
        key = f"{name} {self._key}"
        known = self._store.get(key)
        if known is not None:
            return decode(known)
        made = make()
        self._store.put(key, encode(made))
        return made

    @cached_property
    def _key(self) -> str:
        return digest(str(self.first_line), "\n".join(self.source))[:32]

    @cached_property
    def _parts(self) -> Parts | Parsed:
        if self._store is None:
            return self._parsed()
        from blackstart.written.parts import from_json, to_json

        return self.kept("parts", lambda: self._parsed().all(), to_json, from_json)

    def _parsed(self) -> Parsed:
        from blackstart.written.parser import Parsed

        return Parsed(self.visible, self.first_line, self._place)

    def _place(self, index: int, at: int) -> tuple[int, int]:
        line = self.first_line + index
        return line, self.column(line, at)

    def _section(self, index: int, titles: set[int]) -> Section:
        heading = self.headings[index]
        later = (self.headings[at] for at in range(index + 1, len(self.headings)))
        ends = (other.line for other in later if other.level <= heading.level)
        end = next(ends, self.first_line + len(self.visible))
        numbers = (number for number in range(heading.line + 1, end) if number not in titles)
        return Section(heading, tuple((number, self.visible[number - self.first_line]) for number in numbers))
