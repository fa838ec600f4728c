"""MkDocs' events for `mkdocs serve --dirty`: what would come out as it did before is not made again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files

from blackstart.freshness.tree import lookup
from blackstart.library import OWN_KINDS
from blackstart.policy import FILE_NAME
from blackstart.site import building
from blackstart.site.edition import Edition
from blackstart.written.names import is_below
from blackstart.written.text import digest


class _State:
    """What the last build was made from, by file; nothing unless MkDocs was told to keep what did not change."""

    dirty = False
    made: dict[str, str] = {}  # noqa: RUF012 - there is one server


def note_command(*, command: str, dirty: bool) -> None:
    """on_startup: only a server keeps files between builds of which this process knows what they are."""
    _State.dirty, _State.made = dirty and command == "serve", {}


@event_priority(-300)  # when all files are there
def keep_unchanged(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: MkDocs cannot tell of what hooks generate, and makes it anew each time."""
    if not _State.dirty:
        return files
    edition = building.edition_of(config)
    shared, spanning = _digest(_setting(edition)), _digest(_overview(edition))
    for file in files:
        if not file.generated_by:
            continue
        path = building.path_of(file, config)
        own = _own(edition, path) if path in edition.runbooks else [spanning] if file.is_documentation_page() else []
        now = _digest([shared, file.content_bytes, *own])
        if _State.made.get(file.src_uri) == now:
            file.is_modified = _unmodified  # type: ignore[method-assign]  # MkDocs asks nothing else
        _State.made[file.src_uri] = now
    return files


def _unmodified() -> bool:
    return False


def _setting(edition: Edition) -> Iterator[object]:
    """What any page could be different for."""
    library = edition.library
    folders = (FILE_NAME, library.policy.catalogue, f"{library.policy.runbooks}/{OWN_KINDS}")
    yield edition.report.commit, edition.trouble
    for path in sorted(library.worktree.uncommitted):
        if is_below(path, folders):
            yield path, lookup(library.worktree, path)


def _overview(edition: Edition) -> Iterator[object]:
    """What pages about all runbooks show: their front matter, what is found, and the code."""
    library = edition.library
    yield from ((runbook.path, runbook.head, library.verdicts.get(runbook.path)) for runbook in library.runbooks)
    yield from ((finding.rule, finding.path, finding.fingerprint) for finding in edition.found)
    code = library.worktree.uncommitted - edition.runbooks.keys()
    yield from ((path, lookup(library.worktree, path)) for path in sorted(code))


def _own(edition: Edition, path: str) -> list[object]:
    """What the page of one runbook shows beside its text."""
    found = [(finding, edition.excuse(finding)) for finding in edition.findings(path)]
    return [edition.runbooks[path].head, edition.library.verdicts.get(path), found]


def _digest(parts: Iterable[object]) -> str:
    return digest(*map(repr, parts))
