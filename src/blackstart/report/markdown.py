"""Report → Markdown: the comment on a pull request, and the summary of a CI job.

The comment's first line is a hidden marker, by which it is found and updated in place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from blackstart.model import Finding, Report
from blackstart.report.markup import code, prose, steps
from blackstart.report.words import (
    Aside,
    asides,
    gravest_first,
    looked_at,
    many,
    not_counted,
    outcome,
    resolved,
    rule_url,
    unjudged,
)

MARKER = "<!-- blackstart -->"
MOST = 65_000  # bytes; GitHub refuses comments of more than 65,536 characters
_OPEN = 5  # findings that are shown at once; the others unfold
_SPARE = 500  # for our own words between the parts
_LISTED = 8_000  # bytes of a list: findings need the room more
_COMMITS = 5


def render(report: Report) -> str:
    """The comment: short when all is well, cut where the host would refuse it."""
    return f"{MARKER}\n{summary(report, MOST - len(MARKER) - 1)}"


def summary(report: Report, most: int) -> str:
    """The same without the marker, in at most so many bytes of UTF-8."""
    head, foot = "\n".join(_head(report)), "\n".join(_foot(report))
    room = most - len(f"{head}{foot}".encode()) - _SPARE
    return re.sub("\n{3,}", "\n\n", f"{head}\n{_body(report, room)}\n{foot}\n")


def _body(report: Report, room: int) -> str:
    """What could not be judged and the gravest findings; the others are folded, and what has no room is counted."""
    unclear = list(_not_judged(report))
    blocks = [*unclear, *("\n".join(_told(finding, report)) for finding in gravest_first(report))]
    fitting, first = _fitting(blocks, room), len(unclear) + _OPEN
    parts = fitting[:first]
    if more := fitting[first:]:
        parts.append(_folded(many(len(more), "more finding"), "\n".join(more)))
    if left := len(blocks) - len(fitting):
        parts.append(f"… and {left} more that do not fit here; `blackstart check` lists all.\n")
    return "\n".join(parts)


def _head(report: Report) -> Iterator[str]:
    since = f" since {code(report.since.name)}" if report.since else ""
    if report.findings or report.not_judged:
        yield f"### Runbooks: {outcome(report)}{since}"
    else:
        yield f"**Runbooks hold**{since} ✅"
    if said := resolved(report):
        yield from ("", f"This branch {said}")
    yield ""


def _told(finding: Finding, report: Report) -> Iterator[str]:
    """What is wrong where, who changed the code and why, and what settles it."""
    url = rule_url(report, finding.rule)
    rule = f"[{finding.rule}]({url})" if url else finding.rule
    yield f"**{finding.severity}** {code(finding.path)} line {finding.line}: {prose(finding.message)} ({rule})"
    yield ""
    yield from (f"- {line}" for line in _story(finding))
    yield ""
    yield from steps(finding.fix)
    yield ""


def _story(finding: Finding) -> Iterator[str]:
    details = finding.details
    commits = details.get("commits", ())
    for commit in commits[:_COMMITS]:
        yield f"{code(commit['sha'][:7])} {commit['date'][:10]} by {code(commit['author'])}: {code(commit['subject'])}"
    if len(commits) > _COMMITS:
        yield f"and {many(len(commits) - _COMMITS, 'commit')} more"
    if details.get("uncommitted"):
        yield f"not committed yet: {', '.join(code(path) for path in details['uncommitted'][:5])}"
    if details.get("added") or details.get("removed"):
        yield f"{code(details['code'])} +{details['added']} -{details['removed']} lines"


def _not_judged(report: Report) -> Iterator[str]:
    for reason, fix, items in unjudged(report):
        places = [f"- {code(item.path)} line {item.line}: {code(item.subject)}" for item in items[:5] if item.path]
        more = [f"- and {len(items) - 5} more"] if len(items) > 5 else []
        yield "\n".join([f"**could not judge** {prose(reason)}", "", *places, *more, "", *steps(fix), ""])


def _foot(report: Report) -> Iterator[str]:
    """What is counted beside the findings; lists unfold."""
    affected = report.since.affected if report.since else ()
    if affected:
        yield _folded(f"{many(len(affected), 'runbook')} about what changed", _list([code(path) for path in affected]))
    if beside := list(asides(report)):
        yield _folded(f"Not counted: {not_counted(report)}", _list([_aside(aside) for aside in beside]))
    yield from (f"Not checked: {prose(item)}  " for item in report.not_checked[:10])
    yield prose(looked_at(report))


def _aside(aside: Aside) -> str:
    finding = aside.finding
    return f"{finding.rule} · {code(finding.path)} line {finding.line}, {prose(aside.why)}"


def _list(items: Sequence[str]) -> str:
    shown = _fitting(items, _LISTED)
    more = [f"and {len(items) - len(shown)} more"] if len(shown) < len(items) else []
    return "\n".join(f"- {item}" for item in [*shown, *more])


def _fitting(blocks: Sequence[str], room: int) -> list[str]:
    """The first of them, as many as there is room for."""
    sizes = accumulate(len(block.encode()) + 3 for block in blocks)
    return [block for block, size in zip(blocks, sizes, strict=True) if size <= room]


def _folded(title: str, text: str) -> str:
    """`title` holds only our own words: Markdown has no say inside of HTML."""
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>\n"
