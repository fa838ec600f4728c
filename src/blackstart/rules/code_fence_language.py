"""A code block does not say what it is in.

Why: 26 % of the code blocks in real runbooks carry no language. Without one there is no highlighting, and no rule can
tell a command from its output.

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
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from blackstart.library import Library
from blackstart.model import Family, Problem, Severity
from blackstart.written.markdown import Fence

FAMILY = Family.COMMANDS
SEVERITY = Severity.ERROR

_COMMAND = re.compile(
    r"(?:sudo|cd|ls|cat|curl|git|docker|kubectl|systemctl|psql|pg_\w+|export|terraform|make|ssh|aws)\b"
)


def check(library: Library) -> Iterator[Problem]:
    for runbook in library.runbooks:
        for fence in runbook.document.fences:
            if not fence.language:
                message = "the code block names no language"
                yield Problem(runbook.path, fence.line, 1, message, f"Begin it with ```{_guess(fence)}")


def _guess(fence: Fence) -> str:
    first = fence.content.lstrip()
    if first.startswith(("$ ", "# ")):
        return "console"
    return "bash" if _COMMAND.match(first) else "text"
