"""Anchors: one entry of a runbook's `covers`, a path or a glob with an optional `#fragment`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from blackstart.freshness.tree import is_glob
from blackstart.written.names import inside, printable


@dataclass(frozen=True, slots=True)
class Anchor:
    """`text` is the anchor as written."""

    text: str
    pattern: str
    fragment: str

    @property
    def is_glob(self) -> bool:
        return is_glob(self.pattern)


@lru_cache(maxsize=100_000)
def parse_anchor(text: str) -> Anchor:
    """Parse an anchor. Raises ValueError with the reason where it may not name what it names."""
    pattern, _, fragment = printable(text).partition("#")
    if not pattern:
        raise ValueError("an anchor begins with a path")
    if "**" in pattern and any("**" in part and part != "**" for part in pattern.split("/")):
        raise ValueError("`**` stands for whole folders: write `folder/**/*.sql`")
    return Anchor(text, inside(pattern), fragment)
