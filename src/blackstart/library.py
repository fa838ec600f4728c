"""Everything that people wrote and git knows, loaded once: what the rules judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from blackstart.baseline import FILE_NAME as BASELINE
from blackstart.baseline import Baseline, load_baseline
from blackstart.errors import ConfigurationError, UsageError
from blackstart.freshness.cache import Caches
from blackstart.freshness.committed import Committed, Overlay, as_of
from blackstart.freshness.named import Wanted
from blackstart.freshness.tree import (
    Checkout,
    Checkouts,
    Snapshot,
    WorkTree,
    lookup,
    match,
    may_meet,
    meeting,
)
from blackstart.history import History, open_history
from blackstart.kinds import Kind, load_kinds
from blackstart.model import Problem
from blackstart.past import Past
from blackstart.policy import FILE_NAME, Policy, load_policy
from blackstart.runbook import Page, Runbook, parse_page, parse_runbook
from blackstart.verdict import Judge, State, Verdict, anchors_of
from blackstart.written.names import is_below
from blackstart.written.reading import Disk, Files

if TYPE_CHECKING:
    from blackstart.catalogue import Catalogue
    from blackstart.written.markdown import Document

PAGES = ("index.md", "README.md")  # pages about the runbooks, not runbooks
OWN_KINDS = "_kinds"
_FEW = 50  # runbooks are parsed sooner than what is known of all of them is read


def _silently() -> None:
    """Nobody waits."""


@dataclass(frozen=True, eq=False)  # one repository is only itself, so what is worked out from it can be kept
class Library:
    """One repository as it stands. What is expensive is worked out when first asked for.

    `base` is the commit that a branch began at, where all that it did is to be judged as one change. `later` is the
    same repository as it stands, where this is an earlier commit of it. `advance` is called after each runbook and each
    rule that was judged, for whoever waits.
    """

    root: Path
    today: date
    policy: Policy
    kinds: Mapping[str, Kind]
    catalogue: Catalogue | None
    runbooks: tuple[Runbook, ...]
    history: History | None
    caches: Caches = field(repr=False)
    baseline: Baseline | None = None
    base: str | None = None
    later: Library | None = field(default=None, repr=False)
    advance: Callable[[], None] = field(default=_silently, repr=False)
    _pages: dict[str, Document | None] = field(default_factory=dict, repr=False)

    @cached_property
    def worktree(self) -> Snapshot:
        return WorkTree(self.root, self.history)

    @cached_property
    def judge(self) -> Judge:
        absent = {name: self.policy.sources[name].fetch for name in self.absent}
        checkouts = Checkouts(Checkout(self.worktree, self.history), self._sources, absent)
        past = Past(checkouts.here, self.policy.runbooks, self.caches.past, self.base)
        later = self.later.judge if self.later else None
        return Judge(checkouts, past, self.caches, require_record=self.policy.require_record, later=later)

    @property
    def absent(self) -> frozenset[str]:
        """The sources that are not checked out."""
        return frozenset(self.policy.sources) - self._sources.keys()

    @cached_property
    def _sources(self) -> dict[str, Checkout]:
        """The other repositories that are checked out. Without git, nobody could say which files belong to one."""
        found = {name: _checkout(self.root, source.path) for name, source in self.policy.sources.items()}
        return {name: checkout for name, checkout in found.items() if checkout}

    @cached_property
    def verdicts(self) -> Mapping[str, tuple[Verdict, ...]]:
        """The freshness of every anchor, by runbook path."""
        if len(self.runbooks) > _FEW:
            for runbook in self.runbooks:
                runbook.recall(self.caches.front)
                self._listed(runbook)  # which the next run on a branch or of a hook need not read all pages for
        return self.judge.judge(self._told(runbook for runbook in self.runbooks if runbook.front))

    def _told(self, runbooks: Iterable[Runbook]) -> Iterator[Runbook]:
        for runbook in runbooks:
            yield runbook
            self.advance()

    def covered(self, runbook: Runbook) -> frozenset[str]:
        """The files of this repository that the runbook covers."""
        return frozenset(path for pattern in _lines(self._listed(runbook)) for path, _ in match(self.worktree, pattern))

    def judged(self, state: State) -> Iterator[tuple[Runbook, Verdict]]:
        """The anchors in a state, runbook by runbook."""
        for runbook in self.runbooks:
            yield from ((runbook, verdict) for verdict in self.verdicts.get(runbook.path, ()) if verdict.state is state)

    def only(self, runbooks: Iterable[Runbook]) -> Library:
        """The same repository with no more than these runbooks; what was worked out is shared."""
        narrowed = replace(self, runbooks=tuple(runbooks))
        narrowed.__dict__.update(worktree=self.worktree, judge=self.judge, _sources=self._sources)
        narrowed.__dict__.update(_by_path=self._by_path)
        return narrowed

    def since(self, commit: str) -> Library:
        """The same repository, with all that was done since the commit as one change."""
        branch = replace(self, base=commit)
        branch.__dict__.update(worktree=self.worktree, _sources=self._sources)
        return branch

    def at(self, commit: str) -> Overlay:
        """The files as they would be with another commit checked out, and nothing edited."""
        assert self.history is not None
        return as_of(commit, self.worktree, self.history)

    def covers(self, runbook: Runbook, paths: Iterable[str]) -> bool:
        """Whether the runbook covers any of the files, or a file in any of the folders `paths`."""
        listed = self._listed(runbook)
        return any(
            is_below(file, (path,))
            for path in paths
            if meeting(path).search(listed)
            for pattern in _lines(listed)
            if may_meet(pattern, path)
            for file, _ in match(self.worktree, pattern)
        )

    def speaking_of(self, files: frozenset[str]) -> Iterator[Runbook]:
        """The runbooks whose `covers` names any of the files, whether or not they are there."""
        wanted = Wanted(files)
        for runbook in self.runbooks:
            known = self._known_patterns(runbook) if len(self.runbooks) > _FEW else None
            if known is None and not wanted.may_stand_in(runbook.head):
                continue
            if wanted.is_named(self._listed(runbook)):
                yield runbook

    def _known_patterns(self, runbook: Runbook) -> str | None:
        entry = lookup(self.worktree, runbook.path)
        return self.caches.covers.get(entry.id) if entry else None

    def _listed(self, runbook: Runbook) -> str:
        """The patterns of its anchors here, one a line. Known, nobody need read a thousand runbooks to find the one."""
        known = self._known_patterns(runbook)
        if known is None:
            entry = lookup(self.worktree, runbook.path)
            known = "\n".join(anchor.pattern for _, anchor in anchors_of(runbook) if not anchor.source)
            if entry and entry.mode.startswith("100") and runbook.front:
                self.caches.covers.put(entry.id, known)
        return known

    @property
    def commit(self) -> str | None:
        return self.history.head if self.history else None

    def close(self) -> None:
        """Let go of git. What has been worked out stays."""
        self.caches.save()
        histories = [self.history, *(checkout.history for checkout in self.__dict__.get("_sources", {}).values())]
        for history in filter(None, histories):
            history.close()

    @property
    def outside_code(self) -> tuple[str, ...]:
        """How the paths begin of what speaks about the code: that a name stands there does not mean it exists."""
        return (f"{self.policy.runbooks}/", FILE_NAME, BASELINE)

    def exists(self, path: str) -> bool:
        """Whether the repository holds a file or folder of that name."""
        return not path or lookup(self.worktree, path) is not None

    def names(self, folder: str) -> list[str]:
        """The names in a folder of the repository."""
        return list(self.worktree.children(folder))

    def page(self, path: str) -> Document | None:
        """The Markdown page at `path`, parsed once; None where there is no such page."""
        if path not in self._pages:
            entry = lookup(self.worktree, path)
            is_page = entry is not None and entry.mode.startswith("100") and path.endswith(".md")
            page = self._by_path.get(path) if is_page else None
            if is_page and entry and page is None:
                page = parse_runbook(path, self.worktree.read(path, entry))
            self._pages[path] = _shown(page) if page else None
        return self._pages[path]

    @cached_property
    def _by_path(self) -> dict[str, Runbook]:
        return {runbook.path: runbook for runbook in self.runbooks}


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _shown(page: Runbook) -> Document | None:
    """What readers see of a page; None where it cannot be read."""
    return page.document if page.text or not page.problems else None


def load(root: Path, today: date) -> Library:
    """Load the library of the repository at `root`, to be judged on the day `today`.

    Raises BlackstartError when it cannot be judged at all.
    """
    return assemble(root, today, open_history(root))


def assemble(root: Path, today: date, history: History | None) -> Library:
    """The same, where git was asked already; what goes wrong ends its processes."""
    with ExitStack() as stack:
        if history:
            stack.callback(history.close)
        files, baseline = Disk(root), load_baseline(root)
        library = replace(_assembled(files, load_policy(files), root, today, history), baseline=baseline)
        stack.pop_all()
        return library


def earlier(library: Library, tree: Overlay) -> Library:
    """The same repository as a clean checkout of a commit, whose files are `tree`. What does not differ is shared.

    Raises BlackstartError when it could not be judged at all.
    """
    files = Committed(tree)
    policy = load_policy(files) if FILE_NAME in tree.differing else library.policy
    then = _assembled(files, policy, library.root, library.today, tree.history)
    known = {one.path: one for one in library.runbooks if one.path not in tree.differing}
    runbooks = tuple(known.get(one.path, one) for one in then.runbooks)
    then = replace(then, runbooks=runbooks, caches=library.caches, later=library)
    then.__dict__.update(worktree=tree)
    if then.policy.sources == library.policy.sources:
        then.__dict__.update(_sources=library._sources)  # noqa: SLF001 - one of its own kind
    return then


def _assembled(files: Files, policy: Policy, root: Path, today: date, history: History | None) -> Library:
    folder = policy.runbooks.rstrip("/")
    if files.listed(folder) is None:
        raise UsageError(
            f"{root}: no folder `{policy.runbooks}` with runbooks. "
            f"Create one with `blackstart new`, or name yours in {FILE_NAME}: `runbooks: docs/runbooks`."
        )
    paths, caches = list(_runbook_paths(files, folder)), Caches(history.own_folder if history else None)
    known = caches if len(paths) > _FEW else None
    runbooks = tuple(Runbook(path, partial(_read, files, path), policy.foreign_keys, known) for path in paths)
    kinds = load_kinds(files, f"{folder}/{OWN_KINDS}")
    return Library(root, today, policy, kinds, _catalogue(files, policy), runbooks, history, caches)


def _checkout(root: Path, path: str) -> Checkout | None:
    folder = root / path
    history = open_history(folder) if folder.is_dir() else None
    return Checkout(WorkTree(folder, history), history, path) if history else None


def _runbook_paths(files: Files, folder: str) -> Iterator[str]:
    folders, names = files.listed(folder) or ((), ())
    for name in names:
        if name.endswith(".md") and name not in PAGES and not name.startswith("."):
            yield f"{folder}/{name}"
    for name in folders:
        if name != OWN_KINDS and not name.startswith("."):
            yield from _runbook_paths(files, f"{folder}/{name}")


def _read(files: Files, path: str) -> Page:
    try:
        return parse_page(path, files.read(path) or b"")
    except ConfigurationError as error:
        message = str(error).removeprefix(f"{path}: ").rstrip(".")
        problem = Problem(path, 1, 1, message, "Make it a regular, readable file.")
        return Page(broken=(problem,))


def _catalogue(files: Files, policy: Policy) -> Catalogue | None:
    data = files.read(policy.catalogue)
    if data is None:
        if not policy.says("catalogue"):
            return None
        raise ConfigurationError(
            f"{FILE_NAME}: there is no catalogue `{policy.catalogue}`. "
            "Restore the file, correct its name, or remove the line to go without."
        )
    from blackstart.catalogue import parse_catalogue  # which a repository without one need not load

    return parse_catalogue(policy.catalogue, data)
