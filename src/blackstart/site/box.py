"""The box under a runbook's title: whether to trust the page, who keeps it, what it covers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any

from markupsafe import Markup, escape

from blackstart.catalogue import OBJECTIVES, Component
from blackstart.model import Family, Finding
from blackstart.rules.structure.required_sections import required
from blackstart.runbook import FrontMatter, Runbook
from blackstart.site.edition import CONTRADICTED, Edition
from blackstart.site.html import environment
from blackstart.site.marks import Doubt
from blackstart.written.duration import duration_words

WORDS = {"fresh": "Fresh", "stale": "Stale", "contradicted": "Contradicted", "unknown": "Not judged"}
SIGNS = {"fresh": "✓", "stale": "!", "contradicted": "✗", "unknown": "?"}
"""Never colour alone."""
_DOUBTFUL = (Family.FRESHNESS, Family.COMMANDS)
_DATE = re.compile(r"\b(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2}) UTC)?\b")
_MOST_CHANGES = 3  # the box has them all


def render_box(edition: Edition, path: str, content: str, top: str) -> str:
    """HTML for the runbook at `path`; everything a person wrote is escaped.

    `content` is the page without the box, `top` leads from it to where the site begins.
    """
    runbook, standing = edition.runbooks[path], edition.standings[path]
    component = component_of(edition, runbook)
    told = [_told(edition, finding, _anchor(edition, path, finding, content)) for finding in edition.findings(path)]
    return (
        environment()
        .get_template("box.html")
        .render(
            front=runbook.front,
            top=top,
            component=_named(runbook.front, component),
            objectives=_objectives(component),
            exercised=timed(_exercised(runbook.front)),
            escalation=roles_of(edition, runbook).get("Escalation", ""),
            standing=standing,
            word=WORDS[standing.state],
            sign=SIGNS[standing.state],
            words=_words(edition, path),
            state_of_code=timed(edition.state_of_code),
            review=timed(standing.review),
            built=edition.built_from.date.astimezone(UTC).isoformat() if edition.built_from else "",
            copy_days=edition.copy_days,
            changes=[timed(change) for change in _changes(edition, path)],
            findings=told,
            doubts=[item for item in told if item["anchor"] and item["finding"].rule == CONTRADICTED],
        )
    )


def doubts_of(edition: Edition, path: str) -> Sequence[Doubt]:
    """The findings that cast doubt on a line of the text itself."""
    first = edition.runbooks[path].document.first_line
    findings = (finding for finding in edition.findings(path) if finding.family in _DOUBTFUL and finding.line >= first)
    return [Doubt(number, finding) for number, finding in enumerate(findings, start=1)]


def anchor_of(doubt: Doubt) -> str:
    """The id of the marked line."""
    return f"doubt-{doubt.number}"


def roles_of(edition: Edition, runbook: Runbook) -> dict[str, str]:
    """The id of the heading for each section that the runbook's kind demands, by the kind's own title."""
    found = required(edition.library, runbook)
    return {spec.title: section.heading.anchor for spec, section in found if section}


def component_of(edition: Edition, runbook: Runbook) -> Component | None:
    """What the catalogue knows of the runbook's component."""
    catalogue = edition.library.catalogue
    return catalogue.components.get(runbook.front.component) if catalogue and runbook.front else None


def _anchor(edition: Edition, path: str, finding: Finding, content: str) -> str:
    """Where the line is marked, nothing where it could not be."""
    doubt = next((doubt for doubt in doubts_of(edition, path) if doubt.finding is finding), None)
    return anchor_of(doubt) if doubt and f'id="{anchor_of(doubt)}"' in content else ""


def _words(edition: Edition, path: str) -> str:
    standing = edition.standings[path]
    return f"verified at {edition.short_state}" if standing.state == "fresh" else standing.words


def _changes(edition: Edition, path: str) -> Iterator[str]:
    """The newest commits that nobody has vouched for since; one commit may have changed several anchors."""
    commits = {commit.sha: commit for item in edition.standings[path].anchors for commit in item.commits}
    newest = sorted(commits.values(), key=lambda commit: commit.date, reverse=True)
    for commit in newest[:_MOST_CHANGES]:
        yield f"{commit.sha[:7]} of {commit.date:%Y-%m-%d} by {commit.author}: {commit.subject}"
    if len(newest) > _MOST_CHANGES:
        yield f"and {len(newest) - _MOST_CHANGES} more"


def _named(front: FrontMatter | None, known: Component | None) -> str:
    if known and known.title != known.name:
        return f"{known.title} ({known.name})"
    return front.component if front else ""


def _objectives(component: Component | None) -> str:
    held = component.objectives if component else None
    given = {name: getattr(held, name) for name in OBJECTIVES} if held else {}
    words = [f"{name.upper()} {duration_words(value)}" for name, value in given.items() if value]
    return ", ".join(words) or "none in the catalogue"


def _exercised(front: FrontMatter | None) -> str:
    """The record is optional, and so are its parts."""
    record = getattr(front, "exercised", None)
    if record is None:
        return "never exercised, as far as this page knows"
    on, by, note = (getattr(record, name, None) for name in ("on", "by", "note"))
    return "".join((str(on or "on a day that is not recorded"), f" by {by}" if by else "", f": {note}" if note else ""))


def _told(edition: Edition, finding: Finding, anchor: str) -> dict[str, Any]:
    commits = [
        f"{commit['sha'][:7]} of {commit['date'][:10]} by {commit['author']}: {commit['subject']}"
        for commit in finding.details.get("commits", ())
    ]
    return {
        "finding": finding,
        "anchor": anchor,
        "excuse": edition.excuse(finding),
        "message": with_code(finding.message),
        "fix": with_code(finding.fix),
        "commits": commits,
    }


def timed(text: str) -> Markup:
    """The first date in a text as a date that the browser can count from, in UTC."""
    found = _DATE.search(text)
    if found is None:
        return escape(text)
    moment = f"{found[1]}T{found[2]}Z" if found[2] else found[1]
    when = Markup('<time datetime="{}">{}</time>').format(moment, found[0])
    return escape(text[: found.start()]) + when + escape(text[found.end() :])


def with_code(text: str) -> Markup:
    """Messages are written with backticks, as Markdown has them."""
    return Markup(re.sub("`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 (escaped before)
