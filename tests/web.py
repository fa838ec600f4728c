"""A web server that can be stopped and whose content can be exchanged: what a host does to readers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, ViewportSize

PHONE = ViewportSize(width=390, height=844)
INSECURE = "runbooks.test"
"""A name that leads here and is no secure context, as most hosts of an office are not."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {INSECURE} 127.0.0.1",
]


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        pass


class Host:
    """Serves what was deployed last, below a path."""

    def __init__(self, root: Path, below: str = "") -> None:
        self._link = root / below if below else root / "site"
        self._link.parent.mkdir(parents=True, exist_ok=True)
        handler = partial(_Silent, directory=str(root if below else self._link))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/{below}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def deploy(self, site: Path) -> None:
        new = self._link.with_name("new")
        new.unlink(missing_ok=True)
        new.symlink_to(site)
        new.replace(self._link)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def quiet(context: BrowserContext, addresses: Sequence[str]) -> Iterator[Page]:
    """Each page, once it asks for nothing any more: known half a second after it is true, so tabs wait together."""
    tabs = [context.new_page() for _ in addresses[:8]]
    for start in range(0, len(addresses), len(tabs)):
        some = list(zip(tabs, addresses[start : start + len(tabs)], strict=False))
        for tab, address in some:
            tab.goto(address, wait_until="commit")
        for tab, _ in some:
            tab.wait_for_load_state("networkidle")
            yield tab


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of the folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
