"""An entry of the baseline is resolved: its finding is gone, so it must go too.

Why: the baseline lets a team switch the gate on with its past unsettled. It may only shrink: an entry that stays
behind would hide the same finding when it comes back.

Bad:

    {"fingerprint": "3f0c…", "rule": "dead-link", "path": "runbooks/a.md", …}   # and the link works again

Good:

    blackstart baseline                       # in the change that settled the finding

Fix: `blackstart baseline` removes what is resolved and never adds. An entry belongs to a rule, a page and what the
finding is about; lines may move and messages change, but a page under another name has to be settled.

Options: `severity` in blackstart.yml.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from blackstart.baseline import FILE_NAME
from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.outcome import Outcome
from blackstart.rules._pages import MOST

SEVERITY = Severity.ERROR


def check_outcome(library: Library, outcome: Outcome) -> Iterator[Problem]:
    del library
    for line, entry in islice(outcome.resolved(), MOST):
        message = f"the `{entry.rule}` finding of `{entry.path}` is gone, and the baseline still has it"
        yield Problem(FILE_NAME, line, 1, message, "Remove it: blackstart baseline", subject=entry.fingerprint)
