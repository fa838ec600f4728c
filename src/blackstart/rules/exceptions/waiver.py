"""A waiver in blackstart.yml has expired, excuses nothing, or runs longer than the policy allows.

Why: an exception without an end is a rule that nobody has. One that excuses nothing waits there to hide the next
finding at its path.

Bad:

    waivers:
      - {rule: stale, path: runbooks/legacy/**, reason: rewritten in Q1, owner: ann, expires: 2026-01-09}   # past

Good:

    waivers:
      - rule: stale
        path: runbooks/restore/legacy-store.md
        reason: the store is switched off in March, the page goes with it
        owner: ann
        expires: 2026-03-31

Fix: settle what it excuses and remove it, or decide anew: the date is an edit that a reviewer sees. An expired waiver
excuses nothing any more. `waiver_days` sets how many days a waiver may have to run.

Options: `waivers` and `waiver_days` in blackstart.yml; `severity`.
"""

from __future__ import annotations

from collections.abc import Iterator

from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.outcome import Outcome
from blackstart.policy import FILE_NAME, Waiver

SEVERITY = Severity.ERROR


def check_outcome(library: Library, outcome: Outcome) -> Iterator[Problem]:
    for index, waiver in enumerate(library.policy.waivers):
        if told := _wrong(library, outcome, waiver):
            message, fix = told
            mark = library.policy.mark("waivers", index)
            subject = f"{waiver.rule} {waiver.path}"
            yield Problem(FILE_NAME, mark.line, mark.column, message, fix, subject=subject)


def _wrong(library: Library, outcome: Outcome, waiver: Waiver) -> tuple[str, str] | None:
    what = f"the waiver of `{waiver.rule}` for `{waiver.path}`"
    left, most = (waiver.expires - library.today).days, library.policy.waiver_days
    if left < 0:
        fix = f"Settle what it excused and remove it, or let {waiver.owner} decide on another date."
        return f"{what} expired on {waiver.expires}", fix
    if most is not None and left > most:
        message = f"{what} runs for {left} more days, and `waiver_days` allows {most}"
        return message, "Set an earlier date."
    if outcome.is_idle(waiver):
        fix = "Remove it, or correct its path: a folder is `folder/**`."
        return f"{what} excuses nothing: there is no such finding", fix
    return None
