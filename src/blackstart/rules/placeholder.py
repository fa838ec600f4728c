"""Text that someone meant to replace and did not.

Why: in an outage, `<your-bucket>` is not a bucket.

Bad:

    aws s3 cp s3://<your-bucket>/latest.dump .
    TODO: how do we get the key?

Good:

    aws s3 cp "s3://$BACKUP_BUCKET/latest.dump" .

Fix: write the real value. What differs from run to run is a shell variable, exported once in *Before you start*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from blackstart.library import Library
from blackstart.model import Family, Problem, Severity

FAMILY = Family.STRUCTURE
SEVERITY = Severity.ERROR

PLACEHOLDER = re.compile(
    r"\b(?:TODO|TBD|FIXME|XXX|TBC|CHANGEME|CHANGE_ME|REPLACEME|REPLACE_ME)\b"
    r"|<(?:your|insert|replace|change|add|enter|put|fill)(?:[-_ ][^<>\n]{0,60})?>"
    r"|\{\{\s*(?:your|insert|replace)[^{}\n]{0,60}\}\}"
    r"|\[(?:your|insert|replace|fill in)\b[^\]\n]{0,60}\](?!\()"
    r"|\b[Ll]orem ipsum\b",
)
_WORDS = re.compile(r"<(?:YOUR|INSERT|REPLACE|CHANGE|ADD|ENTER|PUT|FILL)(?:[-_ ][^<>\n]{0,60})?>|\byour-[a-z]+-here\b")


def check(library: Library) -> Iterator[Problem]:
    for runbook in library.runbooks:
        for line, text in runbook.document.numbered():
            source = runbook.document.source[line - runbook.document.first_line]
            for found in (*PLACEHOLDER.finditer(text), *_WORDS.finditer(text)):
                column = source.find(found[0]) + 1
                yield Problem(
                    runbook.path,
                    line,
                    max(column, 1),
                    f"`{found[0]}` is a placeholder",
                    "Write the real value; what differs from run to run is a shell variable.",
                )
