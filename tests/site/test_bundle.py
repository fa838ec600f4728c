"""The zip to take along: the same bytes each time, and everything in it works; test_browser.py reads its pages."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from blackstart.errors import UsageError
from blackstart.site.bundle import write_bundle
from shop import Shop


def test_it_is_named_for_the_commit_and_the_same_each_time(built: Shop, tmp_path: Path) -> None:
    commit = built.git("rev-parse", "--short=7", "HEAD")
    one, two = (write_bundle(built.root / "site", tmp_path / name) for name in ("one", "two"))
    assert one.name == f"shop-{commit}.zip"
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as bundle:
        names = bundle.namelist()
        start = bundle.read(f"shop-{commit}/START.html").decode()
    assert {name.split("/")[0] for name in names} == {f"shop-{commit}"}
    assert not [name for name in names if name.endswith((".map", "sw.js", "search_index.json"))]
    assert f"Made from commit {commit} of 2026-01-05" in start


def test_a_folder_that_is_no_site_is_refused(tmp_path: Path) -> None:
    (tmp_path / "edition.json").write_text('{"site": "x"}')
    with pytest.raises(UsageError, match="scripts/build"):
        write_bundle(tmp_path, tmp_path)
