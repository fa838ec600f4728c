"""The site in a real browser: nothing leaves it, search works from a folder too, and it fits a phone."""

from __future__ import annotations

import re
import zipfile

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from blackstart.site.bundle import write_bundle
from shop import Shop
from web import PHONE, quiet

pytestmark = pytest.mark.browser

PAGES = (
    "index.html",
    "runbooks/index.html",
    "coverage/index.html",
    "alerts/index.html",
    "board/index.html",
    "find/index.html",
    "components/index.html",
    "runbooks/restore/shop/index.html",
)


@pytest.fixture(scope="session")
def address(address: str, built: Shop, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder is an unzipped bundle."""
    if address.startswith("http"):
        return address
    folder = tmp_path_factory.mktemp("on a stick")
    with zipfile.ZipFile(write_bundle(built.root / "site", folder)) as bundle:
        bundle.extractall(folder)
    return next(folder.glob("*/site")).as_uri() + "/"


def search(page: Page, words: str) -> Locator:
    """The links that the search finds, best first; they change while it goes on."""
    page.locator("label[for=__search]").first.click()
    page.locator("input.md-search__input").press_sequentially(words)
    return page.locator(".md-search-result__link")


def test_no_request_leaves_the_site_and_search_works(page: Page, address: str) -> None:
    foreign: list[str] = []
    ours = (address, "blob:", "data:")
    page.context.on("request", lambda r: foreign.append(r.url) if not r.url.startswith(ours) else None)
    assert len(list(quiet(page.context, [address + name for name in PAGES]))) == len(PAGES)
    page.goto(f"{address}search/index.html")
    found = search(page, "connection refused")
    expect(found.first).to_have_attribute("href", re.compile("runbooks/component/api/"), timeout=20_000)
    assert foreign == []


def test_nothing_of_the_search_is_loaded_before_someone_wants_it(page: Page, address: str) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(f"{address}runbooks/restore/shop/index.html")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    assert [url for url in loaded if re.search(r"search_index|workers/search|iframe-worker", url)] == []


def test_nothing_goes_wrong_in_the_console(page: Page, address: str) -> None:
    wrong: list[str] = []
    page.context.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.context.on("weberror", lambda error: wrong.append(str(error.error)))
    assert len(list(quiet(page.context, [address + name for name in PAGES]))) == len(PAGES)
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_it_fits_a_phone_in_light_and_dark(browser: Browser, built: Shop, name: str, scheme: str) -> None:
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{(built.root / 'site').as_uri()}/{name}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wanted = {"light": "default", "dark": "slate"}[scheme]
    assert page.locator("body").get_attribute("data-md-color-scheme") == wanted
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_it_is_legible_without_the_themes_style_sheets(browser: Browser, built: Shop, name: str) -> None:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.route("**/assets/stylesheets/*", lambda route: route.abort())
    page.goto(f"{(built.root / 'site').as_uri()}/{name}")
    page.evaluate("document.querySelector('[data-bs-early]')?.remove()")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("h1").bounding_box()["y"] < 844  # type: ignore[index]
    assert (
        page.evaluate(
            "Math.max(...[...document.querySelectorAll('svg:not(.bs-graph)')].map((one) => one.clientHeight))"
        )
        <= 48
    )
    context.close()


def test_it_reads_without_javascript(browser: Browser, built: Shop) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{(built.root / 'site').as_uri()}/runbooks/restore/shop/index.html")
    page.get_by_text("Fresh:", exact=True).click()
    page.get_by_text("Covered code (2)").click()
    assert page.get_by_text("app/backup.py", exact=True).is_visible()
    context.close()
