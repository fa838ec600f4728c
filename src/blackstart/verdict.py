"""Whether each anchor of a runbook still means what it meant when someone last vouched for it, and who did."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from blackstart.errors import HistoryError
from blackstart.freshness.anchor import Anchor, parse_anchor
from blackstart.freshness.cache import Cache
from blackstart.freshness.fingerprint import Fingerprints, is_comparable
from blackstart.freshness.tree import Checkout, Checkouts, is_glob, match
from blackstart.model import Commit
from blackstart.past import Edit, Past, UnknownPast
from blackstart.runbook import Runbook, quoted

_HUNK = re.compile(r"^@@ -\S+ \+(\d+)", re.MULTILINE)
_FOLLOWED = 100  # commits of another repository, in search of the one that was reviewed


class State(StrEnum):
    """What is known about one anchor."""

    FRESH = "fresh"
    STALE = "stale"
    UNRECORDED = "unrecorded"  # git proves it, but the policy wants a recorded review
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
    where: str = ""  # of another checkout, as seen from this repository's root

    def command(self, since: str) -> str:
        """What a reader types to see the change since a commit."""
        folder = f"-C {quoted(self.where)} " if self.where else ""
        return f"git {folder}diff {since[:10]} -- {' '.join(quoted(path) for path in self.files[:3])}"


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


class Judge:
    """Judges runbooks against the code they cover, here and in other checkouts."""

    def __init__(self, checkouts: Checkouts, folder: str, cache: Cache, *, require_record: bool) -> None:
        self._checkouts, self._require_record = checkouts, require_record
        self._past = Past(checkouts.here, folder)
        self._fingerprints = Fingerprints(cache)

    def judge(self, runbook: Runbook) -> tuple[Verdict, ...]:
        """One verdict for each entry of `covers` that is an anchor at all."""
        return tuple(self._verdict(runbook, index, anchor) for index, anchor in anchors_of(runbook))

    def fingerprint(self, anchor: Anchor) -> str | None:
        """What the anchor means in the work tree; None where it is not there."""
        checkout = self.checkout(anchor)
        return self._fingerprints.of(anchor, checkout.worktree) if checkout else None

    def checkout(self, anchor: Anchor) -> Checkout | None:
        """Where the anchor's code is."""
        return self._checkouts.of(anchor.source)

    def _verdict(self, runbook: Runbook, index: int, anchor: Anchor) -> Verdict:
        assert runbook.front is not None
        if anchor.source in self._checkouts.absent:
            reason = f"the source `{anchor.source}` is not checked out here"
            return Verdict(index, anchor.text, State.UNKNOWN, reason=reason, fix=self._checkouts.absent[anchor.source])
        now = self.fingerprint(anchor)
        if now is None:
            return Verdict(index, anchor.text, State.UNMATCHED, drift=self._drift(anchor, None))
        review = runbook.front.reviewed
        recorded = review.seen.get(anchor.text) if review else None
        if recorded == now:
            return Verdict(index, anchor.text, State.FRESH, now, Vouch("review", None, fingerprint=now))
        try:
            vouch = (
                self._last_vouch(runbook, anchor) if not anchor.source else self._recorded(runbook, anchor, recorded)
            )
        except UnknownPast as unknown:
            if recorded is None or not is_comparable(recorded):
                return Verdict(index, anchor.text, State.UNKNOWN, now, reason=unknown.reason, fix=unknown.fix)
            vouch = Vouch("review", None, fingerprint=recorded)
        if vouch.fingerprint == now:
            by_git = vouch.how != "review" and self._require_record
            return Verdict(index, anchor.text, State.UNRECORDED if by_git else State.FRESH, now, vouch)
        return Verdict(index, anchor.text, State.STALE, now, vouch, self._drift(anchor, vouch))

    # --- what vouches

    def _last_vouch(self, runbook: Runbook, anchor: Anchor) -> Vouch:
        for edit in self._past.edits(runbook):
            how = self._how(edit, anchor)
            if how == "review":
                return self._as_recorded(edit, anchor)
            if how:
                return Vouch(how, edit.commit, edit.tip_commit, self._fingerprints.of(anchor, edit.tip))
        raise UnknownPast(
            "git's history does not say when this was last vouched for",
            f"Record a review: blackstart review {quoted(runbook.path)} -m 'why it holds'",
        )

    def _as_recorded(self, edit: Edit, anchor: Anchor) -> Vouch:
        """The record says what was seen; one by another version is worked out anew from what git kept of it."""
        recorded = edit.after.seen.get(anchor.text, "")
        tip = self._past.recorded_at(edit, anchor.text)
        if recorded and not is_comparable(recorded):
            tree = self._checkouts.here.tree(tip) if tip else edit.tip
            recorded = self._fingerprints.of(anchor, tree) or ""
        return Vouch("review", edit.commit, tip, recorded)

    def _recorded(self, runbook: Runbook, anchor: Anchor, recorded: str | None) -> Vouch:
        """For code in another repository the record is all there is; its history only tells the story since."""
        if recorded is None:
            raise UnknownPast(
                "nothing vouches for code in another repository but a recorded review",
                f"Record one: blackstart review {quoted(runbook.path)} -m 'why it holds'",
            )
        if not is_comparable(recorded):
            raise UnknownPast(
                "another version of blackstart recorded the review of code in another repository",
                f"Record it again: blackstart review {quoted(runbook.path)} -m 'why it holds'",
            )
        return Vouch("review", None, self._last_meant(anchor, recorded), recorded)

    def _last_meant(self, anchor: Anchor, fingerprint: str) -> str | None:
        """The last commit at which the anchor meant what was recorded, None where that is too long ago."""
        checkout = self.checkout(anchor)
        if checkout is None or checkout.history is None or checkout.history.head is None:
            return None
        commits = checkout.history.commits(None, [_fixed_part(anchor.pattern)], _FOLLOWED)
        trees = ((commit.sha, checkout.tree(commit.sha)) for commit in commits)
        return next((sha for sha, tree in trees if self._fingerprints.of(anchor, tree) == fingerprint), None)

    def _how(self, edit: Edit, anchor: Anchor) -> str:
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

    # --- what happened since

    def _drift(self, anchor: Anchor, vouch: Vouch | None) -> Drift | None:
        """The story since the vouch; without a known commit to start from, only the last change."""
        checkout = self.checkout(anchor)
        history = checkout.history if checkout else None
        if checkout is None or history is None or history.head is None:
            return None
        since = vouch.tip if vouch else None
        names = {path for path, _ in match(checkout.worktree, anchor.pattern)}
        if since:
            names |= {path for path, _ in match(checkout.tree(since), anchor.pattern)}
        files = tuple(sorted(names)) or (_fixed_part(anchor.pattern),)
        try:
            commits = tuple(history.commits(since, files, limit=20 if since else 1))
            diff = history.diff(since, files, "--unified=0") if since else ""
        except HistoryError:
            commits, diff = (), ""
        added, removed, place = _stat(diff)
        uncommitted = tuple(path for path in files if path in checkout.worktree.uncommitted)
        place = posixpath.join(checkout.where, place or f"{files[0]}:1")
        return Drift(commits, files, added, removed, place, uncommitted, checkout.where)


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
