"""Fingerprints: a short versioned hash of what an anchor means in a tree."""

from __future__ import annotations

from hashlib import sha256

from blackstart.freshness.anchor import Anchor
from blackstart.freshness.cache import Cache
from blackstart.freshness.tree import Tree, match
from blackstart.history import LINK, SUBMODULE, Entry

VERSION = 3  # raise it whenever a normaliser's output changes


def is_comparable(fingerprint: str) -> bool:
    """Whether this version made it; those of other versions say nothing about the code."""
    return fingerprint.startswith(f"{VERSION}.")


class Fingerprints:
    """Computes fingerprints; equal blobs are normalised once."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def of(self, anchor: Anchor, tree: Tree) -> str | None:
        """`VERSION.` and ten hex digits, or None where the anchor matches nothing."""
        digest, matched = sha256(), False
        for path, entry in match(tree, anchor.pattern):
            means = self._meaning(tree, path, entry, anchor.fragment)
            if not means:
                continue  # of a glob, the files without the fragment do not count
            matched = True
            kind = entry.mode if entry.mode in (LINK, SUBMODULE, "100755") else "100644"
            digest.update(b"\0".join((path.encode("utf-8", "surrogateescape"), kind.encode(), means.encode(), b"")))
        return f"{VERSION}.{digest.hexdigest()[:10]}" if matched else None

    def _meaning(self, tree: Tree, path: str, entry: Entry, fragment: str) -> str:
        """A digest, empty where the file does not have the fragment."""
        # The kind of entry counts: a link's target or a submodule's commit is no text to normalise.
        key = f"{entry.id} {entry.mode} {path}\0{fragment}"
        means = self._cache.get(key)
        if means is None:
            means = _digest(path, tree.read(path, entry), fragment, plain=entry.mode in (LINK, SUBMODULE))
            self._cache.put(key, means)
        return means


def _digest(path: str, content: bytes, fragment: str, *, plain: bool) -> str:
    from blackstart.freshness.meaning import meaning  # parsers take long to load, and often nothing needs them

    canonical = content if plain else meaning(path, content, fragment)
    return "" if canonical is None else sha256(canonical).hexdigest()
