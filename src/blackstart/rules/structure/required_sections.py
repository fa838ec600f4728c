"""A section that every runbook of its kind must have is not there.

Why: measured on 1,454 real runbooks, 1 % say how to roll back and 14 % how to verify. The reader looks for the same
headings on every page, and at three in the morning finds only those.

Bad:

    ## Steps
    1. Restore the dump.
                                              # no Verify, no Roll back

Good:

    ## Steps
    ## Verify
    ## Roll back

Fix: add the heading, at the second level, and fill it. Case, punctuation and a number in front do not matter, and
each section has aliases (`Rollback` for `Roll back`). The sections of a kind are in its YAML file.

Options: `severity` in blackstart.yml. A kind of your own, in the folder `_kinds` of the runbooks, has its own
`sections`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from blackstart.kinds import Kind, SectionSpec
from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.runbook import Runbook, said

if TYPE_CHECKING:
    from blackstart.written.markdown import Section
    from blackstart.written.parts import Heading

SEVERITY = Severity.ERROR
OF_THE_TEXT = True

_NUMBER = re.compile(r"^\d+(?: \d+)* (?=\S)")


def check(library: Library) -> Iterator[Problem]:
    for runbook in library.runbooks:
        for spec, section in required(library, runbook):
            if section is None:
                yield _missing(runbook, library.kinds[said(runbook, "kind")], spec)


def required(library: Library, runbook: Runbook) -> Iterator[tuple[SectionSpec, Section | None]]:
    """Each section that the runbook's kind demands, with the one that the runbook has."""
    kind = library.kinds.get(said(runbook, "kind"))
    titled: dict[str, Section] = {}
    for section in runbook.document.sections if kind else ():
        if section.heading.level == 2:
            titled.setdefault(folded(section.heading.text), section)
    for spec in kind.sections if kind else ():
        found = (titled[folded(name)] for name in spec.names if folded(name) in titled)
        if not spec.optional:
            yield spec, next(found, None)


def folded(title: str) -> str:
    """A title as titles are compared: case, punctuation and a number in front do not matter."""
    words = re.sub(r"[\W_]+", " ", title.casefold().replace("&", " and ")).strip()
    return _NUMBER.sub("", words)


def _missing(runbook: Runbook, kind: Kind, spec: SectionSpec) -> Problem:
    message, write = f"the section `{spec.title}` is missing", f"## {spec.title}"
    line, fix = runbook.document.last_line, f"Add `{write}`: {spec.hint}"
    if heading := _at_other_level(runbook, spec):
        line, fix = heading.line, f"Write `{write}` in its place."
        message = f"the section `{heading.text}` must be at level 2, it is at level {heading.level}"
    elif heading := _near(runbook, kind, spec):
        line, message = heading.line, f"{message}; is it `{heading.text}`?"
        fix = f"Name it `{write}`, or add that section: {spec.hint}"
    elif opened := next((fence.line for fence in runbook.document.fences if not fence.closed), None):
        line, fix = opened, "Close the code block that begins here: it hides all headings below."
    return Problem(runbook.path, line, 1, message, fix, subject=spec.title)


def _at_other_level(runbook: Runbook, spec: SectionSpec) -> Heading | None:
    """The page's title is no section, whatever it says."""
    names = {folded(name) for name in spec.names}
    headings = (heading for heading in runbook.document.headings[1:] if heading.level != 2)
    return next((heading for heading in headings if folded(heading.text) in names), None)


def _near(runbook: Runbook, kind: Kind, spec: SectionSpec) -> Heading | None:
    """A heading that means no other section and looks like this one."""
    taken = {folded(name) for section in kind.sections for name in section.names}
    headings = {folded(heading.text): heading for heading in runbook.document.headings[:200] if heading.level == 2}
    free = [title for title in headings if title not in taken]
    near = (close for name in spec.names for close in get_close_matches(folded(name), free, n=1, cutoff=0.7))
    return next((headings[title] for title in near), None)
