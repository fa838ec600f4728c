"""Nobody has exercised the runbook for longer than the policy allows, or ever.

Why: a procedure that nobody has gone through is a guess. Reading finds what is out of date; only doing finds what was
never written down.

Bad:

    exercise: {kinds: {restore: 180}}         # in blackstart.yml, and a restore page without `exercised`

Good:

    exercised:
      on: 2026-01-08
      by: ann
      note: restored last night's dump in 40 minutes; step 6 needed a second terminal

Fix: go through the page with the people who would use it, correct what they stumbled over, and write `exercised` into
its front matter. Without `exercise` in blackstart.yml nothing is due.

Options: `exercise` in blackstart.yml sets the days, by kind and tier; `severity`.
"""

from __future__ import annotations

from collections.abc import Iterator

from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.rules._intervals import due
from blackstart.runbook import Runbook

SEVERITY = Severity.WARNING


def check(library: Library) -> Iterator[Problem]:
    for runbook in library.runbooks:
        interval = due(library, runbook, library.policy.exercise)
        if interval and (told := _overdue(library, runbook, interval[0])):
            message = f"{told}; `exercise.{interval[1]}` in the policy allows {interval[0]} days"
            fix = "Go through it with those who would use it, then write `exercised: {on: …, by: …, note: …}`."
            yield runbook.problem(("exercised", "on"), message, fix, subject="exercise")


def _overdue(library: Library, runbook: Runbook, days: int) -> str:
    last = runbook.front.exercised if runbook.front else None
    if last is None:
        return "never exercised"
    age = (library.today - last.on).days
    return f"last exercised on {last.on} by {last.by}, {age} days ago" if age > days else ""
