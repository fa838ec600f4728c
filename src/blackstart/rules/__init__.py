"""One rule a file: its folder is the family, its name the slug, its docstring the documentation.

A rule module has a docstring (why, bad, good, fix, options), `SEVERITY` and
`check(library) -> Iterator[Problem]`. A rule that judges what all the others found has
`check_outcome(library, outcome)` instead. `OF_THE_WHOLE = True` says that it finds things in the policy and the
catalogue alone, so that it need not run where only other files are asked about; `OF_THE_TEXT = True`, that the record
of a review in a page's front matter changes nothing of what it finds. A module is found by its presence in one of the
folders, and loaded when its rule is asked for.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import getdoc

from blackstart.library import Library
from blackstart.model import Family, Problem, Severity
from blackstart.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy with a slug. It has one of the two checks."""

    slug: str
    family: Family
    severity: Severity
    documentation: str
    check: Callable[[Library], Iterator[Problem]] | None
    check_outcome: Callable[[Library, Outcome], Iterator[Problem]] | None = None
    of_the_whole: bool = False
    of_the_text: bool = False

    @property
    def by_page(self) -> bool:
        """Whether it finds the same in a page whatever other pages there are."""
        return self.family not in (Family.COVERAGE, Family.FRESHNESS) and not self.of_the_whole

    @property
    def summary(self) -> str:
        return self.documentation.split("\n", 1)[0]

    @property
    def markdown(self) -> str:
        """What stands below the summary."""
        rest = self.documentation.partition("\n\n")[2]
        return re.sub(r"^(Why|Bad|Good|Fix|Options):", r"**\1:**", rest, flags=re.MULTILINE)


@cache
def families() -> Mapping[str, Family]:
    """The family of every rule, by slug in alphabetical order. No rule is loaded for it."""
    found = {
        module.name.replace("_", "-"): family
        for family in Family
        for module in pkgutil.iter_modules([f"{__path__[0]}/{family}"])
    }
    return dict(sorted(found.items()))


@cache
def load_rule(slug: str) -> Rule:
    """The rule of that slug, which there must be."""
    family = families()[slug]
    module = importlib.import_module(f"{__name__}.{family}.{slug.replace('-', '_')}")
    checks = getattr(module, "check", None), getattr(module, "check_outcome", None)
    of_what = getattr(module, "OF_THE_WHOLE", False), getattr(module, "OF_THE_TEXT", False)
    return Rule(slug, family, module.SEVERITY, getdoc(module) or "", *checks, *of_what)


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule by slug, in alphabetical order."""
    return {slug: load_rule(slug) for slug in families()}
