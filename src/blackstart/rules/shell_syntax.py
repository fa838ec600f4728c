"""A shell block does not parse.

Why: it will be pasted into a production shell, in a hurry.

Bad:

    ```bash
    if pennant health; then echo well
    ```

Good:

    ```bash
    if pennant health; then echo well; fi
    ```

Fix: close what is open. Nothing is run: the block is read by `bash -n` only. Output belongs into a `text` block,
a session with prompts into a `console` block.
"""

from __future__ import annotations

from collections.abc import Iterator

from blackstart.library import Library
from blackstart.model import Family, Problem, Severity
from blackstart.runbook import Runbook
from blackstart.shell import Complaint, complaints
from blackstart.written.markdown import Fence

FAMILY = Family.COMMANDS
SEVERITY = Severity.ERROR

_DIALECTS = {"bash": "bash", "shell": "bash", "sh": "sh"}


def check(library: Library) -> Iterator[Problem]:
    blocks = [
        (runbook, fence, (_DIALECTS[fence.language], fence.content))
        for runbook in library.runbooks
        for fence in runbook.document.fences
        if fence.language in _DIALECTS
    ]
    found = complaints({script for *_, script in blocks})
    for runbook, fence, script in blocks:
        if complaint := found.get(script):
            yield _problem(runbook, fence, complaint)


def _problem(runbook: Runbook, fence: Fence, complaint: Complaint) -> Problem:
    line = fence.line + min(complaint.line, max(fence.content.count("\n"), 1))
    fix = "Correct the block; output belongs into a `text` block."
    return Problem(runbook.path, line, 1, f"the shell cannot read this: {complaint.message}", fix)
