"""Report → JUnit XML, which every CI server shows: a suite a file, a case a finding.

Errors fail, and what could not be judged is an error of the run. Warnings, notes and what does not decide are skipped
cases, so that they are counted and fail nothing. GitLab keeps one case of each name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from blackstart.model import Finding, NotJudged, Report, Severity
from blackstart.report.words import asides, looked_at, outcome, printable, story

_GATE = "blackstart"


class Case(NamedTuple):
    """`result` is failure, error, skipped, or empty for a case that passes."""

    suite: str
    name: str
    result: str
    text: str


def render(report: Report) -> str:
    """One document; the first suite always has a case that passes, since servers refuse a report without any."""
    gate = Case(_GATE, "gate", "", f"{outcome(report)}\n{looked_at(report)}")
    cases = sorted([gate, *_not_judged(report.not_judged), *_findings(report)], key=_suite_of)
    suites = [line for _, members in groupby(cases, key=_suite_of) for line in _suite(list(members))]
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return "\n".join([head, f'<testsuites name="{_GATE}" {_totals(cases)}>', *suites, "</testsuites>", ""])


def _suite_of(case: Case) -> tuple[bool, str]:
    return case.suite != _GATE, case.suite


def _findings(report: Report) -> Iterator[Case]:
    """Those of one name are told apart by their order, which stays when lines move."""
    met = Counter[tuple[str, str]]()
    found = [(finding, _why(finding)) for finding in report.findings]
    for finding, why in [*found, *((aside.finding, f"{aside.why}: ") for aside in asides(report))]:
        name = f"{finding.rule} {finding.details.get('anchor', '')}".rstrip()
        met[finding.path, name] += 1
        number = met[finding.path, name]
        text = "\n".join([f"{why}{finding.message}", _place(finding), *story(finding), finding.fix])
        result = "skipped" if why else "failure"
        yield Case(finding.path, f"{name} {number}" if number > 1 else name, result, text)


def _why(finding: Finding) -> str:
    return "" if finding.severity is Severity.ERROR else f"{finding.severity}: "


def _place(finding: Finding) -> str:
    return f"{finding.path}:{finding.line}:{finding.column}"


def _not_judged(items: Sequence[NotJudged]) -> Iterator[Case]:
    for number, item in enumerate(items, 1):
        name = f"could not judge {item.subject or number}"
        text = f"{item.reason}\n{item.path}:{item.line}\n{item.fix}" if item.path else f"{item.reason}\n{item.fix}"
        yield Case(item.path or _GATE, name, "skipped" if item.tolerated else "error", text)


def _suite(cases: Sequence[Case]) -> Iterator[str]:
    yield f'<testsuite name={_value(cases[0].suite)} {_totals(cases)} skipped="{_count(cases, "skipped")}">'
    for case in cases:
        what = case.result or "system-out"
        message = f" message={_value(case.text.split(chr(10))[0])}" if case.result in ("failure", "error") else ""
        yield f"<testcase classname={_value(case.suite)} name={_value(case.name)}>"
        yield f"<{what}{message}>{_text(case.text)}</{what}>"
        yield "</testcase>"
    yield "</testsuite>"


def _totals(cases: Sequence[Case]) -> str:
    return f'tests="{len(cases)}" failures="{_count(cases, "failure")}" errors="{_count(cases, "error")}"'


def _count(cases: Sequence[Case], result: str) -> int:
    return sum(case.result == result for case in cases)


def _value(text: str) -> str:
    return quoteattr(printable(text))


def _text(text: str) -> str:
    """XML has no way to write most control characters."""
    return escape("\n".join(printable(line) for line in text.split("\n")))
