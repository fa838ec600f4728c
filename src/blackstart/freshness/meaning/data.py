"""YAML, JSON and TOML by their data: the order of keys, quoting and layout mean nothing, types do."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from itertools import islice
from typing import Any, TypeAlias

import yaml

from blackstart.freshness.meaning.canonical import canonical
from blackstart.freshness.meaning.language import Language
from blackstart.freshness.meaning.surroundings import surroundings

MAX_DEPTH = 100
MAX_PATH = 20  # keys
MAX_NAMES = 200_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPARSABLE = (yaml.YAMLError, ValueError, RecursionError)

_NAMING = ("name", "id", "alert", "record")
# Spellings that all versions of YAML take for the same.
_EQUAL = {
    "tag:yaml.org,2002:null": dict.fromkeys(("", "~", "null"), "null"),
    "tag:yaml.org,2002:bool": {"true": "true", "false": "false"},
}
_TEXT = "tag:yaml.org,2002:str"
# What PyYAML takes for text even without quotes, and parsers of other versions for a number or a boolean.
_TEXT_TO_SOME = re.compile(r"[yYnN]|[-+]?0o[0-7]+|[-+]?(?:\.\d+|\d+(?:\.\d*)?)[eE][-+]?\d+")
_JSON_NOISE = re.compile(r'"(?:[^"\\]|\\.)*+"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_LAST_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+")|,(?=\s*+[}\]])()', re.DOTALL)


@dataclass(frozen=True)
class Node:
    """A value: its digest, what it holds where it is a mapping or a list, and its text where it is neither."""

    digest: str
    entries: tuple[tuple[str, Node], ...] = ()
    is_list: bool = False
    text: str = ""

    @cached_property
    def children(self) -> dict[str, Node]:
        """By key, index or label; those with the same are one, because no parser may choose between them for us."""
        groups: dict[str, list[Node]] = {}
        for name, child in self.entries:
            if not any(child is other for other in groups.setdefault(name, [])[-1:]):
                groups[name].append(child)
        return {name: group[0] if len(group) == 1 else _together(group) for name, group in groups.items()}

    @property
    def scalar(self) -> bool:
        return not self.entries


def _together(nodes: list[Node]) -> Node:
    entries = tuple(entry for node in nodes for entry in node.entries)
    return Node(_digest(["together", [node.digest for node in nodes]]), entries, any(node.is_list for node in nodes))


Documents: TypeAlias = list[Node]
Parser: TypeAlias = Callable[[str], Documents]


def _find(node: Node, parts: list[str]) -> Iterator[Node]:
    """A key may hold dots itself, so every way to join the parts is tried."""
    if not parts:
        yield node
    for size in range(1, len(parts) + 1):
        child = node.children.get(".".join(parts[:size]))
        if child is not None:
            yield from _find(child, parts[size:])


def _paths(node: Node, prefix: str, depth: int) -> Iterator[str]:
    if depth > MAX_PATH:
        return
    for key, child in node.children.items():
        yield f"{prefix}{key}"
        yield from _paths(child, f"{prefix}{key}.", depth + 1)


# --- parsing


def _json(text: str) -> Documents:
    """With comments and a last comma, as in the settings of many tools, where it does not parse without."""
    try:
        return [_plain(_loaded(text))]
    except ValueError:
        bare = _JSON_NOISE.sub(lambda match: match[0] if match[0].startswith('"') else " ", text)
        return [_plain(_loaded(_LAST_COMMA.sub(lambda match: match[1] or match[2], bare)))]


def _loaded(text: str) -> Any:
    return json.loads(
        text,
        parse_int=lambda number: _Number("int", number),
        parse_float=lambda number: _Number("float", number),
        object_pairs_hook=_Pairs,
    )


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object, equal keys too."""


def _toml(text: str) -> Documents:
    return [_plain(tomllib.loads(text))]


@dataclass(frozen=True)
class _Number:
    """A JSON number as written: 2.50 is not rounded to anything."""

    kind: str
    text: str


def _plain(value: Any) -> Node:
    if isinstance(value, dict | _Pairs):
        pairs = value.items() if isinstance(value, dict) else value
        return _mapping("object", [("str", key, _plain(item)) for key, item in pairs])
    if isinstance(value, list):
        return _sequence("array", [_plain(item) for item in value])
    text = value.text if isinstance(value, _Number) else str(value)
    return Node(_digest([type(value).__name__, str(value)]), text=text)


def _yaml(text: str) -> Documents:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
    # Nodes are known by their address, which a later document may use again once an earlier one is gone.
    return [_yaml_node(root, {}) for root in yaml.compose_all(text, Loader=_LOADER)]


def _yaml_node(node: yaml.Node, known: dict[int, Node | None]) -> Node:
    """Each node once, so that a bomb of aliases costs no more than its text."""
    if id(node) not in known:
        known[id(node)] = None
        known[id(node)] = _yaml_new(node, known)
    found = known[id(node)]
    if found is None:
        raise ValueError("an alias inside its own anchor")
    return found


def _yaml_new(node: yaml.Node, known: dict[int, Node | None]) -> Node:
    if isinstance(node, yaml.MappingNode):
        entries = [(_yaml_node(key, known).digest, str(key.value), _yaml_node(item, known)) for key, item in node.value]
        merged = [item for key, item in node.value if key.tag == "tag:yaml.org,2002:merge"]
        return _mapping(node.tag, entries, [_yaml_node(item, known) for item in merged])
    if isinstance(node, yaml.SequenceNode):
        return _sequence(node.tag, [_yaml_node(item, known) for item in node.value])
    value = _EQUAL.get(node.tag, {}).get(node.value.lower(), node.value)
    is_plain = isinstance(node, yaml.ScalarNode) and not node.style
    tag = "unquoted" if is_plain and node.tag == _TEXT and _TEXT_TO_SOME.fullmatch(node.value) else node.tag
    return Node(_digest([tag, value]), text=node.value)


def _mapping(tag: str, entries: list[tuple[str, str, Node]], merged: list[Node] | None = None) -> Node:
    """Keys have no order, but equal keys have. What is merged can be found, where nothing here takes its place."""
    ordered = sorted(entries, key=lambda entry: entry[:2])
    digest = _digest([tag, [[key, name, child.digest] for key, name, child in ordered]])
    own = [(name, child) for _, name, child in entries]
    found = {name for name, _ in own}
    for source in merged or ():
        for mapping in [child for _, child in source.entries] if source.is_list else [source]:
            more = [(name, child) for name, child in mapping.entries if name not in found]
            found |= {name for name, _ in more}
            own += more
    return Node(digest, tuple(own))


def _sequence(tag: str, items: list[Node]) -> Node:
    """Items are found by their index, or by the name, id or alert that they give themselves."""
    labels = [(label, item) for item in items if (label := _label(item))]
    indices = [(str(index), item) for index, item in enumerate(items)]
    return Node(_digest([tag, [item.digest for item in items]]), tuple(labels + indices), is_list=True)


def _label(item: Node) -> str:
    if item.scalar:
        return item.text[:200]
    named = {} if item.is_list else {name: child.text for name, child in item.entries if name in _NAMING}
    return next((named[key] for key in _NAMING if named.get(key)), "")


def _digest(value: Any) -> str:
    return sha256(canonical(value)).hexdigest()


# --- the languages


def _language(parser: Parser, descriptive: frozenset[str] = frozenset()) -> Language:
    @lru_cache(maxsize=1)  # the fragments of a file are asked for one after the other
    def documents(text: str) -> Documents | None:
        try:
            return parser(text)
        except _UNPARSABLE:
            return None

    def whole(text: str) -> bytes | None:
        """All documents of the file."""
        found = documents(text)
        return None if found is None else canonical([document.digest for document in found])

    def part(text: str, fragment: str) -> bytes | None:
        """The values at a key path with what the file sets for them."""
        keys = fragment.split(".")
        chosen = [
            [found.digest, *surroundings(document, keys, descriptive)]
            for document in documents(text) or []
            for found in _find(document, keys)
        ]
        return canonical(chosen) if chosen else None

    def names(text: str) -> frozenset[str] | None:
        """Every key path."""
        found = documents(text)
        if found is None:
            return None
        return frozenset(islice((name for root in found for name in _paths(root, "", 0)), MAX_NAMES))

    return Language(whole, part, names)


YAML, TOML = _language(_yaml), _language(_toml)
JSON = _language(_json, frozenset({"version", "description", "author", "license", "homepage", "keywords"}))
