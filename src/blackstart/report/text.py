"""Report → text, for people: by file, the place, one fix each, and what was and was not checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import click

from blackstart.model import Finding, NotJudged, Report, Severity, Since

_LISTED = 5
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}


def render(report: Report) -> str:
    """The whole report, styled with ANSI codes that click strips when the output is no terminal."""
    lines: list[str] = []
    for path, findings in groupby(report.findings, key=lambda finding: finding.path):
        lines += [click.style(printable(path), bold=True, underline=True)]
        for finding in findings:
            lines += _finding(finding)
        lines.append("")
    lines += _not_judged(report.not_judged)
    return "\n".join([*lines, *_summary(report), ""])


def _finding(finding: Finding) -> Iterator[str]:
    severity = click.style(finding.severity.value, fg=_COLOURS[finding.severity], bold=True)
    place = f"{finding.line}:{finding.column}"
    yield f"  {place:>7}  {severity}  {printable(finding.message)}  {click.style(finding.rule, dim=True)}"
    for line in _story(finding.details):
        yield f"           {printable(line)}"
    first, *rest = finding.fix.split("\n")
    yield f"           {click.style('fix', fg='green')}  {printable(first)}"
    yield from (f"                {printable(line)}" for line in rest)


def _story(details: Any) -> Iterator[str]:
    """The commits behind a stale runbook: what, who, when, why."""
    for commit in details.get("commits", ())[:5]:
        yield f"{commit['sha'][:7]}  {commit['date'][:10]}  {commit['author']}: {commit['subject']}"
    more = len(details.get("commits", ())) - 5
    if more > 0:
        yield f"… and {more} more"
    if details.get("uncommitted"):
        yield f"not committed yet: {', '.join(details['uncommitted'][:5])}"
    if details.get("added") or details.get("removed"):
        yield f"{details['code']}  +{details['added']} -{details['removed']} lines"


def _not_judged(items: tuple[NotJudged, ...]) -> Iterator[str]:
    """Grouped by reason: a shallow clone says its one thing once."""
    for (reason, fix), group in groupby(sorted(items, key=_why), key=_why):
        yield click.style("could not judge", fg="magenta", bold=True) + f"  {printable(reason)}"
        members = list(group)
        yield from (f"    {printable(item.path)}:{item.line}  {printable(item.subject)}" for item in members[:5])
        if len(members) > 5:
            yield f"    … and {len(members) - 5} more"
        yield f"    {click.style('fix', fg='green')}  {printable(fix)}"
        yield ""


def _why(item: NotJudged) -> tuple[str, str]:
    return item.reason, item.fix


def _summary(report: Report) -> Iterator[str]:
    checked = report.checked
    parts = [many(report.count(severity), severity.value) for severity in Severity if report.count(severity)]
    if report.not_judged:
        parts.append(f"{many(len(report.not_judged), 'anchor')} not judged")
    outcome = ", ".join(parts) or ("nothing new" if report.since else "no findings")
    colour = "red" if report.exit_code else "green"
    at = f" at {report.commit[:10]}" if report.commit else ""
    edits = " with uncommitted edits" if report.dirty else ""
    yield click.style(outcome, fg=colour, bold=True)
    looked = [
        many(checked.runbooks, "runbook"),
        *_some(checked.anchors, "anchor"),
        *_some(checked.components, "component"),
    ]
    since = f", since {report.since.base[:10]} ({printable(report.since.name)})" if report.since else ""
    yield f"checked {', '.join(looked)}{at}{edits}{since}"
    if report.waived or report.baselined:
        yield f"not counted: {len(report.waived)} waived, {len(report.baselined)} in the baseline"
    yield from (f"not checked: {printable(item)}" for item in report.not_checked)
    if report.since:
        yield from _since(report.since)


def _since(since: Since) -> Iterator[str]:
    """What else is to be said of a branch: the good, the old, and who else may want to read."""
    if since.resolved:
        settled = [f"{one.path} ({one.rule})" for one in since.resolved]
        line = f"well done: {many(len(settled), 'finding')} less than before: {_listed(settled)}"
        yield click.style(printable(line), fg="green", bold=True)
    if since.before:
        were = "finding was" if len(since.before) == 1 else "findings were"
        yield f"{len(since.before)} {were} there before; blackstart check lists them"
    if since.affected:
        yield printable(f"the change is spoken of in {_listed(since.affected)}")
    if since.rules:
        yield click.style(printable(f"judged by rules that the change sets: {_listed(since.rules)}"), fg="yellow")


def _listed(items: Sequence[str]) -> str:
    more = f" and {len(items) - _LISTED} more" if len(items) > _LISTED else ""
    return f"{', '.join(dict.fromkeys(items[:_LISTED]))}{more}"


def _some(count: int, noun: str) -> list[str]:
    return [many(count, noun)] if count else []


def many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def printable(text: str) -> str:
    """Text from a repository must not steer the reader's terminal."""
    return "".join(symbol if symbol.isprintable() else f"\\x{ord(symbol):02x}" for symbol in text)
