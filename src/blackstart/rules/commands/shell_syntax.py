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
a session with prompts into a `console` block; of that, the lines behind `$ ` are read.

Options: `severity` in blackstart.yml.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.runbook import Runbook

if TYPE_CHECKING:
    from blackstart.shell import Complaint, Script
    from blackstart.written.parts import Fence

SEVERITY = Severity.ERROR
OF_THE_TEXT = True


def check(library: Library) -> Iterator[Problem]:
    from blackstart.commands import DIALECTS
    from blackstart.freshness.syntax import parse
    from blackstart.shell import complaints

    blocks = [
        (runbook, fence, script)
        for runbook in library.runbooks
        for fence in runbook.document.fences
        if (script := _script(fence))
    ]
    found = complaints({script for *_, script in blocks}, lambda text: parse("bash", text) is not None)
    for runbook, fence, script in blocks:
        if fence.language in DIALECTS:
            yield from _prompts(runbook, fence)
        complaint = found.get(script)
        # A session may show the rest of a command without its prompts.
        if complaint and (fence.language in DIALECTS or not complaint.unfinished):
            yield _problem(runbook, fence, complaint)


def _script(fence: Fence) -> Script | None:
    """What bash is to read."""
    from blackstart.commands import DIALECTS, typed

    text = typed(fence)
    return None if text is None else (DIALECTS.get(fence.language, "bash"), text)


def _prompts(runbook: Runbook, fence: Fence) -> Iterator[Problem]:
    for index, line in enumerate(fence.content.split("\n")):
        if "<<" in line:  # from here on it may be the text of a file
            return
        if line.startswith("$ "):
            fix = "Remove the `$ `, or mark the block `console`."
            yield Problem(runbook.path, fence.line + 1 + index, 1, "a prompt, which cannot be pasted", fix)
            return


def _problem(runbook: Runbook, fence: Fence, complaint: Complaint) -> Problem:
    line = fence.line + min(complaint.line, max(fence.content.count("\n"), 1))
    fix = "Correct the block; output belongs into a `text` block."
    return Problem(runbook.path, line, 1, f"the shell cannot read this: {complaint.message}", fix)
