"""What an author's edit of a few runbooks changes in the last report: the other pages are as true as they were."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from blackstart.engine import Scope, run
from blackstart.freshness.tree import lookup
from blackstart.library import Library
from blackstart.model import Family, Report

_PLAIN = re.compile(r"[\w-]+")  # a link writes it as it is


def edited(library: Library, last: Library) -> frozenset[str] | None:
    """The runbooks whose text is another than it was; None where more than that is."""
    now, then = library.worktree, last.worktree
    paths = now.uncommitted | then.uncommitted
    changed = frozenset(path for path in paths if lookup(now, path) != lookup(then, path))
    pages = {runbook.path for runbook in library.runbooks}
    return changed if _are_alike(library, last) and changed <= pages else None


def rejudged(library: Library, last: Library, report: Report, changed: frozenset[str]) -> Report:
    """The library's report, for which of the `last` one's is kept what cannot be another with these pages `changed`."""
    pages = _concerned(library, last, changed)
    if pages is None:
        return run(library)
    now = run(library, scope=Scope(pages=pages))
    others = {runbook.path for runbook in library.runbooks} - pages
    kept = [one for one in report.findings if one.path in others and one.family is not Family.COVERAGE]
    found = (one for one in now.findings if one.path not in others or one.family is Family.COVERAGE)
    not_judged = (*now.not_judged, *(one for one in report.not_judged if one.path in others))
    anchors = sum(len(verdicts) for verdicts in library.verdicts.values())
    return replace(
        now,
        findings=tuple(sorted([*kept, *found], key=lambda one: (one.path, one.line, one.column))),
        not_judged=tuple(sorted(not_judged, key=lambda one: (one.path, one.line))),
        checked=replace(now.checked, runbooks=len(library.runbooks), anchors=anchors),
    )


def cover_the_same(library: Library, last: Library) -> bool:
    """Whether the runbooks say the same of themselves, above their text."""
    heads = {runbook.path: runbook.head for runbook in last.runbooks}
    return all(runbook.head == heads[runbook.path] for runbook in library.runbooks)


def _concerned(library: Library, last: Library, changed: frozenset[str]) -> frozenset[str] | None:
    """The runbooks to be judged again; None where that is everything."""
    runbooks = {runbook.path: runbook for runbook in library.runbooks}
    before = {runbook.path: runbook.document.anchors for runbook in last.runbooks if runbook.path in changed}
    aims = [PurePosixPath(path).stem for path in changed if runbooks[path].document.anchors != before[path]]
    if not all(map(_PLAIN.fullmatch, aims)):
        return None
    naming = {path for path, runbook in runbooks.items() if any(stem in runbook.text for stem in aims)}
    return changed | naming | {runbook.path for runbook in library.speaking_of(changed)}


def _are_alike(library: Library, last: Library) -> bool:
    """Whether the same pages are judged by the same rules, and nothing is excused: an exception is about all pages."""
    now, then = library.policy, last.policy
    return (
        (library.commit, library.today, now, library.kinds, library.catalogue)
        == (last.commit, last.today, then, last.kinds, last.catalogue)
        and {one.path for one in library.runbooks} == {one.path for one in last.runbooks}
        and not (now.waivers or now.sources or library.baseline or last.baseline)
    )
