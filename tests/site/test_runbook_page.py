"""What a runbook's page says in its HTML: all of it is there without a script."""

from __future__ import annotations

import re
import shutil
from html import unescape

import pytest
from lxml.html import HtmlElement, document_fromstring

from shop import Shop

ORDERS = "runbooks/restore/orders"


def page_of(shop: Shop, address: str) -> HtmlElement:
    return document_fromstring(shop.page(address))


def text(item: HtmlElement) -> str:
    return " ".join(item.text_content().split())


@pytest.fixture(scope="module")
def doubtful(built: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The sample after somebody renamed an option that a runbook names; the policy lets it through."""
    shop = Shop(tmp_path_factory.mktemp("doubtful") / "shop", built.tick)
    shutil.copytree(built.root, shop.root)
    shop.write("blackstart.yml", "severity: {stale: warning, contradicted: warning, dead-reference: 'off'}\n")
    shop.replace("app/backup.py", "--format=custom", "--layout=custom").commit("Call it <b>layout</b>")
    done = shop.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return shop


def test_a_contradicted_page_says_so_and_marks_each_line_in_the_text(doubtful: Shop) -> None:
    page = page_of(doubtful, ORDERS)
    assert '<meta name="blackstart:verdict" content="contradicted">' in doubtful.page(ORDERS)
    assert "Contradicted: 3 places name what the code no longer has" in text(page.find_class("bs-verdict")[0])
    assert "Call it <b>layout</b>" in text(page.find_class("bs-changes")[0])

    marks = page.xpath("//mark")
    assert [(mark.getparent().tag, text(mark)) for mark in marks] == [
        ("td", "--format=custom"),
        ("li", "--format=custom"),
        ("code", 'app/restore.sh --format=custom shop_new "$DUMP"'),
    ]
    notes = [text(note) for note in page.find_class("bs-doubt-note")]
    assert len(notes) == 3
    assert all("`" not in note and "--format is no longer in app/backup.py" in note for note in notes)
    links = page.find_class("bs-doubts")[0].xpath("./a/@href")
    assert links == [f"#{mark.get('id')}" for mark in marks]


def test_a_stale_page_names_the_commits(doubtful: Shop) -> None:
    page = page_of(doubtful, "runbooks/restore/shop")
    assert "Stale: 1 of the 2 pieces of code it covers has changed" in text(page.find_class("bs-verdict")[0])
    assert "by Ann Author: Call it <b>layout</b>" in text(page.find_class("bs-changes")[0])


def test_no_mark_of_ours_is_left_in_a_page(built: Shop, doubtful: Shop) -> None:
    for shop in (built, doubtful):
        for page in (shop.root / "site").rglob("*.html"):
            assert not re.search("[\ue000\ue001]", unescape(page.read_text())), page


def test_steps_have_addresses_and_what_the_author_says_of_them_stands_out(built: Shop) -> None:
    page = page_of(built, ORDERS)
    steps = page.find_class("bs-step")
    assert [step.get("id") for step in steps] == [*(f"steps-{n}" for n in range(1, 6)), "verify-1", "roll-back-1"]
    assert steps[1].get("data-title") == "Restore the table beside the live one"
    effects = [(item.get("class", "").rpartition("--")[2], text(item)) for item in steps[1].find_class("bs-effect")]
    assert effects == [
        ("expect", "Expect: nothing at all."),
        ("radius", "Blast radius: none, the live table is not touched."),
        ("undo", "Undo: drop shop_new."),
    ]
    assert steps[0].xpath("./div[@class='bs-head']/a/@href") == ["#steps-1"]


def test_what_destroys_is_marked_by_its_author_or_by_its_command(built: Shop) -> None:
    page = page_of(built, ORDERS)
    marked = {step.get("id"): "bs-step--destructive" in step.get("class", "") for step in page.find_class("bs-step")}
    assert [name for name, destructive in marked.items() if destructive] == ["steps-3", "steps-4"]
    said = [text(item) for item in page.find_class("bs-effect--destructive")]
    assert said == ["Destructive: this runs DROP TABLE.", "Destructive: the vendor keeps no copy."]


def test_variables_are_listed_with_their_examples_and_no_secret_gets_a_value(built: Shop) -> None:
    rows = page_of(built, ORDERS).xpath("//details[@id='bs-variables']//tr[@data-name]")
    assert [(row.get("data-name"), text(row[1]).split(":")[0]) for row in rows] == [
        ("ORDER", "A-1000"),
        ("DUMP", "/backups/newest.dump"),
        ("PGPASSWORD", "secret"),
    ]


def test_the_texts_of_a_comms_page_are_templates_by_state(built: Shop) -> None:
    page = page_of(built, "runbooks/comms/loss")
    found = [(item.get("data-state"), item.get("data-minutes")) for item in page.find_class("bs-template")]
    assert found == [("investigating", "5"), ("identified", "30"), ("resolved", "0")]
    assert "<b>look</b>" in text(page.get_element_by_id("template-investigating"))
    assert text(page.get_element_by_id("template-resolved").find_class("bs-text")[0]) == "All orders are back."
    clocks = page.xpath("//tr[@data-clock]")
    assert len(clocks) > 10
    assert [text(cell) for cell in clocks[0]][:3] == ["GDPR 33(1)", "72 h, from: aware since", "supervisory authority"]


def test_links_to_other_hosts_know_nothing_of_this_page(built: Shop) -> None:
    links = page_of(built, ORDERS).xpath("//article//a[starts-with(@href, 'http')]")
    assert [link.get("rel") for link in links] == ["noopener"]


HOSTILE = """\
<p>Injected</p>
description: "><script>alert('meta')</script>

<img src=x onerror=alert(1)> <svg onload=alert(2)> <a href="jav&#x61;script:alert(3)">x</a>

[y](javascript&colon;alert(4)) ![z](https://evil.example.com/z.png)

## Extra {#"onmouseover=alert(5) data-toc-label="<img src=x onerror=alert(6)>" onclick=alert(7) style="color:red"}

```bash
echo '</code></pre><script>alert(8)</script>' # \ue000f0\ue001
```

<div class="bs-dock" id="bs-run" data-site="x"></div>
<script>alert(9)</script>
<iframe srcdoc="<script>alert(10)</script>"></iframe>
"""


@pytest.mark.slow
def test_nothing_from_a_runbook_can_run_even_where_the_rule_is_off(shop: Shop) -> None:
    runbook = shop.read(f"{ORDERS}.md").replace("title: Bring", 'title: "<script>alert(0)</script> Bring')
    runbook = re.sub("(title: .*)", r'\1"', runbook, count=1).replace(
        "# Bring back deleted orders\n\n", HOSTILE + "\n", 1
    )
    shop.write("blackstart.yml", "severity: {raw-html: 'off', dead-link: 'off', shell-syntax: 'off'}\n")
    shop.write(f"{ORDERS}.md", runbook).commit("Attack")
    done = shop.build()
    assert done.returncode == 0, done.stdout + done.stderr
    for path in (shop.root / "site").rglob("*.html"):
        page = document_fromstring(path.read_text())
        assert not page.xpath("//script[contains(., 'alert')] | //iframe | //*[@onerror or @onload or @onclick]"), path
        assert not page.xpath("//*[@onmouseover or @style or @srcdoc]"), path
        assert not page.xpath("//a[starts-with(@href, 'java')] | //img[contains(@src, 'evil')]"), path
        assert len(page.find_class("bs-dock")) <= 1, path
