"""YAML, JSON and TOML by their data: the order of keys, quoting and layout mean nothing, types do."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias

import yaml

from blackstart.freshness.meaning.canonical import canonical
from blackstart.freshness.meaning.language import Language

MAX_DEPTH = 100
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPARSABLE = (yaml.YAMLError, ValueError, RecursionError)

# What a CI file or a compose file sets for all of its jobs or services.
_AMBIENT = {"env", "defaults", "default", "variables", "permissions", "before_script", "after_script", "concurrency"}
_SHARED = ("volumes", "networks", "secrets", "configs")
_NAMING = ("name", "id", "alert", "record")


@dataclass(frozen=True)
class Node:
    """A value: its digest, and its children by key where it is a mapping or a list."""

    digest: str
    children: dict[str, Node]
    is_list: bool = False

    @property
    def scalar(self) -> bool:
        return not self.children


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


def _ambient(document: Node, parts: list[str], found: Node) -> list[Any]:
    """Top-level values that apply to everything in the file, and shared resources that the value names."""
    applies = {
        key: child.digest
        for key, child in document.children.items()
        if key != parts[0] and (child.scalar or key in _AMBIENT or key.startswith("x-"))
    }
    used = {
        f"{group}.{name}": child.digest
        for group in _SHARED
        if parts[0] == "services" and group in document.children
        for name, child in document.children[group].children.items()
        if group in found.children and _names_resource(found.children[group], name)
    }
    return [applies, used]


def _names_resource(section: Node, name: str) -> bool:
    return any(key.split(":")[0] == name or f":{name}" in key for key in section.children)


def _paths(node: Node, prefix: str, depth: int) -> Iterator[str]:
    if depth > 20:
        return
    for key, child in node.children.items():
        yield f"{prefix}{key}"
        yield from _paths(child, f"{prefix}{key}.", depth + 1)


# --- parsing


def _json(text: str) -> Documents:
    data = json.loads(text, parse_int=lambda n: _Number("int", n), parse_float=lambda n: _Number("float", n))
    return [_plain(data)]


def _toml(text: str) -> Documents:
    return [_plain(tomllib.loads(text))]


@dataclass(frozen=True)
class _Number:
    """A JSON number as written: 2.50 is not rounded to anything."""

    kind: str
    text: str


def _plain(value: Any) -> Node:
    if isinstance(value, dict):
        return _mapping("object", [("str", key, _plain(item)) for key, item in value.items()])
    if isinstance(value, list):
        return _sequence("array", [_plain(item) for item in value], [_label(item) for item in value])
    return Node(_digest([type(value).__name__, str(value)]), {})


def _label(item: Any) -> str:
    return next((str(item[key]) for key in _NAMING if isinstance(item, dict) and key in item), str(item)[:200])


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
        return _mapping(node.tag, entries)
    if isinstance(node, yaml.SequenceNode):
        return _sequence(node.tag, [_yaml_node(item, known) for item in node.value], list(map(_yaml_label, node.value)))
    return Node(_digest([node.tag, node.value]), {})


def _yaml_label(item: yaml.Node) -> str:
    if not isinstance(item, yaml.MappingNode):
        return str(item.value)[:200] if isinstance(item, yaml.ScalarNode) else ""
    scalars = {key.value: value.value for key, value in item.value if isinstance(value, yaml.ScalarNode)}
    return next((str(scalars[key]) for key in _NAMING if key in scalars), "")


def _mapping(tag: str, entries: list[tuple[str, str, Node]]) -> Node:
    digest = _digest([tag, sorted([key, name, child.digest] for key, name, child in entries)])
    return Node(digest, {name: child for _, name, child in entries})


def _sequence(tag: str, items: list[Node], labels: list[str]) -> Node:
    """Items are found by their index, or by the name, id or alert that they give themselves."""
    by_index = {str(index): item for index, item in enumerate(items)}
    return Node(_digest([tag, [item.digest for item in items]]), dict(zip(labels, items, strict=True)) | by_index, True)


def _digest(value: Any) -> str:
    return sha256(canonical(value)).hexdigest()


# --- the languages


def _language(parser: Parser) -> Language:
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
        """The values at a key path with the file's ambient settings."""
        keys = fragment.split(".")
        chosen = [
            [found.digest, *_ambient(document, keys, found)]
            for document in documents(text) or []
            for found in _find(document, keys)
        ]
        return canonical(chosen) if chosen else None

    def names(text: str) -> frozenset[str] | None:
        """Every key path."""
        found = documents(text)
        return None if found is None else frozenset(name for root in found for name in _paths(root, "", 0))

    return Language(whole, part, names)


YAML, JSON, TOML = _language(_yaml), _language(_json), _language(_toml)
