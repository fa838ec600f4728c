"""An edition: what one build of the site is made from, worked out once and shared by every hook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from blackstart.clock import today
from blackstart.coverage import Coverage, measure
from blackstart.engine import run
from blackstart.freshness.tree import match
from blackstart.library import OWN_KINDS, Library, load
from blackstart.model import Commit, Finding, Report
from blackstart.root import find_root
from blackstart.runbook import Runbook
from blackstart.site.rejudged import cover_the_same, edited, rejudged
from blackstart.site.standing import Standing, standing_of

CONTRADICTED = "contradicted"


@dataclass(frozen=True)
class Edition:
    """One repository as it is about to be published. `trouble` is why a preview shows an earlier state of it."""

    library: Library
    report: Report
    trouble: str = ""

    @cached_property
    def runbooks(self) -> Mapping[str, Runbook]:
        return {runbook.path: runbook for runbook in self.library.runbooks}

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """How far each runbook can be trusted, by path."""
        verdicts = self.library.verdicts
        wrong = Counter(finding.path for finding in self.found if finding.rule == CONTRADICTED)
        return {
            path: standing_of(runbook, verdicts.get(path, ()), wrong[path]) for path, runbook in self.runbooks.items()
        }

    @cached_property
    def coverage(self) -> Coverage:
        return measure(self.library)

    @cached_property
    def published(self) -> list[str]:
        """The runbooks and the plain files beside them; a link could name any file of this machine."""
        folder = self.library.policy.runbooks
        found = match(self.library.worktree, f"{folder}/**")
        beside = (path for path, entry in found if entry.mode.startswith("100"))
        return sorted({*self.runbooks, *(path for path in beside if not path.startswith(f"{folder}/{OWN_KINDS}/"))})

    @cached_property
    def built_from(self) -> Commit | None:
        history = self.library.history
        return history.head_commit if history else None

    def findings(self, path: str) -> list[Finding]:
        """All that is known against a page. What the policy excuses does not become true by it."""
        return [finding for finding in self.found if finding.path == path]

    @cached_property
    def found(self) -> tuple[Finding, ...]:
        """All that the rules found, excused or not, by place."""
        waived = (item.finding for item in self.report.waived)
        found = (*self.report.findings, *waived, *self.report.baselined)
        return tuple(sorted(found, key=lambda finding: (finding.path, finding.line, finding.column, finding.rule)))

    def excuse(self, finding: Finding) -> str:
        """Why a finding does not fail the gate, nothing where it may."""
        for waived in self.report.waived:
            if waived.finding is finding:
                return f"waived until {waived.expires} by {waived.owner}: {waived.reason}"
        return "known since before the gate" if any(known is finding for known in self.report.baselined) else ""

    def stamp(self, path: str) -> dict[str, str]:
        """What every page says about itself to machines; CI asserts it."""
        edits = "-dirty" if self.report.dirty else ""
        commit = f"{self.report.commit}{edits}" if self.report.commit else "none"
        verdict = self.standings[path].state if path in self.standings else self.report.verdict
        return {"blackstart:commit": commit, "blackstart:verdict": verdict}

    @property
    def copy_days(self) -> int:
        """After how many days a copy says that it is old."""
        return self.library.policy.copy_days

    @cached_property
    def short_state(self) -> str:
        """The same in few words, for a phone."""
        commit = self.built_from
        if commit is None:
            return "files that no commit holds"
        edits = ", edited" if self.report.dirty else ""
        return f"{(self.report.commit or commit.sha)[:7]} of {commit.date:%Y-%m-%d}{edits}"

    @cached_property
    def state_of_code(self) -> str:
        """Which state of the repository the pages show: what the reader of an old copy must know."""
        commit = self.built_from
        if commit is None:
            return "files that no commit holds"
        edits = " with uncommitted edits" if self.report.dirty else ""
        return f"commit {(self.report.commit or commit.sha)[:7]} of {commit.date:%Y-%m-%d %H:%M} UTC{edits}"


def load_edition(start: Path, last: Edition | None = None) -> Edition:
    """Load and judge the repository around `start`. Raises BlackstartError.

    What the `last` edition parsed and found is taken from there where it is still the same.
    """
    library = load(find_root(start), today())
    if last:
        library = replace(library, runbooks=tuple(_as_parsed(runbook, last) for runbook in library.runbooks))
    changed = edited(library, last.library) if last else None
    report = run(library) if last is None or changed is None else rejudged(library, last.library, last.report, changed)
    library.caches.save()
    edition = Edition(library, report)
    if last and changed is not None and "coverage" in last.__dict__ and cover_the_same(library, last.library):
        edition.__dict__["coverage"] = replace(last.coverage, dirty=report.dirty)
    if last:
        last.library.close()
    return edition


def _as_parsed(runbook: Runbook, last: Edition) -> Runbook:
    known = last.runbooks.get(runbook.path)
    return known if known and known.page == runbook.page and known.foreign == runbook.foreign else runbook
