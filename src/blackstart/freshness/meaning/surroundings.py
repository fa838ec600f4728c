"""What else a file of data sets for the value at a key path: settings for all, bases, and resources that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Protocol

# What a CI file, a compose file or a server's settings say for all that is in them.
_AMBIENT = {
    *("env", "defaults", "default", "variables", "permissions", "before_script", "after_script", "concurrency"),
    *("on", "stages", "include", "workflow", "global", "cache"),
}
_SHARED = ("volumes", "networks", "secrets", "configs")
_IDENTITY = ("name", "namespace")
_SCRIPT = re.compile(r"[\w:.-]+")
_RUNNER = re.compile(r"\b(?:npm|pnpm|yarn|bun|run-[sp]|npm-run-all|concurrently)\b")


class _Node(Protocol):
    @property
    def digest(self) -> str: ...
    @property
    def children(self) -> dict[str, Any]: ...
    @property
    def is_list(self) -> bool: ...
    @property
    def scalar(self) -> bool: ...
    @property
    def text(self) -> str: ...


def surroundings(document: _Node, parts: list[str], descriptive: frozenset[str]) -> list[Any]:
    """Digests by name. A key that is only `descriptive` sets nothing."""
    applies = {
        key: child.digest
        for key, child in document.children.items()
        if key != parts[0] and key not in descriptive and _is_ambient(key, child)
    }
    used = dict(_resources(document, parts))
    used |= dict(_identity(document, parts)) | dict(_bases(document, parts)) | dict(_scripts(document, parts))
    return [applies, used]


def _is_ambient(key: str, child: _Node) -> bool:
    return child.scalar or key in _AMBIENT or key.startswith("x-") or (key == "services" and child.is_list)


def _identity(document: _Node, parts: list[str]) -> Iterator[tuple[str, str]]:
    """Which object of a cluster a document describes; its labels do not say."""
    if parts[0] != "metadata" and "metadata" in document.children:
        metadata = document.children["metadata"].children
        yield from ((f"metadata.{key}", metadata[key].digest) for key in _IDENTITY if key in metadata)


def _resources(document: _Node, parts: list[str]) -> Iterator[tuple[str, str]]:
    """Volumes, networks and the like that a compose service names, or has without naming them."""
    if parts[0] != "services" or len(parts) < 2:
        return
    service = _child(_child(document, "services"), parts[1])
    for group in _SHARED if len(parts) == 2 else parts[2:3]:
        shared, section = _child(document, group), _child(service, group)
        if shared is None or group not in _SHARED:
            continue
        named = _words(section) if section else {"default"}
        yield from ((f"{group}.{name}", child.digest) for name, child in shared.children.items() if name in named)


def _words(section: _Node) -> set[str]:
    """Keys and texts below a node, and in `name:/path` the name."""
    texts = [*section.children, *(node.text for node in _below(section)), *_keys(section)]
    return {*texts, *(text.split(":")[0] for text in texts)}


def _keys(section: _Node) -> Iterator[str]:
    return (key for node in _below(section) for key in node.children)


def _bases(document: _Node, parts: list[str]) -> Iterator[tuple[str, str]]:
    """What a service or job extends, and hidden jobs that it names otherwise."""
    inside = parts[0] == "services" and len(parts) == 2
    if not inside and len(parts) != 1:
        return
    siblings = _child(document, "services").children if inside else document.children
    followed, pending = set[str](), [parts[-1]]
    while pending:
        name = pending.pop()
        if name in followed or name not in siblings:
            continue
        followed.add(name)
        if name != parts[-1]:
            yield f"base.{name}", siblings[name].digest
        pending += _extended(siblings[name], siblings)


def _extended(node: _Node, siblings: dict[str, Any]) -> Iterator[str]:
    extends = _child(node, "extends")
    if extends is not None:
        yield from (below.text for below in _below(extends) if below.text in siblings)
    if any(name.startswith(".") for name in siblings):
        yield from (below.text for below in _below(node) if below.text.startswith(".") and below.text in siblings)


def _scripts(document: _Node, parts: list[str]) -> Iterator[tuple[str, str]]:
    """Scripts of a package that run before, after and within the one."""
    scripts = _child(document, "scripts") if parts[0] == "scripts" and len(parts) == 2 else None
    if scripts is None or scripts.is_list:
        return
    followed, pending = set[str](), [parts[1]]
    while pending:
        name = pending.pop()
        if name in followed or name not in scripts.children:
            continue
        followed.add(name)
        command = scripts.children[name]
        yield f"scripts.{name}", command.digest
        pending += [f"pre{name}", f"post{name}"]
        pending += _SCRIPT.findall(command.text) if _RUNNER.search(command.text) else []


def _child(node: _Node | None, key: str) -> Any:
    return node.children.get(key) if node is not None else None


def _below(node: _Node) -> Iterator[_Node]:
    """Every node once, however many aliases lead to it."""
    seen, pending = set[int](), [node]
    while pending:
        current = pending.pop()
        if id(current) not in seen:
            seen.add(id(current))
            yield current
            pending += current.children.values()
