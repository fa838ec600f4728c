"""A preview never dies: findings show on the page and in the log until they are settled."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shop import Shop

PATIENCE = 20


@contextmanager
def serving(shop: Shop, *options: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = shop.root / ".git" / "serve.log"
    with log.open("w") as stream:
        watched = (part for path in ("app", "runbooks", "blackstart.yml") for part in ("--watch", path))
        command = shop.mkdocs("serve", *options, "--dev-addr", f"127.0.0.1:{port}", *watched)
        server = subprocess.Popen(command, cwd=shop.root, stdout=stream, stderr=stream)
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()
            server.wait()


def wait_for(address: str, *, present: str = "", absent: str = "") -> str:
    """The page, as soon as it shows what it should."""
    end, page = time.monotonic() + PATIENCE, ""
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 (our own server)
                page = answer.read().decode()
        except OSError:
            page = ""
        if page and present in page and not (absent and absent in page):
            return page
        time.sleep(0.2)
    raise AssertionError(f"{address} did not come to show {present!r} without {absent!r}: {page[-2000:]}")


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--dirty",)])
def test_a_preview_shows_findings_until_they_are_settled(shop: Shop, options: tuple[str, ...]) -> None:
    shop.replace("app/backup.py", "custom", "plain")
    with serving(shop, *options) as address:
        page = wait_for(f"{address}runbooks/restore/shop/", present="bs-findings")
        assert '<meta name="blackstart:verdict" content="stale">' in page
        assert "app/backup.py" in (shop.root / ".git/serve.log").read_text()

        shop.replace("app/backup.py", "plain", "custom")
        wait_for(f"{address}runbooks/restore/shop/", present="bs-box--fresh", absent="bs-findings")


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--dirty",)])
def test_a_preview_survives_broken_configuration(shop: Shop, options: tuple[str, ...]) -> None:
    with serving(shop, *options) as address:
        wait_for(f"{address}runbooks/restore/shop/", present="bs-box--fresh")
        shop.write("blackstart.yml", "runboks: runbooks\n")
        wait_for(f"{address}runbooks/restore/shop/", present="blackstart.yml:1:1")
        shop.write("blackstart.yml", "runbooks: runbooks\n")
        wait_for(f"{address}runbooks/restore/shop/", present="bs-box--fresh", absent="blackstart.yml:1:1")


@pytest.mark.slow
def test_a_quick_preview_makes_what_an_edit_concerns_and_nothing_else(shop: Shop) -> None:
    orders, loss = "runbooks/restore/orders.md", "runbooks/comms/loss.md"
    shop.replace(loss, "\n## ", "\n[How](../restore/orders.md#choose-the-recovery-point)\n\n## ")
    shop.commit("Say how")  # so that a page that is made again says that there are edits
    with serving(shop, "--dirty") as address:
        wait_for(f"{address}runbooks/comms/loss/", present="bs-box", absent="dead-link")
        before = wait_for(f"{address}runbooks/component/api/", present="bs-box--fresh")
        for number in range(2):
            shop.replace(orders, "## Impact", f"Edit number {number}.\n\n## Impact")
            wait_for(f"{address}runbooks/restore/orders/", present=f"Edit number {number}.")
        shop.replace(orders, "## Choose the recovery point", "## Choose it")
        wait_for(f"{address}runbooks/comms/loss/", present="dead-link")
        wait_for(f"{address}board/", present="dead-link")
        shop.replace("app/backup.py", "custom", "plain")
        wait_for(f"{address}runbooks/restore/shop/", present="bs-box--stale")
        after = wait_for(f"{address}runbooks/component/api/", present="bs-box--fresh")
        assert before.partition("livereload(")[0] == after.partition("livereload(")[0]
        assert "Look at what is there." in wait_for(f"{address}binder/", present="Bring back deleted orders")
