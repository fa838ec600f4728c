"""A runbook still names what the code it covers no longer has.

Why: a page that is merely unread may still hold; a page that tells its reader to use a flag, table, unit or path
which a change removed will fail in the outage. Real pages stayed wrong like this for a median of 88 days, one for
538, through six bumps of its review date. So a review cannot settle it: the line must be edited.

Bad:

    covers: [deploy/compose.yml]              # the service `db` became `postgres` in a1b2c3d
    ...
    docker compose up -d db

Good:

    docker compose up -d postgres

Fix: correct the line that the finding points at, then record a review. Code spans, code blocks, links and the
front matter's `alerts` and `access` count. Text that tells of the past does not: lines with "previously", "formerly",
"renamed from", "no longer" or "deprecated", sections called changelog or history, HTML comments, generated blocks.
A name that other code of the repository still uses has moved: the page is stale then, not contradicted.

Options: `severity` in blackstart.yml.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.rules._pages import each_page
from blackstart.rules.freshness.stale import commit_details
from blackstart.runbook import Runbook
from blackstart.verdict import State

if TYPE_CHECKING:
    from blackstart.contradiction import Contradiction

SEVERITY = Severity.ERROR


def check(library: Library) -> Iterator[Problem]:
    if any(library.judged(State.STALE)):
        yield from each_page(library, _problems)


def _problems(library: Library, runbook: Runbook) -> Iterator[Problem]:
    from blackstart.contradiction import contradictions, told

    for found in contradictions(library, runbook):
        yield _problem(runbook, found, told(found))


def _problem(runbook: Runbook, found: Contradiction, message: str) -> Problem:
    fix = f"Write `{found.new}` if that is what took its place." if found.new else "Correct or remove the step."
    details = {
        "anchor": found.anchor,
        "old": found.old,
        "new": found.new or None,
        "file": found.code,
        "commits": [commit_details(found.commit)] if found.commit else [],
    }
    return Problem(runbook.path, found.line, found.column, message, fix, details, f"{found.anchor} {found.old}")
