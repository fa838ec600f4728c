"""Anchors: one entry of a runbook's `covers`: `[source:]path-or-glob[#fragment]`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from blackstart.freshness.tree import is_glob, is_named
from blackstart.written.names import inside, printable

_SOURCE = re.compile(r"([A-Za-z0-9][\w.-]+):(?=.)")


@dataclass(frozen=True, slots=True)
class Anchor:
    """`text` is the anchor as written; `source` names another checkout, empty for this repository."""

    text: str
    source: str
    pattern: str
    fragment: str

    @property
    def is_glob(self) -> bool:
        return is_glob(self.pattern)

    def names(self, path: str) -> bool:
        """Whether a file of this path belongs to it, be it there or not."""
        return is_named(self.pattern, path)


@lru_cache(maxsize=100_000)
def parse_anchor(text: str) -> Anchor:
    """Parse an anchor. Raises ValueError with the reason where it may not name what it names."""
    found = _SOURCE.match(text) if ":" in printable(text) else None
    source, rest = (found[1], text[found.end() :]) if found else ("", text)
    pattern, _, fragment = rest.partition("#")
    if not pattern:
        raise ValueError("an anchor begins with a path")
    return Anchor(text, source, inside(whole_folders(pattern)), fragment)


def whole_folders(pattern: str) -> str:
    """Refuse a `**` that is only a part of a name, where it would stand for less than it looks."""
    if "**" in pattern and any("**" in part and part != "**" for part in pattern.split("/")):
        raise ValueError("`**` stands for whole folders: write `folder/**/*.sql`")
    return pattern
