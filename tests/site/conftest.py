"""A sample repository with good runbooks, built once; each test gets a copy to break. And one browser to look at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from shop import HOOKS, SAMPLE, Shop
from web import ARGUMENTS, PHONE, served


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all: starting it takes a second, and a thread can hold only one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session", params=["file", "http"])
def address(request: pytest.FixtureRequest, built: Shop) -> Iterator[str]:
    """The site from a folder, and from a plain web server."""
    site = built.root / "site"
    if request.param == "file":
        yield f"{site.as_uri()}/"
        return
    with served(site) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE)
    yield context.new_page()
    context.close()
