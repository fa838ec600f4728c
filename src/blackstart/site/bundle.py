"""The site as one file to take along: unzip it and open START.html, no server or network needed."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from blackstart.errors import UsageError

FACTS = "edition.json"
_FOR_SERVERS = re.compile(
    r".*\.map|sitemap\.xml(\.gz)?|_headers|sw\.js|search/search_index\.json|assets/javascripts/lunr/.*"
)
_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)  # the least that a zip file can say


@dataclass(frozen=True, slots=True)
class Edition:
    """What a built site says about itself. `date` is the commit's, `state` the same in words."""

    site: str
    commit: str
    date: str
    state: str

    @property
    def name(self) -> str:
        sha, _, edits = self.commit.partition("-")
        slug = re.sub(r"[^a-z0-9]+", "-", self.site.lower()).strip("-") or "site"
        return "-".join(filter(None, [slug, sha[:7], edits]))


def facts(edition: Edition) -> str:
    """The file with which a built site tells machines what it was built from."""
    return json.dumps(asdict(edition), indent=2, ensure_ascii=False) + "\n"


def told(site: Path) -> Edition:
    """What the site in a folder was built from. Raises UsageError."""
    try:
        return Edition(**json.loads((site / FACTS).read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{site} is no site that blackstart built ({error}). Build it: scripts/build") from None


def write_bundle(site: Path, folder: Path) -> Path:
    """Zip a built site; the same site gives the same bytes."""
    edition = told(site)
    target = folder / f"{edition.name}.zip"
    folder.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bundle:
        for name, content in _entries(site, edition):
            bundle.writestr(_entry(f"{edition.name}/{name}", edition), content)
    partial.replace(target)
    return target


def _entries(site: Path, edition: Edition) -> Iterator[tuple[str, bytes]]:
    yield "START.html", _start(edition).encode()
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        name = path.relative_to(site).as_posix()
        if not _FOR_SERVERS.fullmatch(name):
            yield f"site/{name}", path.read_bytes()


def _start(edition: Edition) -> str:
    environment = Environment(loader=PackageLoader("blackstart.site"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("start.html").render(edition=edition)


def _entry(name: str, edition: Edition) -> zipfile.ZipInfo:
    when = max(datetime.fromisoformat(edition.date).astimezone(UTC), _EPOCH) if edition.date else _EPOCH
    entry = zipfile.ZipInfo(name, when.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry
