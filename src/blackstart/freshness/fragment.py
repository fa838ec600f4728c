"""The names that `path#fragment` may use in a file."""

from __future__ import annotations

import ast
import json
import re
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import yaml

_WORD = re.compile(r"[A-Za-z_][\w.-]*")


def names(path: str, content: bytes) -> frozenset[str]:
    """Every fragment that resolves in the file: definitions, key paths, or for other languages its words."""
    text = content.decode("utf-8", "replace")
    suffix = PurePosixPath(path).suffix
    try:
        if suffix == ".py":
            return frozenset(_python_names(text))
        if suffix in (".yml", ".yaml"):
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            return frozenset(
                name for root in yaml.compose_all(text, Loader=loader) for name in _node_paths(root, "", 0)
            )
        if suffix in (".json", ".toml"):
            data = tomllib.loads(text) if suffix == ".toml" else json.loads(text)
            return frozenset(_key_paths(data, "", 0))
    except (SyntaxError, ValueError, RecursionError, yaml.YAMLError):
        pass  # what does not parse is searched like any other text
    return frozenset(_WORD.findall(text))


def resolves(path: str, content: bytes, fragment: str) -> bool:
    """Whether the file holds the fragment; `table orders` and `block.name` need each of their words."""
    known = names(path, content)
    return fragment in known or (
        PurePosixPath(path).suffix not in (".py", ".yml", ".yaml", ".json", ".toml")
        and all(word in known for word in re.split(r"[\s.]+", fragment))
    )


def _python_names(text: str) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    yield from _definitions(tree.body, "")


def _definitions(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield prefix + node.name
            if isinstance(node, ast.ClassDef):
                yield from _definitions(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (
                prefix + name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)
            )
        elif isinstance(node, ast.If | ast.Try | ast.With):
            yield from _definitions(node.body, prefix)
            yield from _definitions(getattr(node, "orelse", []), prefix)


def _node_paths(node: yaml.Node | None, prefix: str, depth: int) -> Iterator[str]:
    if not isinstance(node, yaml.MappingNode) or depth > 20:
        return
    for key, value in node.value:
        path = f"{prefix}{key.value}"
        yield path
        yield from _node_paths(value, f"{path}.", depth + 1)


def _key_paths(data: Any, prefix: str, depth: int) -> Iterator[str]:
    if not isinstance(data, dict) or depth > 20:
        return
    for key, value in data.items():
        yield f"{prefix}{key}"
        yield from _key_paths(value, f"{prefix}{key}.", depth + 1)
