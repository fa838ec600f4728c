"""A link leads nowhere: the file, the heading or the image is not in the repository.

Why: 3.8 % of relative links in real runbooks are dead, and the reader finds out in the outage.

Bad:

    [Restore](../restore/db.md#chose-the-dump)

Good:

    [Restore](../restore/database-from-dump.md#choose-the-recovery-point)

Fix: follow the file or heading to its new name. Links are relative to the page and use the name in the repository,
so that they work on the git host and in the site alike. A heading's fragment is the one it has in the site: lower
case, hyphens for spaces, no punctuation. Other hosts are not asked.

Options: `severity` in blackstart.yml.
"""

from __future__ import annotations

import glob
import posixpath
import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from blackstart.freshness.tree import lookup, match
from blackstart.history import SUBMODULE
from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.rules._pages import each_page
from blackstart.runbook import Runbook
from blackstart.written.near import suggest

if TYPE_CHECKING:
    from blackstart.written.parts import Link

SEVERITY = Severity.ERROR
OF_THE_TEXT = True

_LONGEST = 200
_OTHER_HOST = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//)")


def check(library: Library) -> Iterator[Problem]:
    return each_page(library, _problems)


def _problems(library: Library, runbook: Runbook) -> Iterator[Problem]:
    for link in dict.fromkeys(runbook.document.links):
        for message, fix in _wrong(library, runbook.path, link):
            yield Problem(runbook.path, link.line, link.column, message, fix, subject=link.target)
    for reference in runbook.document.undefined:
        message = f"the label `[{reference.label}]` is defined nowhere, so this is no link"
        fix = f"Add a line `[{reference.label}]: path/to/page.md`, or write the path here."
        yield Problem(runbook.path, reference.line, reference.column, message, fix)


def _wrong(library: Library, page: str, link: Link) -> Iterator[tuple[str, str]]:
    what = "image" if link.image else "link"
    try:
        # The site's parser leaves brackets as they are, and they make or break an address.
        target = urlsplit(link.target.replace("%5B", "[").replace("%5D", "]"))
    except ValueError:
        yield f"`{_short(link.target)}` is no {what}", "Write a relative path."
        return
    path = unquote(target.path)
    if _OTHER_HOST.match(link.target):
        return
    if not link.target:
        yield f"the {what} is empty", "Name the file, or remove it."
    elif path.startswith("/"):
        yield f"the {what} `{_short(path)}` begins at the host's root", _relative(library, page, path)
    else:
        yield from _unresolved(library, page, f"the {what} `{_short(path)}`", path, unquote(target.fragment))


def _relative(library: Library, page: str, path: str) -> str:
    if library.exists(posixpath.normpath(path.lstrip("/"))):
        return f"Write `{posixpath.relpath(path, '/' + posixpath.dirname(page))}`."
    return "Write it relative to this page."


def _unresolved(library: Library, page: str, what: str, path: str, fragment: str) -> Iterator[tuple[str, str]]:
    file = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
    file = "" if file == "." else file
    if file == ".." or file.startswith("../"):
        yield f"{what} climbs out of the repository", "Link to something in the repository, or by address."
    elif path.endswith("/") and library.page(file):
        yield f"{what} ends in `/`, and `{file}` is a file", "Remove the `/`."
    elif not library.exists(file) and not _in_submodule(library, file):
        fix = "Correct the path, or remove the link."
        yield f"{what} leads nowhere: there is no `{_short(file)}`{_near_file(library, page, file)}", fix
    elif _named(fragment) and (document := library.page(file)) and fragment not in document.anchors:
        anchors = [heading.anchor for heading in document.headings]
        fix = f"Name one of its headings: {', '.join(f'`#{anchor}`' for anchor in anchors[:12])}."
        near = suggest(fragment, [*anchors, *document.anchors])
        yield f"`{file}` has no heading `#{_short(fragment)}`{near}", fix if anchors else "Remove the fragment."


def _named(fragment: str) -> bool:
    """Whether it names a heading; what follows `:~:` is text for the browser to find."""
    return bool(fragment) and not fragment.startswith(":~:")


def _short(target: str) -> str:
    return target if len(target) <= _LONGEST else f"{target[:_LONGEST]}…"


def _near_file(library: Library, page: str, file: str) -> str:
    """The likely file as this page would name it: in the same folder, or another runbook of that name."""
    folder, name = posixpath.split(file)
    moved = (
        [path for path, _ in match(library.worktree, f"{library.policy.runbooks}/**/{glob.escape(name)}")]
        if name
        else []
    )
    beside = get_close_matches(name, library.names(folder)[:2_000], n=1, cutoff=0.75)
    near = moved[0] if moved else posixpath.join(folder, beside[0]) if beside else ""
    return f", did you mean `{posixpath.relpath(near, posixpath.dirname(page) or '.')}`?" if near else ""


def _in_submodule(library: Library, file: str) -> bool:
    """What a submodule holds is not known here."""
    folders = (lookup(library.worktree, folder.as_posix()) for folder in PurePosixPath(file).parents)
    return any(entry.mode == SUBMODULE for entry in folders if entry)
