"""What people wrote as a commit has it: the files of a clean checkout."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property

from blackstart.errors import ConfigurationError
from blackstart.freshness.tree import Snapshot, Tree, is_glob, is_named, lookup
from blackstart.history import FOLDER, SUBMODULE, Earlier, Entry, History
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


def as_of(commit: str, now: Snapshot, history: History) -> Overlay:
    """The files as they would be with a commit checked out, and nothing edited."""
    committed = history.differing(commit)  # asked first: meanwhile git answers what `now` has to know
    then = {path: now.tracked(path) for path in now.uncommitted} | committed
    differing = {path: entry for path, entry in then.items() if entry != lookup(now, path)}
    return Overlay(now, differing, Earlier(history, commit))


class Overlay:
    """A commit that is like another snapshot but for some files, so that nobody need read git's trees.

    `differing` has these files as the commit has them, None where it has none; `history` is the commit's.
    """

    edited: AbstractSet[str] = frozenset()
    uncommitted: AbstractSet[str] = frozenset()

    def __init__(self, below: Snapshot, differing: Mapping[str, Entry | None], history: Earlier) -> None:
        self.differing, self.history = differing, history
        self._below = below
        self._folders: dict[str, Mapping[str, Entry]] = {}
        self._touched: dict[str, dict[str, Entry | None]] = {}  # names that may differ, by folder
        for path, entry in differing.items():
            self._touch(path)[path.rpartition("/")[2]] = entry

    def differing_in(self, pattern: str) -> list[str]:
        """The files that the path or glob names, be they there or not, which the other snapshot has otherwise."""
        if not is_glob(pattern):
            return [pattern] if pattern in self.differing else []
        return [path for path in self.differing if is_named(pattern, path)]

    def children(self, folder: str) -> Mapping[str, Entry]:
        if folder not in self._touched:
            return self._below.children(folder)
        if folder not in self._folders:
            self._folders[folder] = self._laid_over(folder)
        return self._folders[folder]

    def entry(self, path: str) -> Entry | None:
        folder, _, name = path.rpartition("/")
        return self.children(folder).get(name) if folder in self._touched else self._below.entry(path)

    def read(self, path: str, entry: Entry) -> bytes:  # noqa: ARG002 - the face of a tree
        return entry.id.encode() if entry.mode == SUBMODULE else self.history.read(entry.id)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        kept = {path for path, entry in self.differing.items() if entry}
        return tuple(sorted(kept.union(self._below.paths) - (self.differing.keys() - kept)))

    def tracked(self, path: str) -> Entry | None:
        return lookup(self, path)

    def _touch(self, path: str) -> dict[str, Entry | None]:
        """What may differ in the folder of a path; so may the folders around it."""
        folder = path.rpartition("/")[0]
        if folder and folder not in self._touched:
            self._touch(folder).setdefault(folder.rpartition("/")[2], None)
        return self._touched.setdefault(folder, {})

    def _laid_over(self, folder: str) -> Mapping[str, Entry]:
        found = dict(self._below.children(folder))
        for name, entry in self._touched[folder].items():
            path = f"{folder}/{name}" if folder else name
            # Where there is no file, a folder may be; it is only there with a file in it.
            now = entry or (Entry(FOLDER, "") if self.children(path) else None)
            if now:
                found[name] = now
            else:
                found.pop(name, None)
        return found
