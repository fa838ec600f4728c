"""What earlier runs worked out from content that has not changed since: quicker with it, the same without it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from functools import cache, cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from blackstart.written.text import digest, replace_file

_KEPT = 50_000  # entries that are kept whether or not the last run used them
_KEPT_PAGES = 5_000  # their entries are longer


class Cache:
    """Texts by key. The file is checked as a whole, replaced as a whole, and may be deleted at any time.

    It belongs into git's own folder, which no checkout can bring along. Without a file, it lasts for one run.
    """

    def __init__(self, file: Path | None = None, kept: int = _KEPT) -> None:
        self._file, self._kept = file, kept
        self._used: dict[str, str] = {}
        self._new: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """What is known under the key; it depends on nothing but the key and on how this blackstart works."""
        value = self._used.get(key)
        if value is None and (value := self._known.get(key)) is not None:
            self._used[key] = value
        return value

    def put(self, key: str, value: str) -> None:
        self._used[key] = self._new[key] = value

    def take_news(self) -> Mapping[str, str]:
        """What was put in and not saved yet, for another process to put in and to save."""
        news, self._new = self._new, {}
        return news

    def save(self) -> None:
        """Write what is new, if there is anything. Of other entries stay so many, or as many as this run needed."""
        if not self._file or not self._new:
            return
        others = [key for key in self._known if key not in self._used]
        kept = {key: self._known[key] for key in others[-max(self._kept, len(self._used)) :]}
        try:
            self._file.parent.mkdir(exist_ok=True)
            replace_file(self._file, _written(kept | self._used))
        except OSError:
            return  # a repository that may only be read
        self._new.clear()

    @cached_property
    def _known(self) -> Mapping[str, str]:
        try:
            return _read(self._file.read_bytes()) if self._file else {}
        except (OSError, ValueError):
            return {}


class Caches:
    """One for each question, so that a run reads only what it needs.

    `content` has what blobs mean, `names` what is asked of few blobs and commits, `covers` the patterns of runbooks,
    `front` their front matter, `pages` what is in their text; `past` knows history. `all_pages` says that every page
    will be read: to read a few anew takes less than to read what is known of all.
    """

    all_pages = False

    def __init__(self, folder: Path | None) -> None:
        self.content, self.past = (Cache(folder and folder / name) for name in ("content", "past"))
        self.names, self.covers, self.front = (
            Cache(folder and folder / name, _KEPT_PAGES) for name in ("names", "covers", "front")
        )
        self.pages = Cache(folder and folder / "pages", kept=0)

    def save(self) -> None:
        for one in (self.content, self.names, self.covers, self.front, self.pages, self.past):
            one.save()


def short_key(*parts: str) -> str:
    """A key for what depends on long texts without NUL: where there are many, their length is what reading takes."""
    return digest(*parts)[:32]


def _read(data: bytes) -> Mapping[str, str]:
    head, _, body = data.partition(b"\n")
    if head.decode("ascii", "replace") != f"{_generation()} {sha256(body).hexdigest()}":
        return {}
    known: dict[str, str] = json.loads(body)
    return known


def _written(entries: Mapping[str, str]) -> bytes:
    body = json.dumps(entries, separators=(",", ":")).encode()
    return f"{_generation()} {sha256(body).hexdigest()}\n".encode() + body


@cache
def _generation() -> str:
    """The code that made the entries: Python, this package and every package beside PyYAML, by name and version."""
    digest = sha256(sys.version.encode())
    package = Path(__file__).parent.parent
    for file in sorted([*package.glob("*.py"), *package.glob("freshness/**/*.py"), *package.glob("written/*.py")]):
        digest.update(file.read_bytes())
    spec = find_spec("yaml")
    assert spec
    assert spec.origin
    installed = os.listdir(Path(spec.origin).parent.parent)  # noqa: PTH208 - names are all that is needed
    digest.update("\n".join(sorted(name for name in installed if name.endswith(".dist-info"))).encode())
    return digest.hexdigest()[:16]
