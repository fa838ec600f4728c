"""Two builds of one commit are the same, byte for byte: wherever, whenever, from whichever clone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shop import Shop


@pytest.mark.slow
def test_another_build_in_the_same_place_gives_the_same_bytes(shop: Shop) -> None:
    before = shop.published()
    assert shop.build("--strict").returncode == 0
    after = shop.published()
    assert "runbooks/restore/shop/index.html" in before
    assert sorted(before) == sorted(after)
    assert [name for name in before if before[name] != after[name]] == []


@pytest.mark.slow
def test_another_clone_at_another_time_gives_the_same_bytes(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    shop.replace("mkdocs.yml", "site_name: Shop", "site_name: Shop\nsite_url: https://runbooks.example/shop/")
    shop.commit("Say where the site is published")
    other = Shop(shop.clone(tmp_path / "elsewhere" / "with a space").root)
    for path in other.root.rglob("*.md"):
        os.utime(path, (1, 1))

    assert shop.build("--strict").returncode == 0
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    assert other.build("--strict").returncode == 0

    ours, theirs = shop.published(), other.published()
    assert b"<lastmod>2026-01-05</lastmod>" in ours["sitemap.xml"]
    assert sorted(ours) == sorted(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []
