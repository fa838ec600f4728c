"""What becomes of each sort of link, without a build."""

from __future__ import annotations

import pytest
from markdown import markdown

from blackstart.site.links import LinkExtension
from blackstart.site.pages import expanded

URIS = {
    "docs/a.md": "a.md",
    "docs/two words.md": "two words.md",
    "runbooks/index.md": "runbooks/index.md",
    "runbooks/restore/db.md": "runbooks/restore/db.md",
    "runbooks/restore/plan.png": "runbooks/restore/plan.png",
}
CODE = {"", "app", "app/backup.py", "app/plan.png"}


def render(text: str, page: str = "runbooks/restore/db.md", source_url: str = "") -> str:
    links = LinkExtension(URIS, CODE.__contains__, source_url)
    links.page = page
    return markdown(text, extensions=[links]).removeprefix("<p>").removesuffix("</p>")


@pytest.mark.parametrize(
    ("target", "there"),
    [
        ("../../docs/a.md#top", "../../a.md#top"),
        ("<../../docs/two words.md>", "../../two%20words.md"),
        ("../", "../index.md"),
        ("..", "../index.md"),
        ("#steps", "#steps"),
        ("mailto:ann@example.com", "mailto:ann@example.com"),
        ("https://example.com/a.md", "https://example.com/a.md"),
        ("//example.com/a.md", "//example.com/a.md"),
        ("/docs/a.md", "/docs/a.md"),
        ("gone.md", "gone.md"),
        ("../../../outside.md", "../../../outside.md"),
    ],
)
def test_links(target: str, there: str) -> None:
    assert render(f"[x]({target})") == f'<a href="{there}">x</a>'


def test_a_page_outside_the_runbooks_finds_them() -> None:
    assert render("[x](../runbooks/restore/db.md)", "docs/a.md") == '<a href="runbooks/restore/db.md">x</a>'


def test_code_is_plain_where_the_git_host_is_not_known() -> None:
    assert render("[backup.py](../../app/backup.py)") == '<code title="app/backup.py">backup.py</code>'
    assert render("[the backup](../../app/backup.py#L3)") == '<span title="app/backup.py">the backup</span>'
    assert render("[`x`](../../app)") == '<span title="app"><code>x</code></span>'
    assert render("![a plan](../../app/plan.png)") == '<span title="app/plan.png">a plan</span>'


def test_code_leads_to_the_git_host_where_it_is_known() -> None:
    page = render("[x](../../app/backup.py#L3)", source_url="https://git.example/shop/blob/main/")
    assert page == '<a href="https://git.example/shop/blob/main/app/backup.py#L3">x</a>'


def test_images_beside_a_runbook() -> None:
    assert 'src="plan.png"' in render("![plan](plan.png)")


def test_links_in_code_are_text() -> None:
    assert render("`[x](../../docs/a.md)`") == "<code>[x](../../docs/a.md)</code>"


def test_navigation_is_expanded_where_the_index_stands() -> None:
    nav = ["index.md", {"Runbooks": "runbooks/index.md"}, {"More": [{"Rules": "rules/index.md"}]}]
    assert expanded(nav, "rules/index.md", ["a"])[2] == {"More": [{"Rules": ["a"]}]}
    assert expanded(nav, "nowhere.md", ["a"]) == nav
    assert expanded(None, "rules/index.md", ["a"]) is None
