"""Globs against names alone: what `tree.match` means by a pattern, without a tree to walk."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache


@lru_cache(maxsize=100_000)
def matches(pattern: str, path: str) -> bool:
    """Whether the path or glob names `path`. `*` and `?` stay within one folder, `**` crosses folders.

    All the places in the pattern that the path could have reached are followed at once, so nothing is tried twice.
    """
    parts = pattern.split("/")
    reached = _beyond(parts, {0})
    *folders, name = path.split("/")
    for folder in folders:
        reached = _beyond(parts, {at if parts[at] == "**" else at + 1 for at in reached if _names(parts, at, folder)})
        if not reached:
            return False
    return any(at == len(parts) - 1 and _names(parts, at, name) for at in reached)


def _beyond(parts: list[str], reached: set[int]) -> set[int]:
    """With the places behind each `**`, which may stand for no folder at all."""
    for at, part in enumerate(parts):
        if part == "**" and at in reached:
            reached.add(at + 1)
    return reached


def _names(parts: list[str], at: int, name: str) -> bool:
    return at < len(parts) and (parts[at] == "**" or fnmatchcase(name, parts[at]))
