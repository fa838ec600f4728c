"""The site in a real browser: nothing leaves it, search works from a folder too, and it fits a phone."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from shop import Shop

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
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


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        pass


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=["file", "http"])
def address(request: pytest.FixtureRequest, built: Shop) -> Iterator[str]:
    """The site from a folder, and from a plain web server."""
    site = built.root / "site"
    if request.param == "file":
        yield site.as_uri() + "/"
        return
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def search(page: Page, words: str) -> Locator:
    """The links that the search finds, best first; they change while it goes on."""
    page.locator("label[for=__search]").first.click()
    page.locator("input.md-search__input").press_sequentially(words)
    return page.locator(".md-search-result__link")


def test_no_request_leaves_the_site_and_search_works(page: Page, address: str) -> None:
    foreign: list[str] = []
    page.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((address, "blob:", "data:")) else None)
    for name in PAGES:
        page.goto(address + name)
        page.wait_for_load_state("networkidle")
    found = search(page, "connection refused")
    expect(found.first).to_have_attribute("href", re.compile("runbooks/component/api/"), timeout=20_000)
    assert foreign == []


def test_nothing_goes_wrong_in_the_console(page: Page, address: str) -> None:
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    for name in PAGES:
        page.goto(address + name)
        page.wait_for_load_state("networkidle")
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_it_fits_a_phone_in_light_and_dark(browser: Browser, built: Shop, name: str, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{(built.root / 'site').as_uri()}/{name}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wanted = {"light": "default", "dark": "slate"}[scheme]
    assert page.locator("body").get_attribute("data-md-color-scheme") == wanted
    context.close()


def test_it_reads_without_javascript(browser: Browser, built: Shop) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{(built.root / 'site').as_uri()}/runbooks/restore/shop/index.html")
    assert page.get_by_text("Fresh:", exact=True).is_visible()
    page.get_by_text("Covered code (2)").click()
    assert page.get_by_text("app/backup.py", exact=True).is_visible()
    context.close()
