"""A code block does not say what it is in, or is never closed.

Why: 26 % of the code blocks in real runbooks carry no language. Without one there is no highlighting, and no rule can
tell a command from its output. An open one swallows the rest of the page.

Bad:

    ```
    systemctl restart pennant
    ```

Good:

    ```bash
    systemctl restart pennant
    ```

Fix: name the language behind the opening fence: `bash` for commands to paste, `text` for output, `console` for a
session with prompts.

Options: `severity` in blackstart.yml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.rules._pages import each_page
from blackstart.runbook import Runbook

if TYPE_CHECKING:
    from blackstart.written.parts import Fence

SEVERITY = Severity.ERROR
OF_THE_TEXT = True

_COMMAND = re.compile(
    r"(?:sudo|cd|ls|cat|cp|mv|rm|curl|wget|git|docker|kubectl|helm|systemctl|journalctl|psql|pg_\w+|export|terraform"
    r"|make|ssh|scp|rsync|aws|gcloud|az|dig|openssl|python3?|bash|\w+=\S+)\b(?!:)"
)


def check(library: Library) -> Iterator[Problem]:
    return each_page(library, _problems)


def _problems(library: Library, runbook: Runbook) -> Iterator[Problem]:
    del library
    for fence in runbook.document.fences:
        if not fence.closed:
            message = "the code block is never closed: all that follows is code"
            yield Problem(runbook.path, fence.line, 1, message, "Close it with a line of its own, indented as here.")
        elif not fence.language:
            message = "the code block names no language"
            yield Problem(runbook.path, fence.line, 1, message, f"Begin it with ```{_guess(fence)}")


def _guess(fence: Fence) -> str:
    lines = [line for line in fence.content.splitlines() if line.strip() and not line.startswith("# ")]
    if any(line.startswith("$ ") for line in lines):
        return "console"
    return "bash" if lines and _COMMAND.match(lines[0].lstrip()) else "text"
