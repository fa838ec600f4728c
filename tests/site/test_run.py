"""A runbook followed in a real browser: over http and from a folder, on a phone, with and without a script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from shop import Shop
from web import INSECURE, PHONE

pytestmark = pytest.mark.browser

ORDERS, LOSS = "runbooks/restore/orders/index.html", "runbooks/comms/loss/index.html"
AXE = Path(__file__).parents[1] / "scripts/node_modules/axe-core/axe.min.js"
START = "2026-11-25T03:00:00Z"


@pytest.fixture(scope="session")
def address(address: str) -> str:
    """Served from where a page gets no clipboard."""
    return address.replace("127.0.0.1", INSECURE)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, timezone_id="Europe/Berlin", accept_downloads=True)
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page, wrong = context.new_page(), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.clock.install(time="2026-11-25T01:00:00Z")  # long before, since time passes until it is stopped
    page.clock.pause_at(START)  # now only where a test says so
    yield page
    assert wrong == []


def pass_time(page: Page, **time: int) -> None:
    page.clock.fast_forward(int(timedelta(**time).total_seconds()) * 1000)


def clipboard(page: Page) -> str:
    """What a paste gives: the field and the keys are the reader's."""
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), {id: 'paste'}))")
    page.locator("#paste").focus()
    page.keyboard.press("Control+V")
    text = page.locator("#paste").input_value()
    page.evaluate("document.querySelector('#paste').remove()")
    return text


def test_a_run_survives_a_reload_and_knows_its_times(page: Page, address: str) -> None:
    page.goto(address + ORDERS)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#steps-1")).to_have_attribute("aria-current", "step")
    pass_time(page, minutes=2, seconds=5)
    expect(page.locator("#steps-1 .bs-time")).to_have_text("2:05")
    page.get_by_role("checkbox", name="Step 1 is done").check()
    pass_time(page, minutes=1)
    page.locator("#steps-2").get_by_role("button", name="Note").click()
    page.get_by_label("Note on Step 2").fill("took the 02:00 dump")
    page.reload()
    expect(page.get_by_role("checkbox", name="Step 1 is done")).to_be_checked()
    expect(page.locator("#steps-2")).to_have_attribute("aria-current", "step")
    expect(page.locator("#steps-2")).to_contain_text("You are here")
    expect(page.get_by_label("Note on Step 2")).to_have_value("took the 02:00 dump")
    pass_time(page, seconds=1)
    expect(page.locator(".bs-clock")).to_contain_text("of 4 h (RTO)")
    pass_time(page, hours=5)
    expect(page.locator(".bs-clock")).to_contain_text(", over")


def test_a_tab_has_its_own_copy_of_the_run_which_no_other_tab_outdates(
    page: Page, context: BrowserContext, address: str
) -> None:
    first = page.get_by_role("checkbox", name="Step 1 is done")
    page.goto(address + ORDERS)
    first.check()
    page.evaluate("localStorage.clear()")  # what Chromium shows to a reloaded page, now and then, from a folder
    page.reload()
    expect(first).to_be_checked()

    other = context.new_page()
    other.goto(address + ORDERS)
    other.get_by_role("checkbox", name="Step 2 is done").check()
    expect(page.get_by_role("checkbox", name="Step 2 is done")).to_be_checked()
    page.goto(address + LOSS)
    other.get_by_role("button", name="This run").click()
    other.get_by_role("button", name="Clear this run").click()
    other.get_by_role("dialog", name="Clear this run?").get_by_role("button", name="Clear it").click()
    other.wait_for_function("""Object.values(localStorage).some((text) => text.includes('"ticked":{}'))""")
    page.goto(address + ORDERS)
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
    expect(first).not_to_be_checked()
    page.wait_for_function("""Object.values(sessionStorage).some((text) => text.includes('"ticked":{}'))""")


def test_commands_are_copied_as_they_are_written(page: Page, address: str) -> None:
    page.goto(address + ORDERS)
    page.locator("#steps-1").get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    assert clipboard(page) == "psql -d shop -c \"SELECT count(*) FROM orders WHERE id = '$ORDER'\"\n"


def test_values_become_quoted_exports_and_never_enter_a_command(page: Page, address: str) -> None:
    page.goto(address + ORDERS)
    before = page.locator("#steps-1 code").first.text_content()
    page.get_by_text("Variables of this runbook").click()
    page.get_by_label("Value of ORDER").fill("it's $(touch /tmp/x)")
    assert page.locator(".bs-exports code").text_content() == "export ORDER='it'\\''s $(touch /tmp/x)'\n"
    assert page.locator("#steps-1 code").first.text_content() == before
    expect(page.locator(".bs-command + .bs-yours").first).to_contain_text("export ORDER='it'\\''s")
    expect(page.get_by_label("Value of PGPASSWORD")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Value of ORDER")).to_have_value("it's $(touch /tmp/x)")


def test_what_destroys_is_confirmed_once_before_it_is_copied_or_ticked(page: Page, address: str) -> None:
    page.goto(address + ORDERS)
    page.locator("#steps-3").get_by_role("button", name="Copy…").click()
    dialog = page.get_by_role("dialog", name="This destroys something")
    expect(dialog).to_contain_text("DROP TABLE")
    expect(dialog).to_contain_text("Undo: none. Take a dump first.")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name="Cancel").click()
    tick = page.get_by_role("checkbox", name="Step 3 is done")
    tick.click()
    page.keyboard.press("Escape")
    expect(tick).not_to_be_checked()
    page.locator("#steps-3").get_by_role("button", name="Copy…").click()
    dialog.get_by_role("button", name="Copy it").click()
    assert clipboard(page) == 'psql -d shop -c "DROP TABLE orders_damaged"\n'
    tick.click()
    expect(tick).to_be_checked()


def test_keys_go_through_the_steps(page: Page, address: str) -> None:
    page.goto(address + ORDERS)
    for key in ("j", "x", "j", "k", "c"):
        page.keyboard.press(key)
    expect(page.get_by_role("checkbox", name="Step 1 is done")).to_be_checked()
    expect(page.locator("[aria-current=step]")).to_have_attribute("id", "steps-2")
    assert clipboard(page).startswith("app/restore.sh")
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile("#escalation$"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.get_by_label("Keys are on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("[aria-current=step]")).to_have_attribute("id", "steps-2")


def test_a_step_has_a_link_to_paste(page: Page, address: str) -> None:
    page.goto(address + ORDERS)
    page.locator("#steps-2 .bs-permalink").click()
    assert clipboard(page) == f"{address}{ORDERS}#steps-2"


def test_the_run_is_exported_and_cleared(page: Page, address: str) -> None:
    page.goto(address + ORDERS)
    page.get_by_role("checkbox", name="Step 1 is done").check()
    page.get_by_text("Variables of this runbook").click()
    page.get_by_label("Value of ORDER").fill("A-7")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="This run").click()
    panel = page.get_by_role("dialog", name="This run")
    expect(panel).to_contain_text("It lives in this browser only")
    with page.expect_download() as saved:
        panel.get_by_role("button", name="Save as JSON").click()
    record = json.loads(Path(saved.value.path()).read_text())
    assert record["variables"] == {"ORDER": "A-7"}
    assert [entry["what"] for entry in record["timeline"]][:2] == ["started", "ticked"]
    with page.expect_download() as saved:
        panel.get_by_role("button", name="Save as Markdown").click()
    assert "- [x] Step 1: Look at what is there" in Path(saved.value.path()).read_text()
    panel.get_by_role("button", name="Clear this run").click()
    page.get_by_role("dialog", name="Clear this run?").get_by_role("button", name="Clear it").click()
    page.reload()
    expect(page.get_by_role("checkbox", name="Step 1 is done")).not_to_be_checked()
    expect(page.get_by_label("Value of ORDER")).to_have_value("")


def test_texts_for_customers_are_filled_in_and_the_clocks_run(page: Page, address: str) -> None:
    page.goto(address + LOSS)
    page.get_by_text("Variables of this runbook").click()
    page.get_by_label("Value of LOST_FROM").fill("02:10 UTC")
    template = page.locator("#template-investigating")
    expect(template.locator(".bs-filled")).to_contain_text("orders from 02:10 UTC, and <b>look</b> into it.")
    expect(template.locator(".bs-filled")).to_contain_text("Next update by 03:05 UTC")
    expect(template.locator(".bs-left")).to_contain_text("Still the page's example: WHAT")
    expect(page.locator("#template-identified .bs-left")).to_contain_text("Not filled in: CONTACT")
    template.get_by_role("button", name="Copy").click()
    assert clipboard(page).startswith("We may have lost orders from 02:10 UTC")
    template.get_by_role("button", name="Posted: start the clock").click()
    pass_time(page, minutes=2)
    expect(page.locator(".bs-next").last).to_contain_text("Next update in 3:00")
    pass_time(page, minutes=4)
    expect(page.locator(".bs-next").last).to_contain_text("Update overdue by")
    page.get_by_text("Legal clocks", exact=True).click()
    page.get_by_label("Aware since", exact=True).fill("2026-11-25T04:00")  # Berlin
    page.get_by_label("Aware since", exact=True).blur()
    expect(page.locator("tr[data-clock=gdpr-33-1] .bs-due")).to_contain_text("2026-11-28 03:00 UTC")
    expect(page.locator("tr[data-clock=gdpr-33-2] .bs-due")).to_contain_text("without undue delay")


def test_an_old_copy_says_so(page: Page, address: str) -> None:
    page.goto(address + ORDERS)
    expect(page.locator(".bs-copy")).to_contain_text("This copy is old: it shows the state of 2026-01-05")
    page.clock.set_system_time("2026-01-08T00:00:00Z")
    page.reload()
    expect(page.locator(".bs-copy")).to_be_hidden()
    page.get_by_text("Fresh:", exact=True).click()
    expect(page.get_by_text("State of the code")).to_be_visible()
    expect(page.locator(".bs-facts .bs-ago").first).to_have_text(re.compile(r"\(2 days ago\)"))


def test_without_a_script_everything_but_the_run_is_there(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(address + ORDERS)
    expect(page.get_by_role("link", name="Escalate")).to_be_in_viewport()
    expect(page.locator("#steps-2")).to_contain_text("Blast radius: none")
    expect(page.locator("#steps-3")).to_contain_text("Destructive: this runs DROP TABLE")
    page.get_by_text("Fresh:", exact=True).click()
    expect(page.get_by_text("never exercised")).to_be_visible()
    page.goto(address + LOSS)
    expect(page.locator("#template-investigating pre")).to_be_visible()
    page.get_by_text("Legal clocks", exact=True).click()
    expect(page.get_by_text("72 h, from: aware since").first).to_be_visible()
    context.close()


def test_the_first_words_of_the_page_are_on_the_first_screen_of_a_phone(page: Page, address: str) -> None:
    page.goto(address + ORDERS)
    expect(page.get_by_text("Use this when")).to_be_in_viewport()
    verdict = page.locator(".bs-verdict").bounding_box()
    assert verdict is not None
    assert verdict["height"] < 50
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


PAINTED = """
new Promise((tell) => {
  new PerformanceObserver(() => tell(true)).observe({ type: "paint", buffered: true });
  setTimeout(() => tell(false), 20_000);
})
"""


def test_the_page_shows_as_it_should_while_its_style_sheets_are_on_their_way(page: Page, address: str) -> None:
    page.route("**/*.css", lambda _: None)  # neither answered nor refused
    page.goto(address + ORDERS, wait_until="commit")
    assert page.evaluate(PAINTED)
    expect(page.locator("#steps-1")).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.evaluate("getComputedStyle(document.querySelector('.md-header')).position") == "sticky"


def test_the_page_is_legible_without_the_themes_styles(page: Page, address: str) -> None:
    page.route("**/assets/stylesheets/**", lambda route: route.abort())
    page.goto(address + ORDERS)
    page.evaluate("document.querySelector('[data-bs-early]').remove()")
    step = page.locator("#steps-1").bounding_box()
    assert step is not None
    assert 300 < step["width"] <= PHONE["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("#steps-1").scroll_into_view_if_needed()
    expect(page.get_by_role("link", name="Escalate")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [ORDERS, LOSS])
def test_no_barrier_that_axe_finds(browser: Browser, built: Shop, name: str, scheme: str) -> None:
    assert AXE.is_file(), "scripts/test installs axe-core; run it once"
    # axe is no script of ours, hence no policy
    context = browser.new_context(viewport=PHONE, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{(built.root / 'site').as_uri()}/{name}")
    page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    page.get_by_role("button", name="Start", exact=True).click()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")  # where the dock covers nothing
    page.add_script_tag(path=AXE)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("(tags) => axe.run({ runOnly: tags })", tags)["violations"]
    told = [f"{item['id']}: {node['target']} {node['failureSummary']}" for item in found for node in item["nodes"]]
    assert not told, "\n".join(told)
    context.close()
