"""Nobody has reviewed the runbook for longer than the policy allows.

Why: code is not all that a page depends on. Vendors change their consoles, teams their names, and people forget where
the keys are. A date proves nothing about the code, so this only reminds, and `stale` still judges.

Bad:

    review: {days: 365, tiers: {"1": 90}}     # in blackstart.yml
    ...
    reviewed: {on: 2025-06-30, …}             # in a page about a component of tier 1, in January

Good:

    blackstart review runbooks/comms/outage.md -m 'called both numbers; the portal has moved'

Fix: read the page as if you needed it, try what can be tried, and record that with `blackstart review`. A page without
a record counts from the newest commit that vouches for it. Without `review` in blackstart.yml nothing is due.

Options: `review` in blackstart.yml sets the days, by kind and tier; `severity`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.rules._intervals import due
from blackstart.runbook import Runbook, quoted
from blackstart.verdict import State

SEVERITY = Severity.WARNING


def check(library: Library) -> Iterator[Problem]:
    for runbook in library.runbooks:
        interval = due(library, runbook, library.policy.review)
        last = _last(library, runbook) if interval else None
        if interval and last and (age := (library.today - last[0]).days) > interval[0]:
            message = f"{last[1]}, {age} days ago; `review.{interval[1]}` in the policy allows {interval[0]}"
            fix = f"Read it as if you needed it, then: blackstart review {quoted(runbook.path)} -m 'what you found'"
            yield runbook.problem(("reviewed", "on"), message, fix, subject="review")


def _last(library: Library, runbook: Runbook) -> tuple[date, str] | None:
    """When someone last stood up for the page, in words too; None where that is not known."""
    review = runbook.front.reviewed if runbook.front else None
    if review:
        return review.on, f"last reviewed on {review.on} by {review.by}"
    verdicts = library.verdicts.get(runbook.path, ())
    commits = [verdict.vouch.commit for verdict in verdicts if verdict.vouch and verdict.vouch.commit]
    if not commits or any(verdict.state is State.UNKNOWN for verdict in verdicts):
        return None
    newest = max(commits, key=lambda commit: commit.date)
    day = newest.date.date()
    return day, f"never reviewed, last vouched for by {newest.sha[:7]} of {newest.author} on {day}"
