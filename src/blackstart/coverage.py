"""Which files of the service no runbook covers, and which names of a partly covered file nobody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from blackstart.counted import counted, named
from blackstart.freshness.anchor import Anchor
from blackstart.freshness.tree import fixed_part, lookup, match
from blackstart.history import LINK, SUBMODULE, Entry
from blackstart.library import Library
from blackstart.verdict import anchors_of
from blackstart.written.names import is_below


@dataclass(frozen=True, slots=True)
class File:
    """`runbooks` cover it; where only fragments do, these are named, and `unwatched` are the names beside them."""

    path: str
    runbooks: tuple[str, ...] = ()
    fragments: tuple[str, ...] = ()
    unwatched: tuple[str, ...] = ()

    @property
    def extent(self) -> str:
        """How much of it is covered: whole, part or none."""
        if not self.runbooks:
            return "none"
        return "part" if self.fragments else "whole"

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


@dataclass(frozen=True)
class Share:
    """Some files, and how many of them runbooks cover."""

    files: tuple[File, ...]

    @cached_property
    def covered(self) -> int:
        return sum(bool(file.runbooks) for file in self.files)

    @property
    def uncovered(self) -> list[File]:
        return [file for file in self.files if not file.runbooks]

    @property
    def percent(self) -> float | None:
        """Rounded down, so that 79.96 is never taken for 80; None where there is nothing to cover."""
        return 1000 * self.covered // len(self.files) / 10 if self.files else None


@dataclass(frozen=True)
class Directory(Share):
    """The files directly in one folder, or in all folders below it where none of them is covered."""

    path: str


@dataclass(frozen=True)
class Group(Share):
    """A component of the catalogue, or a top folder whose files belong to none."""

    name: str
    title: str
    is_component: bool

    @cached_property
    def directories(self) -> tuple[Directory, ...]:
        """Each folder with its own files."""
        return tuple(_directories(self.files, lambda file: file.folder))

    @cached_property
    def gaps(self) -> tuple[Directory, ...]:
        """The folders that hold uncovered files; one of which nothing at all is covered stands for all below it."""
        held = {folder for file in self.files if file.runbooks for folder in _above(file.path)}
        return tuple(d for d in _directories(self.files, lambda file: _gap(file, held)) if d.uncovered)


@dataclass(frozen=True)
class Coverage(Share):
    """The whole service at a commit. `idle` are the entries of `include` that find no file, with their index."""

    groups: tuple[Group, ...]
    threshold: int | None
    idle: tuple[tuple[int, str], ...]
    commit: str | None
    dirty: bool

    @property
    def missing(self) -> int:
        """How many more files must be covered to reach the threshold."""
        wanted = -(-len(self.files) * (self.threshold or 0) // 100)  # rounded up
        return max(0, wanted - self.covered)

    @property
    def falls_short(self) -> bool:
        """Where there is a threshold, nothing to cover is a mistake in `include`, not a success."""
        return self.threshold is not None and bool(self.missing or self.idle)

    @property
    def gaps(self) -> list[Directory]:
        """The folders with uncovered files of all groups, the largest first."""
        found = [gap for group in self.groups for gap in group.gaps]
        return sorted(found, key=lambda gap: (-len(gap.uncovered), gap.path))

    def groups_below(self, paths: tuple[str, ...]) -> tuple[Group, ...]:
        """Only the files at or below the paths; without any, all."""
        chosen = [
            replace(group, files=tuple(f for f in group.files if is_below(f.path, paths))) for group in self.groups
        ]
        return tuple(group for group in chosen if group.files or not paths)


def measure(library: Library) -> Coverage:
    """Everything, with the unwatched names of partly covered files."""
    coverage = extent(library)
    watched = {file.path: _with_names(library, file) for file in coverage.files if file.fragments}
    groups = (replace(group, files=_updated(group, watched)) for group in coverage.groups)
    return replace(coverage, files=_updated(coverage, watched), groups=tuple(groups))


@lru_cache(maxsize=1)
def extent(library: Library) -> Coverage:
    """Which files are covered, without looking for unwatched names: enough to compare with the threshold."""
    whole, parts = _covering(library)
    found = counted(library, frozenset([*whole, *parts]))
    files = tuple(_file(path, whole.get(path, ()), parts.get(path, ())) for path in sorted(found.files))
    return Coverage(
        files,
        tuple(_groups(library, files)),
        library.policy.coverage.threshold,
        found.idle,
        library.commit,
        bool(library.worktree.uncommitted),
    )


# --- who covers them


def _covering(library: Library) -> tuple[dict[str, dict[str, None]], dict[str, dict[tuple[str, str], None]]]:
    """By file, the runbooks that cover it whole, and the (runbook, fragment) pairs; in the runbooks' order."""
    whole: dict[str, dict[str, None]] = {}
    parts: dict[str, dict[tuple[str, str], None]] = {}
    for runbook in library.runbooks:
        for anchor in (anchor for _, anchor in anchors_of(runbook) if not anchor.source):
            for path, entry in match(library.worktree, anchor.pattern):
                if not anchor.fragment:
                    whole.setdefault(path, {})[runbook.path] = None
                elif _resolves(library, anchor, path, entry):
                    parts.setdefault(path, {})[runbook.path, anchor.fragment] = None
    return whole, parts


def _resolves(library: Library, anchor: Anchor, path: str, entry: Entry) -> bool:
    if not anchor.is_glob:
        return library.judge.fingerprint(anchor) is not None  # which the verdict has worked out already
    from blackstart.freshness.meaning import meaning  # parsers take long to load, and often nothing needs them

    means = meaning(path, library.worktree.read(path, entry), anchor.fragment)
    return means is not None and entry.mode not in (LINK, SUBMODULE)


def _file(path: str, whole: Iterable[str], parts: Iterable[tuple[str, str]]) -> File:
    runbooks = dict.fromkeys([*whole, *(runbook for runbook, _ in parts)])
    fragments = () if whole else dict.fromkeys(fragment for _, fragment in parts)
    return File(path, tuple(runbooks), tuple(fragments))


def _with_names(library: Library, file: File) -> File:
    from blackstart.freshness.unwatched import unwatched  # parsers take long to load, and the rule needs none

    entry = lookup(library.worktree, file.path)
    content = library.worktree.read(file.path, entry) if entry else b""
    return replace(file, unwatched=unwatched(file.path, content, file.fragments))


# --- by component and folder


def _groups(library: Library, files: tuple[File, ...]) -> Iterator[Group]:
    """The catalogue's components in its order, then the top folders of what belongs to none."""
    components = [c for c in library.catalogue.components.values() if c.sources] if library.catalogue else []
    owners = owners_of(library)
    members: dict[str, list[File]] = {component.name: [] for component in components}
    loose: dict[str, list[File]] = {}
    for file in files:
        owner = owners.get(file.path)
        (members[owner] if owner else loose.setdefault(_top(file.path), [])).append(file)
    for component in components:
        yield Group(tuple(members[component.name]), component.name, component.title, is_component=True)
    for folder, group in sorted(loose.items()):
        yield Group(tuple(group), folder, folder, is_component=False)


def owners_of(library: Library) -> dict[str, str]:
    """The component each file belongs to: of several the one that names its place most exactly."""
    components = library.catalogue.components.values() if library.catalogue else ()
    claims = [(pattern, component.name) for component in reversed([*components]) for pattern in component.sources]
    claims.sort(key=lambda claim: len(fixed_part(claim[0])))
    return {path: name for pattern, name in claims for path in named(library, pattern)}


def _top(path: str) -> str:
    top, slash, _ = path.partition("/")
    return top if slash else "."


def _directories(files: Iterable[File], folder: Callable[[File], str]) -> Iterator[Directory]:
    members: dict[str, list[File]] = {}
    for file in files:
        members.setdefault(folder(file), []).append(file)
    yield from (Directory(tuple(group), path) for path, group in sorted(members.items()))


def _above(path: str) -> Iterator[str]:
    """The folders around a file, the outermost first."""
    return (path[:at] for at, symbol in enumerate(path) if symbol == "/")


def _gap(file: File, held: set[str]) -> str:
    return next((folder for folder in _above(file.path) if folder not in held), file.folder)


def _updated(share: Share, changed: Mapping[str, File]) -> tuple[File, ...]:
    return tuple(changed.get(file.path, file) for file in share.files)
