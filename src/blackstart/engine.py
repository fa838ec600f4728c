"""Run every rule over a library: the one place where problems become findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from hashlib import sha256

from blackstart.errors import ConfigurationError, UsageError
from blackstart.freshness.anchor import parse_anchor
from blackstart.library import Library
from blackstart.model import Checked, Family, Finding, NotJudged, Problem, Report, Severity
from blackstart.policy import FILE_NAME
from blackstart.rules import Rule, all_rules
from blackstart.runbook import Runbook
from blackstart.verdict import State
from blackstart.written.names import is_below
from blackstart.written.schema import suggest


@dataclass(frozen=True)
class Scope:
    """The part of a library that a run looks at.

    `pages` are runbooks by path, all where it is None; of those in `covering` only freshness is judged. Without
    `coverage` no rule of that family is asked. What is found in a page that `moved` is told of where it stands now.
    """

    pages: AbstractSet[str] | None = None
    covering: AbstractSet[str] = frozenset()
    coverage: bool = True
    moved: Mapping[str, str] = field(default_factory=dict)


EVERYTHING = Scope()


def run(library: Library, select: Iterable[str] = (), paths: Iterable[str] = (), scope: Scope = EVERYTHING) -> Report:
    """Judge the library by the selected rules and families (all, when none is named).

    `paths` narrows the report to runbooks below them and to runbooks that cover them.
    """
    _check_policy(library)
    rules, paths = select_rules(select), tuple(paths)
    active = {rule: severity for rule in rules if (severity := library.policy.severity_of(rule.slug, rule.severity))}
    runbooks = [runbook for runbook in library.runbooks if _concerns(library, runbook, paths, scope)]
    wanted = {runbook.path for runbook in runbooks}
    narrowed = library.only(runbooks) if paths or scope.pages is not None else library
    written = library.only(one for one in runbooks if one.path not in scope.covering) if scope.covering else narrowed
    views = {Family.COVERAGE: library, Family.FRESHNESS: narrowed}
    found = [
        (rule, replace(problem, path=scope.moved.get(problem.path, problem.path)))
        for rule in active
        if _is_in_view(rule, library, paths, scope)
        # Coverage is a matter of all runbooks; the other rules judge page by page.
        for problem in rule.check(views.get(rule.family, written))
        if problem.path in wanted or is_below(problem.path, paths)
    ]
    found.sort(key=lambda one: (one[1].path, one[1].line, one[1].column, one[0].slug, one[1].message))
    freshness = any(rule.slug == "stale" for rule in active)
    judged = runbooks if freshness else []
    return Report(
        commit=library.commit,
        dirty=bool(library.worktree.uncommitted),
        findings=tuple(_findings(found, active)),
        not_judged=tuple(
            replace(item, path=scope.moved.get(item.path, item.path))
            for runbook in judged
            for item in _not_judged(narrowed, runbook)
        ),
        not_checked=tuple(_not_checked(library, rules)),
        checked=Checked(
            runbooks=len(runbooks),
            anchors=sum(len(narrowed.verdicts.get(runbook.path, ())) for runbook in judged),
            components=len(library.catalogue.components) if library.catalogue else 0,
        ),
        site=library.policy.site,
    )


def select_rules(select: Iterable[str]) -> list[Rule]:
    """The rules named by slug or family. Raises UsageError for a name that is neither."""
    rules, names = all_rules(), set(select)
    known = [*rules, *(family.value for family in Family)]
    for name in names - set(known):
        raise UsageError(f"no rule or family `{name}`{suggest(name, known) or '.'} Known: {', '.join(known)}.")
    return [rule for rule in rules.values() if not names or rule.slug in names or rule.family.value in names]


def _check_policy(library: Library) -> None:
    for slug in library.policy.severity:
        if slug not in all_rules():
            raise ConfigurationError(
                f"{FILE_NAME}: severity: no rule `{slug}`{suggest(slug, all_rules()) or '.'} "
                f"Known: {', '.join(all_rules())}."
            )
    coverage = library.policy.coverage
    for kind in sorted({*coverage.service, *(kind for kinds in coverage.components.values() for kind in kinds)}):
        if kind not in library.kinds:
            raise ConfigurationError(
                f"{FILE_NAME}: coverage: no kind `{kind}`{suggest(kind, library.kinds) or '.'} "
                f"Known: {', '.join(library.kinds)}."
            )


def _is_in_view(rule: Rule, library: Library, paths: tuple[str, ...], scope: Scope) -> bool:
    """Whether the rule can find something there: coverage speaks of the policy and the catalogue alone."""
    said_of = (FILE_NAME, library.policy.catalogue)
    return rule.family is not Family.COVERAGE or (scope.coverage and any(is_below(path, paths) for path in said_of))


def _findings(found: Sequence[tuple[Rule, Problem]], severities: Mapping[Rule, Severity]) -> Iterator[Finding]:
    """Problems of one rule, file and subject are told apart by their order."""
    met: Counter[tuple[str, ...]] = Counter()
    for rule, p in found:
        identity = (rule.slug, p.path, p.subject or p.message)
        met[identity] += 1
        yield Finding(
            rule=rule.slug,
            family=rule.family,
            severity=severities[rule],
            path=p.path,
            line=p.line,
            column=p.column,
            message=p.message,
            fix=p.fix,
            fingerprint=_digest(*identity, str(met[identity])),
            details=p.details,
        )


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _concerns(library: Library, runbook: Runbook, paths: tuple[str, ...], scope: Scope) -> bool:
    if scope.pages is not None and runbook.path not in scope.pages and runbook.path not in scope.covering:
        return False
    return is_below(scope.moved.get(runbook.path, runbook.path), paths) or library.covers(runbook, paths)


def _not_judged(library: Library, runbook: Runbook) -> Iterator[NotJudged]:
    for verdict in library.verdicts.get(runbook.path, ()):
        if verdict.state is State.UNKNOWN:
            line = runbook.yaml.mark(("covers", verdict.index)).line
            source = parse_anchor(verdict.anchor).source
            tolerated = source in library.absent and library.policy.sources[source].optional
            yield NotJudged(runbook.path, line, verdict.anchor, verdict.reason, verdict.fix, tolerated)


def _not_checked(library: Library, rules: list[Rule]) -> Iterator[str]:
    if library.catalogue is None and any(rule.slug == "missing-runbook" for rule in rules):
        yield f"coverage: there is no catalogue ({library.policy.catalogue})"
    off = [rule.slug for rule in rules if library.policy.severity_of(rule.slug, rule.severity) is None]
    if off:
        yield f"switched off in {FILE_NAME}: {', '.join(off)}"
