"""Whether each anchor of a runbook still means what it meant when someone last vouched for it, and who did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from blackstart.drift import Asked, Drift, Drifts, Vouch
from blackstart.freshness.anchor import Anchor, parse_anchor
from blackstart.freshness.cache import Caches, short_key
from blackstart.freshness.committed import Overlay
from blackstart.freshness.fingerprint import VERSION, Fingerprints, is_comparable
from blackstart.freshness.tree import Checkout, Checkouts, Tree, fixed_folder, surely_equal
from blackstart.past import Edit, Past, UnknownPast
from blackstart.runbook import Runbook, quoted


class State(StrEnum):
    """What is known about one anchor."""

    FRESH = "fresh"
    STALE = "stale"
    UNRECORDED = "unrecorded"  # git proves it, but the policy wants a recorded review
    UNMATCHED = "unmatched"
    UNKNOWN = "unknown"


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


_FOLLOWED = 100  # commits of another repository, in search of the one that was reviewed
_DRIFTED = (State.STALE, State.UNMATCHED)


class Judge:
    """Judges runbooks against the code they cover, here and in other checkouts."""

    def __init__(
        self, checkouts: Checkouts, past: Past, caches: Caches, *, require_record: bool, later: Judge | None = None
    ) -> None:
        self._checkouts, self._past, self._require_record = checkouts, past, require_record
        self._cache = caches.past
        self._fingerprints = Fingerprints(caches.content)
        self._known: dict[Anchor, str | None] = {}
        self._later = later

    def judge(self, runbooks: Iterable[Runbook]) -> dict[str, tuple[Verdict, ...]]:
        """By runbook path, one verdict for each entry of `covers` that is an anchor at all."""
        judged = {runbook.path: self._judge(runbook) for runbook in runbooks}
        drifted = [verdict for verdicts in judged.values() for verdict in verdicts if verdict.state in _DRIFTED]
        stories = self._stories([_asked(verdict) for verdict in drifted])
        if not stories:
            return judged
        return {
            path: tuple(replace(verdict, drift=stories.get(_asked(verdict))) for verdict in verdicts)
            for path, verdicts in judged.items()
        }

    def _stories(self, asked: list[Asked]) -> dict[Asked, Drift]:
        """What happened since, checkout by checkout; nothing where there is no history."""
        stories: dict[Asked, Drift] = {}
        for source in {anchor.source for anchor, _ in asked}:
            checkout = self._checkouts.of(source)
            if checkout and checkout.history and checkout.history.head:
                ours = [(anchor, vouch) for anchor, vouch in asked if anchor.source == source]
                drifts = Drifts(checkout, checkout.history, self._past, ours)
                stories |= {one: drifts.of(*one) for one in ours}
        return stories

    def _judge(self, runbook: Runbook) -> tuple[Verdict, ...]:
        anchors = list(anchors_of(runbook))
        now = {anchor: self.fingerprint(anchor) for _, anchor in anchors}
        review = runbook.front.reviewed if runbook.front else None
        seen = review.seen if review else {}
        open_ = [one for one in now if now[one] and seen.get(one.text) != now[one]]
        vouches = self._last_vouches(runbook, [one for one in open_ if not one.source]) if open_ else {}
        vouches |= {one: self._recorded_there(runbook, one, seen.get(one.text)) for one in open_ if one.source}
        return tuple(
            self._verdict(index, anchor, now[anchor], seen.get(anchor.text), vouches.get(anchor))
            for index, anchor in anchors
        )

    def moved_from(self, runbook: Runbook) -> str:
        """Where a page stood at the commit that its past is told from; empty where it did not move."""
        return self._past.moved_from(runbook)

    def fingerprint(self, anchor: Anchor) -> str | None:
        """What the anchor means in the work tree; None where it is not there."""
        if anchor not in self._known:
            self._known[anchor] = self._fingerprint(anchor)
        return self._known[anchor]

    def _fingerprint(self, anchor: Anchor) -> str | None:
        checkout = self.checkout(anchor)
        if checkout is None:
            return None
        tree = checkout.worktree
        if self._later and isinstance(tree, Overlay) and not tree.differing_in(anchor.pattern):
            return self._later.fingerprint(anchor)
        return self._fingerprints.of(anchor, tree)

    def fingerprint_in(self, anchor: Anchor, tree: Tree) -> str | None:
        """What the anchor means in another tree of this repository."""
        return self._fingerprints.of(anchor, tree)

    def checkout(self, anchor: Anchor) -> Checkout | None:
        """Where the anchor's code is."""
        return self._checkouts.of(anchor.source)

    def _verdict(
        self, index: int, anchor: Anchor, now: str | None, recorded: str | None, vouch: Vouch | UnknownPast | None
    ) -> Verdict:
        if anchor.source in self._checkouts.absent:
            reason = f"the source `{anchor.source}` is not checked out here"
            return Verdict(index, anchor.text, State.UNKNOWN, reason=reason, fix=self._checkouts.absent[anchor.source])
        if now is None:
            return Verdict(index, anchor.text, State.UNMATCHED)
        if recorded == now or vouch is None:
            return Verdict(index, anchor.text, State.FRESH, now, Vouch("review", None, fingerprint=now))
        if isinstance(vouch, UnknownPast):
            if recorded is None or not is_comparable(recorded):
                return Verdict(index, anchor.text, State.UNKNOWN, now, reason=vouch.reason, fix=vouch.fix)
            vouch = Vouch("review", None, fingerprint=recorded)
        if vouch.fingerprint == now:
            by_git = vouch.how != "review" and self._require_record
            return Verdict(index, anchor.text, State.UNRECORDED if by_git else State.FRESH, now, vouch)
        return Verdict(index, anchor.text, State.STALE, now, vouch)

    # --- what vouches

    def _last_vouches(self, runbook: Runbook, anchors: list[Anchor]) -> dict[Anchor, Vouch | UnknownPast]:
        """For each anchor, the newest edit that vouches for it, or why that is not known."""
        vouches: dict[Anchor, Vouch | UnknownPast] = {}
        unknown = UnknownPast(
            "git's history does not say when this was last vouched for",
            f"Record a review: blackstart review {quoted(runbook.path)} -m 'why it holds'",
        )
        edits = self._past.edits(runbook)
        review = runbook.front.reviewed if runbook.front else None
        try:
            while pending := [anchor for anchor in anchors if anchor not in vouches]:
                edit = next(edits, None)
                if edit is None:
                    break
                for anchor, (how, fingerprint, tip) in zip(pending, self._vouched_by(edit, pending), strict=True):
                    # A record that was taken back, as by a revert, vouches for nothing.
                    if how and (how != "review" or (review and anchor.text in review.seen)):
                        vouches[anchor] = Vouch(how, edit.commit, tip or None, fingerprint or None)
        except UnknownPast as reason:
            unknown = reason
        return {anchor: vouches.get(anchor, unknown) for anchor in anchors}

    def _vouched_by(self, edit: Edit, anchors: list[Anchor]) -> list[list[str]]:
        """How the edit vouches for each of the anchors, if it does, their fingerprints as of then, and the commit."""
        key = short_key("how", str(VERSION), edit.key, *(anchor.text for anchor in anchors)) if edit.key else ""
        known = self._cache.get(key) if key else None
        if known is None:
            known = "\n".join(" ".join(self._vouch_of(edit, anchor)) for anchor in anchors)
            if key:
                self._cache.put(key, known)
        return [line.split(" ") for line in known.split("\n")]

    def _vouch_of(self, edit: Edit, anchor: Anchor) -> tuple[str, str, str]:
        how = self._how(edit, anchor)
        if how == "review":
            return self._as_recorded(edit, anchor)
        return (how, self._fingerprints.of(anchor, edit.tip) or "", edit.tip_commit or "") if how else ("", "", "")

    def _as_recorded(self, edit: Edit, anchor: Anchor) -> tuple[str, str, str]:
        """The record says what was seen; one by another version is worked out anew from what git kept of it."""
        recorded = edit.after.seen.get(anchor.text, "")
        tip = self._past.recorded_at(edit, anchor.text)
        if recorded and not is_comparable(recorded):
            tree = self._checkouts.here.tree(tip) if tip else edit.tip
            recorded = self._fingerprints.of(anchor, tree) or ""
        return "review", recorded, tip or ""

    def _recorded_there(self, runbook: Runbook, anchor: Anchor, recorded: str | None) -> Vouch | UnknownPast:
        """For code in another repository the record is all there is; its history only tells the story since."""
        if recorded is None:
            return UnknownPast(
                "nothing vouches for code in another repository but a recorded review",
                f"Record one: blackstart review {quoted(runbook.path)} -m 'why it holds'",
            )
        if not is_comparable(recorded):
            return UnknownPast(
                "another version of blackstart recorded the review of code in another repository",
                f"Record it again: blackstart review {quoted(runbook.path)} -m 'why it holds'",
            )
        return Vouch("review", None, self._last_meant(anchor, recorded), recorded)

    def _last_meant(self, anchor: Anchor, fingerprint: str) -> str | None:
        """The last commit at which the anchor meant what was recorded, None where that is too long ago."""
        checkout = self.checkout(anchor)
        if checkout is None or checkout.history is None or checkout.history.head is None:
            return None
        commits = checkout.history.commits(None, [fixed_folder(anchor.pattern)], _FOLLOWED)
        trees = ((commit.sha, checkout.tree(commit.sha)) for commit in commits)
        return next((sha for sha, tree in trees if self._fingerprints.of(anchor, tree) == fingerprint), None)

    def _how(self, edit: Edit, anchor: Anchor) -> str:
        # A record that came with the page speaks for itself, also where all history was squashed into one commit.
        known, recorded = edit.before.seen if edit.before else {}, edit.after.seen.get(anchor.text)
        if recorded is not None and recorded != known.get(anchor.text):
            return "review"
        if edit.before is None or (anchor.text in edit.after.covers and anchor.text not in edit.before.covers):
            return "creation"
        if edit.base is None or surely_equal(edit.base, edit.tip, anchor.pattern):
            return ""
        if edit.before.prose == edit.after.prose:
            return ""
        # The code must have changed in meaning: a formatter run beside a typo fix is not a look at the code.
        changed = self._fingerprints.of(anchor, edit.base) != self._fingerprints.of(anchor, edit.tip)
        return "edit" if changed else ""


def _asked(verdict: Verdict) -> tuple[Anchor, Vouch | None]:
    return parse_anchor(verdict.anchor), verdict.vouch


def anchors_of(runbook: Runbook) -> Iterator[tuple[int, Anchor]]:
    """The entries of `covers` that are well-formed anchors, with their index."""
    for index, text in enumerate(runbook.front.covers if runbook.front else ()):
        try:
            yield index, parse_anchor(text)
        except ValueError:
            continue
