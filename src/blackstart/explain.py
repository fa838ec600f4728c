"""The full story of a runbook: each anchor, what vouches for it, since when, and what happened after."""

from __future__ import annotations

from collections.abc import Iterator

from blackstart.contradiction import Contradiction, contradictions, told
from blackstart.drift import Drift
from blackstart.library import Library
from blackstart.model import Commit
from blackstart.rules.freshness.stale import vouched
from blackstart.runbook import Runbook, quoted
from blackstart.verdict import State, Verdict

_MEANS = {
    State.FRESH: "means what it did when this runbook was {vouched}",
    State.STALE: "has changed since this runbook was {vouched}",
    State.UNRECORDED: "means what it did when this runbook was {vouched}, but no review records that",
    State.UNMATCHED: "matches nothing",
    State.UNKNOWN: "cannot be judged",
}


def story(library: Library, runbook: Runbook) -> Iterator[str]:
    """Line by line. The runbook must have sound front matter."""
    review = runbook.front.reviewed if runbook.front else None
    yield f"reviewed on {review.on} by {review.by}: {review.note}" if review else "no review is recorded"
    wrong = list(contradictions(library, runbook))
    for verdict in library.verdicts[runbook.path]:
        yield ""
        yield f"{verdict.state.value:<9} {verdict.anchor}"
        chapter = _chapter(runbook, verdict, [one for one in wrong if one.anchor == verdict.anchor])
        yield from (f"          {line}" for line in chapter)


def _chapter(runbook: Runbook, verdict: Verdict, wrong: list[Contradiction]) -> Iterator[str]:
    vouch = verdict.vouch
    yield _MEANS[verdict.state].format(vouched=vouched(runbook, vouch) if vouch else "")
    if vouch and vouch.commit:
        yield _commit(vouch.commit)
    if verdict.state is State.UNKNOWN:
        yield verdict.reason
        yield verdict.fix
    if verdict.drift and (verdict.drift.commits or verdict.drift.uncommitted):
        yield "since then:" if vouch else "last changed by:"
        yield from _changes(verdict.drift)
    yield from (f"{runbook.path}:{one.line}:{one.column}: {told(one)}" for one in wrong)
    if verdict.state is State.STALE:
        first = "correct these lines, then record a review" if wrong else "settle it"
        yield f"{first}: blackstart review {quoted(runbook.path)} --anchor {quoted(verdict.anchor)} -m 'what you found'"


def _changes(drift: Drift) -> Iterator[str]:
    yield from (f"  {_commit(commit)}" for commit in drift.commits)
    yield from (f"  {path} has changes that are not committed" for path in drift.uncommitted)
    if drift.added or drift.removed:
        yield f"  {drift.place}  +{drift.added} -{drift.removed} lines"


def _commit(commit: Commit) -> str:
    return f"{commit.sha[:7]}  {commit.date:%Y-%m-%d}  {commit.author}: {commit.subject}"
