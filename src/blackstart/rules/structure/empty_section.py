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

Options: `severity` in blackstart.yml. Which sections are required, and their aliases, the kind's YAML file says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.rules.structure.placeholder import PLACEHOLDER
from blackstart.rules.structure.required_sections import required

if TYPE_CHECKING:
    from blackstart.written.markdown import Section

SEVERITY = Severity.ERROR
OF_THE_TEXT = True

_NOTHING = re.compile(
    r"(?:(?:n/?a|none|nothing|no|not|applicable|needed|required|available|yet|empty|later|see (?:above|below)"
    r"|same as above|coming soon|unknown|to ?do|tb[acd]|wip|work in progress|placeholder|fill (?:me )?in"
    r"|(?:your )?text here|to be (?:done|written|added|defined|decided))(?: |$))+",
    re.IGNORECASE,
)
_MARKERS = re.compile(r"^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])(?:\s+|$)){0,3}(?:\[[ xX]\])?")
_FURNITURE = re.compile(r"[\s>]*(?:`{3}|~{3}|\[[^\]]*\]:)")
_TABLE_RULE = re.compile(r"\|?:?-+:?(?:\|:?-+:?)*\|?")
_SHOWN = re.compile(r"<(?:img|video|audio|iframe|object|embed|svg|picture)\b", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][\w-]*(?:\s[^<>]*)?/?>|&\w+;|\{[:#.][^{}]*\}")


def check(library: Library) -> Iterator[Problem]:
    for runbook in library.runbooks:
        for spec, section in required(library, runbook):
            if section and not _says_something(section, spec.hint):
                message = f"the section `{section.heading.text}` is empty"
                yield Problem(runbook.path, section.heading.line, 1, message, f"Write: {spec.hint}")


def _says_something(section: Section, hint: str) -> bool:
    lines = _without_table_heads([text for _, text in section.lines])
    words = " ".join(" ".join(_MARKERS.sub("", text).split()) for text in lines if not _FURNITURE.match(text))
    if _SHOWN.search(words):
        return True
    left = PLACEHOLDER.sub(" ", _TAG.sub(" ", words.replace(" ".join(hint.split()), " ")))
    left = re.sub(r"[^\w/]+", " ", left).strip(" /_")
    return bool(left) and not _NOTHING.fullmatch(left)


def _without_table_heads(lines: Sequence[str]) -> Iterator[str]:
    """A row above a line of dashes and bars names columns, and says nothing yet."""
    for line, below in pairwise([*lines, ""]):
        if not ("|" in below and _TABLE_RULE.fullmatch("".join(below.split()).strip(">"))):
            yield line
