"""An entry of `covers` matches nothing: the runbook speaks about code that is not there.

Why: 5 % of the code paths that real runbooks name no longer exist. A page that covers nothing can never be stale,
so a dead entry would quietly switch the gate off.

Bad:

    covers: [scripts/backup.sh]               # moved to scripts/nightly.sh

Good:

    covers: [scripts/nightly.sh, services/pennant/migrations/*.sql, services/pennant/backup.py#take]

Fix: follow the code to where it went, correct the steps that name it, and the entry with them. A folder is
covered by `folder/**`.

Options: `severity` in blackstart.yml. `sources` names the other repositories that `NAME:path` may cover.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import PurePosixPath

from blackstart.freshness.anchor import Anchor, parse_anchor
from blackstart.freshness.tree import Snapshot, Tree, lookup, match
from blackstart.history import FOLDER, SUBMODULE
from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.policy import FILE_NAME
from blackstart.rules.freshness.stale import drift_details
from blackstart.verdict import State, Verdict
from blackstart.written.near import suggest

SEVERITY = Severity.ERROR


def check(library: Library) -> Iterator[Problem]:
    for runbook, verdict in library.judged(State.UNMATCHED):
        message, fix = _explain(library, parse_anchor(verdict.anchor))
        yield runbook.problem(("covers", verdict.index), message, fix, subject=verdict.anchor, **_details(verdict))


def _explain(library: Library, anchor: Anchor) -> tuple[str, str]:
    from blackstart.freshness.meaning import names

    checkout = library.judge.checkout(anchor)
    if checkout is None:
        return f"no source `{anchor.source}` in {FILE_NAME}", _declare(library, anchor)
    tree = checkout.worktree
    entry = lookup(tree, anchor.pattern)
    if entry and entry.mode == FOLDER:
        return f"`{anchor.pattern}` is a folder", f"Cover what is in it: `{anchor.pattern.rstrip('/')}/**`."
    if anchor.fragment and (files := match(tree, anchor.pattern)):
        known = [name for path, entry in files for name in names(path, tree.read(path, entry))]
        close = get_close_matches(anchor.fragment, known, n=1)
        hint = f"Did you mean `{anchor.pattern}#{close[0]}`?" if close else "Name one of its definitions or keys."
        return f"`{anchor.pattern}` has no `{anchor.fragment}`", hint
    if submodule := _submodule(tree, anchor):
        return f"`{anchor.pattern}` lies in the submodule `{submodule}`", f"Cover `{submodule}` itself."
    what = "no file matches" if anchor.is_glob else "there is no file"
    near = _nearest(tree, anchor.pattern)
    hint = (
        f"Did you mean `{anchor.source and f'{anchor.source}:'}{near}`?"
        if near
        else "Name the file that took its place, or remove the entry."
    )
    return f"{what} `{anchor.pattern}`", hint


def _submodule(tree: Tree, anchor: Anchor) -> str:
    folders = (parent.as_posix() for parent in PurePosixPath(anchor.pattern).parents)
    found = ((folder, lookup(tree, folder)) for folder in folders if folder != ".")
    return next((folder for folder, entry in found if entry and entry.mode == SUBMODULE), "")


def _nearest(tree: Snapshot, path: str) -> str:
    """A file of the same name elsewhere, which has probably moved, else one with a similar path."""
    name = f"/{PurePosixPath(path).name}"
    same_name = [other for other in tree.paths if f"/{other}".endswith(name)]
    close = get_close_matches(path, same_name or tree.paths, n=1, cutoff=0.0 if same_name else 0.75)
    return next(iter(close), "")


def _declare(library: Library, anchor: Anchor) -> str:
    near = suggest(anchor.source, library.policy.sources)
    return f"Name it there: `sources: {{{anchor.source}: {{path: ../{anchor.source}}}}}`{near or '.'}"


def _details(verdict: Verdict) -> dict[str, object]:
    return {"anchor": verdict.anchor} | (drift_details(verdict.drift) if verdict.drift else {})
