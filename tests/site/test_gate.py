"""Each way to break a runbook stops the real `mkdocs build`, says where and what to do, and leaves the old site."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from shop import Shop

RESTORE = "runbooks/restore/shop.md"
CACHE = """\
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: cache
spec:
  type: cache
  owner: platform
"""


@dataclass
class Break:
    """`place` is the file and line that the message must name (None: any), `fix` what it must tell to do."""

    do: Callable[[Shop], object]
    rule: str
    place: tuple[str, int | None]
    fix: str


def section(shop: Shop, title: str, new: str) -> None:
    text = shop.read(RESTORE)
    shop.write(RESTORE, re.sub(rf"## {title}\n\n.*?(?=\n## )", new, text, flags=re.DOTALL))


BREAKS = {
    "covered file changed": Break(
        lambda shop: shop.replace("app/backup.py", "custom", "plain"),
        "stale",
        (RESTORE, 7),
        f"blackstart review {RESTORE}",
    ),
    "section removed": Break(lambda shop: section(shop, "Verify", ""), "required-sections", (RESTORE, None), "Verify"),
    "section emptied": Break(
        lambda shop: section(shop, "Verify", "## Verify\n"), "empty-section", (RESTORE, 39), "Verify"
    ),
    "component without runbook": Break(
        lambda shop: shop.write("catalog-info.yaml", shop.read("catalog-info.yaml") + CACHE),
        "missing-runbook",
        ("catalog-info.yaml", 23),
        "blackstart new component",
    ),
    "link broken": Break(
        lambda shop: shop.replace(RESTORE, "../component/api.md#symptoms", "../component/gone.md"),
        "dead-link",
        (RESTORE, 17),
        "",
    ),
    "covered path deleted": Break(
        lambda shop: shop.git("rm", "-q", "app/restore.sh"), "missing-anchor", (RESTORE, 8), "remove the entry"
    ),
    "front matter broken": Break(
        lambda shop: shop.replace(RESTORE, "kind: restore", "kind: [restore"), "front-matter", (RESTORE, 4), ""
    ),
}


def findings(output: str) -> dict[tuple[str, str], tuple[int, str]]:
    """(path, rule) → (line, message and fix), read from the text that people get."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    path, key = "", ("", "")
    for line in output.splitlines():
        if re.fullmatch(r"\S+", line):
            path = line
        elif place := re.match(r"\s+(\d+):\d+\s+error\s+(.*)\s\s(\S+)$", line):
            key = (path, place[3])
            found[key] = (int(place[1]), place[2])
        elif key in found and line.startswith("    "):
            found[key] = (found[key][0], f"{found[key][1]}\n{line}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", BREAKS)
def test_a_break_fails_the_build_and_reverting_it_is_quiet_again(shop: Shop, name: str) -> None:
    case, before = BREAKS[name], shop.published()
    case.do(shop)
    shop.commit("Break it")

    done = shop.build()

    output = done.stdout + done.stderr
    assert done.returncode == 1, output
    assert "Traceback" not in output
    line, text = findings(output)[case.place[0], case.rule]
    assert case.place[1] in (line, None), output
    assert case.fix in text
    assert "fix  " in text
    assert shop.published() == before

    shop.git("revert", "--no-edit", "HEAD")
    done = shop.build("--strict")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_all_problems_are_told_at_once(shop: Shop) -> None:
    shop.replace("app/backup.py", "custom", "plain").git("rm", "-q", "app/restore.sh")
    shop.commit("Break two things")
    output = shop.build("--quiet").stdout
    assert {rule for _, rule in findings(output)} == {"stale", "missing-anchor", "dead-link"}


@pytest.mark.slow
def test_an_edit_that_is_not_committed_counts_too(shop: Shop) -> None:
    shop.replace("app/backup.py", "custom", "plain")
    done = shop.build()
    assert done.returncode == 1
    assert "not committed yet: app/backup.py" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("blackstart.yml", "runboks: runbooks\n", "blackstart.yml:1:1"),
        ("blackstart.yml", "runbooks: nowhere\n", "no folder `nowhere`"),
    ],
)
def test_what_cannot_be_judged_is_not_published(shop: Shop, file: str, text: str, told: str) -> None:
    before = shop.published()
    shop.write(file, text)
    done = shop.build()
    assert done.returncode == 1
    assert told in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert shop.published() == before


@pytest.mark.slow
def test_without_git_nothing_is_called_fresh(shop: Shop) -> None:
    shutil.rmtree(shop.root / ".git")
    done = shop.build()
    assert done.returncode == 1
    assert "there is no git repository" in done.stdout


@pytest.mark.slow
def test_a_warning_does_not_stop_the_build_and_shows_on_the_page(shop: Shop) -> None:
    shop.write("blackstart.yml", "severity: {stale: warning}\n").replace("app/backup.py", "custom", "plain")
    shop.commit("Dump as plain text")
    done = shop.build("--strict")
    assert done.returncode == 0, done.stdout
    page = shop.page("runbooks/restore/shop")
    assert '<meta name="blackstart:verdict" content="stale">' in page
    assert "Dump as plain text" in page
    assert "bs-findings" in page
