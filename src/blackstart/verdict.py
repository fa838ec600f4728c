"""Whether each anchor of a runbook still means what it meant when someone last vouched for it, and who did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from blackstart.drift import Drift, Drifts, Vouch
from blackstart.freshness.anchor import Anchor, parse_anchor
from blackstart.freshness.cache import Caches
from blackstart.freshness.fingerprint import Fingerprints
from blackstart.freshness.tree import Tree, WorkTree, surely_equal
from blackstart.history import History
from blackstart.past import Edit, Past, UnknownPast
from blackstart.runbook import Runbook, quoted


class State(StrEnum):
    """What is known about one anchor."""

    FRESH = "fresh"
    STALE = "stale"
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


_DRIFTED = (State.STALE, State.UNMATCHED)


class Judge:
    """Judges runbooks against one work tree and its history."""

    def __init__(
        self, worktree: WorkTree, history: History | None, folder: str, caches: Caches, *, require_record: bool
    ) -> None:
        self._worktree, self._history, self._require_record = worktree, history, require_record
        self._past = Past(worktree, history, folder, caches.past)
        self._cache = caches.past
        self._fingerprints = Fingerprints(caches.content)

    def judge(self, runbooks: Iterable[Runbook]) -> dict[str, tuple[Verdict, ...]]:
        """By runbook path, one verdict for each entry of `covers` that is an anchor at all."""
        judged = {runbook.path: self._judge(runbook) for runbook in runbooks}
        if self._history is None or self._history.head is None:
            return judged
        asked = [_asked(verdict) for verdicts in judged.values() for verdict in verdicts if verdict.state in _DRIFTED]
        drifts = Drifts(self._worktree, self._history, self._past, asked)
        return {
            path: tuple(
                replace(verdict, drift=drifts.of(*_asked(verdict))) if verdict.state in _DRIFTED else verdict
                for verdict in verdicts
            )
            for path, verdicts in judged.items()
        }

    def _judge(self, runbook: Runbook) -> tuple[Verdict, ...]:
        anchors = list(anchors_of(runbook))
        now = {anchor: self.fingerprint(anchor) for _, anchor in anchors}
        review = runbook.front.reviewed if runbook.front else None
        seen = review.seen if review else {}
        vouches = self._last_vouches(runbook, [one for one in now if now[one] and seen.get(one.text) != now[one]])
        return tuple(
            self._verdict(index, anchor, now[anchor], seen.get(anchor.text), vouches.get(anchor))
            for index, anchor in anchors
        )

    def fingerprint(self, anchor: Anchor) -> str | None:
        """What the anchor means in the work tree."""
        return self._fingerprints.of(anchor, self._worktree)

    def tree(self, commit: str) -> Tree:
        """The files of a commit."""
        return self._past.tree(commit)

    def _verdict(
        self, index: int, anchor: Anchor, now: str | None, recorded: str | None, vouch: Vouch | UnknownPast | None
    ) -> Verdict:
        if now is None:
            return Verdict(index, anchor.text, State.UNMATCHED)
        if recorded == now or vouch is None:
            return Verdict(index, anchor.text, State.FRESH, now, Vouch("review", None, fingerprint=now))
        if isinstance(vouch, UnknownPast):
            if recorded is None:
                return Verdict(index, anchor.text, State.UNKNOWN, now, reason=vouch.reason, fix=vouch.fix)
            vouch = Vouch("review", None, fingerprint=recorded)
        proven = vouch.fingerprint == now and vouch.how != "review" and not self._require_record
        if proven:
            return Verdict(index, anchor.text, State.FRESH, now, vouch)
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
        try:
            while pending := [anchor for anchor in anchors if anchor not in vouches]:
                edit = next(edits, None)
                if edit is None:
                    break
                for anchor, (how, fingerprint) in zip(pending, self._vouched_by(edit, pending), strict=True):
                    if how:
                        vouches[anchor] = Vouch(how, edit.commit, edit.tip_commit, fingerprint or None)
        except UnknownPast as reason:
            unknown = reason
        return {anchor: vouches.get(anchor, unknown) for anchor in anchors}

    def _vouched_by(self, edit: Edit, anchors: list[Anchor]) -> list[tuple[str, str]]:
        """How the edit vouches for each of the anchors, if it does, and their fingerprints as of then."""
        texts = "\n".join(anchor.text for anchor in anchors)
        key = f"how {edit.key} {sha256(texts.encode()).hexdigest()}" if edit.key else ""
        known = self._cache.get(key) if key else None
        if known is None:
            found = ((self._how(edit, anchor), anchor) for anchor in anchors)
            known = "\n".join(
                f"{how} {self._fingerprints.of(anchor, edit.tip) or ''}" if how else " " for how, anchor in found
            )
            if key:
                self._cache.put(key, known)
        answers = (line.partition(" ") for line in known.split("\n"))
        return [(how, fingerprint) for how, _, fingerprint in answers]

    def _how(self, edit: Edit, anchor: Anchor) -> str:
        # A record that came with the page speaks for itself, also where all history was squashed into one commit.
        known = edit.before.seen if edit.before else {}
        if known.get(anchor.text) != edit.after.seen.get(anchor.text):
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
