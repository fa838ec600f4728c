"""Report → GitLab's code quality report.

GitLab compares a branch's report with its target's by fingerprint, so what does not decide is listed too, as info: it
would be taken for fixed otherwise.
"""

from __future__ import annotations

from typing import Any

from blackstart.model import Finding, NotJudged, Report, Severity
from blackstart.report.markup import clip
from blackstart.report.words import as_json, asides
from blackstart.written.text import digest

_LEVELS = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}
_ANYWHERE = "blackstart.yml"  # GitLab wants a file


def render(report: Report) -> str:
    """A JSON array."""
    entries = [_not_judged(item) for item in report.not_judged]
    entries += [_entry(finding, _LEVELS[finding.severity], finding.message) for finding in report.findings]
    entries += [_entry(one.finding, "info", f"({one.why}) {one.finding.message}") for one in asides(report)]
    return as_json(entries)


def _entry(finding: Finding, severity: str, message: str) -> dict[str, Any]:
    told = f"{message}. {finding.fix}"
    return _issue(finding.rule, told, severity, finding.fingerprint, (finding.path, finding.line))


def _not_judged(item: NotJudged) -> dict[str, Any]:
    fingerprint = digest("not-judged", item.path, item.subject, item.reason)[:16]
    told = ": ".join(filter(None, ("could not judge", item.subject, item.reason)))
    severity = "minor" if item.tolerated else "blocker"
    return _issue("not-judged", f"{told} {item.fix}", severity, fingerprint, (item.path or _ANYWHERE, item.line))


def _issue(name: str, told: str, severity: str, fingerprint: str, place: tuple[str, int]) -> dict[str, Any]:
    path, line = place
    return {
        "description": clip(" ".join(told.split()), 2000),
        "check_name": name,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": clip(path, 4096), "lines": {"begin": line}},
    }
