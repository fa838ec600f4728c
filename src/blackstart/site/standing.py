"""How far a page can be trusted, said in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from blackstart.drift import Vouch
from blackstart.model import Commit
from blackstart.runbook import Runbook
from blackstart.verdict import State, Verdict

_HOW = {"creation": "written in", "edit": "edited together with it in"}


@dataclass(frozen=True, slots=True)
class Anchored:
    """One piece of covered code and what is known about it."""

    anchor: str
    state: str
    words: str
    commits: tuple[Commit, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """`state` is fresh, stale, contradicted or unknown; `review` says who last looked, when and why."""

    state: str
    words: str
    review: str
    anchors: tuple[Anchored, ...]


def standing_of(runbook: Runbook, verdicts: Sequence[Verdict], contradictions: int = 0) -> Standing:
    """Sum up a runbook's verdicts: one stale anchor makes it stale, else one unknown makes it unknown.

    `contradictions` are the places where it names what the change removed.
    """
    review = _review(runbook, verdicts)
    anchors = tuple(_anchored(runbook, verdict) for verdict in verdicts)
    changed = [item for item in anchors if item.state == "stale"]
    if contradictions:
        places = "one place names" if contradictions == 1 else f"{contradictions} places name"
        return Standing("contradicted", f"{places} what the code no longer has", review, anchors)
    if changed:
        return Standing("stale", f"{_of(changed, anchors)} changed since someone last vouched for it", review, anchors)
    unknown = [item.words for item in anchors if item.state == "unknown"]
    if unknown or not anchors:
        reason = unknown[0] if unknown else "its front matter names no covered code that could be compared"
        return Standing("unknown", reason, review, anchors)
    return Standing("fresh", "what it covers means what it did when someone vouched for it", review, anchors)


def _of(changed: Sequence[Anchored], anchors: Sequence[Anchored]) -> str:
    if len(anchors) == 1:
        return "the code it covers has"
    return f"{len(changed)} of the {len(anchors)} pieces of code it covers {'has' if len(changed) == 1 else 'have'}"


def _anchored(runbook: Runbook, verdict: Verdict) -> Anchored:
    if verdict.state is State.UNKNOWN:
        return Anchored(verdict.anchor, "unknown", verdict.reason, ())
    if verdict.state is State.UNRECORDED:
        return Anchored(verdict.anchor, "unknown", "no review records it, and the policy demands one", ())
    commits = verdict.drift.commits if verdict.drift else ()
    if verdict.state is State.UNMATCHED:
        return Anchored(verdict.anchor, "stale", "matches nothing any more", commits)
    vouched = _vouched(runbook, verdict.vouch)
    if verdict.state is State.STALE:
        return Anchored(verdict.anchor, "stale", f"has changed since this page was {vouched}", commits)
    return Anchored(verdict.anchor, "fresh", vouched, ())


def _vouched(runbook: Runbook, vouch: Vouch | None) -> str:
    review = runbook.front.reviewed if runbook.front else None
    if vouch is None or (vouch.how == "review" and review is None):
        return "last vouched for"
    if vouch.how == "review" and review:
        return f"reviewed on {review.on} by {review.by}"
    return f"{_HOW[vouch.how]} {_short(vouch.commit)}"


def _short(commit: Commit | None) -> str:
    return f"{commit.sha[:7]} of {commit.date:%Y-%m-%d} by {commit.author}" if commit else "uncommitted work"


def _review(runbook: Runbook, verdicts: Sequence[Verdict]) -> str:
    review = runbook.front.reviewed if runbook.front else None
    if review:
        return f"{review.on} by {review.by}: {review.note}"
    vouches = [verdict.vouch for verdict in verdicts if verdict.vouch]
    commits = [vouch.commit for vouch in vouches if vouch.commit]
    if not commits:
        return "never reviewed; " + ("not committed yet" if vouches else "who wrote it is not known here")
    newest = max(commits, key=lambda commit: commit.date)
    return f"never reviewed; last written with its code in {_short(newest)}"
