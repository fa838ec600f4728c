"""A runbook's past: the change units that touched it, newest first, followed through moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import islice

from blackstart.freshness.tree import Checkout, Tree, lookup, match
from blackstart.history import History, Unit
from blackstart.model import Commit
from blackstart.runbook import Runbook, covers_of, parse_runbook, prose_of, quoted

_MOVED = 0.5  # how alike two pages must be to be one page that moved; git's own threshold
_FOLLOWED = 100  # commits of a branch, in search of the one that wrote a record
_COMPARED = 100  # so many vanished pages are compared with an edited one; exact copies are always found


@dataclass(frozen=True, slots=True)
class Version:
    """What matters about a runbook at one time."""

    prose: str
    covers: tuple[str, ...]
    seen: dict[str, str]


@dataclass(frozen=True, slots=True)
class Edit:
    """A change unit that touched the runbook; `before` is None where it was created. `path` is what it was called."""

    path: str
    commit: Commit | None
    tip_commit: str | None
    before: Version | None
    after: Version
    base: Tree | None
    tip: Tree


class UnknownPast(Exception):
    """History does not reach far enough; carries the reason and the fix."""

    def __init__(self, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.reason, self.fix = reason, fix


class Past:
    """The past of all runbooks below `folder`; what is read once is kept."""

    def __init__(self, checkout: Checkout, folder: str) -> None:
        self._worktree, self._history, self._folder = checkout.worktree, checkout.history, folder
        self._tree = checkout.tree
        self._versions: dict[str, Version] = {}
        self._moves: dict[tuple[Tree, Tree], dict[str, Version]] = {}

    def edits(self, runbook: Runbook) -> Iterator[Edit]:
        """The change units that touched the runbook, newest first, followed through moves. Raises UnknownPast."""
        history, path = self._usable_history(runbook), runbook.path
        head = history.head
        assert head is not None
        pending, moved_from = self._pending(runbook, head)
        if pending:
            yield pending
        path = moved_from or path
        for unit in self._units:
            if path not in unit.paths:
                continue
            self._refuse_boundary(unit)
            for edit, moved_from in self._unit_edits(unit, path):
                yield edit
                path = moved_from or path

    def recorded_at(self, edit: Edit, anchor: str) -> str | None:
        """The commit within the unit that wrote the record: code may have changed again on its branch after that."""
        if edit.tip_commit is None or self._history is None:
            return None
        recorded, found = edit.after.seen.get(anchor), edit.tip_commit
        for commit in self._history.commits(None, [edit.path], _FOLLOWED, edit.tip_commit):
            version = self._version(self._tree(commit.sha), edit.path)
            if version is None or version.seen.get(anchor) != recorded:
                break
            found = commit.sha
        return found

    def _usable_history(self, runbook: Runbook) -> History:
        record = f"or record a review: blackstart review {quoted(runbook.path)} -m 'why it holds'"
        if self._history is None:
            raise UnknownPast("there is no git repository, so nothing vouches for it", f"Check a git clone, {record}")
        if self._history.head is None:
            raise UnknownPast("there is no commit yet, so nothing vouches for it", f"Commit the runbook, {record}")
        if runbook.path not in self._worktree.tracked:
            raise UnknownPast(
                "git does not track the runbook, so nothing vouches for it", f"git add {quoted(runbook.path)}, {record}"
            )
        return self._history

    def _refuse_boundary(self, unit: Unit) -> None:
        assert self._history is not None
        if unit.commit.sha in self._history.boundary:
            raise UnknownPast(
                f"this clone is shallow and ends at {unit.commit.sha[:7]}, before anything that vouches for it",
                "Fetch the history: git fetch --unshallow (in GitHub Actions: actions/checkout with fetch-depth: 0), "
                "or record reviews with blackstart review",
            )

    @cached_property
    def _units(self) -> list[Unit]:
        assert self._history is not None
        return self._history.units(self._folder)

    def _pending(self, runbook: Runbook, head: str) -> tuple[Edit | None, str]:
        """The uncommitted work as the newest change unit, and the path the runbook has in HEAD if it moved."""
        base, path = self._tree(head), runbook.path
        before, moved_from = self._version(base, path), ""
        if before is None:
            moved_from, before = self._origin(path, _version_of(runbook), base, self._worktree)
        elif path not in self._worktree.edited and lookup(base, path) == lookup(self._worktree, path):
            return None, ""
        return Edit(path, None, None, before, _version_of(runbook), base, self._worktree), moved_from

    def _unit_edits(self, unit: Unit, path: str) -> Iterator[tuple[Edit, str]]:
        assert self._history is not None
        first = unit.parents[0] if unit.parents else None
        branches = [tip for tip in unit.parents[1:] if first]
        edits = []
        for tip in branches:
            base = self._history.merge_base(first or "", tip)
            if base is None and self._history.boundary:
                raise UnknownPast("this clone is shallow and ends inside a merged branch", "git fetch --unshallow")
            edits += self._edit(unit, base, tip, path)
        # A runbook edited by the merge commit itself was seen there and nowhere else.
        yield from edits or self._edit(unit, first, unit.commit.sha, path)

    def _edit(self, unit: Unit, base: str | None, tip: str, path: str) -> list[tuple[Edit, str]]:
        before_tree, after_tree = self._tree(base) if base else None, self._tree(tip)
        after = self._version(after_tree, path)
        before, moved_from = self._version(before_tree, path) if before_tree else None, ""
        if after is None or before == after:
            return []
        if before is None and before_tree:
            moved_from, before = self._origin(path, after, before_tree, after_tree)
        return [(Edit(path, unit.commit, tip, before, after, before_tree, after_tree), moved_from)]

    def _origin(self, path: str, version: Version, before: Tree, after: Tree) -> tuple[str, Version | None]:
        """The vanished runbook most like `version`: a page that moves takes its past along."""
        base = path.rpartition("/")[2]
        gone = dict(sorted(self._vanished(before, after).items(), key=lambda item: not item[0].endswith(f"/{base}")))
        for name, candidate in gone.items():
            if candidate.prose == version.prose:
                return name, candidate
        lines, best, origin = version.prose.split("\n"), _MOVED, ""
        for name, candidate in islice(gone.items(), _COMPARED):
            matcher = SequenceMatcher(None, candidate.prose.split("\n"), lines)
            if matcher.real_quick_ratio() >= best and matcher.quick_ratio() >= best and matcher.ratio() >= best:
                best, origin = matcher.ratio(), name
        return origin, gone.get(origin)

    def _vanished(self, before: Tree, after: Tree) -> dict[str, Version]:
        """The runbooks that `after` no longer has; worked out once for all that a change moved."""
        if (before, after) not in self._moves:
            names = (path for path, _ in match(before, f"{self._folder}/**/*.md") if lookup(after, path) is None)
            found = ((name, self._version(before, name)) for name in names)
            self._moves[before, after] = {name: version for name, version in found if version}
        return self._moves[before, after]

    def _version(self, tree: Tree, path: str) -> Version | None:
        entry = lookup(tree, path)
        if entry is None:
            return None
        if entry.id not in self._versions:
            self._versions[entry.id] = _version_of(parse_runbook(path, tree.read(path, entry)))
        return self._versions[entry.id]


def _version_of(runbook: Runbook) -> Version:
    data = runbook.yaml.data if isinstance(runbook.yaml.data, dict) else {}
    reviewed = data.get("reviewed")
    seen = reviewed.get("seen") if isinstance(reviewed, dict) else None
    recorded = {key: str(value) for key, value in seen.items()} if isinstance(seen, dict) else {}
    return Version(prose_of(runbook), covers_of(runbook), recorded)
