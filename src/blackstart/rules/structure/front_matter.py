"""The YAML block at the head of a runbook is missing, broken, or names things that do not exist.

Why: everything else hangs on it: which code is watched, which sections must be there, whom to call.

Bad:

    titel: Restore the database               # unknown key, did you mean `title`?
    kind: restor                              # no such kind
    covers: backup.py                         # must be a list

Good:

    title: Restore the database
    kind: restore
    component: pennant-db
    owner: platform
    covers: [services/pennant/backup.py]

Fix: correct the entry that the finding points at. `blackstart new` writes a complete block, and the JSON Schema
data/front-matter.schema.json lets an editor check it while you type.

Options: `severity` in blackstart.yml. A kind's `requires` makes `alerts`, `access` or `reviewed` mandatory.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from blackstart.freshness.anchor import parse_anchor
from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.runbook import FrontMatter, Runbook, quoted
from blackstart.written.near import suggest

SEVERITY = Severity.ERROR


def check(library: Library) -> Iterator[Problem]:
    for runbook in library.runbooks:
        yield from runbook.problems
        if runbook.front:
            yield from _kind(library, runbook, runbook.front)
            yield from _component(library, runbook, runbook.front)
            yield from _covers(runbook, runbook.front)
            yield from _days(library, runbook, runbook.front)


def _kind(library: Library, runbook: Runbook, front: FrontMatter) -> Iterator[Problem]:
    kind = library.kinds.get(front.kind)
    if kind is None:
        message = f"there is no kind `{front.kind}`{suggest(front.kind, library.kinds)}"
        fix = f"Known kinds: {', '.join(library.kinds)}."
        yield runbook.problem(("kind",), message, fix, subject=f"kind {front.kind}")
        return
    for name in kind.requires:
        if not getattr(front, name, None):
            fix = f"Add `{name}: [...]` with at least one entry to the front matter."
            if name == "reviewed":
                fix = f"Record one: blackstart review {quoted(runbook.path)} -m 'what you found'"
            yield runbook.problem((name,), f"a {kind.name} runbook needs `{name}`", fix)


def _component(library: Library, runbook: Runbook, front: FrontMatter) -> Iterator[Problem]:
    known = library.catalogue.components if library.catalogue else {front.component: None}
    if front.component not in known:
        message = f"there is no component `{front.component}` in the catalogue{suggest(front.component, known)}"
        fix = f"Name one of {', '.join([*known][:20]) or 'those there'}, or add it to {library.policy.catalogue}."
        yield runbook.problem(("component",), message, fix, subject=f"component {front.component}")


def _covers(runbook: Runbook, front: FrontMatter) -> Iterator[Problem]:
    for index, text in enumerate(front.covers):
        key = ("covers", index)
        try:
            parse_anchor(text)
        except ValueError as error:
            yield runbook.problem(key, f"`{text}` cannot be covered: {error}", "Correct the path.")
        if text in front.covers[:index]:
            yield runbook.problem(key, f"`{text}` is covered twice", "Remove one of the two lines.")


def _days(library: Library, runbook: Runbook, front: FrontMatter) -> Iterator[Problem]:
    """Where the author lives it may be tomorrow already, but not the day after."""
    for name, record in (("reviewed", front.reviewed), ("exercised", front.exercised)):
        if record and record.on > library.today + timedelta(days=1):
            yield runbook.problem(
                (name, "on"), f"`{name}.on` is {record.on}, a day to come", "Write the day it was done."
            )
