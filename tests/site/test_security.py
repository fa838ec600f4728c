"""What the content security policy holds, on every page of the site, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from blackstart.site.csp import hardened
from shop import Shop
from web import quiet

WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => violations.push(`${event.violatedDirective} ${event.sample}`));
"""
ATTACKS = """
# Contacts

<script>document.title = "attacked"</script>
<img src="gone.png" onerror="document.title = 'attacked'">
<a href="javascript:document.title = 'attacked'">click</a>
<p style="position: fixed">over everything</p>

| a | b |
|:-:|--:|
| [away](https://example.com/) | [here](index.md) |
"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(service_workers="block")
    context.add_init_script(WATCH)
    yield context
    context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_no_page_breaks_its_policy_or_asks_another_host(context: BrowserContext, built: Shop, address: str) -> None:
    site = built.root / "site"
    foreign: list[str] = []
    context.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((address, "data:")) else None)
    files = sorted(file.relative_to(site).as_posix() for file in site.rglob("index.html"))
    for page in quiet(context, [address + file for file in files]):
        assert page.evaluate("violations") == [], page.url
    assert foreign == []


@pytest.mark.browser
@pytest.mark.slow
def test_what_a_page_text_smuggles_in_does_not_run(context: BrowserContext, shop: Shop) -> None:
    shop.write("docs/contacts.md", ATTACKS).commit("Attack")
    assert shop.build().returncode == 0
    page = context.new_page()
    page.goto((shop.root / "site/contacts/index.html").as_uri(), wait_until="networkidle")
    if page.get_by_text("click").count():
        page.get_by_text("click").first.click()
    assert "attacked" not in page.title()
    assert page.evaluate("[...document.querySelectorAll('p')].every((p) => getComputedStyle(p).position != 'fixed')")
    assert page.locator("td").first.get_attribute("style") is None
    assert page.get_by_text("away").get_attribute("rel") == "noopener"


def test_the_policy_stands_before_anything_that_it_governs(built: Shop) -> None:
    for file in (built.root / "site").rglob("*.html"):
        text = file.read_text()
        assert "unsafe" not in text[: text.index("</head>")], file
        assert text.index("Content-Security-Policy") < min(
            text.find(tag) for tag in ("<script", "<link") if tag in text
        )
        assert not re.search(r"<[^<>]+\s(style|on\w+)=", text), file


def test_the_theme_may_run_its_script_and_the_content_may_not() -> None:
    content = "<p>hello</p><script>bad()</script>"
    page = (
        f'<head><meta charset="utf-8"><script>good()</script></head><body>{content}<script src="a.js"></script></body>'
    )
    both, guarded = hardened(page), hardened(page, content)
    assert both.count("'sha256-") == 2
    assert guarded.count("'sha256-") == 1


@pytest.mark.parametrize(
    ("link", "there"),
    [
        ('<a href="https://a.example/">', '<a rel="noopener" href="https://a.example/">'),
        ('<a href="//a.example/" rel="nofollow">', '<a href="//a.example/" rel="nofollow noopener">'),
        (
            '<a class="x" href="http://a.example/" rel="noopener">',
            '<a class="x" href="http://a.example/" rel="noopener">',
        ),
        ('<a href="../index.html">', '<a href="../index.html">'),
        ('<abbr title="href=//x">', '<abbr title="href=//x">'),
    ],
)
def test_links_to_other_hosts_give_nothing_away(link: str, there: str) -> None:
    assert there in hardened(f"<head></head><body>{link}</body>")


def test_a_server_finds_the_headers_that_a_page_cannot_give(built: Shop) -> None:
    assert "frame-ancestors 'none'" in (built.root / "site/_headers").read_text()
