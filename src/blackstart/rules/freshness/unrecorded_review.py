"""The runbook and its code were changed together, but the record of it was forgotten.

Why: with `require_record: true` only a recorded review counts as proof, because history can be squashed, rebased or
cut short. The page is not stale: somebody edited it beside the code, or wrote it after. Only the record is missing.

Bad:

    require_record: true                      # and a commit edits the page and the code, but not `reviewed:`

Good:

    blackstart review runbooks/restore/database.md -m 'step 3 says the new flag'

Fix: run the one command that the finding names, and commit the runbook.

Options: `require_record` in blackstart.yml switches it on; `severity`.
"""

from __future__ import annotations

from collections.abc import Iterator

from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.rules.freshness.stale import vouched
from blackstart.runbook import Runbook, quoted
from blackstart.verdict import State, Verdict

SEVERITY = Severity.ERROR


def check(library: Library) -> Iterator[Problem]:
    yield from (_problem(runbook, verdict) for runbook, verdict in library.judged(State.UNRECORDED))


def _problem(runbook: Runbook, verdict: Verdict) -> Problem:
    assert verdict.vouch is not None
    message = f"no review records `{verdict.anchor}`, though this runbook was {vouched(runbook, verdict.vouch)}"
    fix = f"blackstart review {quoted(runbook.path)} -m 'what changed'"
    details = {"anchor": verdict.anchor, "fingerprint": verdict.fingerprint}
    return runbook.problem(("covers", verdict.index), message, fix, subject=verdict.anchor, **details)
