"""The box under a runbook's title: whether to trust the page, who keeps it, what it covers."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from blackstart.model import Finding
from blackstart.site.edition import Edition

WORDS = {"fresh": "Fresh", "stale": "Stale", "unknown": "Not judged"}


def render_box(edition: Edition, path: str) -> str:
    """HTML for the runbook at `path`; everything a person wrote is escaped."""
    runbook = edition.runbooks[path]
    return (
        _environment()
        .get_template("box.html")
        .render(
            runbook=runbook,
            front=runbook.front,
            component=_component(edition, path),
            standing=edition.standings[path],
            word=WORDS[edition.standings[path].state],
            words=_words(edition, path),
            findings=[_told(finding) for finding in edition.findings(path)],
        )
    )


def _words(edition: Edition, path: str) -> str:
    standing = edition.standings[path]
    return f"verified against {edition.state_of_code}" if standing.state == "fresh" else standing.words


def _component(edition: Edition, path: str) -> str:
    front, catalogue = edition.runbooks[path].front, edition.library.catalogue
    if front is None:
        return ""
    known = catalogue.components.get(front.component) if catalogue else None
    return f"{known.title} ({known.name})" if known and known.title != known.name else front.component


def _told(finding: Finding) -> dict[str, Any]:
    commits = [
        f"{commit['sha'][:7]} of {commit['date'][:10]} by {commit['author']}: {commit['subject']}"
        for commit in finding.details.get("commits", ())
    ]
    return {
        "finding": finding,
        "message": _with_code(finding.message),
        "fix": _with_code(finding.fix),
        "commits": commits,
    }


def _with_code(text: str) -> Markup:
    """Messages are written with backticks, as Markdown has them."""
    return Markup(re.sub("`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 (escaped before)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("blackstart.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
