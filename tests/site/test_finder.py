"""The finder in a real browser: over http, from a folder, with a keyboard, on a phone, and without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from shop import Shop
from web import PHONE, served

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[1] / "scripts/node_modules/axe-core/axe.min.js"
PAGES = ("index.html", "find/index.html", "alerts/index.html", "board/index.html", "components/index.html")
# The rest of a page is the theme's, looked after where it is made.
OURS = {"include": [["main"], [".bs-finder--bar"]]}


def test_an_error_leads_to_the_runbook_with_the_keyboard_alone(page: Page, address: str) -> None:
    page.goto(f"{address}index.html")
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Find the runbook: paste an alert, an error or a symptom")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.insert_text("\x1b[31m2026-11-25 22:41:03 ERROR\x1b[0m [Errno 111] Connection refused")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("The shop's API is down")
    expect(options.first).to_contain_text("It says: connection refused")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("main .bs-finder-status")).to_contain_text("best: The shop's API is down.")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", str(options.first.get_attribute("id")))
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("End")
    page.keyboard.type(" ")
    expect(options.first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("runbooks/component/api/"))


def first_command(page: Page) -> None:
    expect(page).to_have_url(re.compile("runbooks/restore/shop/"))
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".bs-step").first.locator("pre")).to_be_in_viewport()


def test_from_an_alert_to_the_first_command_it_takes_two_interactions(page: Page, address: str) -> None:
    page.goto(f"{address}index.html")
    page.locator("main").get_by_role("combobox").fill("ShopDatabaseDown")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")  # the first: paste and go
    first_command(page)  # the second: start


def test_from_the_alerts_own_link_too(page: Page, address: str) -> None:
    page.goto(f"{address}alerts/ShopDatabaseDown/index.html")
    first_command(page)


def test_it_is_in_reach_on_every_page_and_needs_no_search_index(page: Page, address: str) -> None:
    asked: list[str] = []
    page.goto(f"{address}runbooks/restore/shop/index.html")
    page.wait_for_load_state("networkidle")
    page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
    page.keyboard.press("/")
    page.keyboard.type("refused")
    page.get_by_role("option").first.click()
    expect(page).to_have_url(re.compile("runbooks/component/api/"))
    assert asked[:2] == ["assets/blackstart/finder-search.js", "assets/blackstart/finder-index.js"]


def test_the_key_can_be_switched_off_for_all_pages(page: Page, address: str) -> None:
    page.goto(f"{address}find/index.html")
    page.get_by_label("Keys are on").uncheck()
    page.goto(f"{address}index.html")
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Find the runbook: paste an alert, an error or a symptom")
    expect(field).not_to_be_focused()
    page.goto(f"{address}find/index.html")
    page.get_by_label("Keys are on").check()
    page.keyboard.press("/")
    expect(page.get_by_role("combobox").last).to_be_focused()


def test_a_slash_that_is_being_written_stays_one(page: Page, address: str) -> None:
    page.goto(f"{address}index.html")
    field = page.get_by_role("combobox").first
    field.press_sequentially("a/b")
    expect(field).to_have_value("a/b")


@pytest.mark.parametrize("place", ["index.html?q=refused", "index.html#q=refused", "find/index.html?q=refused"])
def test_the_address_can_ask(page: Page, address: str, place: str) -> None:
    page.goto(f"{address}{place}")
    expect(page.get_by_role("option").first).to_contain_text("The shop's API is down")


def test_what_fits_nothing_says_so(page: Page, address: str) -> None:
    page.goto(f"{address}index.html?q=zzzz")
    expect(page.locator("main .bs-finder-status")).to_contain_text("Nothing fits.")
    expect(page.get_by_role("listbox")).to_be_hidden()


@pytest.mark.parametrize("script", [True, False])
def test_from_the_alert_to_the_runbook_without_a_click(browser: Browser, address: str, script: bool) -> None:  # noqa: FBT001
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    page.goto(f"{address}alerts/ShopDatabaseDown/index.html")
    expect(page).to_have_url(re.compile("runbooks/restore/shop/"))
    context.close()


def test_without_javascript_the_symptoms_are_a_list(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(f"{address}index.html")
    page.get_by_role("link", name="All symptoms").click()
    looks = page.locator("section").filter(has_text="connection refused")
    looks.get_by_role("link", name="The shop's API is down").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("The shop's API is down")
    context.close()


def test_an_unknown_alert_gets_help(page: Page, built: Shop) -> None:
    """As a host does, which answers with 404.html at any address."""
    missing = (built.root / "site/404.html").read_text()
    with served(built.root / "site") as address:
        there = f"{address}alerts/ShopApiGone/"
        page.route(there, lambda route: route.fulfill(status=404, content_type="text/html", body=missing))
        page.goto(there)
        expect(page.get_by_text("No alert or runbook here is called “ShopApiGone”.")).to_be_visible()
        expect(page.get_by_role("option").first).to_contain_text("The shop's API is down")
        expect(page.get_by_role("link", name="Escalate")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("runbooks/component/api/"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_rule_of_axe_is_broken(browser: Browser, built: Shop, scheme: str) -> None:
    context = browser.new_context(
        viewport=PHONE,
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=True,  # axe is no script of ours
        service_workers="block",  # it would answer before the route below
    )
    page = context.new_page()
    staying = re.sub(r'<meta http-equiv="refresh"[^>]*>', "", built.page("alerts/ShopDatabaseDown"))
    page.route("**/alerts/ShopDatabaseDown/*", lambda route: route.fulfill(content_type="text/html", body=staying))
    with served(built.root / "site") as address:
        for name in (*PAGES, "index.html?q=shop", "alerts/ShopDatabaseDown/index.html"):
            page.goto(f"{address}{name}")
            if "?q" in name:
                expect(page.get_by_role("option").first).to_be_visible()
            page.add_script_tag(path=AXE)
            found = page.evaluate("scope => axe.run(scope, {resultTypes: ['violations']})", OURS)
            assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found["violations"]] == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    context.close()
