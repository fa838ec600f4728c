"""git, and nothing but git: the only module that speaks to it. Everything is asked in bulk and with NUL separators."""

from __future__ import annotations

import os
import re
import subprocess
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from weakref import WeakSet

from blackstart.errors import HistoryError
from blackstart.git_process import Process, answer, decoded, encoded, failed, pieces, said, start, stop
from blackstart.model import Commit

FOLDER, LINK, SUBMODULE = "040000", "120000", "160000"
_MODES = {b"40000": FOLDER, **{mode.encode(): mode for mode in (LINK, SUBMODULE, "100644", "100755")}}

# What a hook or a test exports about *another* repository; identity and executables stay.
_INHERITED = re.compile(r"GIT_(?!AUTHOR_|COMMITTER_|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|EXEC_PATH|SSH|SSL|TRACE)")
# Dates are seconds, in git's own order: neither clock nor time zone decides anything.
_PRETTY = "--format=%H%x00%P%x00%ct%x00%an%x00%s"
_ID = re.compile(rb"[0-9a-f]{40}|[0-9a-f]{64}")
_KEPT_TREES = 2_000  # parsed trees in memory; a commit's are seldom asked for again
_PLAIN_DIFF = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames")
_CHANGED = ("--raw", "-z", "--relative", *_PLAIN_DIFF)
_COMPARED = (*_CHANGED, "--no-abbrev", "--ignore-submodules=none")
_DIFFERING = ("diff-index", "--cached", *_COMPARED)
_TOUCHED = ("diff-files", *_CHANGED)
_UNTRACKED = ("ls-files", "-o", "-z", "--exclude-standard")
_INDEX = ("ls-files", "-s", "-z")
_STAGED = ("diff-index", "--cached", *_CHANGED, "HEAD")
_STATE = (
    "rev-parse",
    "--is-inside-work-tree",
    "--show-cdup",
    "--git-common-dir",
    *("--verify", "--quiet", "HEAD^{commit}"),
)
_FIRST = (_STATE, _UNTRACKED, _INDEX, _STAGED)
_FILTERS = ("config", "-z", "--show-scope", "--name-only", "--get-regexp", r"^filter\.")


class Entry(NamedTuple):
    """One name in a tree: git's mode and object id."""

    mode: str
    id: str


class Index:
    """Every tracked path, an unmerged one with an empty id. git sorts them, so a folder is read when asked for."""

    def __init__(self, output: bytes = b"") -> None:
        self._records = output.split(b"\0")[:-1]

    def __contains__(self, path: str) -> bool:
        return self.get(path) is not None

    def __iter__(self) -> Iterator[str]:
        return (decoded(_path_of(record)) for record in self._records)

    def get(self, path: str) -> Entry | None:
        name = encoded(path)
        at = self._place(name)
        found = at < len(self._records) and _path_of(self._records[at]) == name
        return _entry(self._records[at]) if found else None

    def children(self, folder: str) -> Iterator[tuple[str, Entry]]:
        """The names directly in a folder."""
        prefix = encoded(f"{folder}/" if folder else "")
        at = self._place(prefix)
        while at < len(self._records) and (path := _path_of(self._records[at])).startswith(prefix):
            name, inner, _ = path[len(prefix) :].partition(b"/")
            yield decoded(name), Entry(FOLDER, "") if inner else _entry(self._records[at])
            at = self._place(prefix + name + b"0", at) if inner else at + 1  # "0" comes next to "/"

    def _place(self, path: bytes, start: int = 0) -> int:
        return bisect_left(self._records, path, start, key=_path_of)


@dataclass(frozen=True, slots=True)
class Files:
    """Of the paths in `index`, the files of `touched` may differ; what is unmerged is among them.

    `untracked` are the files that git neither tracks nor ignores; `staged` those whose index differs from HEAD.
    """

    index: Index
    touched: set[str]
    untracked: list[str]
    staged: set[str]


@dataclass(frozen=True, slots=True)
class Unit:
    """A commit on the first-parent line and the paths it changed against its first parent."""

    commit: Commit
    parents: tuple[str, ...]
    paths: frozenset[str]


class State(NamedTuple):
    """Whether git was asked in a work tree, how many folders below its top, the folder that all work trees share, and
    the commit checked out.
    """

    inside: bool
    depth: int
    common: Path
    head: str | None


class Walk:
    """Units, newest first, and which of them touched a path. It goes back no further than someone asks."""

    def __init__(self, units: Iterator[Unit]) -> None:
        self._units = units
        self.passed: list[Unit] = []
        self.touching: defaultdict[str, list[int]] = defaultdict(list)

    def on(self) -> bool:
        """Go to the next unit; False where there is none."""
        unit = next(self._units, None)
        if unit is None:
            return False
        for path in unit.paths:
            self.touching[path].append(len(self.passed))
        self.passed.append(unit)
        return True

    def next(self, path: str, after: int) -> int | None:
        """The newest unit that touched the path and is older than unit number `after`."""
        places = self.touching[path]
        while (at := bisect_right(places, after)) == len(places):
            if not self.on():
                return None
        return places[at]


_open: WeakSet[History] = WeakSet()
_others: list[object] = []  # processes and streams that end when they are forgotten, so a fork must not forget them


def _let_go() -> None:
    """In a forked process: what git says is for the one that asked."""
    for history in _open:
        _others.append((history._asked, history._streams, history._reader))  # noqa: SLF001 - of this module
        history._asked, history._streams, history._reader = {}, [], None  # noqa: SLF001


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


def open_history(root: Path) -> History | None:
    """The repository around `root`, or None where there is none. Raises HistoryError when git refuses to answer."""
    for name in [name for name in os.environ if _INHERITED.match(name)]:
        del os.environ[name]
    try:
        history = History(root)
    except FileNotFoundError:
        return None
    with ExitStack() as stack:
        stack.callback(history.close)
        if not history.is_there:
            return None
        stack.pop_all()
        return history


class History:
    """One repository as seen from the folder `root`: all paths are relative to it.

    What every run asks is asked at once, so that git works it out while Python loads and reads.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        filters = start(root, *_FILTERS)
        self._asked: dict[tuple[str, ...], Process] = {question: start(root, *question) for question in _FIRST}
        self._unfiltered = _disabled(filters)
        self._asked[_TOUCHED] = start(root, *_TOUCHED, settings=self._unfiltered)
        _open.add(self)
        self._reader: Process | None = None
        self._streams: list[Generator[str]] = []
        self._trees: dict[str, Mapping[str, Entry]] = {}
        self._roots: dict[str, str | None] = {}

    def close(self) -> None:
        """End all processes."""
        for process in self._asked.values():
            stop(process)
        self._asked.clear()
        for stream in self._streams:
            stream.close()
        self._streams.clear()
        if self._reader:
            self._reader.communicate()
            self._reader = None

    @property
    def is_there(self) -> bool:
        """Whether `root` is in a work tree. Raises HistoryError where git refuses to say."""
        try:
            state = self._state
        except HistoryError as error:
            if "not a git repository" in str(error):
                return False
            raise
        if not state.inside:
            raise HistoryError(f"{self.root} is inside git's own folder. Run blackstart in the work tree.")
        return True

    @cached_property
    def _state(self) -> State:
        process = self._begun(*_STATE)
        output, errors = process.communicate()
        if process.returncode not in (0, 1):  # 1: there is no commit yet
            raise failed(process, errors)
        inside, up, rest = output.removesuffix(b"\n").split(b"\n", 2)
        common, _, head = rest.rpartition(b"\n") if process.returncode == 0 else (rest, b"", b"")
        return State(inside == b"true", up.count(b"../"), Path(os.fsdecode(common)), head.decode() or None)

    @cached_property
    def head(self) -> str | None:
        """The commit that is checked out; None before the first commit."""
        return self._state.head

    @cached_property
    def head_commit(self) -> Commit | None:
        """The commit that is checked out, with its date, author and subject."""
        if self.head is None:
            return None
        return next(_units(iter(_split(self._ask("log", "-1", "-z", "--no-patch", _PRETTY, self.head))))).commit

    @cached_property
    def boundary(self) -> frozenset[str]:
        """The commits at which a shallow clone was cut off."""
        file = self.root / self._state.common / "shallow"
        return frozenset(file.read_text().split()) if file.is_file() else frozenset()

    @cached_property
    def own_folder(self) -> Path:
        """Where blackstart may keep things: in git's own folder, which all work trees share and no checkout fills."""
        return self.root / self._state.common / "blackstart"

    @cached_property
    def author(self) -> str:
        """The name git would record for a commit made now."""
        try:
            identity = self._ask("var", "GIT_AUTHOR_IDENT").decode("utf-8", "replace")
        except HistoryError:
            raise HistoryError("git knows no author. Set one: git config user.name 'Your Name'.") from None
        return identity.partition(" <")[0]

    @cached_property
    def remote(self) -> str:
        """The address of `origin`, empty where there is none."""
        return said(self.root, "config", "--get", "remote.origin.url")

    @cached_property
    def main_branch(self) -> str:
        """The branch that others build on: what `origin` says it is, else the one that is checked out."""
        told = said(self.root, "symbolic-ref", "--short", "refs/remotes/origin/HEAD").removeprefix("origin/")
        return told or said(self.root, "symbolic-ref", "--short", "HEAD") or "main"

    def files(self) -> Files:
        """What is in the work tree."""
        index = Index(self._ask(*_INDEX))
        return Files(
            index=index,
            touched=_changed(self._ask(*_TOUCHED)),
            untracked=_split(self._ask(*_UNTRACKED)),
            staged=_changed(self._ask(*_STAGED)) if self.head else set(index),
        )

    def read(self, identity: str) -> bytes:
        """The content of a blob. Raises HistoryError where a partial clone does not hold it."""
        return self._object(identity, "blob")

    def tree(self, identity: str) -> Mapping[str, Entry]:
        """The names directly in a tree object."""
        if len(self._trees) > _KEPT_TREES:
            self._trees.clear()
        if identity not in self._trees:
            self._trees[identity] = dict(_tree_entries(self._object(identity, "tree"), len(identity) // 2))
        return self._trees[identity]

    def root_tree(self, commit: str) -> str | None:
        """The tree of `root` at a commit, or None where the folder did not exist."""
        if commit not in self._roots:
            self._roots[commit] = self._identity(f"{commit}:{self.prefix}", "tree")
        return self._roots[commit]

    def resolve(self, name: str) -> str | None:
        """The commit that is called `name`, None where this clone has none. The name may be hostile."""
        if name.startswith("-") or "\0" in name:
            return None
        try:
            answer = self._ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except HistoryError:
            return None
        return answer.strip().decode() if _ID.fullmatch(answer.strip()) else None

    def differing(self, commit: str) -> dict[str, Entry | None]:
        """What a commit has, if anything, at every path where git's index has something else."""
        return _before(self._ask(*_DIFFERING, commit))

    def expect_differing(self, commit: str) -> None:
        """It will be asked for, so git may work it out meanwhile."""
        question = (*_DIFFERING, commit)
        if question not in self._asked:
            self._asked[question] = start(self.root, *question)

    def units(self, *paths: str, until: str | None = None, since: str | None = None) -> Iterator[Unit]:
        """The first-parent commits that changed something at or below `paths`, newest first, from `until` or HEAD.

        What `since` already contains is left out. git is asked for no more of them than are taken.
        """
        until = until or self.head
        if until is None or not paths:
            return
        diff = (
            "--first-parent",
            "--diff-merges=first-parent",
            "--raw",
            "--no-abbrev",
            "-z",
            "--relative",
            *_PLAIN_DIFF,
        )
        span = [until, *([f"^{since}"] if since else [])]
        yield from _units(self._streamed(b"\0", "log", *diff, _PRETTY, *span, "--", *paths))

    def main_line(self) -> Iterator[str]:
        """The first-parent line, newest first; git is asked for no more of it than is taken."""
        if self.head:
            yield from self._streamed(b"\n", "rev-list", "--first-parent", self.head)

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor, None where there is none."""
        try:
            return self._ask("merge-base", one, other).strip().decode() or None
        except HistoryError:
            return None

    def commits(
        self, since: str | None, paths: Sequence[str], limit: int = 20, until: str | None = None
    ) -> list[Commit]:
        """The commits up to `until`, else HEAD, that changed any of `paths`, newest first.

        What `since` already contains is left out.
        """
        until = until or self.head
        if until is None or not paths:
            return []
        span = [until, *([f"^{since}"] if since else [])]
        fields = _split(self._ask("log", f"-{limit}", "-z", "--no-patch", _PRETTY, *span, "--", *paths))
        return [unit.commit for unit in _units(iter(fields))]

    def diff(self, since: str, paths: Sequence[str], *options: str) -> str:
        """What changed in `paths` from the commit `since` to the work tree, as git prints it."""
        return self._diff(options, [since], paths)

    def _diff(self, options: Sequence[str], between: Sequence[str], paths: Sequence[str]) -> str:
        shape = ("--src-prefix=a/", "--dst-prefix=b/", "--submodule=short")
        command = ("diff", *_PLAIN_DIFF, *shape, "--relative", *options, *between, "--", *paths)
        return decoded(answer(start(self.root, *command, settings=self._unfiltered)))

    def ignored(self, paths: Sequence[str]) -> frozenset[str]:
        """Which of the paths, all of plain letters, git is told to ignore, whether or not they exist."""
        return _ignored(self.root, paths)

    def found(self, pattern: str) -> Iterator[tuple[str, str]]:
        """Every path and text in it that matches an extended regular expression."""
        return self._grep("-E", "-e", pattern)

    def words(self, pattern: str, outside: tuple[str, ...]) -> frozenset[str]:
        """Everything in the work tree that matches an extended regular expression, but below `outside`."""
        return frozenset(word for path, word in self._grep("-E", "-e", pattern) if not path.startswith(outside))

    def mentioned(self, names: Sequence[str], outside: tuple[str, ...], but: tuple[str, ...]) -> frozenset[str]:
        """Which names stand as a word in the work tree, but below `outside` and in files that end in one of `but`."""
        patterns = (part for name in names for part in ("-e", name))
        found = self._grep("-F", "-w", *patterns)
        return frozenset(word for path, word in found if not path.startswith(outside) and not path.endswith(but))

    def files_with(self, pattern: str) -> frozenset[str]:
        """The files of the work tree in which an extended regular expression matches."""
        return frozenset(path for path, _ in self._grep("-E", "-e", pattern))

    def _grep(self, *arguments: str) -> Iterator[tuple[str, str]]:
        yield from self._grepped("--untracked", *arguments)

    def _grepped(self, *arguments: str) -> Iterator[tuple[str, str]]:
        plain = ("--no-textconv", "--no-color", "--no-line-number", "--no-column")
        try:
            output = self._ask("grep", "-I", "-o", "-z", *plain, *arguments)
        except HistoryError:  # exit 1: nothing
            return
        for line in output.decode("utf-8", "replace").split("\n"):
            path, _, word = line.partition("\0")
            if word:
                yield path, word

    @cached_property
    def prefix(self) -> str:
        """Where `root` is below git's top folder; empty where it is that folder."""
        parts = self.root.resolve().parts
        return "/".join(parts[len(parts) - self._state.depth :])

    @cached_property
    def top(self) -> Path:
        """The work tree's top folder; `root` may be below it."""
        return self.root.parents[self._state.depth - 1] if self._state.depth else self.root

    def _ask(self, *arguments: str) -> bytes:
        return answer(self._begun(*arguments))

    def _begun(self, *arguments: str) -> Process:
        """The process that answers: one that was started ahead, or a new one."""
        return self._asked.pop(arguments, None) or start(self.root, *arguments)

    def _streamed(self, end: bytes, *arguments: str) -> Iterator[str]:
        stream = pieces(start(self.root, *arguments), end)
        self._streams.append(stream)
        return stream

    def _identity(self, name: str, wanted: str) -> str | None:
        """The id of what `name` stands for, None where there is no such thing."""
        if "\n" in name:  # the reader takes a name a line
            try:
                return self._ask("rev-parse", "--verify", "--quiet", name).strip().decode()
            except HistoryError:
                return None
        facts, _ = self._named(name)
        return facts[0] if len(facts) == 3 and facts[1] == wanted else None

    def _object(self, name: str, wanted: str) -> bytes:
        facts, data = self._named(name)
        if len(facts) != 3:
            raise HistoryError(
                f"the object {name[:10]} is not in this clone. Fetch it: git fetch --refetch --filter=blob:limit=1g"
            )
        if facts[1] != wanted:
            raise HistoryError(f"the object {name[:10]} is not a {wanted}")
        return data

    def _named(self, name: str) -> tuple[list[str], bytes]:
        """Id, type and size of an object, and its content; fewer facts where it is not there."""
        if self._reader is None:
            self._reader = start(self.root, "cat-file", "--batch", stdin=subprocess.PIPE)
        assert self._reader.stdin
        assert self._reader.stdout
        self._reader.stdin.write(os.fsencode(name) + b"\n")
        self._reader.stdin.flush()
        line = self._reader.stdout.readline().rstrip(b"\n")
        if not line:  # older gits give up where a partial clone would have to fetch
            self.close()
        if not line or line.endswith((b" missing", b" ambiguous")):
            return [], b""
        facts = line.decode().split(" ")
        return facts, self._reader.stdout.read(int(facts[2]) + 1)[:-1]


class Earlier(History):
    """The same repository as if `commit` were checked out. It reads objects through the process of `now`."""

    def __init__(self, now: History, commit: str) -> None:
        self.root, self.now, self.commit = now.root, now, commit
        self._asked, self._unfiltered, self._reader = {}, now._unfiltered, None  # noqa: SLF001 - one of its own kind
        self._trees, self._roots, self._streams = now._trees, now._roots, now._streams  # noqa: SLF001 - one of its own kind
        self.__dict__["_state"] = now._state  # noqa: SLF001 - one of its own kind

    def close(self) -> None:
        """The process is that of `now`."""

    @cached_property
    def head(self) -> str:
        return self.commit

    def differing(self, commit: str) -> dict[str, Entry | None]:
        return _before(self._ask("diff-tree", "-r", *_COMPARED, commit, self.commit))

    def expect_differing(self, commit: str) -> None:
        """Nobody is in a hurry for the past."""

    def diff(self, since: str, paths: Sequence[str], *options: str) -> str:
        return self._diff(options, [since, self.commit], paths)

    def ignored(self, paths: Sequence[str]) -> frozenset[str]:
        """Since git looks for its rules on the disk, those of the commit are laid out for it."""
        from tempfile import TemporaryDirectory  # which takes long to load

        with TemporaryDirectory() as folder:
            root = Path(folder, self.prefix)
            for place in {parent for path in paths for parent in Path(self.prefix, path).parents}:
                _, rules = self._named(f"{self.commit}:{(place / '.gitignore').as_posix()}")
                Path(folder, place).mkdir(parents=True, exist_ok=True)
                Path(folder, place, ".gitignore").write_bytes(rules)
            git = self._ask("rev-parse", "--absolute-git-dir").removesuffix(b"\n")
            return _ignored(root, paths, f"--git-dir={os.fsdecode(git)}", f"--work-tree={folder}")

    def _grep(self, *arguments: str) -> Iterator[tuple[str, str]]:
        begins = f"{self.commit}:"
        return ((path.removeprefix(begins), word) for path, word in self._grepped(*arguments, self.commit))

    def _named(self, name: str) -> tuple[list[str], bytes]:
        return self.now._named(name)  # noqa: SLF001 - one of its own kind


def _ignored(root: Path, paths: Sequence[str], *where: str) -> frozenset[str]:
    try:
        # No magic pathspec begins like this. What does not exist may have been meant as a folder.
        names = (f"./{path}{end}" for path in paths for end in ("", "/"))
        output = answer(start(root, *where, "check-ignore", "--no-index", "--", *names, literal=False))
    except HistoryError:  # exit 1: none of them
        return frozenset()
    return frozenset(path.removeprefix("./").rstrip("/") for path in output.decode("utf-8", "replace").splitlines())


def _disabled(filters: Process) -> list[tuple[str, str]]:
    """The settings that keep git from running the repository's own filters; those of the user and machine stay."""
    try:
        fields = _split(answer(filters))
    except HistoryError:  # exit 1: there are none
        return []
    own = {key for scope, key in zip(fields[::2], fields[1::2], strict=True) if scope not in ("system", "global")}
    names = sorted({key.rpartition(".")[0] for key in own})
    off = {"clean": "", "smudge": "", "process": "", "required": "false"}
    return [(f"{name}.{key}", value) for name in names for key, value in off.items()]


def _path_of(record: bytes) -> bytes:
    """Of mode, id, stage and, behind a tab, the path."""
    return record[record.index(b"\t") + 1 :]


def _entry(record: bytes) -> Entry:
    mode, identity, stage = record[: record.index(b"\t")].decode("ascii").split(" ")
    return Entry(mode, identity if stage == "0" else "")


def _changed(output: bytes) -> set[str]:
    """The paths of a raw diff: every second field."""
    return set(_split(output)[1::2])


def _before(output: bytes) -> dict[str, Entry | None]:
    """Of a raw diff, each path with its mode and id on the left side: `:mode mode id id status`."""
    fields = _split(output)
    left = ((path, facts[1:].split(" ")) for facts, path in zip(fields[::2], fields[1::2], strict=True))
    return {path: Entry(mode, id_) if int(mode) else None for path, (mode, _, id_, *_) in left}


def _split(output: bytes) -> list[str]:
    return decoded(output).split("\0")[:-1]


def _tree_entries(data: bytes, size: int) -> Iterator[tuple[str, Entry]]:
    at = 0
    while at < len(data):
        space, end = data.index(b" ", at), data.index(b"\0", at)
        mode = _MODES.get(data[at:space], data[at:space].decode())
        name = data[space + 1 : end].decode("utf-8", "surrogateescape")
        at = end + 1 + size
        yield name, Entry(mode, data[end + 1 : at].hex())


def _units(fields: Iterator[str]) -> Iterator[Unit]:
    """Five fields of a commit, then for each change its ":modes ids status" and its path."""
    field = next(fields, None)
    while field is not None:
        sha, (parents, seconds, author, subject) = field, islice(fields, 4)
        paths = set()
        while (field := next(fields, None)) and field.lstrip("\n").startswith(":"):
            paths.add(next(fields))
        yield Unit(_commit(sha, seconds, author, subject), tuple(parents.split()), frozenset(paths))


def _commit(sha: str, seconds: str, author: str, subject: str) -> Commit:
    return Commit(sha, datetime.fromtimestamp(int(seconds), UTC), author, subject)
