"""What a branch did: the repository now, the same at the commit it is judged against, and the files that differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from blackstart.errors import ConfigurationError, HistoryError, UsageError
from blackstart.freshness.committed import Overlay
from blackstart.history import History
from blackstart.library import OWN_KINDS, Library, earlier
from blackstart.policy import FILE_NAME
from blackstart.runbook import Runbook, quoted
from blackstart.verdict import anchors_of

MERGE_BASE = "merge-base:"


@dataclass(frozen=True)
class Branch:
    """`tree` has the files at the commit `base`. `then` is None where blackstart could not judge it; `unusable` says
    why if there was no reason to expect that.
    """

    name: str
    base: str
    now: Library
    tree: Overlay
    then: Library | None
    unusable: str = ""

    @cached_property
    def paths(self) -> frozenset[str]:
        """The files that differ, by content, kind or existence."""
        return frozenset(self.tree.differing)

    @cached_property
    def _before(self) -> dict[str, Runbook]:
        """The runbooks at the base, by path."""
        return {runbook.path: runbook for runbook in self.then.runbooks} if self.then else {}

    @cached_property
    def edited(self) -> frozenset[str]:
        """The runbooks that are new or not what they were."""
        # What did not change is shared.
        return frozenset(runbook.path for runbook in self.now.runbooks if self._before.get(runbook.path) is not runbook)

    @cached_property
    def recorded(self) -> frozenset[str]:
        """Those of the edited runbooks of which nothing but the record of a review differs."""
        edited = (runbook for runbook in self.now.runbooks if runbook.path in self.edited)
        pairs = ((self._before.get(runbook.path), runbook) for runbook in edited)
        return frozenset(runbook.path for before, runbook in pairs if before and _says_the_same(before, runbook))

    @cached_property
    def gone(self) -> frozenset[str]:
        """The runbooks that are no longer where they were."""
        now = {runbook.path for runbook in self.now.runbooks}
        return frozenset(self._before.keys() - now)

    @cached_property
    def moved(self) -> dict[str, str]:
        """Where runbooks that were moved stand now, by where they stood."""
        added = self.edited - self._before.keys() if self.gone else frozenset()
        new = [one for one in self.now.runbooks if one.path in added]
        found = {self.now.judge.moved_from(runbook): runbook.path for runbook in reversed(new)}
        return {origin: path for origin, path in found.items() if origin in self.gone}

    @cached_property
    def rules(self) -> tuple[str, ...]:
        """The files that differ in how runbooks are judged."""
        now, then = self.now, self.then
        if then is None:
            return ()
        differ = {
            FILE_NAME: now.policy != then.policy,
            now.policy.catalogue: now.catalogue != then.catalogue,
            f"{now.policy.runbooks}/{OWN_KINDS}": now.kinds != then.kinds,
        }
        return tuple(path for path, is_so in differ.items() if is_so)

    @cached_property
    def covering(self) -> list[Runbook]:
        """The runbooks that speak about a file that differs."""
        return list(self.now.speaking_of(self.paths))


@dataclass(frozen=True, slots=True)
class Concerned:
    """An entry of `covers` whose code means something else than at the base, and the files of it that differ."""

    anchor: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Affected:
    """A runbook that speaks about what a branch changed; `edited` says whether the branch changed it, too."""

    path: str
    title: str
    owner: str
    alerts: tuple[str, ...]
    edited: bool
    anchors: tuple[Concerned, ...]


def _says_the_same(one: Runbook, other: Runbook) -> bool:
    """Whether two versions of a sound page differ in nothing but the record of a review."""
    if one.text[one.body_start :] != other.text[other.body_start :] or not (one.front and other.front):
        return False
    before, after = ({**runbook.yaml.data, "reviewed": None} for runbook in (one, other))
    return before == after


def open_branch(library: Library, rev: str) -> Branch:
    """What was done since a commit, or since `merge-base:REV`, as one change. Raises BlackstartError."""
    base = find_base(library.history, rev)
    assert library.history
    library.history.expect_differing(base)
    library = library.since(base)
    tree = library.at(base)
    try:
        return Branch(rev, base, library, tree, earlier(library, tree))
    except UsageError:  # nobody used blackstart then
        return Branch(rev, base, library, tree, None)
    except ConfigurationError as error:
        return Branch(rev, base, library, tree, None, str(error))


def until(library: Library, rev: str) -> Library:
    """The repository as of a commit that a user names. Raises BlackstartError."""
    return earlier(library, library.at(find_base(library.history, rev)))


def find_base(history: History | None, rev: str) -> str:
    """The commit that a user means. Raises BlackstartError with what to fetch where it is not there."""
    if history is None or history.head is None:
        raise UsageError("there is no git repository with a commit here, so nothing can be judged since a commit.")
    name = rev.removeprefix(MERGE_BASE)
    commit = history.resolve(name)
    if commit is None:
        raise UsageError(f"`{name}` is no commit of this clone. {_fetch(history, name)}")
    if name == rev:
        return commit
    base = history.merge_base(history.head, commit)
    if base is None:
        raise HistoryError(f"HEAD and `{name}` have no common ancestor in this clone. {_fetch(history, name)}")
    return base


def _fetch(history: History, name: str) -> str:
    if history.boundary:
        return "The clone is shallow: git fetch --unshallow (in GitHub Actions: actions/checkout with fetch-depth: 0)."
    if name.startswith("origin/"):
        there = name.removeprefix("origin/")
        return f"Fetch it: git fetch origin {quoted(f'{there}:refs/remotes/{name}')}"
    return "Name a commit, branch or tag that is there, or fetch it: git fetch origin."


def affected(branch: Branch) -> Iterator[Affected]:
    """The runbooks that speak about what the branch changed, in their order."""
    for runbook in branch.covering:
        anchors = tuple(_concerned(branch, runbook))
        front = runbook.front
        if anchors and front:
            edited = runbook.path in branch.edited
            yield Affected(runbook.path, front.title, front.owner, front.alerts, edited, anchors)


def _concerned(branch: Branch, runbook: Runbook) -> Iterator[Concerned]:
    """By meaning: a comment or a formatter's run concerns nobody."""
    judge = branch.now.judge
    for _, anchor in anchors_of(runbook):
        files = () if anchor.source else tuple(sorted(branch.tree.differing_in(anchor.pattern)))
        if files and judge.fingerprint(anchor) != judge.fingerprint_in(anchor, branch.tree):
            yield Concerned(anchor.text, files)
