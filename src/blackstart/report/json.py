"""Report → JSON, for programs. The form is described by data/report.schema.json."""

from __future__ import annotations

import json
from dataclasses import asdict

from blackstart.model import Report, Severity

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
    }
    return json.dumps(document, indent=2, ensure_ascii=True, default=str) + "\n"
