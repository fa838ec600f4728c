"""The finder: its index as a script, its field, and the page that lists the same for readers without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

from blackstart.runbook import Runbook
from blackstart.site.clues import Clue
from blackstart.site.html import render
from blackstart.site.sitemap import Sitemap, relative

FIND = "find/index.html"
INDEX = "assets/blackstart/finder-index.js"
_LISTED = 12  # symptoms of one runbook on the page; the index has them all
_LETTERS = {"alert": "a", "error": "e", "symptom": "s", "title": "t", "component": "c"}
# What would end a script element, or a line for older parsers.
_ESCAPES = {ord(symbol): f"\\u{ord(symbol):04x}" for symbol in "<>&\u2028\u2029"}


def index_script(sitemap: Sitemap) -> bytes:
    """The index as JavaScript, one runbook a line: a page opened from a folder may not fetch JSON."""
    rows = [_row(sitemap, runbook) for runbook in sitemap.runbooks]
    rows += [_orphan(name) for name in sitemap.alerts.by_name if name not in sitemap.handlers and has_page(name)]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    return f"globalThis.blackstartIndex=[\n{lines.translate(_ESCAPES)}\n];\n".encode()


def finder(sitemap: Sitemap, link: Callable[[str], str]) -> str:
    """The field, for a page from which `link` leads to addresses of the site."""
    return render("finder.html", link=link, escalation=sitemap.escalation)


def finder_at(sitemap: Sitemap, here: str) -> str:
    """The field, for the page at the address `here`."""
    return finder(sitemap, partial(relative, here))


def find_page(sitemap: Sitemap) -> str:
    """The field, and below it every runbook with what it looks like when it is the right one."""
    groups: dict[str, list[tuple[Runbook, list[Clue]]]] = {}
    for runbook in sitemap.runbooks:
        told = [c for c in sitemap.clues[runbook.path] if c.kind not in ("title", "component")]
        alerts, others = [c for c in told if c.kind == "alert"], [c for c in told if c.kind != "alert"]
        symptoms = [c for c in others if c.kind == "symptom"] or others
        groups.setdefault(sitemap.kind_title(runbook) or "Others", []).append((runbook, [*alerts, *symptoms[:_LISTED]]))
    return render(
        "find.html", finder=finder_at(sitemap, FIND), groups=groups, sitemap=sitemap, link=partial(relative, FIND)
    )


def alert_address(name: str) -> str:
    """Where the page of an alert is, as a file below the site's root."""
    return f"alerts/{name}/index.html"


def has_page(name: str) -> bool:
    """Whether an alert's name can be a folder's: it may be anything that a label can hold."""
    parts = name.split("/")
    return len(name.encode()) < 200 and not {"", ".", ".."} & {*parts} and "\\" not in name and name.isprintable()


def _row(sitemap: Sitemap, runbook: Runbook) -> list[object]:
    about = " · ".join(filter(None, (sitemap.kind_title(runbook), sitemap.component_title(runbook))))
    clues = [[_LETTERS[clue.kind], clue.text] for clue in sitemap.clues[runbook.path]]
    return [runbook.title, quote(sitemap.addresses[runbook.path]), about, sitemap.warning(runbook), clues]


def _orphan(name: str) -> list[object]:
    return [name, quote(alert_address(name)), "Alert", "No runbook", [["a", name]]]
