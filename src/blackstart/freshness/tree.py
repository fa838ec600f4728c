"""File trees to look things up in: the work tree and any commit, through one face."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import Protocol

from blackstart.freshness.glob import matches
from blackstart.history import FOLDER, LINK, SUBMODULE, Entry, History, Index

_KEPT = 2_000  # commits in memory
WILD = re.compile(r"[*?[]")
_TOLD_APART = 60  # characters of a path: what agrees in more is looked at closely


class Tree(Protocol):
    """Names below a folder and the content of files; paths use `/`, the root is the empty path."""

    def children(self, folder: str) -> Mapping[str, Entry]: ...

    def entry(self, path: str) -> Entry | None:
        """The file or folder at `path`."""

    def read(self, path: str, entry: Entry) -> bytes: ...


class Snapshot(Tree, Protocol):
    """A tree that can be judged: the work tree, or a commit as if it were checked out."""

    @property
    def edited(self) -> AbstractSet[str]:
        """The paths whose content is not what git's index has."""

    @property
    def uncommitted(self) -> AbstractSet[str]:
        """Every path that is not as it is in HEAD: edited, staged or deleted."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file, sorted: what `match` finds for `**`, without a walk."""

    def tracked(self, path: str) -> Entry | None:
        """What git knows of a file; None where it does not track it."""


def lookup(tree: Tree, path: str) -> Entry | None:
    """The file or folder at `path`."""
    return tree.entry(path)


def match(tree: Tree, pattern: str) -> list[tuple[str, Entry]]:
    """The files that a path or glob names, by path. `*` and `?` stay within one folder, `**` crosses folders."""
    if not is_glob(pattern):
        entry = lookup(tree, pattern)
        return [(pattern, entry)] if entry and entry.mode != FOLDER else []
    found: dict[str, Entry] = {}
    seen: set[tuple[str, int]] = set()
    parts = pattern.split("/")

    def walk(folder: str, at: int) -> None:
        if (folder, at) in seen or at == len(parts):
            return
        seen.add((folder, at))
        part, last = parts[at], at == len(parts) - 1
        if part == "**":
            walk(folder, at + 1)
        for name, entry in _named(tree.children(folder), part):
            path = f"{folder}/{name}" if folder else name
            if entry.mode == FOLDER:
                walk(path, at if part == "**" else at + 1)
            elif last:
                found[path] = entry

    walk("", 0)
    return sorted(found.items())


def is_named(pattern: str, path: str) -> bool:
    """Whether a file of this path belongs to what the pattern names, be it there or not."""
    return matches(pattern, path) if is_glob(pattern) else pattern == path


def surely_equal(one: Tree, other: Tree, pattern: str) -> bool:
    """Whether two commits agree in all that `pattern` names, as far as ids tell: nothing below them is read."""
    if not (isinstance(one, CommitTree) and isinstance(other, CommitTree)):
        return False
    folder = ""
    for part in pattern.split("/"):
        if one.identity(folder) == other.identity(folder):
            return True
        if is_glob(part):
            return False
        folder = f"{folder}/{part}" if folder else part
    return lookup(one, pattern) == lookup(other, pattern)


def vanished(before: Tree, after: Tree, folder: str) -> Iterator[str]:
    """The files below `folder` that `after` no longer has; folders that did not change are not read."""
    now = after.children(folder)
    for name, entry in before.children(folder).items():
        path = f"{folder}/{name}" if folder else name
        if entry.mode == FOLDER and entry != now.get(name):
            yield from vanished(before, after, path)
        elif entry.mode != FOLDER and name not in now:
            yield path


def may_meet(pattern: str, path: str) -> bool:
    """Whether `pattern` could name the file `path` or one in the folder `path`, as far as a quick look tells."""
    fixed = fixed_part(pattern)
    return not path or path.startswith(fixed) or fixed.startswith(path)


@cache
def meeting(path: str) -> re.Pattern[str]:
    """Finds one that `may_meet` the path among patterns, one a line: most pages cover nothing near it."""
    rest = ""
    for letter in reversed(path[:_TOLD_APART]):
        rest = f"(?:(?={WILD.pattern}|$)|{re.escape(letter)}{rest})"
    return re.compile(f"^{rest}", re.MULTILINE)


def fixed_part(pattern: str) -> str:
    """The characters in front of the first wildcard."""
    return WILD.split(pattern, maxsplit=1)[0]


def fixed_folder(pattern: str) -> str:
    """The path in front of the first part with a wildcard, which git takes literally."""
    fixed = fixed_part(pattern)
    return (fixed if fixed == pattern else fixed.rpartition("/")[0]) or "."


def _named(children: Mapping[str, Entry], part: str) -> Iterator[tuple[str, Entry]]:
    if is_glob(part):
        yield from ((name, entry) for name, entry in children.items() if part == "**" or fnmatchcase(name, part))
    elif part in children:
        yield part, children[part]


@lru_cache(maxsize=100_000)
def is_glob(pattern: str) -> bool:
    """Whether the pattern holds a wildcard."""
    return WILD.search(pattern) is not None


class CommitTree:
    """The tree of a commit, read folder by folder from git's objects."""

    def __init__(self, history: History, commit: str) -> None:
        self._history, self._commit = history, commit
        self._identities: dict[str, str | None] = {}

    def children(self, folder: str) -> Mapping[str, Entry]:
        identity = self.identity(folder)
        return self._history.tree(identity) if identity else {}

    def entry(self, path: str) -> Entry | None:
        folder, _, name = path.rpartition("/")
        return self.children(folder).get(name)

    def identity(self, folder: str) -> str | None:
        """The object id of a folder: equal ids, equal content."""
        if folder not in self._identities:
            entry = lookup(self, folder) if folder else None
            inner = entry.id if entry and entry.mode == FOLDER else None
            self._identities[folder] = inner if folder else self._history.root_tree(self._commit)
        return self._identities[folder]

    def read(self, path: str, entry: Entry) -> bytes:  # noqa: ARG002 - the face of a tree
        return entry.id.encode() if entry.mode == SUBMODULE else self._history.read(entry.id)


class WorkTree:
    """The files as they stand: what git tracks, with uncommitted edits and new files that are not ignored."""

    def __init__(self, root: Path, history: History | None) -> None:
        self.root = root
        self._history = history
        self._index = Index()
        self.edited: set[str] = set()
        self._gone: set[str] = set()
        self._staged: set[str] = set()
        self._found: dict[str, dict[str, Entry]] = {"": {}}  # whatever git's index does not say
        for path, entry in self._from_git(history) if history else self._from_disk():
            self._add(path, entry)
        self._folders: dict[str, dict[str, Entry]] = {}

    def children(self, folder: str) -> Mapping[str, Entry]:
        if folder not in self._folders:
            self._folders[folder] = dict(self._listed(folder)) | self._found.get(folder, {})
        return self._folders[folder]

    def entry(self, path: str) -> Entry | None:
        """To find a file in git's index is quicker than to list its folder."""
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            found = self._found.get(folder, {}).get(name) or (None if path in self._gone else self._index.get(path))
            if found:
                return found
        return self.children(folder).get(name)

    def _listed(self, folder: str) -> Iterator[tuple[str, Entry]]:
        """What is in the folder as git's index has it; a folder is only there with a file in it."""
        for name, entry in self._index.children(folder):
            path = f"{folder}/{name}" if folder else name
            if entry.mode != FOLDER and path in self._gone:
                continue
            if entry.mode != FOLDER or path not in self._thinned or self.children(path):
                yield name, entry

    @cached_property
    def _thinned(self) -> frozenset[str]:
        """The folders that lost a file."""
        return frozenset(str(folder) for path in self._gone for folder in PurePosixPath(path).parents)

    def read(self, path: str, entry: Entry) -> bytes:
        if entry.mode == SUBMODULE:
            return entry.id.encode()
        if self._history and path not in self.edited:
            return self._history.read(entry.id)
        return _disk_content(self.root / path)

    def tracked(self, path: str) -> Entry | None:
        return self._index.get(path)

    @cached_property
    def uncommitted(self) -> frozenset[str]:
        return frozenset(self.edited | self._gone | self._staged)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        found = {
            f"{folder}/{name}" if folder else name
            for folder, names in self._found.items()
            for name, entry in names.items()
            if entry.mode != FOLDER
        }
        return tuple(sorted(found.union(self._index) - self._gone))

    def _from_git(self, history: History) -> Iterator[tuple[str, Entry]]:
        files = history.files()
        self._index, self._staged = files.index, files.staged
        for path in sorted(files.touched):
            indexed = files.index.get(path)
            if indexed and indexed.mode != SUBMODULE:
                yield from self._edited(path, indexed)
        for path in files.untracked:
            yield from self._edited(path, None)

    def _edited(self, path: str, indexed: Entry | None) -> Iterator[tuple[str, Entry]]:
        entry = _disk_entry(self.root / path, len(indexed.id) if indexed else 40)
        if entry is None:
            self._gone |= {path} if indexed else set()
            return
        if entry != indexed:
            self.edited.add(path)
        yield path, entry

    def _from_disk(self) -> Iterator[tuple[str, Entry]]:
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            links = [name for name in folders if Path(folder, name).is_symlink()]
            for name in sorted([*names, *links]):
                path = Path(folder, name)
                entry = _disk_entry(path, 40)
                if entry:
                    yield path.relative_to(self.root).as_posix(), entry

    def _add(self, path: str, entry: Entry) -> None:
        folder, _, name = path.rpartition("/")
        if folder not in self._found:
            self._found[folder] = {}
            self._add(folder, Entry(FOLDER, ""))
        self._found[folder][name] = entry


@dataclass(frozen=True)
class Checkout:
    """A tree to judge and its history. `where` leads to it from this repository's root; it is empty for this one."""

    worktree: Snapshot
    history: History | None
    where: str = ""
    _trees: dict[str, CommitTree] = field(default_factory=dict, repr=False)

    def tree(self, commit: str) -> CommitTree:
        """The files of a commit; there must be a history."""
        assert self.history is not None
        if len(self._trees) > _KEPT:
            self._trees.clear()
        if commit not in self._trees:
            self._trees[commit] = CommitTree(self.history, commit)
        return self._trees[commit]


@dataclass(frozen=True)
class Checkouts:
    """This repository, the other ones that are checked out, and how to get those that are not, by name."""

    here: Checkout
    others: Mapping[str, Checkout]
    absent: Mapping[str, str]

    def of(self, source: str) -> Checkout | None:
        """Where a source's code is; the empty name is this repository's."""
        return self.others.get(source) if source else self.here


def _disk_entry(path: Path, digits: int) -> Entry | None:
    """What git would store for the file; None for what is no file any more."""
    if path.is_symlink():
        mode = LINK
    elif path.is_file():
        mode = "100755" if os.access(path, os.X_OK) and path.stat().st_mode & 0o100 else "100644"
    else:
        return None
    content = _disk_content(path)
    digest = hashlib.new("sha256" if digits == 64 else "sha1", b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return Entry(mode, digest.hexdigest())


def _disk_content(path: Path) -> bytes:
    return os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
