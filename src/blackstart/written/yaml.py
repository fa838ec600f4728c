"""YAML written by people: plain data, a line and column for every key and value, limits against hostile input."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any, TypeAlias

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from blackstart.model import Problem
from blackstart.written.quick import Unusual, quick, quick_node

MAX_DEPTH = 20
Key: TypeAlias = tuple[str | int, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Span:
    """The characters [start, end) of a value in the text it was parsed from."""

    start: int
    end: int


@dataclass(slots=True)
class Places:
    """`keys` and `values` map the path of an entry to where its key and its value begin."""

    keys: dict[Key, Mark] = field(default_factory=dict)
    values: dict[Key, Mark] = field(default_factory=dict)
    spans: dict[Key, Span] = field(default_factory=dict)


@dataclass
class Yaml:
    """One document. Where everything stands is worked out when first asked for: most documents have no problem."""

    path: str
    data: Any = None
    problems: list[Problem] = field(default_factory=list)
    locate: Callable[[], Places] = field(default=Places, repr=False, compare=False)

    @cached_property
    def places(self) -> Places:
        return self.locate()

    @property
    def keys(self) -> dict[Key, Mark]:
        return self.places.keys

    @property
    def values(self) -> dict[Key, Mark]:
        return self.places.values

    @property
    def spans(self) -> dict[Key, Span]:
        return self.places.spans

    def mark(self, key: Key) -> Mark:
        """Where the entry, or the nearest thing around it, begins."""
        while key and key not in self.values:
            key = key[:-1]
        return self.values.get(key, Mark(1, 1))

    def key_mark(self, key: Key) -> Mark:
        """Where the entry's key is written, or the entry itself when it has none."""
        return self.keys.get(key) or self.mark(key)


class _Lines:
    """Characters to lines as editors count them: for the parser, some rare characters break lines too."""

    def __init__(self, text: str, first_line: int) -> None:
        self._first_line = first_line
        self._starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))][:-1]
        self._last = len(self._starts) - 1 - (len(text) - len(text.rstrip("\n")))

    def mark(self, index: int) -> Mark:
        line = bisect_right(self._starts, index) - 1
        return Mark(line + self._first_line, index - self._starts[line] + 1)

    def written(self, index: int) -> Mark:
        """The same, but never below the last line with text."""
        mark = self.mark(index)
        return mark if mark.line - self._first_line <= self._last else Mark(self._last + self._first_line, 1)


class _Refused(Exception):
    def __init__(self, mark: Any, message: str, fix: str) -> None:
        super().__init__(message)
        self.mark, self.message, self.fix = mark, message, fix


class _Composer(Composer, Resolver):
    """PyYAML's own composer, fed with events that were checked for limits on the way."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        Composer.__init__(self)
        Resolver.__init__(self)
        self._events, self._next = events, next(events, None)

    def check_event(self, *kinds: type[yaml.Event]) -> bool:
        return self._next is not None and (not kinds or isinstance(self._next, kinds))

    def peek_event(self) -> yaml.Event | None:
        return self._next

    def get_event(self) -> yaml.Event | None:
        event, self._next = self._next, next(self._events, None)
        return event


def parse(path: str, text: str, first_line: int = 1) -> Yaml:
    """Parse the only document of `text`, whose first line is line `first_line` of the file."""
    try:
        return parsed(path, text, quick(text, MAX_DEPTH), first_line)
    except Unusual:
        return _only(path, text, first_line)


def parsed(path: str, text: str, data: Any, first_line: int = 1) -> Yaml:
    """What `parse` made of the same text before: `data`, without problems."""
    return Yaml(path, data, locate=lambda: _located(path, text, first_line))


def _located(path: str, text: str, first_line: int) -> Places:
    try:
        root = quick_node(text)
    except Unusual:
        return _only(path, text, first_line).places
    if root is None:
        return _nowhere(first_line)
    return _document(path, root, _Lines(text, first_line)).places


def _only(path: str, text: str, first_line: int) -> Yaml:
    documents = parse_all(path, text, first_line)
    if len(documents) > 1:
        second = documents[1].mark(())
        problem = Problem(path, second.line, 1, "a second YAML document", "Keep one document; remove the `---` line.")
        documents[0].problems.append(problem)
    return documents[0] if documents else Yaml(path, locate=lambda: _nowhere(first_line))


def _nowhere(first_line: int) -> Places:
    return Places(values={(): Mark(first_line, 1)})


def parse_all(path: str, text: str, first_line: int = 1) -> list[Yaml]:
    """Parse every document; a syntax error ends the list with a document that holds the problem."""
    documents: list[Yaml] = []
    lines = _Lines(text, first_line)
    try:
        composer = _Composer(_checked(yaml.parse(text, Loader=_LOADER)))
        composer.get_event()
        while not composer.check_event(yaml.StreamEndEvent):
            documents.append(_document(path, composer.compose_document(), lines))
    except (_Refused, yaml.YAMLError) as error:
        documents.append(Yaml(path, None, problems=[_problem(path, text, error, lines)]))
    return documents


def _checked(events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused(event.start_mark, "YAML anchors and aliases are not allowed here", "Write the value out.")
        if tag := getattr(event, "tag", None):
            raise _Refused(event.start_mark, f"the YAML tag `{tag[:80]}` is not allowed here", "Remove the tag.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _Refused(event.start_mark, f"YAML nested deeper than {MAX_DEPTH} levels", "Flatten it.")
        yield event


def _problem(path: str, text: str, error: _Refused | yaml.YAMLError, lines: _Lines) -> Problem:
    if isinstance(error, _Refused):
        mark: Any = error.mark
        message, fix = error.message, error.fix
    else:
        mark = getattr(error, "problem_mark", None)
        detail = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
        message, fix = (
            f"broken YAML: {detail}",
            "Correct the YAML; quote text that contains `: `, `#` or a leading symbol.",
        )
        opened = getattr(error, "context_mark", None)
        if mark and opened and mark.index >= len(text.rstrip()):
            mark = opened  # what was never closed begins there
    place = lines.written(_index(text, error) if mark is None else mark.index)
    return Problem(path, place.line, place.column, message, fix)


def _index(text: str, error: Exception) -> int:
    """The place of a character that may not be in YAML at all, which the parser gives in bytes."""
    return len(text.encode()[: getattr(error, "position", 0)].decode("utf-8", "ignore"))


def _document(path: str, root: yaml.Node | None, lines: _Lines) -> Yaml:
    document = Yaml(path)
    if root is not None:
        document.data = _Reader(document, lines).read(root, ())
    return document


class _Reader:
    """Nodes to plain data; fills the marks and problems of its document."""

    def __init__(self, document: Yaml, lines: _Lines) -> None:
        self._document, self._lines = document, lines
        self._constructor = SafeConstructor()

    def read(self, node: yaml.Node, key: Key) -> Any:
        self._document.values[key] = self._mark(node)
        self._document.spans[key] = Span(node.start_mark.index, node.end_mark.index)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, key)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*key, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, key: Key) -> Mapping[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            # Keys are taken as written: YAML 1.1 would make the key `on` the boolean true.
            name = key_node.value
            if not isinstance(key_node, yaml.ScalarNode):
                self._add(key_node, "a key must be plain text", "Use a simple `key: value` line.")
            elif name in result:
                self._add(key_node, f"the key `{name}` appears twice", "Keep one of the two.")
            else:
                self._document.keys[*key, name] = self._mark(key_node)
                result[name] = self.read(value_node, (*key, name))
        return result

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            return self._constructor.construct_object(node)
        except yaml.YAMLError:
            self._add(node, f"the YAML tag `{node.tag}` is not allowed here", "Remove the tag.")
        except (ValueError, OverflowError, KeyError) as error:
            self._add(node, f"`{str(node.value)[:40]}` is not a value: {error}", "Correct it, or put it in quotes.")
        return None

    def _mark(self, node: yaml.Node) -> Mark:
        return self._lines.mark(node.start_mark.index)

    def _add(self, node: yaml.Node, message: str, fix: str) -> None:
        mark = self._mark(node)
        self._document.problems.append(Problem(self._document.path, mark.line, mark.column, message, fix))
