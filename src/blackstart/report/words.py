"""What every format says alike: counts in words, the story of a finding, and where a rule is explained."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple
from urllib.parse import quote

from blackstart.model import Family, Finding, NotJudged, Report, Severity

_COMMITS = 5
_COMMAND = re.compile(r"\A\s*:(?=:)|#(?=#(?:\[|vso\[))")  # what a CI runner takes for an order, wherever it is printed


class Aside(NamedTuple):
    """A finding that does not fail the gate, and why it does not, in words."""

    finding: Finding
    why: str
    kind: str  # waived, baseline or before


def asides(report: Report) -> Iterator[Aside]:
    """What was found and does not decide."""
    for item in report.waived:
        yield Aside(item.finding, f"waived by {item.owner} until {item.expires}: {item.reason}", "waived")
    yield from (Aside(finding, "in the baseline", "baseline") for finding in report.baselined)
    if report.since:
        yield from (Aside(finding, f"there before {report.since.name}", "before") for finding in report.since.before)


def outcome(report: Report) -> str:
    """The verdict in numbers: what was found and what could not be judged."""
    if any(not item.path for item in report.not_judged):
        return "nothing was judged"
    parts = [many(report.count(severity), severity.value) for severity in Severity if report.count(severity)]
    if report.not_judged:
        parts.append(f"{many(len(report.not_judged), 'anchor')} not judged")
    return ", ".join(parts) or "no findings"


class Unjudged(NamedTuple):
    """What could not be judged for one reason: a shallow clone says its one thing once."""

    reason: str
    fix: str
    items: tuple[NotJudged, ...]


def unjudged(report: Report) -> Iterator[Unjudged]:
    """What fails the gate first."""
    for (_, reason, fix), group in groupby(sorted(report.not_judged, key=_why), key=_why):
        yield Unjudged(reason, fix, tuple(group))


def _why(item: NotJudged) -> tuple[bool, str, str]:
    return item.tolerated, item.reason, item.fix


def gravest_first(report: Report) -> list[Finding]:
    """Of one severity, freshness first: that is what a change breaks."""
    levels = list(Severity)
    return sorted(report.findings, key=lambda one: (levels.index(one.severity), one.family is not Family.FRESHNESS))


def not_counted(report: Report) -> str:
    """How many findings do not decide, and why; empty where there are none."""
    before = len(report.since.before) if report.since else 0
    counts = {"waived": len(report.waived), "in the baseline": len(report.baselined), "there before": before}
    return ", ".join(f"{count} {why}" for why, count in counts.items() if count)


def resolved(report: Report) -> str:
    """What the branch put right, in one line; empty where it is nothing."""
    count = len(report.since.resolved) if report.since else 0
    return f"resolved {many(count, 'finding')} 🎉" if count else ""


def looked_at(report: Report) -> str:
    """How much was judged, and of which state."""
    checked = report.checked
    rest = ((checked.anchors, "anchor"), (checked.components, "component"))
    looked = [many(checked.runbooks, "runbook"), *(many(count, noun) for count, noun in rest if count)]
    at = f" at {report.commit[:10]}" if report.commit else ""
    return f"checked {', '.join(looked)}{at}{' with uncommitted edits' if report.dirty else ''}"


def story(finding: Finding) -> Iterator[str]:
    """The commits behind a stale runbook: what, who, when, why."""
    details = finding.details
    commits = details.get("commits", ())
    for commit in commits[:_COMMITS]:
        yield f"{commit['sha'][:7]}  {commit['date'][:10]}  {commit['author']}: {commit['subject']}"
    if len(commits) > _COMMITS:
        yield f"… and {len(commits) - _COMMITS} more"
    if details.get("uncommitted"):
        yield f"not committed yet: {', '.join(details['uncommitted'][:5])}"
    if details.get("added") or details.get("removed"):
        yield f"{details['code']}  +{details['added']} -{details['removed']} lines"


def code_place(finding: Finding) -> tuple[str, int] | None:
    """Where in this repository the covered code changed; None where that is not known, or in another one."""
    path, _, line = str(finding.details.get("code") or "").rpartition(":")
    if not path or not line.isdecimal() or posixpath.isabs(path) or path.startswith("../"):
        return None
    return path, int(line)


def rule_url(report: Report, slug: str) -> str:
    """The rule's page in the published site; empty where that is not known."""
    return f"{quote(report.site, safe=':/%')}rules/{slug}/" if report.site else ""


def rules_of(report: Report) -> list[str]:
    """The rules that found something, those of the findings that do not decide too."""
    return sorted({finding.rule for finding in [*report.findings, *(aside.finding for aside in asides(report))]})


def many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def as_json(document: object) -> str:
    """A document in ASCII, in which a CI runner that reads the log finds no order."""
    return json.dumps(document, indent=2, ensure_ascii=True, default=str).replace("##", "\\u0023#") + "\n"


def printable(text: str) -> str:
    """Text from a repository must steer neither the reader's terminal nor the CI runner that reads the log."""
    shown = "".join(symbol if symbol.isprintable() else f"\\x{ord(symbol):02x}" for symbol in text)
    return _COMMAND.sub(lambda found: f"{found[0][:-1]}\\x{ord(found[0][-1]):02x}", shown)
