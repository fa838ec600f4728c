"""Fingerprints: a short versioned hash of what an anchor means in a tree."""

from __future__ import annotations

from hashlib import sha256

from blackstart.freshness.anchor import Anchor
from blackstart.freshness.fragment import resolves
from blackstart.freshness.meaning import meaning
from blackstart.freshness.tree import Tree, match
from blackstart.history import LINK, SUBMODULE, Entry

VERSION = 1  # raise it whenever a normaliser's output changes


class Fingerprints:
    """Computes fingerprints; equal blobs are normalised once."""

    def __init__(self) -> None:
        self._meanings: dict[tuple[str, str], str] = {}

    def of(self, anchor: Anchor, tree: Tree) -> str | None:
        """`VERSION.` and ten hex digits, or None where the anchor matches nothing.

        A fragment must exist, and counts with the whole file around it: that misses nothing.
        """
        files = match(tree, anchor.pattern)
        if not files or not self._resolves(anchor, tree, files):
            return None
        digest = sha256(anchor.fragment.encode())
        for path, entry in files:
            kind = entry.mode if entry.mode in (LINK, SUBMODULE, "100755") else "100644"
            digest.update(b"\0".join((b"", path.encode("utf-8", "surrogateescape"), kind.encode())))
            digest.update(self._meaning(tree, path, entry).encode())
        return f"{VERSION}.{digest.hexdigest()[:10]}"

    def _resolves(self, anchor: Anchor, tree: Tree, files: list[tuple[str, Entry]]) -> bool:
        if not anchor.fragment:
            return True
        readable = ((path, entry) for path, entry in files if entry.mode not in (LINK, SUBMODULE))
        return any(resolves(path, tree.read(path, entry), anchor.fragment) for path, entry in readable)

    def _meaning(self, tree: Tree, path: str, entry: Entry) -> str:
        key = (path, entry.id)
        if key not in self._meanings:
            content = tree.read(path, entry)
            canonical = content if entry.mode in (LINK, SUBMODULE) else meaning(path, content)
            self._meanings[key] = sha256(canonical).hexdigest()
        return self._meanings[key]
