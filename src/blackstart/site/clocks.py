"""Legal notification clocks: data that a page shows, and that the browser counts from the moments a reader enters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources
from typing import Annotated

from lxml.html import HtmlElement
from markupsafe import Markup

from blackstart.errors import ConfigurationError
from blackstart.site.tree import element
from blackstart.written.names import Line, Name
from blackstart.written.schema import validate
from blackstart.written.shapes import Text, Written
from blackstart.written.yaml import parse

_DATA = "legal-clocks.yml"
_UNITS = {"h": "h", "d": "days", "mo": "month"}
_AT_ONCE = "without undue delay"


@dataclass(frozen=True, kw_only=True)
class Clock:
    """One duty to notify. Without `within`, the law says: without undue delay."""

    id: Name
    law: Line
    article: Line
    since: Annotated[Name, Written("from")]
    within: Annotated[str, Text(pattern=r"\d+(?:h|d|mo)", words="a time such as 72h, 30d or 1mo")] | None = None
    recipient: Line
    applies_if: Line

    @property
    def due(self) -> str:
        """The time allowed, in words."""
        if self.within is None:
            return _AT_ONCE
        number = self.within.rstrip("hdmo")
        return f"{number} {_UNITS[self.within.removeprefix(number)]}"


@dataclass(frozen=True, kw_only=True)
class LegalClocks:
    """`moments` names what a clock can start from."""

    moments: dict[str, Line]
    clocks: tuple[Clock, ...]


@cache
def legal_clocks() -> LegalClocks:
    """The list that comes with the package."""
    text = (resources("blackstart") / "data" / _DATA).read_text(encoding="utf-8")
    found, problems = validate(LegalClocks, parse(_DATA, text))
    if found is None:
        raise ConfigurationError.at(problems)
    return found


_TABLE = Markup(
    '<details class="bs-clocks" id="bs-legal-clocks" data-search-exclude><summary>Legal clocks</summary>'
    "<p>They run from the moment you know. Counsel confirms which of them apply; this list reminds, it does not "
    'advise.</p><div class="bs-moments"></div><div class="bs-wide" tabindex="0" role="group" '
    'aria-label="Legal clocks"><table class="bs-table"><thead><tr><th>Law</th><th>Due</th><th>To</th><th>If</th></tr>'
    "</thead><tbody>{}</tbody></table></div></details>"
)
_ROW = Markup(
    '<tr data-clock="{id}" data-since="{since}" data-moment="{moment}" data-within="{within}">'
    '<th scope="row">{law} {article}</th><td class="bs-due">{due}, {from_}</td><td>{to}</td><td>{if_}</td></tr>'
)


def table_of_clocks() -> HtmlElement:
    """All of them, as a table that says the same without a script."""
    known = legal_clocks()
    rows = Markup().join(
        _ROW.format(
            id=clock.id,
            since=clock.since,
            moment=known.moments[clock.since],
            within=clock.within or "",
            law=clock.law,
            article=clock.article,
            due=clock.due,
            from_=f"from: {known.moments[clock.since].lower()}",
            to=clock.recipient,
            if_=clock.applies_if,
        )
        for clock in known.clocks
    )
    return element(_TABLE.format(rows))
