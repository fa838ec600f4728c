"""Text that someone meant to replace and did not.

Why: in an outage, `<your-bucket>` is not a bucket.

Bad:

    aws s3 cp s3://<your-bucket>/latest.dump .
    TODO: how do we get the key?

Good:

    aws s3 cp "s3://$BACKUP_BUCKET/latest.dump" .

Fix: write the real value. What differs from run to run is a shell variable, exported once in *Before you start*.

Options: `severity` in blackstart.yml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.rules._pages import each_page
from blackstart.runbook import Runbook

SEVERITY = Severity.ERROR

PLACEHOLDER = re.compile(
    r"(?=[TFXYcCrRyYlL<&{\[])"  # what one begins with, which rules most places out at once
    r"(?:(?<![^\W_])(?<![^\W_]_)(?:TODO|TBD|TBC|FIXME|XXX)(?![^\W_]|_+[^\W_]|\.md\b)"
    r"|(?<![$\w])(?<!\$\{)YOUR[-_][A-Z][A-Z_-]*\b(?!=)"
    r"|(?i:"
    r"\b(?:change|replace)[-_]?me\b"
    r"|(?:<|&lt;)your[-_ \w][^<>=@\n]{0,60}?(?:>|&gt;)"
    r"|<(?:insert|replace|enter|fill[-_ ]in|(?:add|put|change)[-_ ](?:your|the|a))[-_ ][^<>=@\n]{0,60}>"
    r"|\{\{\s*(?:your|insert|replace)[^{}\n]{0,60}\}\}"
    r"|\[(?:your|insert|replace with|fill in)\b[^\]\n]{0,60}\](?![(\[])"
    r"|\byour-[a-z-]{1,40}-here\b"
    r"|\blorem ipsum\b"
    r"))"
)
_FIX = "Write the real value; what differs from run to run is a shell variable."


def check(library: Library) -> Iterator[Problem]:
    return each_page(library, _problems)


def _problems(library: Library, runbook: Runbook) -> Iterator[Problem]:
    del library
    for line, column, text in _texts(runbook):
        for found in PLACEHOLDER.finditer(text):
            if found[0] != "XXX" or "mktemp" not in text:  # which wants at least three of them
                yield Problem(runbook.path, line, column + found.start(), f"`{found[0]}` is a placeholder", _FIX)


def _texts(runbook: Runbook) -> Iterator[tuple[int, int, str]]:
    """Line, first column and text of the front matter without its comments, then of what the reader sees."""
    for index, text in enumerate(runbook.text[: runbook.body_start].split("\n")):
        yield index + 1, 1, re.split(r"(?:^|\s)#", text, maxsplit=1)[0]
    for line, text in runbook.document.box_titles():
        yield line, 1, text
    for line, text in runbook.document.numbered():
        yield line, runbook.document.column(line, 0), text
