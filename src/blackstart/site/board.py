"""The status board: every runbook by every gate, what is excused, what is due, and how the numbers went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from blackstart.model import Family, Finding, Severity
from blackstart.report.text import many
from blackstart.rules import all_rules
from blackstart.runbook import Runbook
from blackstart.site.changes import Month, months
from blackstart.site.html import render
from blackstart.site.sitemap import Sitemap, relative

BOARD = "board/index.html"
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
class Row:
    """A runbook, its cells by family, and its last recorded review."""

    runbook: Runbook
    cells: tuple[Cell, ...]
    reviewed: date | None
    due: date | None
    findings: tuple[Finding, ...]


def board_page(sitemap: Sitemap) -> str:
    """The whole board, as of the commit it was built from."""
    report = sitemap.edition.report
    rows = [_row(sitemap, runbook) for runbook in sitemap.runbooks]
    elsewhere = [finding for finding in report.findings if finding.path not in sitemap.edition.runbooks]
    return render(
        "board.html",
        sitemap=sitemap,
        report=report,
        families=list(Family),
        rows=rows,
        in_doubt=sum(any(cell.state in ("warning", "error", "unknown") for cell in row.cells) for row in rows),
        next=sorted(rows, key=_by_review)[:_SOON],
        elsewhere=elsewhere,
        waived=sorted(report.waived, key=lambda one: (one.expires, one.finding.path, one.finding.rule)),
        baseline=_counted(report.baselined),
        months=(history := months(sitemap.edition.library)),
        chart=_chart(history),
        link=partial(relative, BOARD),
    )


def _row(sitemap: Sitemap, runbook: Runbook) -> Row:
    findings = tuple(sitemap.edition.findings(runbook.path))
    review = runbook.front.reviewed if runbook.front else None
    cells = tuple(_cell(sitemap, runbook, family, findings) for family in Family)
    return Row(runbook, cells, review.on if review else None, _due(sitemap, review.on if review else None), findings)


def _due(sitemap: Sitemap, reviewed: date | None) -> date | None:
    """When the policy wants the next review; None where it wants none, or nobody knows since when."""
    interval = getattr(sitemap.edition.library.policy, "review", None)
    return reviewed + interval if reviewed and isinstance(interval, timedelta) else None


def _by_review(row: Row) -> tuple[date, str]:
    """Those that nobody reviewed on record come first, then the longest ago."""
    return (row.due or row.reviewed or date.min, row.runbook.path)


def _cell(sitemap: Sitemap, runbook: Runbook, family: Family, findings: Sequence[Finding]) -> Cell:
    ours = [finding for finding in findings if finding.family is family]
    for severity in Severity:
        if count := sum(finding.severity is severity for finding in ours):
            return Cell(severity.value, many(count, severity.value))
    if family is Family.FRESHNESS and sitemap.edition.standings[runbook.path].state == "unknown":
        return Cell("unknown", "not judged")
    return Cell("off", "switched off") if _is_off(sitemap, family) else Cell("ok", "holds")


def _is_off(sitemap: Sitemap, family: Family) -> bool:
    policy = sitemap.edition.library.policy
    rules = [rule for rule in all_rules().values() if rule.family is family]
    return all(policy.severity_of(rule.slug, rule.severity) is None for rule in rules)


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
