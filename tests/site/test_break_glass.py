"""Breaking the glass publishes what the gate refused, and no reader, log or machine can miss it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from shop import Shop

ROOT = Path(__file__).parents[2]
RESTORE = "runbooks/restore/shop.md"
REASON = 'db is down, <img src=x onerror="alert(1)"> & "all" 100% ::error::no'
ESCAPED = "db is down, &lt;img src=x onerror=&#34;alert(1)&#34;&gt; &amp; &#34;all&#34; 100% ::error::no"

pytestmark = pytest.mark.slow


@pytest.fixture
def broken(shop: Shop) -> Shop:
    """A stale page and a dead link, for which the gate, and MkDocs under --strict, would both stop."""
    shop.replace("app/backup.py", "custom", "plain").commit("Dump as plain text")
    shop.replace("runbooks/component/api.md", "## Symptoms\n", "## Symptoms\n\n[x](gone.md)\n")
    shop.commit("Link to nowhere")
    return shop


def breaking(monkeypatch: pytest.MonkeyPatch, reason: str, **environment: str) -> None:
    monkeypatch.setenv("BLACKSTART_BREAK_GLASS", reason)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1768003200")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def banners(shop: Shop) -> dict[str, str]:
    """The banner of every page of the site."""
    site = shop.root / "site"
    found = {}
    for page in site.rglob("*.html"):
        (banner,) = re.findall(r'<body[^>]*>(<section class="bs-glass.*?</section>)', page.read_text(), re.DOTALL) or [
            ""
        ]
        found[page.relative_to(site).as_posix()] = banner
    return found


def test_it_publishes_with_a_banner_on_every_page(broken: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, REASON, GITHUB_ACTIONS="true", GITHUB_ACTOR="ben")
    done = broken.build("--strict")
    assert done.returncode == 0, done.stdout + done.stderr

    found = banners(broken)
    assert all(ESCAPED in banner for banner in found.values())
    assert {"404.html", "index.html", "rules/stale/index.html"} <= set(found)
    loud = {page for page, banner in found.items() if "bs-glass--here" in banner}
    assert loud == {
        "runbooks/component/api/index.html",
        "runbooks/restore/orders/index.html",
        "runbooks/restore/shop/index.html",
    }
    for bare in ("alerts/ShopDatabaseDown/index.html", "binder/index.html"):
        assert "assets/blackstart/glass.css" in (broken.root / "site" / bare).read_text()
    assert "The gate refused this page: stale." in found["runbooks/restore/shop/index.html"]
    assert re.findall('href="([^"]*)"', found["index.html"]) == [
        "runbooks/component/api/index.html",
        "runbooks/restore/orders/index.html",
        "runbooks/restore/shop/index.html",
    ]
    assert "by ben on 2026-01-10 00:00 UTC" in found["index.html"]
    tag = f'<meta name="blackstart:break-glass" content="{ESCAPED}">'
    assert all(tag in (broken.root / "site" / page).read_text() for page in found)


def test_the_build_records_and_says_it(broken: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, REASON, GITHUB_ACTIONS="true", GITHUB_ACTOR="ben\n::error::x")
    done = broken.build("--strict", "--quiet")
    commands = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert len(commands) == 1
    assert commands[0].startswith("::warning title=Glass broken::Published although the gate fails (3 findings")
    assert commands[0].endswith(REASON.replace("%", "%25"))
    assert "GLASS BROKEN" in done.stderr
    assert "has changed since" in done.stderr

    record = json.loads((broken.root / "site/break-glass.json").read_text())
    schema = json.loads((ROOT / "src/blackstart/data/break-glass.schema.json").read_text())
    Draft202012Validator(schema).validate(record)
    assert set(record) == set(schema["properties"])
    assert (record["reason"], record["actor"], record["at"]) == (REASON, "ben ::error::x", "2026-01-10T00:00:00Z")
    assert record["commit"] == broken.git("rev-parse", "HEAD")
    assert {finding["rule"] for finding in record["findings"]} == {"stale", "dead-link"}


def test_what_could_not_be_judged_is_overridden_too(
    broken: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clone = broken.clone(tmp_path / "shallow", "--depth", "1")
    shallow = Shop(clone.root, clone.tick)
    breaking(monkeypatch, "no network for the history")
    assert shallow.build("--strict").returncode == 0
    record = json.loads((shallow.root / "site/break-glass.json").read_text())
    assert record["actor"] == "Ann Author"
    assert {item["path"] for item in record["not_judged"]} >= {RESTORE}
    assert "The gate refused this page: not judged." in banners(shallow)["runbooks/restore/shop/index.html"]


@pytest.mark.parametrize("reason", ["", " \t ", "two\nlines", "x" * 501, "bell \a"])
def test_without_a_reason_it_stays_shut(broken: Shop, monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    before = broken.published()
    breaking(monkeypatch, reason)
    done = broken.build()
    assert done.returncode == 1
    assert "has changed since" in done.stdout
    assert "BLACKSTART_BREAK_GLASS" in done.stdout
    assert broken.published() == before


@pytest.mark.parametrize(("reason", "said"), [("just in case", True), ("", False)])
def test_where_the_gate_passes_it_does_nothing(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
    said: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    breaking(monkeypatch, reason)
    done = shop.build("--strict")
    assert done.returncode == 0
    assert ("has no effect: the gate passes" in done.stderr) is said
    assert set(banners(shop).values()) == {""}
    assert not (shop.root / "site/break-glass.json").exists()


def test_only_the_site_obeys_it(broken: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, REASON)
    assert broken.blackstart("check") == 1
    broken.write("blackstart.yml", "runboks: x\n")
    done = broken.build()
    assert done.returncode == 1
    assert "unknown key `runboks`" in done.stdout


def test_assert_stamp_knows_it(broken: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, "db is down")
    broken.build()
    stamp = [sys.executable, str(ROOT / "scripts/assert-stamp"), "site"]
    done = subprocess.run(stamp, cwd=broken.root, capture_output=True, text=True, check=False)
    assert (done.returncode, "GLASS BROKEN by Ann Author" in done.stdout) == (0, True)
    page = broken.root / "site/index.html"
    page.write_text(page.read_text().replace('name="blackstart:break-glass"', ""))
    done = subprocess.run(stamp, cwd=broken.root, capture_output=True, text=True, check=False)
    assert (done.returncode, "index.html: not stamped with break-glass" in done.stdout) == (1, True)
