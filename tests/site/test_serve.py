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
def serving(shop: Shop) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = shop.root / ".git" / "serve.log"
    with log.open("w") as stream:
        command = shop.mkdocs("serve", "--dev-addr", f"127.0.0.1:{port}", "--watch", "app", "--watch", "blackstart.yml")
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
def test_a_preview_shows_findings_until_they_are_settled(shop: Shop) -> None:
    shop.replace("app/backup.py", "custom", "plain")
    with serving(shop) as address:
        page = wait_for(f"{address}runbooks/restore/shop/", present="bs-findings")
        assert '<meta name="blackstart:verdict" content="stale">' in page
        assert "app/backup.py" in (shop.root / ".git/serve.log").read_text()

        shop.replace("app/backup.py", "plain", "custom")
        wait_for(f"{address}runbooks/restore/shop/", present="bs-box--fresh", absent="bs-findings")


@pytest.mark.slow
def test_a_preview_survives_broken_configuration(shop: Shop) -> None:
    with serving(shop) as address:
        wait_for(f"{address}runbooks/restore/shop/", present="bs-box--fresh")
        shop.write("blackstart.yml", "runboks: runbooks\n")
        wait_for(f"{address}runbooks/restore/shop/", present="blackstart.yml:1:1")
        shop.write("blackstart.yml", "runbooks: runbooks\n")
        wait_for(f"{address}runbooks/restore/shop/", present="bs-box--fresh", absent="blackstart.yml:1:1")
