"""What a branch makes worse: both sides judged, each by its own rules, as far as the branch concerns them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from blackstart.alerts import names_in
from blackstart.branch import Branch, affected, open_branch
from blackstart.engine import Scope, run
from blackstart.errors import ConfigurationError
from blackstart.freshness.anchor import parse_anchor
from blackstart.library import Library
from blackstart.model import Finding, NotJudged, Report, Severity, Since
from blackstart.runbook import Runbook, said
from blackstart.traces import Traces

_WEIGHT = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}
_ODD = (".gitignore", ".gitattributes")  # by which git sees other files otherwise


def check_since(
    library: Library, rev: str, select: Iterable[str] = (), paths: Iterable[str] = (), *, everything: bool = False
) -> Report:
    """Judge what was done since a commit, or since `merge-base:REV`: only what is new decides.

    `everything` looks at all runbooks, also at those that the branch does not concern. Raises BlackstartError.
    """
    branch = open_branch(library, rev)
    here, there = (Scope(), Scope(moved=branch.moved)) if everything else scopes(branch)
    now = run(branch.now, select, paths, here)
    try:
        then = run(branch.then, select, paths, there) if branch.then else None
    except ConfigurationError as error:
        branch, then = replace(branch, then=None, unusable=str(error)), None
    return _compared(branch, now, then)


def _compared(branch: Branch, now: Report, then: Report | None) -> Report:
    earlier = {finding.fingerprint: finding for finding in _found(then)} if then else {}
    still = {finding.fingerprint for finding in _found(now)}
    before = [finding for finding in now.findings if _was_there(finding, earlier.get(finding.fingerprint))]
    since = Since(
        name=branch.name,
        base=branch.base,
        before=tuple(before),
        resolved=tuple(
            one for one in earlier.values() if one.fingerprint not in still and _is_judged(branch, one, now)
        ),
        affected=tuple(one.path for one in affected(branch)),
        rules=branch.rules,
    )
    return replace(
        now,
        findings=tuple(finding for finding in now.findings if finding not in before),
        not_judged=tuple(_not_judged(branch, now, then)),
        not_checked=(*now.not_checked, *_not_checked(branch, now)),
        since=since,
    )


def _found(report: Report) -> Iterator[Finding]:
    """Everything that the rules found, whether or not it counts."""
    yield from report.findings
    yield from (waived.finding for waived in report.waived)
    yield from report.baselined


def _was_there(finding: Finding, earlier: Finding | None) -> bool:
    """Not if the branch lets it weigh more than before."""
    return earlier is not None and _WEIGHT[finding.severity] <= _WEIGHT[earlier.severity]


def _is_judged(branch: Branch, finding: Finding, now: Report) -> bool:
    """Whether the rule could have found it: what is switched off, or cannot be judged any more, is not resolved."""
    off = branch.now.policy.severity_of(finding.rule, finding.severity, finding.path) is None
    page = next((runbook for runbook in branch.now.runbooks if runbook.path == finding.path), None)
    hidden = page is not None and page.front is None and finding.rule != "front-matter"
    return not off and not hidden and finding.path not in {item.path for item in now.not_judged}


def _not_judged(branch: Branch, now: Report, then: Report | None) -> Iterator[NotJudged]:
    """What could not be judged before, and has not changed, does not fail the branch; it is told all the same."""
    earlier = {(item.path, item.subject) for item in then.not_judged} if then else set()
    for item in now.not_judged:
        is_old = (item.path, item.subject) in earlier and _is_untouched(branch, item)
        yield replace(item, tolerated=item.tolerated or is_old)


def _is_untouched(branch: Branch, item: NotJudged) -> bool:
    """Whether code and record of the anchor are what they were."""
    assert branch.then is not None
    origin = next((old for old, new in branch.moved.items() if new == item.path), item.path)
    anchor = parse_anchor(item.subject)
    if branch.now.judge.fingerprint(anchor) != branch.then.judge.fingerprint(anchor):
        return False
    return _record(branch.now, item.path, item.subject) == _record(branch.then, origin, item.subject)


def _record(library: Library, path: str, anchor: str) -> str | None:
    runbook = next((runbook for runbook in library.runbooks if runbook.path == path), None)
    review = runbook.front.reviewed if runbook and runbook.front else None
    return review.seen.get(anchor) if review else None


def _not_checked(branch: Branch, now: Report) -> Iterator[str]:
    if branch.unusable:
        first = branch.unusable.split("\n", 1)[0]
        yield f"what was there before: {branch.base[:10]} cannot be judged ({first}), so everything counts as new"
    left = len(branch.now.runbooks) - now.checked.runbooks
    if left:
        yield f"what the branch does not concern: {left} of {len(branch.now.runbooks)} runbooks"


# --- what a branch concerns


def scopes(branch: Branch) -> tuple[Scope, Scope]:
    """What must be judged now and at the base; all that is left out is judged on both sides alike."""
    if branch.then is None:
        return Scope(), Scope()
    if branch.rules or any(PurePosixPath(path).name in _ODD for path in branch.paths):
        return Scope(), Scope(moved=branch.moved)
    traces = Traces(branch)
    covering = frozenset(runbook.path for runbook in branch.covering)
    edited = branch.edited - branch.recorded
    others = [one for one in branch.now.runbooks if one.path not in edited]
    met = {one.path for one in others if traces.meets(one) or (one.path in covering and traces.meets_family(one))}
    pages, coverage = edited | met, _concerns_coverage(branch, branch.then)
    recorded = branch.recorded - pages
    covering -= pages | recorded
    now = Scope(pages, covering, recorded, coverage)
    return now, replace(now, pages=pages | branch.gone, moved=branch.moved)


def _concerns_coverage(branch: Branch, then: Library) -> bool:
    """Whether another share of the files may be covered, or there are other kinds of runbooks, or other alerts."""
    if branch.now.policy.coverage.threshold is not None and branch.paths:
        return True
    if any(names_in(branch.now.worktree, path) != names_in(then.worktree, path) for path in branch.paths):
        return True
    edited = branch.edited - branch.recorded
    new = {_subject(runbook) for runbook in branch.now.runbooks if runbook.path in edited}
    old = {_subject(runbook) for runbook in then.runbooks if runbook.path in edited | branch.gone}
    return new != old


def _subject(runbook: Runbook) -> tuple[object, ...]:
    front = runbook.front
    return said(runbook, "kind"), said(runbook, "component"), front and (front.alerts, front.covers)
