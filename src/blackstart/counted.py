"""The files that make up the service: what runbooks should cover. Prose, tests, pictures and the like do not count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import translate

from blackstart.baseline import FILE_NAME as BASELINE
from blackstart.errors import HistoryError
from blackstart.freshness.tree import lookup, match
from blackstart.history import FOLDER, LINK, SUBMODULE, Entry
from blackstart.library import Library
from blackstart.policy import FILE_NAME

# What no runbook needs to speak of. `coverage: exclude` adds to it, and takes back with `!`.
_FOLDERS = (
    *("test", "tests", "testdata", "__tests__", "__snapshots__", "fixtures"),
    *("vendor", "third_party", "node_modules"),
)
_NAMES = (
    *("*.md", "*.markdown", "*.rst", "*.adoc", "*.txt"),
    *("LICENSE*", "LICENCE*", "COPYING*", "NOTICE*", "AUTHORS*", "CODEOWNERS"),
    *("*.lock", "*.lockb", "*-lock.json", "*-lock.yaml", "npm-shrinkwrap.json", "go.sum", ".terraform.lock.hcl"),
    *("test_*.py", "*_test.py", "conftest.py", "*_test.go", "*.test.*", "*.spec.*", "*_spec.rb", "*Test.java"),
    *("*.png", "*.jpg", "*.jpeg", "*.gif", "*.svg", "*.webp", "*.ico", "*.pdf", "*.drawio"),
    *("*.woff", "*.woff2", "*.ttf", "*.otf", "*.mp3", "*.mp4", "*.webm", "*.zip", "*.gz", "*.jar", "*.whl"),
    *(
        ".gitignore",
        ".gitattributes",
        ".gitmodules",
        ".gitkeep",
        ".keep",
        ".mailmap",
        ".editorconfig",
        ".git-blame-ignore-revs",
    ),
)
_LEFT_OUT = re.compile("|".join(map(translate, _NAMES)))
_EMPTY = (
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)
_SNIFFED = 8_000  # bytes; git looks as far for the NUL that no text has


@dataclass(frozen=True, slots=True)
class Counted:
    """The files, and the entries of `include` that find none, with their index."""

    files: frozenset[str]
    idle: tuple[tuple[int, str], ...]


def counted(library: Library, covered: frozenset[str]) -> Counted:
    """The tracked files that policy and custom leave. What is `covered` is code because someone said so."""
    policy = library.policy.coverage
    every = dict(match(library.worktree, "**"))
    included = [named(library, pattern) for pattern in policy.include]
    files = frozenset(path for path in _chosen(library, included) if _counts(library, path, every[path], covered))
    idle = ((index, policy.include[index]) for index, found in enumerate(included) if not found & files)
    return Counted(files, tuple(idle))


def eligible(library: Library) -> frozenset[str]:
    """The files that policy and custom leave, tracked or not and whatever they hold."""
    return _chosen(library, [named(library, pattern) for pattern in library.policy.coverage.include])


def _chosen(library: Library, included: Sequence[frozenset[str]]) -> frozenset[str]:
    possible = frozenset().union(*included) - own(library)
    chosen = frozenset(path for path in possible if is_code(path))
    for pattern in library.policy.coverage.exclude:
        found = named(library, pattern.removeprefix("!"))
        chosen = chosen | (found & possible) if pattern.startswith("!") else chosen - found
    return chosen


def named(library: Library, pattern: str) -> frozenset[str]:
    """The files that a pattern names; a folder's name stands for all that is in it."""
    pattern = pattern.rstrip("/")
    entry = lookup(library.worktree, pattern)
    pattern = f"{pattern}/**" if entry and entry.mode == FOLDER else pattern
    return frozenset(path for path, _ in match(library.worktree, pattern))


def own(library: Library) -> frozenset[str]:
    """The runbooks and what describes them."""
    return named(library, library.policy.runbooks) | {FILE_NAME, BASELINE, library.policy.catalogue}


def is_code(path: str) -> bool:
    """Whether a runbook could need to speak of the file, as far as its name tells."""
    *folders, name = path.split("/")
    return not _LEFT_OUT.match(name) and not any(folder in _FOLDERS for folder in folders)


def _counts(library: Library, path: str, entry: Entry, covered: frozenset[str]) -> bool:
    """Links lead to what is counted already, and an empty file has nothing to tell."""
    if entry.mode == LINK or entry.id in _EMPTY:
        return False
    if library.history is not None and not library.worktree.tracked(path):
        return False
    return path in covered or entry.mode == SUBMODULE or _is_text(library, path, entry)


def _is_text(library: Library, path: str, entry: Entry) -> bool:
    try:
        return b"\0" not in library.worktree.read(path, entry)[:_SNIFFED]
    except HistoryError:
        return True  # a clone that lacks the content has the file all the same
