"""Finder, alert pages, status board, components and feed, as they stand in the built site."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page, expect

from blackstart.engine import run
from blackstart.library import load
from blackstart.model import Family, Finding, Severity, Waived
from blackstart.site.board import board_page
from blackstart.site.edition import Edition
from blackstart.site.sitemap import Sitemap
from repo import TODAY
from shop import Shop

RESTORE = "runbooks/restore/shop.md"
ATOM = "{http://www.w3.org/2005/Atom}"
RULES = """\
groups:
  - name: shop
    rules:
      - alert: ShopDatabaseDown
        expr: up{job="db"} == 0
        for: 2m
        labels: {severity: page}
        annotations: {summary: The database does not answer}
      - {alert: ShopOrdersMissing, expr: absent(orders)}
"""
HOSTILE = """\
groups:
  - name: evil
    rules:
      - {alert: "</script><img src=x onerror=alert(1)>", expr: "1", annotations: {summary: "<b>\\u2028"}}
      - {alert: "../../escape", expr: "1"}
      - {alert: "Disk full", expr: "1"}
      - {alert: constructor, expr: "1"}
"""


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def index_of(shop: Shop) -> list[list[object]]:
    script = (shop.root / "site/assets/blackstart/finder-index.js").read_text()
    rows: list[list[object]] = json.loads(script.removeprefix("globalThis.blackstartIndex=").rstrip(";\n"))
    return rows


def entries(shop: Shop) -> list[ET.Element]:
    return ET.fromstring((shop.root / "site/feed.xml").read_bytes()).findall(f"{ATOM}entry")  # noqa: S314 (our own)


def test_the_index_holds_alerts_symptoms_errors_titles_and_components(built: Shop) -> None:
    rows = {row[0]: row for row in index_of(built)}
    api = rows["The shop's API is down"]
    assert api[1] == "runbooks/component/api/index.html"
    assert api[2:4] == ["Component failure · Shop API", ""]
    assert ["e", "connection refused"] in api[4]  # type: ignore[operator]
    assert ["c", "Shop API"] in api[4]  # type: ignore[operator]
    assert ["a", "ShopDatabaseDown"] in rows["Restore the shop's database"][4]  # type: ignore[operator]


def test_all_symptoms_stand_on_a_page_without_javascript(built: Shop) -> None:
    page = text_of(built.page("find"))
    assert "The alert ShopApiDown , or connection refused on port 8080" in page.replace("ShopApiDown,", "ShopApiDown ,")
    assert 'href="../runbooks/component/api/index.html"' in built.page("find")
    assert '<form class="bs-finder"' in built.page("")


def test_an_alert_with_one_runbook_leads_there_at_once(built: Shop) -> None:
    page = built.page("alerts/ShopDatabaseDown")
    target = "../../runbooks/restore/shop/index.html"
    assert f'<meta http-equiv="refresh" content="0; url={target}">' in page
    assert page.index(f'<a href="{target}">') < page.index("<h1>")
    assert "<script" not in page
    assert '<meta name="blackstart:verdict" content="pass">' in page


def test_the_board_shows_every_runbook_by_every_gate(built: Shop) -> None:
    page = text_of(built.page("board"))
    assert "6 runbooks, 1 in doubt." in page
    assert "The shop's API is down ✓ holds ✓ holds ✓ holds ✓ holds never platform" in page
    assert "Nothing is waived." in page
    assert "2026-01 6 0 1" in page


def test_the_feed_is_atom_with_who_when_and_why(built: Shop) -> None:
    root = ET.fromstring((built.root / "site/feed.xml").read_bytes())  # noqa: S314 (our own)
    for element in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.findtext(f"{ATOM}id") or "")
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "").tzinfo
    (entry,) = entries(built)
    assert "Write the runbooks" in (entry.findtext(f"{ATOM}title") or "")
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Ann Author"
    assert "The shop's API is down (runbooks/component/api.md): written" in (entry.findtext(f"{ATOM}content") or "")
    assert '<link rel="alternate feed" type="application/atom+xml"' in built.page("runbooks/restore/shop")


@pytest.mark.slow
def test_reviews_and_verdicts_come_with_the_feed_and_show_on_the_board(shop: Shop) -> None:
    shop.write("blackstart.yml", "severity: {stale: warning}\n")
    assert shop.blackstart("review", "runbooks/restore/shop.md", "-m", "tried <it>", "--by", "Zoë") == 0
    shop.commit("Review the restore runbook")
    shop.replace("app/backup.py", "custom", "plain")
    since = shop.commit("Dump as plain text")
    assert shop.build("--strict").returncode == 0

    titles = [entry.findtext(f"{ATOM}title") or "" for entry in entries(shop)]
    assert set(titles[:2]) == {
        f"{title} is stale since {since[:7]}" for title in ("Bring back deleted orders", "Restore the shop's database")
    }
    assert titles[2] == "Restore the shop's database: Review the restore runbook"
    assert "reviewed by Zoë: tried <it>" in (entries(shop)[2].findtext(f"{ATOM}content") or "")
    board = text_of(shop.page("board"))
    assert "6 runbooks, 2 in doubt." in board
    assert "Restore the shop's database ✓ holds ! 1 warning ✓ holds" in board
    assert re.search(r"has changed since this runbook was reviewed on \S+ by Zoë", board)
    row = next(row for row in index_of(shop) if row[0] == "Restore the shop's database")
    assert row[3] == "Stale"


@pytest.mark.browser
def test_the_board_says_how_long_ago(page: Page, shop: Shop) -> None:
    for runbook in ("restore/shop", "restore/orders"):
        assert shop.blackstart("review", f"runbooks/{runbook}.md", "-m", "tried it", "--by", "Zoë") == 0
    shop.commit("Review")
    assert shop.build("--strict").returncode == 0
    page.clock.set_fixed_time("2027-03-01T12:00:00Z")
    page.goto(f"{shop.root.as_uri()}/site/board/index.html")
    expect(page.locator("main time + .bs-ago").first).to_have_text(re.compile(r"^\(\d+ days ago\)$"))
    assert page.locator("main .bs-ago").count() == page.locator("main time").count() > 1


def test_what_is_excused_shows_with_reason_owner_and_end(built: Shop) -> None:
    """As the policy will excuse it; no rule of the sample's is broken."""
    finding = Finding("stale", Family.FRESHNESS, Severity.ERROR, RESTORE, 7, 5, "has <changed>", "Read it.", "f" * 16)
    with closing(load(built.root, TODAY)) as library:
        report = replace(
            run(library),
            waived=(Waived(finding, "moves <next> week", "platform", date(2026, 2, 1)),),
            baselined=(finding, finding),
        )
        edition = Edition(library, report)
        page = text_of(board_page(Sitemap(edition, dict.fromkeys(edition.runbooks, "x/index.html"))))
    assert "1 waived, 2 in the baseline" in page
    assert f"2026-02-01 {RESTORE} : stale error, line 7: has <changed> moves <next> week platform" in page
    assert "stale : 2" in page


@pytest.mark.slow
def test_what_is_due_first_stands_first(shop: Shop) -> None:
    shop.write("blackstart.yml", "review: {days: 400}\nexercise: {kinds: {comms: 30}}\n")
    shop.replace(
        "runbooks/comms/outage.md", "---\n\n#", "exercised: {on: 2026-11-20, by: Zoë, note: table top}\n---\n\n#"
    )
    assert shop.blackstart("review", "runbooks/restore/shop.md", "-m", "tried it") == 0
    shop.commit("Exercise")
    done = shop.build()
    assert done.returncode == 0, done.stdout
    due = text_of(shop.page("board").partition('id="next"')[2])
    first = due.index("no date set not on record 2026-12-20 2026-11-20")
    assert due.index("Last exercise") < first < due.index("Restore the shop's database")


@pytest.mark.slow
def test_alert_rules_show_with_what_they_say(shop: Shop) -> None:
    shop.write("app/alerts.yml", RULES)
    shop.replace("runbooks/component/api.md", "---\n\n# The", "alerts: [ShopDatabaseDown]\n---\n\n# The")
    shop.commit("Define the alert")
    assert shop.build("--strict").returncode == 0
    page = text_of(shop.page("alerts/ShopDatabaseDown"))
    assert "2 runbooks handle this alert. Take the first that fits." in page
    assert "Use it when: The alert ShopApiDown, or connection refused on port 8080." in page
    assert 'Severity page Says The database does not answer Rule up{job="db"} == 0 For 2m' in page
    assert 'http-equiv="refresh"' not in shop.page("alerts/ShopDatabaseDown")
    assert 'page for 2m: The database does not answer up{job="db"} == 0' in text_of(shop.page("alerts"))


@pytest.mark.slow
def test_an_alert_without_runbook_stops_the_build_and_can_be_let_through(shop: Shop) -> None:
    shop.write("app/alerts.yml", RULES.replace("ShopDatabaseDown", "ShopOnFire")).commit("Define another alert")
    done = shop.build()
    assert done.returncode == 1
    assert "the alert `ShopOnFire` has no runbook" in done.stdout
    assert "no alert rule defines `ShopDatabaseDown`" in done.stdout
    shop.write("blackstart.yml", "severity: {alert-coverage: warning}\n").commit("Only warn")
    assert shop.build("--strict").returncode == 0
    assert "No runbook handles this alert." in text_of(shop.page("alerts/ShopOnFire"))
    assert ["ShopOnFire", "alerts/ShopOnFire/index.html", "Alert", "No runbook", [["a", "ShopOnFire"]]] in index_of(
        shop
    )


@pytest.mark.slow
def test_no_name_can_add_markup_or_leave_the_site(shop: Shop) -> None:
    shop.write("app/alerts.yml", HOSTILE).write("blackstart.yml", "severity: {alert-coverage: off}\n")
    shop.replace("runbooks/component/api.md", "title: The shop's API is down", 'title: "</script><b onclick=x>{{ x }}"')
    shop.replace("runbooks/component/api.md", "`connection refused`", "`</script><i>\u2028`")
    shop.replace("catalog-info.yaml", "title: Shop API", 'title: "<u onclick=x>"')
    shop.commit("Write hostile names")
    done = shop.build("--strict")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(shop.root.rglob("escape"))
    script = (shop.root / "site/assets/blackstart/finder-index.js").read_text()
    assert not set("<>\u2028") & set(script)
    assert "constructor" in {row[0] for row in index_of(shop)}
    for address in ("", "find", "alerts", "alerts/Disk full", "alerts/constructor", "board", "components"):
        page = shop.page(address)
        assert not re.search(r"<(?:i|u|b onclick|img src=x)\b", page.partition("<body")[2]), address
    ET.fromstring((shop.root / "site/feed.xml").read_bytes())  # noqa: S314 (our own)
    assert "../../escape" in text_of(shop.page("alerts"))


@pytest.mark.slow
def test_a_shallow_clone_says_what_it_knows(shop: Shop) -> None:
    for path in sorted((shop.root / "runbooks").rglob("*.md")):
        assert shop.blackstart("review", str(path.relative_to(shop.root)), "-m", "read it") == 0
    shop.commit("Review all")
    clone = Shop(shop.root.parent / "clone", shop.tick)
    shop.clone(clone.root, "--depth", "1")
    assert clone.build("--strict").returncode == 0
    assert "built without the history of the runbooks" in text_of(clone.page("board"))
    assert entries(clone) == []
