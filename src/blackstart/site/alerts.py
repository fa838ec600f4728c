"""A page for every alert, at an address that can be written without looking it up, and the list of them all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from blackstart.alerts import AlertRule
from blackstart.runbook import Runbook
from blackstart.site.clues import use_when
from blackstart.site.finder import alert_address, finder, has_page
from blackstart.site.html import render
from blackstart.site.sitemap import Sitemap, relative

ALERTS = "alerts/index.html"


@dataclass(frozen=True)
class Alert:
    """`address` is empty where the name cannot be that of a folder."""

    name: str
    address: str
    rules: list[AlertRule]
    runbooks: list[Runbook]


def alert_pages(sitemap: Sitemap) -> Iterator[tuple[str, bytes]]:
    """The address and content of each alert's page: small, of its own, whole without the theme."""
    uses = {runbook.path: use_when(runbook) for runbook in sitemap.runbooks if runbook.front and runbook.front.alerts}
    for alert in _alerts(sitemap):
        if alert.address:
            yield alert.address, _page(sitemap, alert, uses).encode()


def alert_list(sitemap: Sitemap) -> str:
    """All alerts with what their rules say."""
    return render("alerts.html", alerts=_alerts(sitemap), sitemap=sitemap, link=partial(relative, ALERTS))


def missing_page(sitemap: Sitemap, base: str) -> str:
    """What a reader gets at an address that is not there; links begin with `base`, as it may be at any depth."""
    field = finder(sitemap, lambda there: base + relative("index.html", there))
    return render("missing.html", sitemap=sitemap, finder=field)


def _alerts(sitemap: Sitemap) -> list[Alert]:
    names = sorted({*sitemap.alerts.by_name, *sitemap.handlers}, key=lambda name: (name.casefold(), name))
    return [
        Alert(
            name,
            alert_address(name) if has_page(name) else "",
            sitemap.alerts.by_name.get(name, []),
            sitemap.handlers.get(name, []),
        )
        for name in names
    ]


def _page(sitemap: Sitemap, alert: Alert, uses: dict[str, str]) -> str:
    return render(
        "alert.html",
        name=alert.name,
        rules=alert.rules,
        runbooks=alert.runbooks,
        uses=uses,
        facts=_facts,
        sitemap=sitemap,
        stamp=sitemap.edition.stamp(""),
        link=partial(relative, alert.address),
    )


def _facts(rule: AlertRule) -> list[tuple[str, str]]:
    facts = (
        ("Severity", rule.severity),
        ("Says", rule.summary),
        ("More", rule.description),
        ("Rule", rule.expression),
        ("For", rule.lasting),
        ("Defined in", f"{rule.path}:{rule.line}"),
    )
    return [(term, text) for term, text in facts if text]
