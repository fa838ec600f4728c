"""A site that all cores render is, to the byte, the one that a single core renders, whatever else is hooked in."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable

import pytest

from repo import on_one_core
from shop import Shop

MANY = 110
LATE = '''\
"""Handlers of somebody else, which change what was rendered ahead."""
import logging
import os

from mkdocs.plugins import event_priority

calls = []


def on_page_markdown(markdown, *, page, **_):
    calls.append(page)
    return markdown.replace("COUNTED", f"call {len(calls)} here") if "copy-007" in page.file.src_uri else markdown


@event_priority(95)
def on_page_content(html, *, page, **_):
    logging.getLogger("mkdocs.plugins.late").info("made %s", page.file.src_uri)
    return html.replace("COUNTED", "<em>raw</em>") if "copy-008" in page.file.src_uri else html
'''


@pytest.fixture
def large(shop: Shop) -> Shop:
    text = shop.read("runbooks/restore/orders.md").replace("alerts: [ShopOrdersMissing]\n", "")
    for number in range(MANY):
        own = text.replace("title: ", f"title: {number:03} ", 1)
        own = re.sub(r"^( *)```bash$", rf"\g<0>\n\g<1># {number}", own, flags=re.MULTILINE)
        more = "\nCOUNTED [lost](../comms/loss.md#nowhere) [gone](copy-000.md#gone)\n"
        shop.write(f"runbooks/restore/copy-{number:03}.md", own + more)
    shop.write("late.py", LATE)
    shop.replace("mkdocs.yml", "hooks:\n", "hooks:\n  - late.py\n")
    shop.write("blackstart.yml", f"{shop.read('blackstart.yml')}\nseverity: {{dead-link: warning}}\n")
    shop.commit("Write many")
    return shop


def built(shop: Shop, place: Callable[[], None] | None) -> tuple[dict[str, bytes], str]:
    done = subprocess.run(
        shop.mkdocs("build"), cwd=shop.root, capture_output=True, text=True, check=False, preexec_fn=place
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return shop.published(), re.sub(r"in [\d.]+ seconds", "in no time", done.stderr)


@pytest.mark.slow
def test_one_core_and_all_make_the_same_site(large: Shop) -> None:
    alone, said_alone = built(large, on_one_core)
    together, said = built(large, None)
    assert "#nowhere" in said
    assert said == said_alone
    assert together.keys() == alone.keys()
    assert [name for name in alone if alone[name] != together[name]] == []
    assert re.search(rb"call \d+ here", together["runbooks/restore/copy-007/index.html"])
    assert b"<em>raw</em>" in together["runbooks/restore/copy-008/index.html"]
    assert b'class="bs-steps"' in together["runbooks/restore/copy-008/index.html"]


@pytest.mark.slow
def test_a_long_section_is_not_listed_on_every_page(large: Shop) -> None:
    site, _ = built(large, None)
    page = site["runbooks/restore/copy-050/index.html"].decode()
    listed = re.findall(r'class="md-nav__link[^"]*"[^>]*>\s*<span[^>]*>\s*([^<]*?)\s*<', page)
    assert [title for title in listed if title.startswith("050 ")]
    assert not [title for title in listed if title.startswith(("049 ", "051 "))]
    assert f"All {MANY + 2} runbooks" in listed
    assert 'href="../../index.html#restore"' in page
    index = site["runbooks/index.html"].decode()
    assert '<h2 id="restore">' in index
    assert all(f">{number:03} " in index for number in range(MANY))
