"""Runbooks on paper: nothing hidden, nothing cut, and on every sheet which revision it is."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from shop import Shop

ROOT = Path(__file__).parents[2]
LONG = "pg_restore --clean --if-exists --no-owner " + " ".join(f"--table=a_rather_long_name_{n}" for n in range(20))
MORE = f"""
```bash
{LONG}
```

<details markdown><summary>If it hangs</summary>

Look who holds the lock.

</details>

See [what to tell](../comms/outage.md) and <https://vendor.example/status>.
"""


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def sheets(pdf: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(pdf).pages]


def commands(page: str) -> list[str]:
    """The lines of all code blocks of a page."""
    blocks = re.findall(r"<pre\b.*?</pre>", page, re.DOTALL)
    return [line for block in blocks for line in unescape(re.sub(r"<[^>]+>", "", block)).splitlines() if line.strip()]


@pytest.fixture
def long_shop(shop: Shop) -> Shop:
    shop.replace("mkdocs.yml", "  - attr_list\n", "  - attr_list\n  - md_in_html\n")
    shop.replace("runbooks/restore/shop.md", "## Verify\n", f"{MORE}\n## Verify\n").commit("Write more")
    done = shop.build("--strict")
    assert done.returncode == 0, done.stdout + done.stderr
    return shop


@pytest.mark.slow
@pytest.mark.browser
def test_the_binder_has_all_runbooks_with_numbers_that_are_true(long_shop: Shop) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/print"], cwd=long_shop.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pdf = long_shop.root / done.stdout.strip()
    commit = long_shop.git("rev-parse", "--short=7", "HEAD")
    assert pdf.name == f"shop-{commit}.pdf"
    all_sheets = sheets(pdf)
    for number, sheet in enumerate(all_sheets, 1):
        assert f"commit {commit} of 2026-01-05" in sheet
        assert f"Page {number} of {len(all_sheets)}" in sheet

    whole = squeezed("".join(all_sheets))
    binder = long_shop.page("binder")
    for line in commands(binder):
        assert squeezed(line) in whole
    contents = dict(re.findall(r'<li><a href="#(r\d+)">(.*?)</a></li>', binder))
    assert len(contents) == 6
    for title in map(unescape, contents.values()):
        found = re.search(rf"{re.escape(title)}\s+(\d+)$", all_sheets[0], re.MULTILINE)
        assert found, all_sheets[0]
        assert squeezed(title) in squeezed(all_sheets[int(found[1]) - 1])
    assert "Lookwhoholdsthelock." in whole
    assert re.search(r"whattotell\(page\d+\)", whole)
    assert "(https://vendor.example/status)" in whole
    assert "app/backup.pyfresh" in whole


@pytest.mark.slow
@pytest.mark.browser
def test_one_runbook_prints_whole_and_without_the_site_around_it(long_shop: Shop, page: Page, tmp_path: Path) -> None:
    pdf = tmp_path / "one.pdf"
    page.goto((long_shop.root / "site/runbooks/restore/shop/index.html").as_uri())
    page.pdf(path=pdf, prefer_css_page_size=True)
    all_sheets = sheets(pdf)
    title = "Restore"
    for number, sheet in enumerate(all_sheets, 1):
        assert long_shop.git("rev-parse", "--short=7", "HEAD") in sheet
        assert f"Page {number} of {len(all_sheets)}" in sheet
        assert title in sheet
    whole = squeezed("".join(all_sheets))
    for line in commands(long_shop.page("runbooks/restore/shop")):
        assert squeezed(line) in whole
    assert "Lookwhoholdsthelock." in whole
    assert "app/backup.pyfresh" in whole
    assert "Contacts" not in "".join(all_sheets)
    assert "¶" not in whole


def test_links_between_runbooks_stay_in_the_binder(built: Shop) -> None:
    binder = built.page("binder")
    ids = re.findall(r'\sid="([^"]+)"', binder)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', binder)) <= set(ids)
    assert 'href="../contacts/index.html"' in binder


@pytest.mark.parametrize(
    ("program", "told"),
    [("print", "is no site that blackstart built"), ("bundle", "is no site that blackstart built")],
)
def test_without_a_site_it_says_how_to_make_one(tmp_path: Path, program: str, told: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert told in done.stderr
    assert "scripts/build" in done.stderr
