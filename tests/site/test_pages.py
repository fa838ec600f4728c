"""What the pages say, and that they say it about the right runbook."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from blackstart.rules import all_rules
from blackstart.site.pages import escape
from shop import Shop

ASSERT_STAMP = Path(__file__).parents[2] / "scripts" / "assert-stamp"


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_every_page_carries_the_stamp(built: Shop) -> None:
    head = built.git("rev-parse", "HEAD")
    pages = list((built.root / "site").rglob("*.html"))
    assert len(pages) > 8
    for page in pages:
        assert f'<meta name="blackstart:commit" content="{head}">' in page.read_text(), page
        assert re.search(r'<meta name="blackstart:verdict" content="(fresh|pass)">', page.read_text()), page


def test_the_stamp_is_asserted_by_a_script(shop: Shop) -> None:
    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, ASSERT_STAMP], cwd=shop.root, capture_output=True, text=True, check=False
        )

    assert run().returncode == 0, run().stdout
    page = shop.root / "site/runbooks/restore/shop/index.html"
    page.write_text(re.sub(r'<meta name="blackstart:verdict"[^>]*>', "", page.read_text()))
    assert run().returncode == 1
    assert str(page.relative_to(shop.root)) in run().stdout
    page.unlink()
    assert "runbooks/restore/shop.md: has no page" in run().stdout


def test_the_box_tells_whether_to_trust_the_page(built: Shop) -> None:
    page = text_of(built.page("runbooks/restore/shop"))
    commit = built.git("rev-parse", "--short=7", "HEAD")
    assert f"Fresh: verified at {commit} of 2026-01-05 " in page
    assert re.search(rf"State of the code commit {commit} of 2026-01-05 \d\d:\d\d UTC ", page)
    assert "Last exercised never exercised, as far as this page knows" in page
    assert "Objectives RTO 4 h, RPO 15 min" in page
    assert "Owner platform, escalation" in page
    assert "Access needed db-admin" in page
    assert "Alerts ShopDatabaseDown" in page
    assert f"never reviewed; last written with its code in {commit}" in page
    assert "app/backup.py fresh : written in" in page


@pytest.mark.slow
def test_a_review_shows_with_who_when_and_why(shop: Shop) -> None:
    assert shop.blackstart("review", "runbooks/restore/shop.md", "-m", "tried it <b>on staging</b>", "--by", "Zoë") == 0
    shop.commit("Review the restore runbook")
    assert shop.build("--strict").returncode == 0
    assert "by Zoë: tried it &lt;b&gt;on staging&lt;/b&gt;" in shop.page("runbooks/restore/shop")


def test_front_matter_is_not_printed(built: Shop) -> None:
    assert "covers:" not in built.page("runbooks/restore/shop")


def test_links_lead_to_pages_and_never_to_code(built: Shop) -> None:
    page = built.page("runbooks/restore/shop")
    assert 'href="../../component/api/index.html#symptoms"' in page
    assert 'href="../../../contacts/index.html"' in page
    assert '<code title="app/backup.py">backup.py</code>' in page
    assert 'title="app/restore.sh"><code>app/restore.sh</code>' in page
    assert 'href="runbooks/index.html"' in built.page("")
    assert 'href="runbooks/restore/shop/index.html#verify"' in built.page("")


def test_every_link_in_the_site_leads_somewhere(built: Shop) -> None:
    site = built.root / "site"
    for page in site.rglob("index.html"):
        for target in re.findall(r'(?:href|src)="([^"#]+)', page.read_text()):
            if not re.match(r"[a-z]+:", target):
                assert (page.parent / target).exists(), f"{page}: {target}"


@pytest.mark.slow
def test_links_to_code_lead_to_the_git_host_where_it_is_known(shop: Shop) -> None:
    shop.replace("mkdocs.yml", "extra: {", "extra: {source_url: 'https://git.example/shop/blob/{commit}', ")
    shop.replace("mkdocs.yml", "site_name: Shop", "site_name: Shop\nedit_uri: https://git.example/shop/edit/main/docs/")
    shop.replace("mkdocs.yml", "features: [", "features: [content.action.edit, ")
    head = shop.commit("Name the git host")
    assert shop.build("--strict").returncode == 0
    assert f'href="https://git.example/shop/blob/{head}/app/backup.py"' in shop.page("runbooks/restore/shop")
    assert 'href="https://git.example/shop/edit/main/docs/../runbooks/restore/shop.md"' in shop.page(
        "runbooks/restore/shop"
    )
    assert 'href="https://git.example/shop/edit/main/docs/index.md"' in shop.page("")


def test_the_indexes_list_every_runbook_by_kind_and_component(built: Shop) -> None:
    for address in ("runbooks", "components"):
        page = built.page(address)
        for runbook in ("rebuild/shop", "restore/shop", "component/api", "comms/outage"):
            assert f"{runbook}/index.html" in page, address


def test_every_rule_has_its_page(built: Shop) -> None:
    for slug in all_rules():
        assert f'id="{slug}"' in built.page(f"rules/{slug}")


@pytest.mark.slow
def test_runbooks_below_the_documents_folder(shop: Shop) -> None:
    shop.git("mv", "runbooks", "docs/runbooks")
    shop.write("blackstart.yml", "runbooks: docs/runbooks\n")
    for path in (shop.root / "docs").rglob("*.md"):
        path.write_text(path.read_text().replace("../../docs/", "../../").replace("../../app/", "../../../app/"))
    shop.write("docs/index.md", "# Shop\n\n[Runbooks](runbooks/)\n").commit("Move the runbooks")
    done = shop.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "bs-box--fresh" in shop.page("runbooks/restore/shop")
    assert 'href="../../../contacts/index.html"' in shop.page("runbooks/restore/shop")


@pytest.mark.slow
def test_a_link_beside_the_runbooks_is_not_followed_into_the_site(shop: Shop) -> None:
    (shop.root / "runbooks/restore/secret.txt").symlink_to("/etc/hostname")
    shop.write("runbooks/restore/plan.txt", "a plan\n").commit("Add files beside a runbook")
    assert shop.build().returncode == 0
    assert (shop.root / "site/runbooks/restore/plan.txt").is_file()
    assert not (shop.root / "site/runbooks/restore/secret.txt").exists()


@pytest.mark.parametrize("text", ["a | b", "<script>", "*a* _b_ `c`", "[a](b)", "# a", "a\\b", "{.x}", "&amp;"])
def test_what_people_wrote_is_shown_and_nothing_else(text: str) -> None:
    from html import unescape

    from markdown import markdown

    row = f"| [{escape(text)}](x.md) | b |"
    page = markdown(f"| a | b |\n|---|---|\n{row}\n", extensions=["tables", "attr_list"])
    assert unescape(re.findall(r'<a href="x.md">(.*?)</a>', page)[0]) == text


def test_the_command_line_loads_no_mkdocs(shop: Shop) -> None:
    program = (
        "import sys; from blackstart.cli import main; code = main(['check']); "
        "print(code, sorted(n for n in sys.modules if n.split('.')[0] in ('mkdocs', 'material', 'properdocs')))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=shop.root, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("0 []\n"), done.stdout
