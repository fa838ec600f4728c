"""The service worker: which files of a build it keeps, each with the digest it must have."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib.resources import files as resources
from pathlib import Path

SCRIPT = "sw.js"
_EDITION = '/** @type {Edition} */ const EDITION = { version: "", files: {} };'
# Read only from a folder, by crawlers, servers or people who debug the theme; or too large for a phone at night.
_LEFT_OUT = re.compile(
    r"(.*\.map|sitemap\.xml(\.gz)?|_headers|sw\.js|search/search_index\.js|assets/javascripts/lunr/.*)"
)


def worker(site: Path) -> str:
    """The script for a finished build in `site`."""
    files = dict(_digests(site))
    edition = json.dumps({"version": _version(files), "files": files}, separators=(",", ":"))
    source = _asset("sw.js")
    assert _EDITION in source, "sw.js has lost the line that the build replaces"
    return source.replace(_EDITION, f"const EDITION = {edition};", 1)


def remover() -> str:
    """The script that takes away what an earlier one kept."""
    return _asset("sw-off.js")


def _asset(name: str) -> str:
    return (resources("blackstart.site") / "assets" / name).read_text("utf-8")


def _digests(site: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        name = path.relative_to(site).as_posix()
        if not _LEFT_OUT.fullmatch(name):
            yield name, b64encode(sha256(path.read_bytes()).digest()).decode()


def _version(files: Mapping[str, str]) -> str:
    return sha256(json.dumps(files).encode()).hexdigest()[:16]
