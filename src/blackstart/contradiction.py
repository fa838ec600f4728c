"""What a stale runbook still names though the change removed it: plainly wrong, not only unread."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from blackstart.freshness.anchor import Anchor, parse_anchor
from blackstart.freshness.cache import Cache
from blackstart.freshness.identifiers import defined, is_telling, renamed, uses
from blackstart.freshness.tree import Checkout, Tree, lookup, match
from blackstart.history import Entry
from blackstart.library import Library
from blackstart.model import Commit
from blackstart.runbook import Runbook
from blackstart.verdict import State, Verdict, anchors_of
from blackstart.written.code import present_code

_ENCODED = re.compile(r"[%&\\]")
_MOST = 300  # of one page; a hostile one could keep us busy for hours


@dataclass(frozen=True, slots=True)
class Contradiction:
    """`old` stands at line and column of the runbook; `new` is empty where it cannot be told.

    `commit` is the one that removed it, None where that is not committed yet. `code` is the file it was in.
    """

    anchor: str
    old: str
    new: str
    line: int
    column: int
    code: str
    commit: Commit | None


def contradictions(library: Library, runbook: Runbook) -> Iterator[Contradiction]:
    """Every use of a name that the unseen changes removed from all code the runbook covers, in the page's order."""
    stale = [verdict for verdict in library.verdicts.get(runbook.path, ()) if verdict.state is State.STALE]
    if not stale:
        return
    text = _text(runbook)  # which most names are not in, so that few files need be searched for them
    removed = {name: verdict for verdict in stale for name in _before(library, verdict) if name in text}
    gone = _gone(library, runbook, removed)
    if not gone:
        return
    found = sorted(set(_uses(runbook, gone)))[:_MOST]
    moved = _moved(library, {name: parse_anchor(removed[name].anchor) for _, _, name in found})
    change = {name: _change(library, removed[name], name) for _, _, name in found if name not in moved}
    for line, column, name in found:
        if name in change:
            code, new, commit = change[name]
            yield Contradiction(removed[name].anchor, name, new, line, column, code, commit)


def told(found: Contradiction) -> str:
    """In one sentence, what is gone, from where, and what took its place."""
    became = f", which has `{found.new}` instead" if found.new else ""
    when = f" since {found.commit.sha[:7]}" if found.commit else ""
    return f"`{found.old}` is no longer in `{found.code}`{became}{when}"


def _before(library: Library, verdict: Verdict) -> Iterator[str]:
    """The names in the anchor's code when it was last vouched for, but for files that are what they were."""
    anchor = parse_anchor(verdict.anchor)
    checkout = library.judge.checkout(anchor)
    if checkout and verdict.vouch and verdict.vouch.tip:
        for path, names in _named(library, checkout.tree(verdict.vouch.tip), anchor, checkout.worktree):
            yield path
            yield from names


def _gone(library: Library, runbook: Runbook, removed: Mapping[str, Verdict]) -> frozenset[str]:
    """Those of the names that no code of the runbook has today."""
    gone = {name for name in removed if not _is_there(library, name)}
    changed = {verdict.anchor for verdict in removed.values()}
    # What changed has most of them still, and where it has them all, nothing else need be read.
    for anchor in sorted((anchor for _, anchor in anchors_of(runbook)), key=lambda one: one.text not in changed):
        if gone:
            gone.difference_update(_now(library, anchor))
    return frozenset(gone)


def _now(library: Library, anchor: Anchor) -> Iterator[str]:
    """The names in the anchor's code today, those of its files, and images without their registry."""
    checkout = library.judge.checkout(anchor)
    for path, names in _named(library, checkout.worktree, anchor) if checkout else ():
        yield from (path, PurePosixPath(path).name, PurePosixPath(path).stem)
        yield from names
        yield from (name.rpartition("/")[2] for name in names if ":" in name)


def _moved(library: Library, anchors: Mapping[str, Anchor]) -> frozenset[str]:
    """The telling names that other code of the same repository still uses: the page may well hold."""
    from blackstart.freshness.meaning import PROSE  # parsers take long to load, and often nothing needs them

    moved = frozenset[str]()
    for source in {anchor.source for anchor in anchors.values()}:
        ours = {name: anchor for name, anchor in anchors.items() if anchor.source == source and is_telling(name)}
        checkout = library.judge.checkout(next(iter(ours.values()))) if ours else None
        if checkout and checkout.history:
            outside = () if source else library.outside_code
            moved |= checkout.history.mentioned(sorted(ours), outside, PROSE)
    return moved


def _named(
    library: Library, tree: Tree, anchor: Anchor, other: Tree | None = None
) -> Iterator[tuple[str, frozenset[str]]]:
    """The files of an anchor in a tree, but for those that another tree has too, with the names in each."""
    for path, entry in match(tree, anchor.pattern):
        if entry.mode.startswith("100") and not (other and lookup(other, path) == entry):
            yield path, _defined(library.caches.names, tree, path, entry)


def _defined(cache: Cache, tree: Tree, path: str, entry: Entry) -> frozenset[str]:
    key = f"{entry.id} {path}"
    known = cache.get(key)
    if known is None:
        known = json.dumps(sorted(defined(path, tree.read(path, entry))))
        cache.put(key, known)
    return frozenset(json.loads(known))


def _is_there(library: Library, name: str) -> bool:
    return "/" in name and library.exists(name.strip("/"))


def _uses(runbook: Runbook, gone: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    for code in present_code(runbook.document):
        for offset, name in uses(code.text, gone):
            yield code.line, code.column + offset, name
    for link in runbook.document.links:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(runbook.path), link.target.partition("#")[0]))
        if target in gone:
            yield link.line, link.column, target
    for key in ("alerts", "access"):
        for index, text in enumerate(getattr(runbook.front, key, ())):
            if text in gone:
                mark = runbook.yaml.mark((key, index))
                yield mark.line, mark.column, text


def _text(runbook: Runbook) -> str:
    """Everything that can name something, more than counts. `covers` always names the code, and never counts."""
    body = runbook.text[runbook.body_start :]
    front = (*runbook.front.alerts, *runbook.front.access) if runbook.front else ()
    links = runbook.document.links if _ENCODED.search(body) else ()  # else they stand in the body as they are
    return "\n".join((body, *front, *(link.target for link in links)))


def _change(library: Library, verdict: Verdict, name: str) -> tuple[str, str, Commit | None]:
    """The file that had the name, what it has instead, and the commit that removed it."""
    anchor = parse_anchor(verdict.anchor)
    checkout = library.judge.checkout(anchor)
    assert checkout is not None
    assert verdict.vouch is not None
    before = checkout.tree(verdict.vouch.tip or "")
    path = next(path for path, names in _named(library, before, anchor) if name == path or name in names)
    old, now = lookup(before, path), lookup(checkout.worktree, path)
    pairs = renamed(path, before.read(path, old), checkout.worktree.read(path, now)) if old and now else {}
    return posixpath.join(checkout.where, path), pairs.get(name, ""), _remover(checkout, verdict, name, path)


def _remover(checkout: Checkout, verdict: Verdict, name: str, path: str) -> Commit | None:
    """The commit from which on the file lacks the name."""
    commits = verdict.drift.commits if verdict.drift else ()
    remover = None
    for commit in commits:
        tree = checkout.tree(commit.sha)
        entry = lookup(tree, path)
        if entry and (name == path or name in defined(path, tree.read(path, entry))):
            break
        remover = commit
    return remover
