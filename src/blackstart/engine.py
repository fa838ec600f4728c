"""Run every rule over a library: the one place where problems become findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property

from blackstart.errors import UsageError
from blackstart.freshness.anchor import parse_anchor
from blackstart.library import Library
from blackstart.mentions import check_mentions
from blackstart.model import Checked, Family, Finding, NotJudged, Problem, Report, Severity
from blackstart.outcome import Outcome
from blackstart.policy import EVERYWHERE, FILE_NAME, Policy
from blackstart.rules import Rule, all_rules, families, load_rule
from blackstart.runbook import Runbook
from blackstart.verdict import State
from blackstart.written.names import is_below
from blackstart.written.near import suggest
from blackstart.written.text import digest

_MANY = 100  # runbooks; fewer are judged before a second process has started
_PARTS = 3  # for each core: none waits long for another, nor for its end who stops the run
_BY_KIND = ("required-sections", "empty-section")


@dataclass(frozen=True)
class Scope:
    """The part of a library that a run looks at.

    `pages` are runbooks by path, all where it is None; of those in `covering` only freshness is judged, of those in
    `recorded` also the front matter. Without `coverage` no rule of that family is asked. What is found in a page that
    `moved` is told of where it stands now.
    """

    pages: AbstractSet[str] | None = None
    covering: AbstractSet[str] = frozenset()
    recorded: AbstractSet[str] = frozenset()
    coverage: bool = True
    moved: Mapping[str, str] = field(default_factory=dict)


EVERYTHING = Scope()


def run(library: Library, select: Iterable[str] = (), paths: Iterable[str] = (), scope: Scope = EVERYTHING) -> Report:
    """Judge the library by the selected rules and families (all, when none is named).

    `paths` narrows the report to runbooks below them and to runbooks that cover them.
    """
    check_mentions(library)
    rules, view = select_rules(select), _View(library, tuple(paths), scope)
    chosen = {rule.slug for rule in rules}
    # Whether an exception is still needed shows only when every rule has looked.
    outcome = _judge(view, all_rules().values() if any(rule.check_outcome for rule in rules) else rules)
    about = ((rule, problem) for rule in rules for problem in view.problems_of(rule, outcome))
    findings = [*outcome.findings, *_findings(library.policy, about)]
    judged = view.judged if "stale" in chosen else []
    return Report(
        commit=library.commit,
        dirty=bool(library.worktree.uncommitted),
        findings=tuple(sorted((finding for finding in findings if finding.rule in chosen), key=_place)),
        not_judged=outcome.not_judged if judged else (),
        not_checked=tuple(_not_checked(library, rules)),
        checked=Checked(
            runbooks=len(view.runbooks),
            anchors=sum(len(view.narrowed.verdicts.get(runbook.path, ())) for runbook in judged),
            components=len(library.catalogue.components) if library.catalogue else 0,
        ),
        waived=tuple(item for item in outcome.waived if item.finding.rule in chosen),
        baselined=tuple(finding for finding in outcome.baselined if finding.rule in chosen),
        site=library.policy.site,
    )


def judge(library: Library) -> Outcome:
    """What all rules find and what excuses it, before any rule has judged the exceptions themselves."""
    check_mentions(library)
    return _judge(_View(library, ()), all_rules().values())


@dataclass(frozen=True, eq=False)
class _View:
    """The part of a library that a run looks at: no path means all of it."""

    library: Library
    paths: tuple[str, ...]
    scope: Scope = EVERYTHING

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return not self.paths and self.scope.pages is None

    @cached_property
    def runbooks(self) -> list[Runbook]:
        return [runbook for runbook in self.library.runbooks if self._concerns(runbook)]

    @property
    def judged(self) -> list[Runbook]:
        """Those whose freshness counts."""
        policy = self.library.policy
        return [runbook for runbook in self.runbooks if policy.severity_of("stale", Severity.ERROR, runbook.path)]

    @cached_property
    def narrowed(self) -> Library:
        return self.library if self.whole else self.library.only(self.runbooks)

    @cached_property
    def _headed(self) -> Library:
        """Without the pages of which only freshness is judged."""
        covering = self.scope.covering
        return self.narrowed.only(r for r in self.runbooks if r.path not in covering) if covering else self.narrowed

    @cached_property
    def _written(self) -> Library:
        """The pages whose text is judged."""
        recorded, headed = self.scope.recorded, self._headed
        return headed.only(r for r in headed.runbooks if r.path not in recorded) if recorded else headed

    def _seen_by(self, rule: Rule) -> Library:
        """Coverage is a matter of all runbooks; the other rules judge page by page."""
        if rule.family in (Family.COVERAGE, Family.FRESHNESS):
            return self.library if rule.family is Family.COVERAGE else self.narrowed
        return self._written if rule.of_the_text else self._headed

    def problems(self, rule: Rule, told: Mapping[str, Sequence[Problem]]) -> Iterator[Problem]:
        """What the rule finds, or was `told` by its slug."""
        found: Iterable[Problem] = told.get(rule.slug, ())
        if rule.slug not in told and rule.check and self._may_show(rule):
            found = rule.check(self._seen_by(rule))
        yield from (replace(problem, path=self.now_at(problem.path)) for problem in found if self._shows(problem))
        self.library.advance()

    def now_at(self, path: str) -> str:
        """Where a page stands that has moved."""
        return self.scope.moved.get(path, path)

    def problems_of(self, rule: Rule, outcome: Outcome) -> Iterator[Problem]:
        """The same, of a rule about the outcome."""
        found = rule.check_outcome(self.library, outcome) if rule.check_outcome else ()
        return (problem for problem in found if self._shows(problem))

    @cached_property
    def _within(self) -> AbstractSet[str] | None:
        scope = self.scope
        return None if scope.pages is None else scope.pages | scope.covering | scope.recorded

    def _concerns(self, runbook: Runbook) -> bool:
        if self._within is not None and runbook.path not in self._within:
            return False
        return is_below(self.now_at(runbook.path), self.paths) or self.library.covers(runbook, self.paths)

    def _shows(self, problem: Problem) -> bool:
        return problem.path in self._wanted or is_below(problem.path, self.paths)

    @cached_property
    def _wanted(self) -> frozenset[str]:
        return frozenset(runbook.path for runbook in self.runbooks)

    def _may_show(self, rule: Rule) -> bool:
        """Whether the rule can find something there."""
        said_of = (FILE_NAME, self.library.policy.catalogue)
        if rule.family is Family.COVERAGE and not self.scope.coverage:
            return False
        return not rule.of_the_whole or any(is_below(path, self.paths) for path in said_of)


def _judge(view: _View, rules: Iterable[Rule]) -> Outcome:
    policy = view.library.policy
    active = [rule for rule in rules if rule.check and not policy.is_off(rule.slug)]
    by_page = [rule for rule in active if rule.by_page]
    view.library.caches.all_pages = view.whole and bool(by_page)
    told = _told_by_crew(view, by_page)
    found = _findings(policy, ((rule, problem) for rule in active for problem in view.problems(rule, told)))
    fresh = view.judged if any(rule.family is Family.FRESHNESS for rule in active) else []
    items = (item for runbook in fresh for item in _not_judged(view.narrowed, runbook))
    not_judged = tuple(replace(item, path=view.now_at(item.path)) for item in items)
    # Where something is left out, nobody asks what is unknown.
    unknown = frozenset(_unknown(view, active)) if view.whole else frozenset[tuple[str, str]]()
    return Outcome(view.library, tuple(found), not_judged, unknown, whole=view.whole)


def _told_by_crew(view: _View, rules: Sequence[Rule]) -> dict[str, list[Problem]]:
    """What these rules find in a large library, by their slug: some of the pages for each core."""
    library = view.library
    if not rules or not view.whole or len(library.runbooks) < _MANY:
        return {}
    from blackstart.crew import Crew, hands  # takes long to load

    number = hands()
    if number < 2:
        return {}

    def judged(part: Library) -> tuple[list[list[Problem]], Mapping[str, str]]:
        return [list(rule.check(part)) if rule.check else [] for rule in rules], part.caches.pages.take_news()

    found: dict[str, list[Problem]] = {rule.slug: [] for rule in rules}
    several = number * _PARTS
    parts = [library.only(library.runbooks[begin::several]) for begin in range(several)]
    with Crew(judged, parts) as crew:
        for index, part in enumerate(parts):
            problems, pages = crew.take(index) or judged(part)
            for rule, some in zip(rules, problems, strict=True):
                found[rule.slug] += some
            for key, value in pages.items():
                library.caches.pages.put(key, value)
    return found


def _unknown(view: _View, rules: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    """Which rules could not look at which pages: broken front matter hides what a page covers and what kind it is."""
    broken = {runbook.path for runbook in view.runbooks if runbook.front is None}
    unreadable = {runbook.path for runbook in view.runbooks if not runbook.text}
    fresh = any(rule.family is Family.FRESHNESS for rule in rules)
    unsure = {runbook.path for runbook, _ in view.narrowed.judged(State.UNKNOWN)} if fresh else set()
    for rule in rules:
        if rule.family is Family.FRESHNESS:
            yield from ((rule.slug, path) for path in broken | unsure)
        elif rule.slug != "front-matter":
            yield from ((rule.slug, path) for path in (broken if rule.slug in _BY_KIND else unreadable))


def select_rules(select: Iterable[str]) -> list[Rule]:
    """The rules named by slug or family. Raises UsageError for a name that is neither."""
    names = set(select)
    known = [*families(), *(family.value for family in Family)]
    for name in names - set(known):
        raise UsageError(f"no rule or family `{name}`{suggest(name, known) or '.'} Known: {', '.join(known)}.")
    return [load_rule(slug) for slug, family in families().items() if not names or slug in names or family in names]


def _findings(policy: Policy, found: Iterable[tuple[Rule, Problem]]) -> Iterator[Finding]:
    """In the order of their places. Problems of one rule, file and subject are told apart by that order."""
    met: Counter[tuple[str, ...]] = Counter()
    for rule, p in sorted(found, key=lambda one: (*_place(one[1]), one[0].slug, one[1].message)):
        severity = policy.severity_of(rule.slug, rule.severity, p.path)
        identity = (rule.slug, p.path, p.subject or p.message)
        met[identity] += 1
        if severity is None:
            continue
        yield Finding(
            rule=rule.slug,
            family=rule.family,
            severity=severity,
            path=p.path,
            line=p.line,
            column=p.column,
            message=p.message,
            fix=p.fix,
            fingerprint=digest(*identity, str(met[identity]))[:16],
            details=p.details,
        )


def _place(found: Problem | Finding) -> tuple[str, int, int]:
    return found.path, found.line, found.column


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
    slugs = {rule.slug for rule in rules}
    off = [
        slug if globs[0] == EVERYWHERE else f"{slug} at {', '.join(globs)}"
        for slug, globs in sorted(library.policy.off.items())
        if slug in slugs
    ]
    if off:
        yield f"switched off in {FILE_NAME}: {'; '.join(off)}"
