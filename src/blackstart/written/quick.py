"""Ordinary YAML to plain data at the speed of the C library; whatever is unusual is left to the thorough reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT = "tag:yaml.org,2002:str"
# What could be an anchor, an alias or a tag: it begins a word, unlike the `*` of `folder/*.sql`.
_UNUSUAL = re.compile(r"(?<![\w./*])[&*!]")
_LONGEST = 500  # characters a line: deeper nesting than this would need longer lines, and the C library recurses
_MOST_BRACKETS = 500


_FINGERPRINT = re.compile(r"\d+\.[0-9a-f]*[a-df][0-9a-f]*")  # no number has these letters behind its point


class _Loader(_LOADER):  # type: ignore[misc]  # found at run time
    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> Any:
        """Most values begin with a letter that nothing but text begins with; to see that at once saves a fifth."""
        plain = kind is yaml.ScalarNode and value and implicit[0]
        if plain and (value[0] not in self.yaml_implicit_resolvers or _FINGERPRINT.fullmatch(value)):
            return _TEXT
        return super().resolve(kind, value, implicit)


class Unusual(Exception):
    """Not for the quick reader: perhaps wrong, perhaps only rare."""


def quick(text: str, deepest: int) -> Any:
    """The data of the only document. Raises Unusual."""
    with _loaded(text) as (loader, node):
        return None if node is None else _plain(loader, node, deepest)


def quick_node(text: str) -> yaml.Node | None:
    """The only document as PyYAML composes it, None where it is empty. Raises Unusual."""
    with _loaded(text) as (_, node):
        return node


@contextmanager
def _loaded(text: str) -> Iterator[tuple[Any, yaml.Node | None]]:
    if _UNUSUAL.search(text) or text.count("[") + text.count("{") > _MOST_BRACKETS:
        raise Unusual
    if max(map(len, text.split("\n")), default=0) > _LONGEST:
        raise Unusual
    try:
        loader = _Loader(text)
        try:
            yield loader, loader.get_single_node()
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, OverflowError, KeyError):
        raise Unusual from None


def _plain(loader: Any, node: yaml.Node, depth: int) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.tag == _TEXT else loader.construct_object(node)
    if not depth:
        raise Unusual
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, depth - 1) for item in node.value]
    result: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value in result:
            raise Unusual
        result[key.value] = _plain(loader, value, depth - 1)
    return result
