"""What the pages that no person writes are made from: an edition, and where everything is in the site."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from blackstart.alerts import Alerts, alerts_of, handlers
from blackstart.model import Severity
from blackstart.runbook import Runbook
from blackstart.site.box import WORDS
from blackstart.site.clues import Clue, clues_of
from blackstart.site.edition import Edition
from blackstart.written.markdown import Document

_ESCALATION = "escalation"


@dataclass(frozen=True)
class Escalation:
    """Whom to call when no runbook fits: the owner of the whole service, and where a runbook says how."""

    owner: str
    address: str = ""
    title: str = ""


@dataclass(frozen=True)
class Sitemap:
    """`addresses` are files below the site's root, by path in the repository; `url` is where it is published, or empty.

    `fronts` are pages by hand, such as the home page, whose tables lead to runbooks.
    """

    edition: Edition
    addresses: Mapping[str, str]
    name: str = ""
    url: str = ""
    fronts: Mapping[str, Document] | None = None

    @cached_property
    def clues(self) -> dict[str, tuple[Clue, ...]]:
        return clues_of(self.edition, self.fronts or {})

    @cached_property
    def alerts(self) -> Alerts:
        return alerts_of(self.edition.library)

    @cached_property
    def runbooks(self) -> list[Runbook]:
        """In the order of their kinds, then by title."""
        kinds = list(self.edition.library.kinds)
        order = {name: index for index, name in enumerate(kinds)}
        return sorted(
            self.edition.library.runbooks,
            key=lambda r: (order.get(r.front.kind if r.front else "", len(order)), r.title.casefold(), r.path),
        )

    @cached_property
    def handlers(self) -> dict[str, list[Runbook]]:
        """The runbooks by alert, in the same order."""
        place = {runbook.path: index for index, runbook in enumerate(self.runbooks)}
        found = handlers(self.edition.library)
        return {name: sorted(ours, key=lambda r: place[r.path]) for name, ours in sorted(found.items())}

    @cached_property
    def escalation(self) -> Escalation | None:
        catalogue = self.edition.library.catalogue
        system = next((c for c in catalogue.components.values() if c.is_system), None) if catalogue else None
        if system is None:
            return None
        kinds = self.edition.library.policy.coverage.service
        ours = [r for r in self.runbooks if r.front and r.front.component == system.name and r.front.kind in kinds]
        for runbook in sorted(ours, key=lambda r: kinds.index(r.front.kind) if r.front else 0):
            for heading in runbook.document.headings:
                if heading.text.casefold() == _ESCALATION:
                    return Escalation(system.owner, f"{self.addresses[runbook.path]}#{heading.anchor}", runbook.title)
        return Escalation(system.owner)

    def component_title(self, runbook: Runbook) -> str:
        if runbook.front is None:
            return ""
        catalogue = self.edition.library.catalogue
        known = catalogue.components.get(runbook.front.component) if catalogue else None
        return known.title if known else runbook.front.component

    def kind_title(self, runbook: Runbook) -> str:
        kind = self.edition.library.kinds.get(runbook.front.kind) if runbook.front else None
        return kind.title if kind else ""

    def warning(self, runbook: Runbook) -> str:
        """What a reader must know before trusting it, in a word; empty where nothing is wrong."""
        found = self.edition.findings(runbook.path)
        if any(finding.rule == "contradicted" for finding in found):
            return "Contradicted"
        state = self.edition.standings[runbook.path].state
        if state != "fresh":
            return WORDS[state]
        return "Has errors" if any(finding.severity is Severity.ERROR for finding in found) else ""


def relative(here: str, there: str) -> str:
    """The link from one address of the site to another, which may end in a fragment."""
    path, mark, fragment = there.partition("#")
    return quote(posixpath.relpath(path, posixpath.dirname(here) or ".")) + mark + quote(fragment)
