"""Report → SARIF 2.1.0, for code scanning.

What a branch resolved is only counted: GitHub would open an alert for a result that is `absent`. Where the repository
comes from is not said: a remote's address can hold a password.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from blackstart import __version__
from blackstart.model import Finding, NotJudged, Report, Severity
from blackstart.report.markup import prose, steps
from blackstart.report.words import as_json, asides, code_place, outcome, printable, rule_url, story
from blackstart.rules import Rule, all_rules

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
_FINGERPRINTS = ("blackstart/v1", "primaryLocationLineHash")  # GitHub looks at none but the latter
_LINK = re.compile(r"\[(?=[^\]]*\]\()")


def render(report: Report) -> str:
    """One log with one run."""
    run = {
        "tool": {"driver": _driver(report)},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(report)],
        "results": list(_results(report)),
        "properties": _facts(report),
    }
    return as_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _driver(report: Report) -> dict[str, Any]:
    rules = [_rule(rule, rule_url(report, rule.slug)) for rule in all_rules().values()]
    return {"name": "blackstart", "semanticVersion": __version__, "rules": rules}


def _rule(rule: Rule, url: str) -> dict[str, Any]:
    return {
        "id": rule.slug,
        "name": rule.slug,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.documentation},
        "help": {"text": rule.documentation, "markdown": f"{rule.summary}\n\n{rule.markdown}"},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"tags": [rule.family.value], "problem.severity": _PROBLEM[rule.severity]},
        **({"helpUri": url} if url else {}),
    }


def _invocation(report: Report) -> dict[str, Any]:
    notes = [_notification("note", f"not checked: {item}") for item in report.not_checked]
    return {
        "executionSuccessful": all(item.tolerated for item in report.not_judged),
        "exitCode": report.exit_code,
        "exitCodeDescription": outcome(report),
        "toolExecutionNotifications": [*map(_not_judged, report.not_judged), *notes],
    }


def _not_judged(item: NotJudged) -> dict[str, Any]:
    told = ": ".join(filter(None, ("could not judge", item.subject, item.reason)))
    where = {"locations": [_location(item.path, item.line)]} if item.path else {}
    return _notification("warning" if item.tolerated else "error", f"{told}\n{item.fix}") | where


def _notification(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": _text(text)}}


def _results(report: Report) -> Iterator[dict[str, Any]]:
    """What decides, then what does not: excused, or older than the branch."""
    numbers = {slug: index for index, slug in enumerate(all_rules())}
    since = {"baselineState": "new"} if report.since else {}
    for finding in report.findings:
        yield _result(finding, numbers) | since
    for finding, why, kind in asides(report):
        suppressed = {"suppressions": [{"kind": "external", "status": "accepted", "justification": printable(why)}]}
        yield _result(finding, numbers) | ({"baselineState": "unchanged"} if kind == "before" else suppressed)


def _result(finding: Finding, numbers: dict[str, int]) -> dict[str, Any]:
    code = code_place(finding)
    related = [_location(*code) | {"id": 0, "message": {"text": "The code that the runbook covers."}}] if code else []
    return {
        "ruleId": finding.rule,
        "ruleIndex": numbers.get(finding.rule, -1),
        "level": finding.severity.value,
        "message": _message(finding),
        "locations": [_location(finding.path, finding.line, finding.column)],
        "relatedLocations": related,
        "partialFingerprints": dict.fromkeys(_FINGERPRINTS, finding.fingerprint),
    }


def _message(finding: Finding) -> dict[str, str]:
    text = "\n".join([finding.message, *story(finding), finding.fix])
    told = "\n".join([f"{prose(finding.message)}\n", *steps(finding.fix)])
    return {"text": _text(text), "markdown": told}


def _location(path: str, line: int, column: int | None = None) -> dict[str, Any]:
    region = {"startLine": line} | ({"startColumn": column} if column else {})
    address = {"uri": quote(os.fsencode(path)), "uriBaseId": _ROOT}
    return {"physicalLocation": {"artifactLocation": address, "region": region}}


def _text(text: str) -> str:
    """`[words](address)` would be a link."""
    shown = "\n".join(printable(line) for line in text.split("\n"))
    return _LINK.sub(r"\\[", shown)


def _facts(report: Report) -> dict[str, Any]:
    """What SARIF has no place for."""
    facts: dict[str, Any] = {"commit": report.commit, "dirty": report.dirty, "verdict": report.verdict}
    if report.since:
        facts |= {"since": printable(report.since.name), "resolved": len(report.since.resolved)}
    return facts
