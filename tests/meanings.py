"""Two texts and whether they mean the same: what the tests of every language ask."""

from __future__ import annotations

from blackstart.freshness.meaning import meaning


def same(path: str, one: str, other: str, fragment: str = "") -> bool:
    """Whether two files, or a fragment that both must have, mean the same."""
    before, after = meaning(path, one.encode(), fragment), meaning(path, other.encode(), fragment)
    assert before is not None
    assert after is not None
    return before == after


def moves(path: str, text: str, fragment: str, old: str, new: str, *, count: int = -1) -> bool:
    """Whether writing `new` for the first `count` of `old`, else for all, moves the fragment's meaning."""
    assert old in text
    return not same(path, text, text.replace(old, new, count), fragment)
