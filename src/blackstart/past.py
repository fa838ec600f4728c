"""A runbook's past: the change units that touched it, newest first, followed through moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from blackstart.freshness.cache import Cache, short_key
from blackstart.freshness.tree import Checkout, Tree, lookup, vanished
from blackstart.history import History, Unit, Walk
from blackstart.model import Commit
from blackstart.runbook import Runbook, covers_of, parse_runbook, prose_of, quoted

_MOVED = 0.5  # how alike two pages must be to be one page that moved; git's own threshold
_COMPARED = 100  # so many vanished pages are compared with an edited one; exact copies are always found
_FOLLOWED = 100  # commits of a branch, in search of the one that wrote a record
_KEPT = 2_000  # old pages in memory


class Version:
    """What matters about a runbook at one time, read when asked for."""

    def __init__(self, runbook: Runbook) -> None:
        self._runbook = runbook

    @cached_property
    def prose(self) -> str:
        return prose_of(self._runbook)

    @cached_property
    def covers(self) -> tuple[str, ...]:
        return covers_of(self._runbook)

    @cached_property
    def seen(self) -> dict[str, str]:
        data = self._runbook.yaml.data if isinstance(self._runbook.yaml.data, dict) else {}
        reviewed = data.get("reviewed")
        seen = reviewed.get("seen") if isinstance(reviewed, dict) else None
        return {key: str(value) for key, value in seen.items()} if isinstance(seen, dict) else {}

    def says_the_same(self, other: Version) -> bool:
        one, two = self._runbook, other._runbook
        if one.text[one.body_start :] != two.text[two.body_start :] and self.prose != other.prose:
            return False
        return one.head == two.head or (self.covers == other.covers and self.seen == other.seen)


@dataclass(frozen=True)
class Edit:
    """A change unit that touched the runbook, called `path` then.

    `key` names it wherever the work tree has no part in it.
    """

    path: str
    commit: Commit | None
    tip_commit: str | None
    base: Tree | None
    tip: Tree
    key: str
    load: Callable[[], tuple[Version | None, Version]]

    @property
    def before(self) -> Version | None:
        """None where the runbook was created."""
        return self._versions[0]

    @property
    def after(self) -> Version:
        return self._versions[1]

    @cached_property
    def _versions(self) -> tuple[Version | None, Version]:
        return self.load()


class UnknownPast(Exception):
    """History does not reach far enough; carries the reason and the fix."""

    def __init__(self, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.reason, self.fix = reason, fix


class Past:
    """The past of all runbooks below `folder`; what is read once is kept.

    It is told from HEAD, or from the commit `since`: then all that was done since is the newest change unit.
    """

    def __init__(self, checkout: Checkout, folder: str, cache: Cache, since: str | None = None) -> None:
        self._since = since
        self._worktree, self._history, self._folder, self._cache = checkout.worktree, checkout.history, folder, cache
        self._tree = checkout.tree
        self._versions: dict[str, Version] = {}
        self._moves: dict[tuple[Tree, Tree], dict[str, Version]] = {}

    def edits(self, runbook: Runbook) -> Iterator[Edit]:
        """The change units that touched the runbook, newest first, followed through moves. Raises UnknownPast."""
        history, path = self._usable_history(runbook), runbook.path
        head = history.head
        assert head is not None
        pending, moved_from = self._pending(runbook, self._since or head)
        if pending:
            yield pending
        path, at = moved_from or path, self._walk.next(moved_from or path, -1)
        while at is not None:
            unit = self._walk.passed[at]
            self._refuse_boundary(unit)
            for edit, moved_from in self._unit_edits(unit, path):
                yield edit
                path = moved_from or path
            at = self._walk.next(path, at)

    def moved_from(self, runbook: Runbook) -> str:
        """Where a page stood that has moved since the past begins; empty where it did not."""
        assert self._since
        return self._pending(runbook, self._since)[1]

    def recorded_at(self, edit: Edit, anchor: str) -> str | None:
        """The commit within the unit that wrote the record: code may have changed again on its branch after that."""
        if edit.tip_commit is None or self._history is None:
            return None
        recorded, found = edit.after.seen.get(anchor), edit.tip_commit
        tip = self._version(self._tree(found), edit.path)
        if tip is None or tip.seen.get(anchor) != recorded:
            return None  # not committed yet
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
        if not self._worktree.tracked(runbook.path):
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
    def _walk(self) -> Walk:
        assert self._history is not None
        return Walk(self._history.units(self._folder, until=self._since))

    def _pending(self, runbook: Runbook, start: str) -> tuple[Edit | None, str]:
        """What was done since `start` as the newest change unit, and the path the runbook had then if it moved."""
        base, path = self._tree(start), runbook.path
        before, after, moved_from = self._version(base, path), Version(runbook), ""
        if before is None:
            moved_from = self._origin(path, after, base, self._worktree)
            before = self._version(base, moved_from) if moved_from else None
        elif path not in self._worktree.edited and lookup(base, path) == lookup(self._worktree, path):
            return None, ""
        tip = self._history.head if self._since and self._history else None
        return Edit(path, None, tip, base, self._worktree, "", lambda: (before, after)), moved_from

    def _unit_edits(self, unit: Unit, path: str) -> Iterator[tuple[Edit, str]]:
        assert self._history is not None
        first = unit.parents[0] if unit.parents else None
        branches = [tip for tip in unit.parents[1:] if first]
        edits = []
        for tip in branches:
            base = self.merge_base(first or "", tip)
            if base is None and self._history.boundary:
                raise UnknownPast("this clone is shallow and ends inside a merged branch", "git fetch --unshallow")
            edits += self._edit(unit, base, tip, path)
        # A runbook edited by the merge commit itself was seen there and nowhere else.
        yield from edits or self._edit(unit, first, unit.commit.sha, path)

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor, None where there is none."""
        assert self._history is not None
        if self._history.boundary:
            return self._history.merge_base(one, other)
        key = f"base {one} {other}"
        known = self._cache.get(key)
        if known is None:
            known = self._history.merge_base(one, other) or ""
            self._cache.put(key, known)
        return known or None

    def _edit(self, unit: Unit, base: str | None, tip: str, path: str) -> list[tuple[Edit, str]]:
        assert self._history is not None
        key = short_key("edit", base or "", tip, self._folder, self._history.prefix, path)
        known = self._cache.get(key)
        if known is None:
            known = self._told(base, tip, path)
            self._cache.put(key, known)
        kind, _, moved_from = known.partition(" ")
        if kind == "none":
            return []
        before_tree, after_tree = self._tree(base) if base else None, self._tree(tip)

        def load() -> tuple[Version | None, Version]:
            after = self._version(after_tree, path)
            assert after is not None
            earlier = kind != "created" and before_tree
            return self._version(before_tree, moved_from or path) if earlier and before_tree else None, after

        return [(Edit(path, unit.commit, tip, before_tree, after_tree, key, load), moved_from)]

    def _told(self, base: str | None, tip: str, path: str) -> str:
        """`none`, `created`, `changed`, or `moved` and from where."""
        before_tree, after_tree = self._tree(base) if base else None, self._tree(tip)
        after = self._version(after_tree, path)
        before = self._version(before_tree, path) if before_tree else None
        if after is None or (before and before.says_the_same(after)):
            return "none"
        if before:
            return "changed"
        moved_from = self._origin(path, after, before_tree, after_tree) if before_tree else ""
        return f"moved {moved_from}" if moved_from else "created"

    def _origin(self, path: str, version: Version, before: Tree, after: Tree) -> str:
        """The path of the vanished runbook most like `version`: a page that moves takes its past along."""
        base = path.rpartition("/")[2]
        gone = dict(sorted(self._vanished(before, after).items(), key=lambda item: not item[0].endswith(f"/{base}")))
        for name, candidate in gone.items():
            if candidate.prose == version.prose:
                return name
        from difflib import SequenceMatcher  # which few runs need

        lines, best, origin = version.prose.split("\n"), _MOVED, ""
        for name, candidate in islice(gone.items(), _COMPARED):
            matcher = SequenceMatcher(None, candidate.prose.split("\n"), lines)
            if matcher.real_quick_ratio() >= best and matcher.quick_ratio() >= best and matcher.ratio() >= best:
                best, origin = matcher.ratio(), name
        return origin

    def _vanished(self, before: Tree, after: Tree) -> dict[str, Version]:
        """The runbooks that `after` no longer has; worked out once for all that a change moved."""
        if (before, after) not in self._moves:
            names = vanished(before, after, self._folder)
            found = ((name, self._version(before, name)) for name in sorted(names) if name.endswith(".md"))
            self._moves[before, after] = {name: version for name, version in found if version}
        return self._moves[before, after]

    def _version(self, tree: Tree, path: str) -> Version | None:
        entry = lookup(tree, path)
        if entry is None:
            return None
        if len(self._versions) > _KEPT:
            self._versions.clear()
        if entry.id not in self._versions:
            self._versions[entry.id] = Version(parse_runbook(path, tree.read(path, entry)))
        return self._versions[entry.id]
