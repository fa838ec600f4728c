"""What changed, as an Atom feed: runbooks written, changed and reviewed, and those that cannot be trusted now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from blackstart.runbook import Runbook
from blackstart.site.board import BOARD
from blackstart.site.changes import Change, Touched, changes
from blackstart.site.sitemap import Sitemap, relative
from blackstart.site.standing import Anchored

FEED = "feed.xml"
_MOST = 50  # changes
_ATOM = "http://www.w3.org/2005/Atom"
_LISTED = 20  # runbooks of one change
_UNCOMMITTED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """`key` makes the id: it must be the same in every build that tells of the same event."""

    key: str
    title: str
    updated: datetime
    author: str
    address: str
    lines: tuple[str, ...]


def feed(sitemap: Sitemap) -> bytes:
    """The feed. Ids and times come from commits, so that two builds of one commit agree."""
    library = sitemap.edition.library
    entries = [_change(sitemap, change) for change in changes(library, _MOST)]
    entries += [entry for runbook in sitemap.runbooks for entry in _verdict(sitemap, runbook)]
    entries.sort(key=lambda entry: (entry.updated, entry.key), reverse=True)
    return _written(sitemap, entries)


def _change(sitemap: Sitemap, change: Change) -> Entry:
    names = ", ".join(touched.title for touched in change.touched[:3])
    more = f" and {len(change.touched) - 3} more" if len(change.touched) > 3 else ""
    first = next((t.path for t in change.touched if t.path in sitemap.addresses), None)
    return Entry(
        f"commit {change.commit.sha}",
        f"{names}{more}: {change.commit.subject}",
        change.commit.date,
        change.commit.author,
        sitemap.addresses[first] if first and len(change.touched) == 1 else BOARD,
        tuple(_line(touched) for touched in change.touched[:_LISTED]),
    )


def _line(touched: Touched) -> str:
    by = f" by {touched.by}" if touched.by else ""
    note = f": {touched.note}" if touched.note else ""
    return f"{touched.title} ({touched.path}): {touched.how}{by}{note}"


def _verdict(sitemap: Sitemap, runbook: Runbook) -> Iterator[Entry]:
    """That a runbook is in doubt, since the commit which changed what it covers."""
    standing = sitemap.edition.standings[runbook.path]
    changed = [item for item in standing.anchors if item.state == "stale"]
    commits = sorted({(c.date, c.sha, c.author) for item in changed for c in item.commits})
    if not commits:
        return
    contradicted = [f for f in sitemap.edition.findings(runbook.path) if f.rule == "contradicted"]
    word = "contradicted" if contradicted else "stale"
    since, newest = commits[0], commits[-1]
    yield Entry(
        f"{word} {runbook.path} {since[1]}",
        f"{runbook.title} is {word} since {since[1][:7]}",
        newest[0],
        newest[2],
        sitemap.addresses[runbook.path],
        (*(_doubt(item) for item in changed), *(finding.message for finding in contradicted)),
    )


def _doubt(item: Anchored) -> str:
    commits = "; ".join(f"{c.sha[:7]} of {c.date:%Y-%m-%d} by {c.author}: {c.subject}" for c in item.commits)
    return f"{item.anchor} {item.words}{commits and f' ({commits})'}"


def _written(sitemap: Sitemap, entries: list[Entry]) -> bytes:
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed")
    built = sitemap.edition.built_from
    newest = max([entry.updated for entry in entries] or [built.date if built else _UNCOMMITTED])
    _text(root, "title", f"{sitemap.name or 'Runbooks'}: what changed")
    _text(root, "id", _id(sitemap.url or sitemap.name))
    _text(root, "updated", _time(newest))
    if sitemap.url:
        _link(root, "self", f"{sitemap.url}{FEED}")
    _link(root, "alternate", f"{sitemap.url}{BOARD}")
    for entry in entries:
        _add(root, sitemap, entry)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'.encode()


def _add(root: ET.Element, sitemap: Sitemap, entry: Entry) -> None:
    element = ET.SubElement(root, f"{{{_ATOM}}}entry")
    _text(element, "title", entry.title)
    _text(element, "id", _id(f"{sitemap.name} {entry.key}"))
    _text(element, "updated", _time(entry.updated))
    author = ET.SubElement(element, f"{{{_ATOM}}}author")
    _text(author, "name", entry.author)
    _link(element, "alternate", f"{sitemap.url}{relative(FEED, entry.address)}")
    _text(element, "content", "\n".join(entry.lines), type="text")


def _id(key: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'blackstart {key}')}"


def _link(parent: ET.Element, rel: str, href: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}link", rel=rel, href=href)


def _text(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    """What XML cannot hold at all is left out."""
    kept = "".join(symbol for symbol in text if symbol.isprintable() or symbol == "\n")
    ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes).text = kept


def _time(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
