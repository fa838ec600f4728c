"""Whether each anchor of a runbook still means what it meant when someone last vouched for it, and who did."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cached_property
from itertools import islice, takewhile

from blackstart.errors import HistoryError
from blackstart.freshness.anchor import Anchor, parse_anchor
from blackstart.freshness.fingerprint import Fingerprints
from blackstart.freshness.tree import CommitTree, Tree, WorkTree, is_glob, lookup, match
from blackstart.history import History, Unit
from blackstart.model import Commit
from blackstart.runbook import Runbook, covers_of, parse_runbook, prose_of

_MOVED = 0.5  # how alike two pages must be to be one page that moved; git's own threshold
_COMPARED = 100  # so many vanished pages are compared with an edited one; exact copies are always found
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)", re.MULTILINE)


class State(StrEnum):
    """What is known about one anchor."""

    FRESH = "fresh"
    STALE = "stale"
    UNMATCHED = "unmatched"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Vouch:
    """Who last stood up for an anchor. `how` is creation, edit or review; no commit means the work tree."""

    how: str
    commit: Commit | None
    tip: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """What happened to the covered code since it was vouched for. `place` is `path:line` of the first change."""

    commits: tuple[Commit, ...]
    files: tuple[str, ...]
    added: int
    removed: int
    place: str
    uncommitted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of `runbook.covers[index]`; `reason` and `fix` are set when the state is unknown."""

    index: int
    anchor: str
    state: State
    fingerprint: str | None = None
    vouch: Vouch | None = None
    drift: Drift | None = None
    reason: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class _Version:
    """What matters about a runbook at one time."""

    prose: str
    covers: tuple[str, ...]
    seen: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Edit:
    """A change unit that touched the runbook; `before` is None where it was created."""

    commit: Commit | None
    tip_commit: str | None
    before: _Version | None
    after: _Version
    base: Tree | None
    tip: Tree


class _Unknown(Exception):
    """History does not reach far enough; carries the reason and the fix."""

    def __init__(self, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.reason, self.fix = reason, fix


class Judge:
    """Judges runbooks against one work tree and its history."""

    def __init__(self, worktree: WorkTree, history: History | None, folder: str, *, require_record: bool) -> None:
        self._worktree, self._history = worktree, history
        self._folder, self._require_record = folder, require_record
        self._fingerprints = Fingerprints()
        self._versions: dict[str, _Version] = {}
        self._trees: dict[str, CommitTree] = {}
        self._moves: dict[tuple[Tree, Tree], dict[str, _Version]] = {}

    def judge(self, runbook: Runbook) -> tuple[Verdict, ...]:
        """One verdict for each entry of `covers` that is an anchor at all."""
        return tuple(self._verdict(runbook, index, anchor) for index, anchor in anchors_of(runbook))

    def fingerprint(self, anchor: Anchor) -> str | None:
        """What the anchor means in the work tree."""
        return self._fingerprints.of(anchor, self._worktree)

    def _verdict(self, runbook: Runbook, index: int, anchor: Anchor) -> Verdict:
        assert runbook.front is not None
        now = self.fingerprint(anchor)
        if now is None:
            return Verdict(index, anchor.text, State.UNMATCHED, drift=self._drift(anchor, None))
        review = runbook.front.reviewed
        recorded = review.seen.get(anchor.text) if review else None
        if recorded == now:
            return Verdict(index, anchor.text, State.FRESH, now, Vouch("review", None, fingerprint=now))
        try:
            vouch = self._last_vouch(runbook, anchor)
        except _Unknown as unknown:
            if recorded is None:
                return Verdict(index, anchor.text, State.UNKNOWN, now, reason=unknown.reason, fix=unknown.fix)
            vouch = Vouch("review", None, fingerprint=recorded)
        proven = vouch.fingerprint == now and vouch.how != "review" and not self._require_record
        if proven:
            return Verdict(index, anchor.text, State.FRESH, now, vouch)
        return Verdict(index, anchor.text, State.STALE, now, vouch, self._drift(anchor, vouch))

    # --- what vouches

    def _last_vouch(self, runbook: Runbook, anchor: Anchor) -> Vouch:
        for edit in self._edits(runbook):
            how = self._how(edit, anchor)
            if how:
                fingerprint = self._fingerprints.of(anchor, edit.tip)
                return Vouch(how, edit.commit, edit.tip_commit, fingerprint)
        raise _Unknown(
            "git's history does not say when this was last vouched for",
            f"Record a review: blackstart review {quoted(runbook.path)} -m 'why it holds'",
        )

    def _how(self, edit: _Edit, anchor: Anchor) -> str:
        # A record that came with the page speaks for itself, also where all history was squashed into one commit.
        known = edit.before.seen if edit.before else {}
        if known.get(anchor.text) != edit.after.seen.get(anchor.text):
            return "review"
        if edit.before is None or (anchor.text in edit.after.covers and anchor.text not in edit.before.covers):
            return "creation"
        if edit.before.prose == edit.after.prose or edit.base is None:
            return ""
        # The code must have changed in meaning: a formatter run beside a typo fix is not a look at the code.
        changed = self._fingerprints.of(anchor, edit.base) != self._fingerprints.of(anchor, edit.tip)
        return "edit" if changed else ""

    def _edits(self, runbook: Runbook) -> Iterator[_Edit]:
        """The change units that touched the runbook, newest first, followed through moves. Raises _Unknown."""
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

    def _usable_history(self, runbook: Runbook) -> History:
        record = f"or record a review: blackstart review {quoted(runbook.path)} -m 'why it holds'"
        if self._history is None:
            raise _Unknown("there is no git repository, so nothing vouches for it", f"Check a git clone, {record}")
        if self._history.head is None:
            raise _Unknown("there is no commit yet, so nothing vouches for it", f"Commit the runbook, {record}")
        if runbook.path not in self._worktree.tracked:
            raise _Unknown(
                "git does not track the runbook, so nothing vouches for it", f"git add {quoted(runbook.path)}, {record}"
            )
        return self._history

    def _refuse_boundary(self, unit: Unit) -> None:
        assert self._history is not None
        if unit.commit.sha in self._history.boundary:
            raise _Unknown(
                f"this clone is shallow and ends at {unit.commit.sha[:7]}, before anything that vouches for it",
                "Fetch the history: git fetch --unshallow (in GitHub Actions: actions/checkout with fetch-depth: 0), "
                "or record reviews with blackstart review",
            )

    @cached_property
    def _units(self) -> list[Unit]:
        assert self._history is not None
        return self._history.units(self._folder)

    def _pending(self, runbook: Runbook, head: str) -> tuple[_Edit | None, str]:
        """The uncommitted work as the newest change unit, and the path the runbook has in HEAD if it moved."""
        base, path = self._tree(head), runbook.path
        before, moved_from = self._version(base, path), ""
        if before is None:
            moved_from, before = self._origin(path, _version_of(runbook), base, self._worktree)
        elif path not in self._worktree.edited and lookup(base, path) == lookup(self._worktree, path):
            return None, ""
        return _Edit(None, None, before, _version_of(runbook), base, self._worktree), moved_from

    def _unit_edits(self, unit: Unit, path: str) -> Iterator[tuple[_Edit, str]]:
        assert self._history is not None
        first = unit.parents[0] if unit.parents else None
        branches = [tip for tip in unit.parents[1:] if first]
        edits = []
        for tip in branches:
            base = self._history.merge_base(first or "", tip)
            if base is None and self._history.boundary:
                raise _Unknown("this clone is shallow and ends inside a merged branch", "git fetch --unshallow")
            edits += self._edit(unit, base, tip, path)
        # A runbook edited by the merge commit itself was seen there and nowhere else.
        yield from edits or self._edit(unit, first, unit.commit.sha, path)

    def _edit(self, unit: Unit, base: str | None, tip: str, path: str) -> list[tuple[_Edit, str]]:
        before_tree, after_tree = self._tree(base) if base else None, self._tree(tip)
        after = self._version(after_tree, path)
        before, moved_from = self._version(before_tree, path) if before_tree else None, ""
        if after is None or before == after:
            return []
        if before is None and before_tree:
            moved_from, before = self._origin(path, after, before_tree, after_tree)
        return [(_Edit(unit.commit, tip, before, after, before_tree, after_tree), moved_from)]

    def _origin(self, path: str, version: _Version, before: Tree, after: Tree) -> tuple[str, _Version | None]:
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

    def _vanished(self, before: Tree, after: Tree) -> dict[str, _Version]:
        """The runbooks that `after` no longer has; worked out once for all that a change moved."""
        if (before, after) not in self._moves:
            names = (path for path, _ in match(before, f"{self._folder}/**/*.md") if lookup(after, path) is None)
            found = ((name, self._version(before, name)) for name in names)
            self._moves[before, after] = {name: version for name, version in found if version}
        return self._moves[before, after]

    def _tree(self, commit: str) -> CommitTree:
        assert self._history is not None
        if commit not in self._trees:
            self._trees[commit] = CommitTree(self._history, commit)
        return self._trees[commit]

    def _version(self, tree: Tree, path: str) -> _Version | None:
        entry = lookup(tree, path)
        if entry is None:
            return None
        if entry.id not in self._versions:
            self._versions[entry.id] = _version_of(parse_runbook(path, tree.read(path, entry)))
        return self._versions[entry.id]

    # --- what happened since

    def _drift(self, anchor: Anchor, vouch: Vouch | None) -> Drift | None:
        """The story since the vouch; without a known commit to start from, only the last change."""
        if self._history is None or self._history.head is None:
            return None
        since = vouch.tip if vouch else None
        names = {path for path, _ in match(self._worktree, anchor.pattern)}
        if since:
            names |= {path for path, _ in match(self._tree(since), anchor.pattern)}
        files = tuple(sorted(names)) or (_fixed_part(anchor.pattern),)
        try:
            commits = tuple(self._history.commits(since, files, limit=20 if since else 1))
            diff = self._history.diff(since, files, "--unified=0") if since else ""
        except HistoryError:
            commits, diff = (), ""
        added, removed, place = _stat(diff)
        uncommitted = tuple(path for path in files if self._worktree.is_edited(path))
        return Drift(commits, files, added, removed, place or f"{files[0]}:1", uncommitted)


def anchors_of(runbook: Runbook) -> Iterator[tuple[int, Anchor]]:
    """The entries of `covers` that are well-formed anchors, with their index."""
    for index, text in enumerate(runbook.front.covers if runbook.front else ()):
        try:
            yield index, parse_anchor(text)
        except ValueError:
            continue


def _fixed_part(pattern: str) -> str:
    """The path in front of the first wildcard, which git takes literally."""
    return "/".join(takewhile(lambda part: not is_glob(part), pattern.split("/"))) or "."


def quoted(path: str) -> str:
    """A path as it can be pasted into a shell."""
    return path if re.fullmatch(r"[\w@%+=:,./-]+", path) and not path.startswith("-") else f"'{_escaped(path)}'"


def _escaped(path: str) -> str:
    return path.replace("'", "'\\''")


def _version_of(runbook: Runbook) -> _Version:
    data = runbook.yaml.data if isinstance(runbook.yaml.data, dict) else {}
    reviewed = data.get("reviewed")
    seen = reviewed.get("seen") if isinstance(reviewed, dict) else None
    recorded = {key: str(value) for key, value in seen.items()} if isinstance(seen, dict) else {}
    return _Version(prose_of(runbook), covers_of(runbook), recorded)


def _stat(diff: str) -> tuple[int, int, str]:
    """Lines added and removed, and where in the new files the first change stands."""
    added = removed = 0
    place = name = ""
    for line in diff.split("\n"):
        if line.startswith("+++ "):
            name = line[4:].removeprefix("b/").rstrip("\t")
        elif line.startswith("@@") and not place and (found := _HUNK.match(line)) and name != "/dev/null":
            place = f"{name}:{max(int(found[1]), 1)}"
        elif line.startswith("+"):
            added += 1
        elif line.startswith("-") and not line.startswith("--- "):
            removed += 1
    return added, removed, place
