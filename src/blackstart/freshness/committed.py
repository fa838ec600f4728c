"""What people wrote as a commit has it: the files of a clean checkout."""

from __future__ import annotations

from blackstart.errors import ConfigurationError
from blackstart.freshness.tree import Tree, lookup
from blackstart.history import FOLDER, SUBMODULE
from blackstart.written.text import MAX_BYTES


class Committed:
    """The files of a tree, as `Disk` would find them after a checkout."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def read(self, path: str) -> bytes | None:
        entry = lookup(self._tree, path)
        if entry is None:
            return None
        if not entry.mode.startswith("100"):
            raise ConfigurationError(f"{path}: not a regular file of this repository. Replace the link by the file.")
        return self._tree.read(path, entry)[: MAX_BYTES + 1]

    def listed(self, folder: str) -> tuple[list[str], list[str]] | None:
        entry = lookup(self._tree, folder)
        if entry is None or entry.mode != FOLDER:
            return None
        names = sorted(self._tree.children(folder).items())
        folders = [name for name, one in names if one.mode == FOLDER]
        return folders, [name for name, one in names if one.mode not in (FOLDER, SUBMODULE)]
