"""The words of a report: problems, findings and what was judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a finding weighs; only an error fails the gate."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Family(StrEnum):
    """What a rule looks after."""

    STRUCTURE = "structure"
    FRESHNESS = "freshness"
    COVERAGE = "coverage"
    COMMANDS = "commands"
    EXCEPTIONS = "exceptions"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at one place, before any rule has claimed it. Line and column count from 1.

    `subject` tells it from the rule's other problems in the file, however often the message is reworded; where it is
    empty the message does.
    """

    path: str
    line: int
    column: int
    message: str
    fix: str
    details: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of one rule at one place.

    `fingerprint` stays when lines move, the message is reworded, or stale code changes once more.
    """

    rule: str
    family: Family
    severity: Severity
    path: str
    line: int
    column: int
    message: str
    fix: str
    fingerprint: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding that the policy excuses until a day."""

    finding: Finding
    reason: str
    owner: str
    expires: date


@dataclass(frozen=True, slots=True)
class Since:
    """What a branch did, judged against the commit `base`, which the user called `name`.

    `before` are findings that were there already, `resolved` those that are gone, `affected` the runbooks that speak
    about what the branch changed. `rules` are the files of the branch by which runbooks are judged otherwise now.
    """

    name: str
    base: str
    before: tuple[Finding, ...]
    resolved: tuple[Finding, ...]
    affected: tuple[str, ...]
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotJudged:
    """Something nobody may call fresh: the reason it could not be judged, and how to make it judgeable."""

    path: str
    line: int
    subject: str
    reason: str
    fix: str
    tolerated: bool = False  # by the policy, or because the branch has nothing to do with it


@dataclass(frozen=True, slots=True)
class Checked:
    """How much a run looked at."""

    runbooks: int
    anchors: int
    components: int


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one run. `commit` is None where there is no git or no commit yet.

    Only `findings` decide; what is waived, in the baseline, or older than the branch is counted beside them. `site` is
    where the rules' pages are published, empty where that is not known.
    """

    commit: str | None
    dirty: bool
    findings: tuple[Finding, ...]
    not_judged: tuple[NotJudged, ...]
    not_checked: tuple[str, ...]
    checked: Checked
    waived: tuple[Waived, ...] = ()
    baselined: tuple[Finding, ...] = ()
    since: Since | None = None
    site: str = ""

    @property
    def errors(self) -> int:
        return self.count(Severity.ERROR)

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings, 2 it could not judge."""
        if self.errors:
            return 1
        return 2 if any(not item.tolerated for item in self.not_judged) else 0

    @property
    def verdict(self) -> str:
        return "fail" if self.exit_code else "pass"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as a reader needs it: who changed what, when and why."""

    sha: str
    date: datetime
    author: str
    subject: str
