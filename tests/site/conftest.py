"""A sample repository with four good runbooks, built once; each test gets a copy to break."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repo import Repo

SAMPLE = Path(__file__).parent / "sample"
HOOKS = Path(__file__).parents[2] / "hooks"


class Shop(Repo):
    """The sample repository, with the real `mkdocs build`."""

    def build(self, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.mkdocs("build", *options), cwd=self.root, capture_output=True, text=True, check=False)

    def mkdocs(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "mkdocs", *arguments]

    def page(self, address: str) -> str:
        return (self.root / "site" / address / "index.html").read_text()

    def published(self) -> dict[str, bytes]:
        """Every file of the site; equal means untouched."""
        site = self.root / "site"
        return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


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
