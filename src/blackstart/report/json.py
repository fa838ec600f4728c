"""Report → JSON, for programs. The form is described by data/report.schema.json."""

from __future__ import annotations

from dataclasses import asdict

from blackstart.model import Report, Severity
from blackstart.report.words import as_json, rule_url, rules_of
from blackstart.rules import all_rules

VERSION = 1


def render(report: Report) -> str:
    """One JSON document with a final line break."""
    document = {
        "version": VERSION,
        "commit": report.commit,
        "dirty": report.dirty,
        "verdict": report.verdict,
        "counts": {severity.value: report.count(severity) for severity in Severity},
        "checked": asdict(report.checked),
        "not_checked": list(report.not_checked),
        "not_judged": [asdict(item) for item in report.not_judged],
        "findings": [asdict(finding) for finding in report.findings],
        "waived": [asdict(item) for item in report.waived],
        "baselined": [asdict(finding) for finding in report.baselined],
        "since": asdict(report.since) if report.since else None,
        "rules": {
            slug: {"summary": all_rules()[slug].summary, "url": rule_url(report, slug) or None}
            for slug in rules_of(report)
        },
    }
    return as_json(document)
