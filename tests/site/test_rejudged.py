"""After any edit, what a preview takes from the last report is what judging everything would find."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from blackstart.site.edition import Edition, load_edition
from shop import SAMPLE, Shop

ORDERS, LOSS = "runbooks/restore/orders.md", "runbooks/comms/loss.md"
WAIVER = """\
waivers:
  - {rule: stale, path: runbooks/restore/orders.md, reason: soon, owner: platform, expires: 2026-02-01}
"""


@pytest.fixture
def sample(tmp_path: Path) -> Shop:
    shutil.copytree(SAMPLE, tmp_path / "shop")
    shop = Shop(tmp_path / "shop")
    shop.init().commit("Write the runbooks")
    return shop


def edit(shop: Shop, path: str, old: str, new: str) -> None:
    assert old in shop.read(path)
    shop.replace(path, old, new)


def anew(shop: Shop) -> tuple[object, ...]:
    edition = load_edition(shop.root)
    with closing(edition.library):
        return found(edition)


def found(edition: Edition) -> tuple[object, ...]:
    report = edition.report
    standings = {path: standing.state for path, standing in edition.standings.items()}
    everything = sorted(report.findings, key=repr), sorted(report.not_judged, key=repr)
    excused = sorted(report.waived, key=repr), sorted(report.baselined, key=repr)
    return everything, excused, report.checked, report.dirty, standings, edition.coverage


EDITS = {
    "prose": [(ORDERS, "## Impact", "## Impact\n\nOne more sentence.\n")],
    "a heading that others link to": [
        (LOSS, "\n## ", "\n[How](../restore/orders.md#choose-the-recovery-point)\n\n## "),
        (ORDERS, "## Choose the recovery point", "## Choose the point"),
        (ORDERS, "## Choose the point", "## Choose the recovery point"),
    ],
    "front matter": [
        (ORDERS, "kind: restore", "kind: [restore"),
        (ORDERS, "kind: [restore", "kind: rebuild"),
        (ORDERS, "kind: rebuild", "kind: restore"),
    ],
    "alerts": [(ORDERS, "alerts: [ShopOrdersMissing]", "alerts: [ShopDatabaseDown, Nobody]")],
    "covers": [
        (ORDERS, "  - app/backup.py\n", "  - app/gone.py\n"),
        (ORDERS, "  - app/gone.py\n", "  - app/restore.sh\n  - runbooks/comms/loss.md\n"),
        (LOSS, "\n## ", "\nNew words.\n\n## "),
    ],
    "commands": [(ORDERS, "psql -d shop", "app/nothing.sh; psql -d shop"), (ORDERS, "```bash", "```")],
    "code": [("app/backup.py", "custom", "plain"), ("app/backup.py", "plain", "custom")],
    "policy": [
        ("app/backup.py", "custom", "plain"),
        ("blackstart.yml", "runbooks: runbooks\n", f"runbooks: runbooks\n{WAIVER}"),
        (ORDERS, "## Impact", "## Impact\n\nOne more sentence.\n"),
        ("app/backup.py", "plain", "custom"),
        (ORDERS, "One more sentence.", "Two."),
    ],
    "several": [
        ("app/backup.py", "custom", "plain"),
        (ORDERS, "orders are gone", "some orders are gone"),
        (LOSS, "\n## ", "\n[How](../restore/nowhere.md)\n\n## "),
        ("catalog-info.yaml", "name: shop", "name: shop2"),
        (ORDERS, "some orders are gone", "orders are gone"),
    ],
}


@pytest.mark.parametrize("name", EDITS)
def test_one_edit_after_another(sample: Shop, name: str) -> None:
    last = load_edition(sample.root)
    assert last.coverage.files
    for path, old, new in EDITS[name]:
        edit(sample, path, old, new)
        last = load_edition(sample.root, last)
        assert found(last) == anew(sample)
    last.library.close()


def test_a_commit_a_new_page_and_one_that_is_gone(sample: Shop) -> None:
    last = load_edition(sample.root)
    sample.write("runbooks/restore/more.md", sample.read(ORDERS).replace("title: ", "title: More ", 1))
    last = load_edition(sample.root, last)
    assert found(last) == anew(sample)
    sample.commit("Write one more")
    last = load_edition(sample.root, last)
    assert found(last) == anew(sample)
    sample.git("rm", "-q", ORDERS)
    last = load_edition(sample.root, last)
    assert found(last) == anew(sample)
    last.library.close()
