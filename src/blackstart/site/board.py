"""The status board: every runbook by every gate, what is excused, what is due, and how the numbers went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from blackstart.model import Family, Finding, Severity
from blackstart.policy import Interval
from blackstart.report.words import many
from blackstart.rules import all_rules
from blackstart.runbook import Runbook
from blackstart.site.changes import Month, months
from blackstart.site.html import render
from blackstart.site.sitemap import Sitemap, relative

BOARD = "board/index.html"
FAMILIES = tuple(family for family in Family if family is not Family.EXCEPTIONS)  # those speak of the policy alone
_SOON = 10
_BAR, _GAP, _HIGH = 28, 8, 96  # of the chart
_SIGNS = {"ok": "✓", "note": "i", "warning": "!", "error": "✗", "unknown": "?", "off": "-"}


@dataclass(frozen=True, slots=True)
class Cell:
    """What one family of rules says of one runbook. `state` is ok, note, warning, error, unknown or off."""

    state: str
    words: str

    @property
    def sign(self) -> str:
        return _SIGNS[self.state]


@dataclass(frozen=True, slots=True)
class Turn:
    """When something was last recorded, and when the policy wants it again."""

    last: date | None
    due: date | None


@dataclass(frozen=True, slots=True)
class Row:
    """A runbook and its cells by family."""

    runbook: Runbook
    cells: tuple[Cell, ...]
    findings: tuple[Finding, ...]
    review: Turn
    exercise: Turn


def board_page(sitemap: Sitemap) -> str:
    """The whole board, as of the commit it was built from."""
    report = sitemap.edition.report
    rows = [_row(sitemap, runbook) for runbook in sitemap.runbooks]
    elsewhere = [finding for finding in report.findings if finding.path not in sitemap.edition.runbooks]
    return render(
        "board.html",
        sitemap=sitemap,
        report=report,
        families=FAMILIES,
        rows=rows,
        in_doubt=sum(any(cell.state in ("warning", "error", "unknown") for cell in row.cells) for row in rows),
        next=sorted(rows, key=_by_turn)[:_SOON],
        elsewhere=elsewhere,
        waived=sorted(report.waived, key=lambda one: (one.expires, one.finding.path, one.finding.rule)),
        baseline=_counted(report.baselined),
        months=(history := months(sitemap.edition.library)),
        chart=_chart(history),
        link=partial(relative, BOARD),
        many=many,
    )


def _row(sitemap: Sitemap, runbook: Runbook) -> Row:
    findings = tuple(sitemap.edition.findings(runbook.path))
    front, policy = runbook.front, sitemap.edition.library.policy
    review = front.reviewed.on if front and front.reviewed else None
    exercise = front.exercised.on if front and front.exercised else None
    return Row(
        runbook,
        tuple(_cell(sitemap, runbook, family, findings) for family in FAMILIES),
        findings,
        Turn(review, _due(sitemap, runbook, review, policy.review)),
        Turn(exercise, _due(sitemap, runbook, exercise, policy.exercise)),
    )


def _due(sitemap: Sitemap, runbook: Runbook, last: date | None, interval: Interval) -> date | None:
    """When the policy wants it the next time; None where it wants nothing, or nobody recorded since when."""
    catalogue = sitemap.edition.library.catalogue
    if last is None or runbook.front is None:
        return None
    component = catalogue.components.get(runbook.front.component) if catalogue else None
    allowed = interval.due(runbook.front.kind, component.tier if component else "")
    return last + timedelta(days=allowed[0]) if allowed else None


def _by_turn(row: Row) -> tuple[date, date, str]:
    """What is due first comes first, then what nobody reviewed on record, then what was reviewed the longest ago."""
    dues = [turn.due for turn in (row.review, row.exercise) if turn.due]
    return (min(dues, default=date.max), row.review.last or date.min, row.runbook.path)


def _cell(sitemap: Sitemap, runbook: Runbook, family: Family, findings: Sequence[Finding]) -> Cell:
    ours = [finding for finding in findings if finding.family is family]
    for severity in Severity:
        if count := sum(finding.severity is severity for finding in ours):
            return Cell(severity.value, many(count, severity.value))
    if family is Family.FRESHNESS and sitemap.edition.standings[runbook.path].state == "unknown":
        return Cell("unknown", "not judged")
    return Cell("off", "switched off") if _is_off(sitemap, runbook.path, family) else Cell("ok", "holds")


def _is_off(sitemap: Sitemap, path: str, family: Family) -> bool:
    policy = sitemap.edition.library.policy
    rules = [rule for rule in all_rules().values() if rule.family is family]
    return all(policy.severity_of(rule.slug, rule.severity, path) is None for rule in rules)


def _counted(findings: Sequence[Finding]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
    return sorted(counts.items())


def _chart(history: Sequence[Month]) -> str:
    """A bar a month for the runbooks, filled as far as they carry a recorded review; the table says the same."""
    if len(history) < 2:
        return ""
    most = max(month.runbooks for month in history) or 1
    width = len(history) * (_BAR + _GAP)
    size = f'viewBox="0 0 {width} {_HIGH}" width="{width}" height="{_HIGH}"'
    bars = (_bar(index * (_BAR + _GAP), month, most) for index, month in enumerate(history))
    return f'<svg class="bs-chart" xmlns="http://www.w3.org/2000/svg" {size} aria-hidden="true">{"".join(bars)}</svg>'


def _bar(x: int, month: Month, most: int) -> str:
    whole, filled = (_HIGH * count // most for count in (month.runbooks, month.recorded))
    return "".join(
        f'<rect x="{x + 1}" y="{_HIGH - height + 1}" width="{_BAR - 2}" height="{max(height - 2, 0)}" {paint}/>'
        for height, paint in ((whole, 'fill="none" stroke="currentColor"'), (filled, 'fill="currentColor"'))
    )
