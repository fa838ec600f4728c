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

Fix: add the heading, at the second level, and fill it. Upper and lower case do not matter, and each section has
aliases (`Rollback` for `Roll back`). The sections of a kind are in its YAML file.
"""

from __future__ import annotations

from collections.abc import Iterator

from blackstart.kinds import SectionSpec
from blackstart.library import Library
from blackstart.model import Family, Problem, Severity
from blackstart.runbook import Runbook
from blackstart.written.markdown import Section
from blackstart.written.schema import suggest

FAMILY = Family.STRUCTURE
SEVERITY = Severity.ERROR


def check(library: Library) -> Iterator[Problem]:
    for runbook in library.runbooks:
        for spec, section in required(library, runbook):
            if section is None:
                yield _missing(runbook, spec)


def required(library: Library, runbook: Runbook) -> Iterator[tuple[SectionSpec, Section | None]]:
    """Each section that the runbook's kind demands, with the one that the runbook has."""
    kind = library.kinds.get(runbook.front.kind) if runbook.front else None
    titled = {_folded(section.heading.text): section for section in _second_level(runbook)}
    for spec in kind.sections if kind else ():
        found = (titled[_folded(name)] for name in spec.names if _folded(name) in titled)
        if not spec.optional:
            yield spec, next(found, None)


def _second_level(runbook: Runbook) -> Iterator[Section]:
    return (section for section in runbook.document.sections if section.heading.level == 2)


def _folded(title: str) -> str:
    return " ".join(title.casefold().split()).strip(" .:!?")


def _missing(runbook: Runbook, spec: SectionSpec) -> Problem:
    near = suggest(spec.title, [heading.text for heading in runbook.document.headings])
    message = f"the section `{spec.title}` is missing{near.replace('did you mean', 'is it')}"
    line = runbook.document.first_line + len(runbook.document.source) - 1
    return Problem(runbook.path, line, 1, message, f"Add `## {spec.title}`: {spec.hint}")
