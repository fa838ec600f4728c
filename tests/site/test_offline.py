"""The whole site without its server after one visit, and never parts of two builds."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from shop import Shop
from web import PHONE, Host

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RUNBOOK = "runbooks/restore/shop/"
NEW_PAGE = "runbooks/restore/cart/"


@pytest.fixture(scope="module")
def newer(built: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the next commit: one page reads otherwise, one is new, the style sheet too."""
    shop = Shop(tmp_path_factory.mktemp("newer") / "shop", built.tick)
    shutil.copytree(built.root, shop.root)
    runbook = shop.read("runbooks/restore/shop.md")
    shop.write("runbooks/restore/cart.md", runbook.replace("title: ", "title: Carts: ").replace("Carts: ", "Carts, "))
    shop.write("docs/index.md", shop.read("docs/index.md").replace("# ", "# Second edition: ", 1))
    shop.commit("Write a second edition")
    done = shop.build("--strict")
    assert done.returncode == 0, done.stdout + done.stderr
    return shop.root / "site"


@pytest.fixture
def host(built: Shop, tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path / "host", below="ops/runbooks/")
    host.deploy(built.root / "site")
    yield host
    host.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE)
    yield context
    context.close()


def saved(context: BrowserContext, host: Host) -> Page:
    """A tab that shows the offline copy."""
    page = context.new_page()
    page.goto(host.address)
    expect(page.locator(".bs-edition [role=status]")).to_have_text(
        "The whole site is saved for offline use.", timeout=20_000
    )
    page.goto(host.address)
    expect(page.locator(".bs-edition")).to_contain_text("Offline copy of commit")
    return page


def caches(page: Page) -> list[str]:
    names: list[str] = page.evaluate("caches.keys()")
    return names


def test_after_one_visit_every_page_is_readable_without_the_server(
    context: BrowserContext, host: Host, built: Shop
) -> None:
    page = saved(context, host)
    host.stop()
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(f"{request.failure} {request.url}"))
    site = built.root / "site"
    for file in sorted(site.rglob("index.html")):  # 404.html knows its place only from site_url
        there = host.address + file.relative_to(site).as_posix()
        answer = page.goto(there, wait_until="commit")
        assert answer
        assert answer.ok, file
        if 'http-equiv="refresh"' in file.read_text():
            page.wait_for_url(lambda url, there=there: url != there)  # type: ignore[misc]
        page.wait_for_load_state()
    assert [one for one in failed if "ERR_ABORTED" not in one and not one.endswith("/sw.js")] == []

    page.goto(host.address + RUNBOOK.rstrip("/"))
    assert page.url == host.address + RUNBOOK
    expect(page.locator("h1")).to_contain_text("Restore")
    expect(page.locator(".bs-edition [role=status]")).to_have_text("The server cannot be reached.")
    assert page.evaluate("getComputedStyle(document.querySelector('.md-header')).position") == "sticky"
    answer = page.goto(f"{host.address}no/such/page/")
    assert answer
    assert answer.status == 404


def test_search_works_without_the_server(context: BrowserContext, host: Host) -> None:
    page = saved(context, host)
    host.stop()
    page.goto(f"{host.address}search/")
    page.locator("label[for=__search]").first.click()
    page.locator("input.md-search__input").press_sequentially("connection refused")
    expect(page.locator(".md-search-result__link").first).to_have_attribute(
        "href", re.compile("runbooks/component/api/"), timeout=20_000
    )


def test_a_newer_copy_takes_over_in_all_tabs_at_once_and_only_when_asked(
    context: BrowserContext, host: Host, newer: Path
) -> None:
    one = saved(context, host)
    two = context.new_page()
    two.goto(host.address + RUNBOOK)
    old = two.locator(".bs-edition").inner_text()
    before = caches(one)
    host.deploy(newer)

    one.reload()
    expect(one.locator(".bs-edition [role=status]")).to_contain_text("A newer copy is ready.", timeout=20_000)
    expect(one.locator("h1")).not_to_contain_text("Second edition")
    two.reload()
    expect(two.locator(".bs-edition")).to_contain_text(old.split(".")[0])
    one.get_by_role("button", name="Reload").click()

    expect(one.locator("h1")).to_contain_text("Second edition")
    expect(two.locator(".bs-edition")).not_to_contain_text(old.split(".")[0])
    assert len(caches(one)) == 1
    assert caches(one) != before
    host.stop()
    one.goto(host.address + NEW_PAGE)
    expect(one.locator("h1")).to_be_visible()


def test_a_page_that_only_the_server_has_comes_with_its_own_assets(
    context: BrowserContext, host: Host, newer: Path, tmp_path: Path
) -> None:
    page = saved(context, host)
    shutil.copytree(newer, tmp_path / "newer")
    style = tmp_path / "newer/assets/blackstart/blackstart.css"
    style.write_text(style.read_text() + "h1 { letter-spacing: 7px !important }")
    (tmp_path / "newer/index.html").write_text("half a page")  # so that it cannot take over as a whole
    host.deploy(tmp_path / "newer")
    page.goto(host.address + NEW_PAGE)
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).letterSpacing") == "7px"
    page.goto(host.address + RUNBOOK)
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).letterSpacing") != "7px"


def test_half_an_update_leaves_the_copy_whole(context: BrowserContext, host: Host, newer: Path, tmp_path: Path) -> None:
    page = saved(context, host)
    shutil.copytree(newer, tmp_path / "half")
    (tmp_path / "half/index.html").write_text("half a page")
    host.deploy(tmp_path / "half")
    page.reload()
    expect(page.locator(".bs-edition [role=status]")).to_contain_text("could not be fetched whole", timeout=20_000)
    host.deploy(tmp_path / "nothing there")
    for address in ("", RUNBOOK):
        page.goto(host.address + address)
        expect(page.locator("h1")).not_to_contain_text("Second edition")
        expect(page.locator(".bs-edition")).to_contain_text("Offline copy of commit")

    host.deploy(newer)
    page.reload()
    expect(page.locator(".bs-edition [role=status]")).to_contain_text("A newer copy is ready.", timeout=20_000)


def test_the_copy_can_be_taken_away_again(context: BrowserContext, host: Host, newer: Path, tmp_path: Path) -> None:
    page = saved(context, host)
    shop = Shop(tmp_path / "shop")
    shutil.copytree(newer.parent, shop.root)
    shop.replace("mkdocs.yml", "extra: {", "extra: {offline: false, ").commit("Take the copies away")
    assert shop.build("--strict").returncode == 0
    host.deploy(shop.root / "site")
    for _ in range(3):  # a browser looks for a newer worker once a visit, unless it is still looking
        page.reload()
        with suppress(AssertionError):
            expect(page.locator("h1")).to_contain_text("Second edition", timeout=10_000)
            break
    expect(page.locator("h1")).to_contain_text("Second edition")
    assert caches(page) == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


def test_only_files_of_this_site_are_kept(context: BrowserContext, host: Host) -> None:
    page = saved(context, host)
    kept = page.evaluate(
        "async () => { const cache = await caches.open((await caches.keys())[0]);"
        " return (await cache.keys()).map((request) => request.url) }"
    )
    assert kept
    assert all(url.startswith(host.address) for url in kept)
    assert [name.rsplit(":", 1)[0] for name in caches(page)] == ["blackstart:/ops/runbooks/"]
