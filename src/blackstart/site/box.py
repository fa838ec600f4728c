"""The box under a runbook's title: whether to trust the page, who keeps it, what it covers."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

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


def _told(finding: Finding) -> dict[str, str]:
    first, _, rest = finding.fix.partition("\n")
    place = f"{finding.path}:{finding.line}"
    return {"place": place, "rule": finding.rule, "message": finding.message, "fix": first, "command": rest}


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("blackstart.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
