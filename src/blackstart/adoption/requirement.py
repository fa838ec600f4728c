"""How others get the blackstart that runs here. A bare name would take whatever an index has under it."""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import url2pathname

from blackstart import __version__
from blackstart.history import open_history

_SCP = re.compile(r"(?:[\w.-]+@)?([\w.-]+):(?!//)([\w./~-]+)")  # git@github.com:acme/shop.git
_PLAIN = re.compile(r"[\w.:/@~+-]+")


def requirement() -> str:
    """What pip installs: this commit or archive, as the installation records it (PEP 610), else this version."""
    origin = _recorded()
    url = str(origin.get("url", ""))
    if "vcs_info" in origin:
        found = _from_git(url, str(origin["vcs_info"].get("commit_id", "")))
    elif "dir_info" in origin:
        found = _from_folder(Path(url2pathname(urlsplit(url).path)))
    else:
        found = f"blackstart @ {url}" if url.startswith("https://") and _PLAIN.fullmatch(url) else ""
    return found or f"blackstart=={__version__}"


def _recorded() -> dict[str, Any]:
    try:
        text = distribution("blackstart").read_text("direct_url.json")
    except PackageNotFoundError:
        return {}
    origin: dict[str, Any] = json.loads(text) if text else {}
    return origin


def _from_folder(folder: Path) -> str:
    """A checkout tells where it came from, if that is a place that CI can reach."""
    history = open_history(folder) if folder.is_dir() else None
    if history is None:
        return ""
    try:
        return _from_git(history.remote, history.head or "")
    finally:
        history.close()


def _from_git(url: str, commit: str) -> str:
    if scp := _SCP.fullmatch(url):
        url = f"ssh://git@{scp[1]}/{scp[2]}"
    parts = urlsplit(url)
    if parts.scheme not in ("https", "ssh") or not parts.hostname or not commit:
        return ""
    host = f"git@{parts.hostname}" if parts.scheme == "ssh" else parts.hostname  # a token in it is nobody's business
    clean = urlunsplit((parts.scheme, f"{host}:{parts.port}" if parts.port else host, parts.path, "", ""))
    return f"blackstart @ git+{clean}@{commit}" if _PLAIN.fullmatch(clean) else ""
