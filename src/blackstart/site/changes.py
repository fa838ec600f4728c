"""What git tells about the runbooks' past: who changed or reviewed which, and how many there were month by month."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from blackstart.errors import HistoryError
from blackstart.freshness.tree import CommitTree, Tree, lookup
from blackstart.history import FOLDER, Unit
from blackstart.library import OWN_KINDS, PAGES, Library
from blackstart.model import Commit
from blackstart.runbook import Runbook, parse_runbook
from blackstart.written.parts import row

_MOST = 400  # changes that are looked at, whatever the age of the repository
_MONTHS = 12
_RECORD = re.compile(r"^reviewed:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Touched:
    """One runbook in a change; `how` is written, changed, reviewed or removed, `note` the reviewer's."""

    path: str
    title: str
    how: str
    note: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A commit of the main line and the runbooks it touched."""

    commit: Commit
    touched: tuple[Touched, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """The runbooks as of the last change to them in a month, and how many changes it had."""

    name: str
    commit: Commit
    runbooks: int
    recorded: int
    changes: int


def changes(library: Library, most: int) -> Iterator[Change]:
    """The newest changes that touched runbooks."""
    given = 0
    for unit in _units(library):
        touched = tuple(_touched(library, unit))
        if touched and given < most:
            given += 1
            yield Change(unit.commit, touched)
        if given == most:
            return


def months(library: Library) -> list[Month]:
    """The last twelve months in which runbooks changed, oldest first; nothing of what git does not hold here."""
    last: dict[str, Unit] = {}
    counts: dict[str, int] = {}
    for unit in _units(library):
        name = f"{unit.commit.date:%Y-%m}"
        last.setdefault(name, unit)
        counts[name] = counts.get(name, 0) + 1
    found = []
    for name in sorted(last, reverse=True)[:_MONTHS]:
        try:
            runbooks, recorded = _counted(library, last[name].commit.sha)
        except HistoryError:  # a partial clone; what is older is not here either
            break
        found.append(Month(name, last[name].commit, runbooks, recorded, counts[name]))
    return found[::-1]


@lru_cache(maxsize=1)
def _units(library: Library) -> list[Unit]:
    """What a shallow clone was cut off at would look like one change that wrote everything."""
    if library.history is None:
        return []
    units = list(islice(library.history.units(library.policy.runbooks), _MOST))
    return [unit for unit in units if unit.commit.sha not in library.history.boundary]


def _tree(library: Library, commit: str) -> Tree:
    assert library.history is not None
    return CommitTree(library.history, commit)


def _touched(library: Library, unit: Unit) -> list[Touched]:
    """What the change did to runbooks; kept for the next build."""
    key, cache = f"touched {unit.commit.sha} {library.policy.runbooks}", library.caches.names
    known = cache.get(key)
    if known is not None:
        return [Touched(*row) for row in json.loads(known)]
    after = _tree(library, unit.commit.sha)
    before = _tree(library, unit.parents[0]) if unit.parents else None
    found, whole = list[Touched](), True
    for path in sorted(filter(lambda path: _is_runbook(library, path), unit.paths)):
        try:
            new, old = _read(after, path), _read(before, path) if before else None
        except HistoryError:
            found.append(Touched(path, path, "changed"))
            whole = False
            continue
        if new or old:
            found.append(_told(path, new, old))
    if whole:
        cache.put(key, json.dumps(found, default=row))
    return found


def _told(path: str, new: Runbook | None, old: Runbook | None) -> Touched:
    if new is None:
        return Touched(path, old.title if old else path, "removed")
    review, earlier = _review(new), _review(old)
    if review and review != earlier:
        return Touched(path, new.title, "reviewed", str(review.get("note", "")), str(review.get("by", "")))
    return Touched(path, new.title, "changed" if old else "written")


def _review(runbook: Runbook | None) -> dict[str, object] | None:
    data = runbook.yaml.data if runbook else None
    review = data.get("reviewed") if isinstance(data, dict) else None
    return review if isinstance(review, dict) else None


def _read(tree: Tree, path: str) -> Runbook | None:
    entry = lookup(tree, path)
    return parse_runbook(path, tree.read(path, entry)) if entry and entry.mode.startswith("100") else None


def _is_runbook(library: Library, path: str) -> bool:
    folder = library.policy.runbooks
    name = path.rpartition("/")[2]
    is_page = name.endswith(".md") and name not in PAGES and not name.startswith(".")
    return is_page and path.startswith(f"{folder}/") and not path.startswith(f"{folder}/{OWN_KINDS}/")


def _counted(library: Library, commit: str) -> tuple[int, int]:
    """How many runbooks a commit has, and how many of them carry a recorded review; kept for the next build."""
    folder, tree, cache = library.policy.runbooks, _tree(library, commit), library.caches.content
    key = f"recorded {commit} {folder}"
    known = cache.get(key)
    if known is None:
        heads = [_has_record(library, tree, path) for path in _below(tree, folder) if _is_runbook(library, path)]
        known = f"{len(heads)} {sum(heads)}"
        cache.put(key, known)
    runbooks, recorded = known.split(" ")
    return int(runbooks), int(recorded)


def _has_record(library: Library, tree: Tree, path: str) -> bool:
    entry = lookup(tree, path)
    assert entry is not None
    key, cache = f"record {entry.id}", library.caches.content
    known = cache.get(key)
    if known is None:
        known = "yes" if _RECORD.search(parse_runbook(path, tree.read(path, entry)).head) else ""
        cache.put(key, known)
    return bool(known)


def _below(tree: Tree, folder: str) -> Iterator[str]:
    for name, entry in tree.children(folder).items():
        path = f"{folder}/{name}"
        if entry.mode == FOLDER:
            yield from _below(tree, path)
        elif entry.mode.startswith("100"):
            yield path
