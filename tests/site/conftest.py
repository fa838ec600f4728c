"""A sample repository with good runbooks, built once; each test gets a copy to break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from shop import HOOKS, SAMPLE, Shop


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The sample as it is published; not to be changed."""
    shop = Shop(tmp_path_factory.mktemp("shop") / "shop")
    shutil.copytree(SAMPLE, shop.root)
    shop.init().write(".gitignore", "/site/\n").replace("mkdocs.yml", "HOOKS", HOOKS.as_posix())
    shop.commit("Write the runbooks")
    done = shop.build("--strict")
    assert done.returncode == 0, done.stdout + done.stderr
    return shop


@pytest.fixture
def shop(built: Shop, tmp_path: Path) -> Shop:
    shutil.copytree(built.root, tmp_path / "shop")
    return Shop(tmp_path / "shop", built.tick)
