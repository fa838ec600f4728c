"""The covered code no longer means what it meant when someone last vouched for the runbook.

Why: the page still tells the reader what was true before. Only meaning counts: comments, formatting,
docstrings, reverted and re-dated changes are silent. What vouches for an anchor is the runbook's creation,
an edit of its text in the same change as the code, or a recorded review. A later typo fix vouches for nothing.

Bad:

    covers: [services/pennant/backup.py]      # backup.py changed in a1b2c3d, the runbook did not

Good: the steps are edited in the pull request that changes the code, or

    blackstart review runbooks/restore/database.md -m 'pool size only; no step changes'

Fix: read the change that the finding names. If a step is wrong now, correct it. Then record that you looked
with `blackstart review`.

Options: `severity` and `require_record` in blackstart.yml: with the latter only a recorded review proves freshness,
which teams that squash or rebase want. A narrower entry of `covers` (a fragment) is the cure for alarms about
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from blackstart.drift import Drift, Vouch
from blackstart.library import Library
from blackstart.model import Commit, Problem, Severity
from blackstart.runbook import Runbook, quoted
from blackstart.verdict import State, Verdict

SEVERITY = Severity.ERROR


def check(library: Library) -> Iterator[Problem]:
    yield from (_problem(runbook, verdict) for runbook, verdict in library.judged(State.STALE))


def _problem(runbook: Runbook, verdict: Verdict) -> Problem:
    assert verdict.vouch is not None
    message = f"`{verdict.anchor}` has changed since this runbook was {vouched(runbook, verdict.vouch)}"
    fix = f"{_read(verdict)}\nCorrect the steps it breaks, if any. Then record that you looked:\n{_review(runbook)}"
    return runbook.problem(("covers", verdict.index), message, fix, subject=verdict.anchor, **_details(verdict))


def vouched(runbook: Runbook, vouch: Vouch) -> str:
    review = runbook.front.reviewed if runbook.front else None
    if vouch.how == "review" and review:
        return f"reviewed on {review.on} by {review.by}"
    word = "written" if vouch.how == "creation" else "last edited together with it"
    return f"{word} ({_short(vouch.commit)})" if vouch.commit else word


def _short(commit: Commit) -> str:
    return f"{commit.sha[:7]}, {commit.date:%Y-%m-%d}, {commit.author}"


def _read(verdict: Verdict) -> str:
    vouch, drift = verdict.vouch, verdict.drift
    if vouch and vouch.tip and drift:
        return f"Read the change: {drift.command(vouch.tip)}"
    return f"Read the code again: {', '.join(drift.files[:3]) if drift else verdict.anchor}"


def _review(runbook: Runbook) -> str:
    return f"blackstart review {quoted(runbook.path)} -m 'what you found'"


def _details(verdict: Verdict) -> dict[str, Any]:
    vouch, drift = verdict.vouch, verdict.drift
    details: dict[str, Any] = {"anchor": verdict.anchor, "fingerprint": verdict.fingerprint}
    if vouch:
        details["vouched"] = {
            "how": vouch.how,
            "fingerprint": vouch.fingerprint,
            "commit": commit_details(vouch.commit) if vouch.commit else None,
        }
    return details | (drift_details(drift) if drift else {})


def drift_details(drift: Drift) -> dict[str, Any]:
    return {
        "commits": [commit_details(commit) for commit in drift.commits],
        "uncommitted": list(drift.uncommitted),
        "files": list(drift.files),
        "added": drift.added,
        "removed": drift.removed,
        "code": drift.place,
    }


def commit_details(commit: Commit) -> dict[str, str]:
    return {
        "sha": commit.sha,
        "date": commit.date.isoformat(),
        "author": commit.author,
        "subject": commit.subject,
    }
