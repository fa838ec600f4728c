"""What the policy mentions must be there: a typo must not switch a gate off."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from blackstart.errors import ConfigurationError
from blackstart.library import Library
from blackstart.model import Problem
from blackstart.policy import FILE_NAME, Policy
from blackstart.rules import families, load_rule
from blackstart.written.near import suggest
from blackstart.written.yaml import Key


def check_mentions(library: Library) -> None:
    """Raises ConfigurationError where the policy names a rule or kind that does not exist, or waives a waiver."""
    problems = [*_rules(library.policy), *_kinds(library), *_exceptions(library.policy)]
    if problems:
        raise ConfigurationError.at(problems)


def _rules(policy: Policy) -> Iterator[Problem]:
    for slug in policy.severity:
        yield from _unknown(policy, ("severity", slug), "rule", slug, families())
    for index, waiver in enumerate(policy.waivers):
        yield from _unknown(policy, ("waivers", index, "rule"), "rule", waiver.rule, families())


def _kinds(library: Library) -> Iterator[Problem]:
    policy = library.policy
    for index, kind in enumerate(policy.coverage.service):
        yield from _unknown(policy, ("coverage", "service", index), "kind", kind, library.kinds)
    for component, kinds in policy.coverage.components.items():
        for index, kind in enumerate(kinds):
            yield from _unknown(policy, ("coverage", "components", component, index), "kind", kind, library.kinds)
    for name, interval in (("review", policy.review), ("exercise", policy.exercise)):
        for kind in interval.kinds:
            yield from _unknown(policy, (name, "kinds", kind), "kind", kind, library.kinds)


def _exceptions(policy: Policy) -> Iterator[Problem]:
    for index, waiver in enumerate(policy.waivers):
        if waiver.rule in families() and load_rule(waiver.rule).check_outcome:
            message = f"`{waiver.rule}` watches over exceptions, so it has none itself"
            yield _at(policy, ("waivers", index, "rule"), message, "Settle what it says, and remove this waiver.")


def _unknown(policy: Policy, key: Key, what: str, name: str, known: Collection[str]) -> Iterator[Problem]:
    if name not in known:
        message = f"`{'.'.join(map(str, key[:-1]))}`: there is no {what} `{name}`{suggest(name, known)}"
        yield _at(policy, key, message, f"Known: {', '.join(known)}.")


def _at(policy: Policy, key: Key, message: str, fix: str) -> Problem:
    mark = policy.mark(*key)
    return Problem(FILE_NAME, mark.line, mark.column, message, fix)
