"""Everything in the site that no person writes and that spans all runbooks: by address, its content."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from blackstart.site.alerts import ALERTS, alert_list, alert_pages
from blackstart.site.board import BOARD, board_page
from blackstart.site.components import COMPONENTS, components_page
from blackstart.site.feed import FEED, feed
from blackstart.site.finder import FIND, INDEX, find_page, index_script
from blackstart.site.sitemap import Sitemap

_TITLES = {FIND: "Find a runbook", ALERTS: "Alerts", BOARD: "Status board", COMPONENTS: "Components"}
_MAKERS: Mapping[str, Callable[[Sitemap], str]] = {
    FIND: find_page,
    ALERTS: alert_list,
    BOARD: board_page,
    COMPONENTS: components_page,
}


def overview_pages(sitemap: Sitemap) -> Iterator[tuple[str, str, Callable[[], str]]]:
    """Address, title and content of each page; the content is HTML, made when it is asked for."""
    for address, title in _TITLES.items():
        if address != COMPONENTS or sitemap.edition.library.catalogue:
            yield address, title, partial(_MAKERS[address], sitemap)


def overview_files(sitemap: Sitemap) -> Iterator[tuple[str, bytes]]:
    """Address and content of what is no page of the theme."""
    yield INDEX, index_script(sitemap)
    yield FEED, feed(sitemap)
    yield from alert_pages(sitemap)
