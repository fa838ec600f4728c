"""A required section has a heading and nothing to say.

Why: generated pages get gamed. 48 of 56 generated service pages kept every placeholder section empty, and still
"had a runbook".

Bad:

    ## Roll back

    TBD

Good:

    ## Roll back

    The restore never touches the old database. Point the service back: `export DATABASE_URL="$OLD_URL"`.

Fix: write what the reader needs there. If it truly does not apply, say in one sentence why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from blackstart.library import Library
from blackstart.model import Family, Problem, Severity
from blackstart.rules.placeholder import PLACEHOLDER
from blackstart.rules.required_sections import required
from blackstart.written.markdown import Section

FAMILY = Family.STRUCTURE
SEVERITY = Severity.ERROR

_NOTHING = re.compile(r"(?:n/?a|none|nothing|not applicable|empty|later|see above|coming soon)", re.IGNORECASE)
_FURNITURE = re.compile(r"^\s*(?:`{3,}.*|~{3,}.*|[-*_=\s]{3,}|[|:\s-]*|[-*+>]|\d+[.)])\s*$")


def check(library: Library) -> Iterator[Problem]:
    for runbook in library.runbooks:
        for spec, section in required(library, runbook):
            if section and not _says_something(section, spec.hint):
                message = f"the section `{section.heading.text}` is empty"
                yield Problem(runbook.path, section.heading.line, 1, message, f"Write: {spec.hint}")


def _says_something(section: Section, hint: str) -> bool:
    words = " ".join(line.strip() for _, line in section.lines if not _FURNITURE.match(line))
    left = PLACEHOLDER.sub(" ", words.replace(hint, " "))
    left = re.sub(r"[^\w/]+", " ", left).strip()
    return bool(left) and not _NOTHING.fullmatch(left)
