"""One rule a file: the module's name is the slug, its docstring the documentation.

A rule module has a docstring (why, bad, good, fix, options), `FAMILY`, `SEVERITY` and
`check(library) -> Iterator[Problem]`. A rule that judges what all the others found has
`check_outcome(library, outcome)` instead. `OF_THE_WHOLE = True` says that it finds things in the policy and the
catalogue alone, so that it need not run where only other files are asked about. A module is found by its presence in
this package.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
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

    @property
    def summary(self) -> str:
        return self.documentation.split("\n", 1)[0]

    @property
    def markdown(self) -> str:
        """What stands below the summary."""
        rest = self.documentation.partition("\n\n")[2]
        return re.sub(r"^(Why|Bad|Good|Fix|Options):", r"**\1:**", rest, flags=re.MULTILINE)


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule by slug, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    rules = [_load(name) for name in names if not name.startswith("_")]
    return {rule.slug: rule for rule in rules}


def _load(name: str) -> Rule:
    module = importlib.import_module(f"{__name__}.{name}")
    checks = getattr(module, "check", None), getattr(module, "check_outcome", None)
    of_the_whole = getattr(module, "OF_THE_WHOLE", False)
    return Rule(name.replace("_", "-"), module.FAMILY, module.SEVERITY, getdoc(module) or "", *checks, of_the_whole)
