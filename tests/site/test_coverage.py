"""The page about coverage: the command's content, and nothing that a file's name could add to it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from shop import Shop


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_page_is_there_and_in_the_navigation(built: Shop) -> None:
    page = text_of(built.page("coverage"))
    assert "Runbooks cover 3 of 4 files: 75 %" in page
    assert "| " not in page
    assert 'href="coverage/index.html"' in built.page("")


@pytest.mark.slow
def test_what_is_not_covered_shows_with_names_and_runbooks(shop: Shop) -> None:
    names = ["<img src=x onerror=alert(1)>.py", "a`b`*c*_d_|e.py", "two\nlines.py", "evil\x1b[2J.py", "[x](y.md).py"]
    for name in names:
        shop.write(f"jobs/{name}", "x = 1\n")
    shop.write("jobs/nightly.py", "A = 1\nB = 2\n")
    runbook = shop.read("runbooks/restore/shop.md")
    shop.write("runbooks/restore/shop.md", runbook.replace("covers:\n", "covers:\n  - jobs/nightly.py#A\n"))
    shop.write("blackstart.yml", "coverage: {threshold: 40}\n").commit("Add files")
    done = shop.build("--strict")
    assert done.returncode == 0, done.stdout + done.stderr

    html, page = shop.page("coverage"), text_of(shop.page("coverage"))

    assert "The policy demands 40 %." in page
    assert "onerror" not in re.sub(r"<code>.*?</code>", "", html)
    for name in (
        "<img src=x onerror=alert(1)>.py",
        "a`b`*c*_d_|e.py",
        "two\\x0alines.py",
        "evil\\x1b[2J.py",
        "[x](y.md).py",
    ):
        assert f"jobs/{name}" in [unescape(code) for code in re.findall(r"<code>(.*?)</code>", html)], name
    assert "jobs/nightly.py : B . Covered by Restore" in page
    assert 'href="../runbooks/restore/shop/index.html"' in html


@pytest.mark.slow
def test_below_the_threshold_nothing_is_published(shop: Shop) -> None:
    shop.write("jobs/a.py", "x = 1\n").write("blackstart.yml", "coverage: {threshold: 80}\n").commit("Add a job")
    done = shop.build()
    assert done.returncode == 1
    assert "blackstart.yml" in done.stdout
    assert "runbooks cover 60 % of the service's 5 files, less than 80 %" in done.stdout


@pytest.mark.slow
def test_a_page_that_a_person_wrote_stands(shop: Shop) -> None:
    shop.write("docs/coverage.md", "# Our own words\n").commit("Write about coverage")
    assert shop.build("--strict").returncode == 0
    assert "Our own words" in shop.page("coverage")
