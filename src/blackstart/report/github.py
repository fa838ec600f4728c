"""Report → annotations of GitHub's workflow runner: at most ten lines that it obeys, and one that says the rest.

GitHub shows ten of a step. Only lines of the diff are shown in the diff, so on a pull request a stale runbook is told
where the code changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from blackstart.model import Finding, NotJudged, Report, Severity
from blackstart.report.markup import clip
from blackstart.report.words import (
    code_place,
    gravest_first,
    looked_at,
    many,
    not_counted,
    outcome,
    resolved,
    rule_url,
    unjudged,
)

MOST = 10
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_ORDER = list(_LEVELS.values())


def render(report: Report) -> str:
    """The gravest first; a last line for people."""
    lines = sorted(_annotations(report), key=lambda one: _ORDER.index(one[0]))
    shown = [line for _, line in lines[: MOST if len(lines) <= MOST else MOST - 1]]
    if left := lines[len(shown) :]:
        more = f"{many(len(left), 'more finding')} not shown here: see the job summary, or run blackstart check"
        shown.append(_command(left[0][0], {"title": "blackstart"}, more))
    said = (outcome(report), not_counted(report), resolved(report), looked_at(report))
    return "\n".join([*shown, "; ".join(filter(None, said)), ""])


def _annotations(report: Report) -> Iterator[tuple[str, str]]:
    """The level and the line of each."""
    for reason, fix, items in unjudged(report):
        level = "warning" if items[0].tolerated else "error"
        yield level, _command(level, _place(items[0]), f"{_subjects(items)}{reason}\n{fix}")
    for finding in gravest_first(report):
        level = _LEVELS[finding.severity]
        yield level, _command(level, *_told(finding, report))


def _place(item: NotJudged) -> dict[str, object]:
    place: dict[str, object] = {"file": item.path, "line": item.line} if item.path else {}
    return place | {"title": "could not judge"}


def _subjects(items: Sequence[NotJudged]) -> str:
    more = f" and {len(items) - 1} more" if len(items) > 1 else ""
    return f"{items[0].subject}{more}: " if items[0].subject else ""


def _told(finding: Finding, report: Report) -> tuple[dict[str, object], str]:
    code = code_place(finding) if report.since and finding.rule == "stale" else None
    told = f"{finding.message}\n{finding.fix}"
    if url := rule_url(report, finding.rule):
        told += f"\n{url}"
    if code:
        path, line = code
        return {"file": path, "line": line, "title": "stale runbook"}, f"{finding.path} speaks of this code. {told}"
    place = {"file": finding.path, "line": finding.line, "col": finding.column, "title": finding.rule}
    return place, told


def _command(level: str, properties: dict[str, object], message: str) -> str:
    said = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{level} {said}::{_data(message)}"


def _data(text: str) -> str:
    lines = (clip(line, 1000) for line in text.split("\n"))
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return clip(text, 4096).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
