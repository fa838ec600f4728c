"""Report → text, for people: by file, the place, one fix each, and what was and was not checked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import click

from blackstart.model import Finding, Report, Severity
from blackstart.report.words import (
    looked_at,
    not_counted,
    outcome,
    printable,
    resolved,
    rule_url,
    rules_of,
    story,
    unjudged,
)

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}


def render(report: Report) -> str:
    """The whole report, styled with ANSI codes that click strips when the output is no terminal."""
    lines: list[str] = []
    for path, findings in groupby(report.findings, key=lambda finding: finding.path):
        lines += [click.style(printable(path), bold=True, underline=True)]
        for finding in findings:
            lines += _finding(finding)
        lines.append("")
    lines += _not_judged(report)
    return "\n".join([*lines, *_summary(report), ""])


def _finding(finding: Finding) -> Iterator[str]:
    severity = click.style(finding.severity.value, fg=_COLOURS[finding.severity], bold=True)
    place = f"{finding.line}:{finding.column}"
    yield f"  {place:>7}  {severity}  {printable(finding.message)}  {click.style(finding.rule, dim=True)}"
    for line in story(finding):
        yield f"           {printable(line)}"
    first, *rest = finding.fix.split("\n")
    yield f"           {click.style('fix', fg='green')}  {printable(first)}"
    yield from (f"                {printable(line)}" for line in rest)


def _not_judged(report: Report) -> Iterator[str]:
    for reason, fix, items in unjudged(report):
        yield click.style("could not judge", fg="magenta", bold=True) + f"  {printable(reason)}"
        yield from (
            f"    {printable(item.path)}:{item.line}  {printable(item.subject)}" for item in items[:5] if item.path
        )
        if len(items) > 5:
            yield f"    … and {len(items) - 5} more"
        yield f"    {click.style('fix', fg='green')}  {printable(fix)}"
        yield ""


def _summary(report: Report) -> Iterator[str]:
    yield click.style(outcome(report), fg="red" if report.exit_code else "green", bold=True)
    yield looked_at(report)
    yield from (f"{what}: {says}" for what, says in (("not counted", not_counted(report)),) if says)
    yield from (f"not checked: {printable(item)}" for item in report.not_checked)
    yield from filter(None, [resolved(report)])
    yield from _explained(report)


def _explained(report: Report) -> Iterator[str]:
    """Once for each rule, not for each finding."""
    lead = "what a rule wants:"
    for slug in rules_of(report):
        yield f"{lead} blackstart rules {slug}  {rule_url(report, slug)}".rstrip()
        lead = " " * len(lead)
