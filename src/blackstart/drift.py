"""What happened to covered code since it was last vouched for: worked out for all stale anchors at once."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from blackstart.errors import HistoryError
from blackstart.freshness.anchor import Anchor
from blackstart.freshness.tree import Checkout, fixed_folder, match
from blackstart.history import History, Unit, Walk
from blackstart.model import Commit
from blackstart.past import Past
from blackstart.runbook import quoted
from blackstart.written.names import is_below

_FILE = re.compile(r"^diff --git ", re.MULTILINE)
_HUNK = re.compile(r"^@@ -\S+ \+(\d+).*\n", re.MULTILINE)
_NAME = re.compile(r"^(?:---|\+\+\+) (.*)", re.MULTILINE)
_NOTHING = "/dev/null"
_ESCAPED = re.compile(r"\\([0-7]{3}|.)")
_CONTROLS = {**dict(zip("abtnvfr", "\a\b\t\n\v\f\r", strict=True)), '"': '"', "\\": "\\"}
_LISTED = 20
_MOST_PATHS = 50  # git is slow with long lists of paths, so beyond it their folders stand for them


@dataclass(frozen=True, slots=True)
class Vouch:
    """Who last stood up for an anchor. `how` is creation, edit or review; no commit means the work tree."""

    how: str
    commit: Commit | None
    tip: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """What happened to the covered code since it was vouched for. `place` is `path:line` of the first change."""

    commits: tuple[Commit, ...]
    files: tuple[str, ...]
    added: int
    removed: int
    place: str
    uncommitted: tuple[str, ...]
    where: str = ""  # of another checkout, as seen from this repository's root

    def command(self, since: str) -> str:
        """What a reader types to see the change since a commit."""
        folder = f"-C {quoted(self.where)} " if self.where else ""
        return f"git {folder}diff {since[:10]} -- {' '.join(quoted(path) for path in self.files[:3])}"


@dataclass(frozen=True, slots=True)
class _Change:
    """Lines added to a file and removed, and where the first of them stands now; empty where the file is gone."""

    added: int
    removed: int
    place: str


class _Line:
    """The commits of the main line, newest first, numbered. It is read no further than someone asks."""

    def __init__(self, commits: Iterator[str]) -> None:
        self._commits = commits
        self._passed: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, commit: str) -> int | None:
        while commit not in self._numbers and self._on():
            pass
        return self._numbers.get(commit)

    def commit(self, number: int) -> str | None:
        while len(self._passed) <= number and self._on():
            pass
        return self._passed[number] if number < len(self._passed) else None

    def _on(self) -> bool:
        commit = next(self._commits, None)
        if commit is None:
            return False
        self._numbers[commit] = len(self._passed)
        self._passed.append(commit)
        return True


Asked = tuple[Anchor, Vouch | None]


class Drifts:
    """Tells the stories of a checkout's anchors, each with the vouch since which it is to be told."""

    def __init__(self, checkout: Checkout, history: History, past: Past, asked: Sequence[Asked]) -> None:
        self._checkout, self._history, self._past = checkout, history, past
        self._asked = {one: self._files(*one) for one in asked}
        self._changes: dict[str, dict[str, _Change]] = {}
        self._places: dict[Vouch, int | None] = {}

    def of(self, anchor: Anchor, vouch: Vouch | None) -> Drift:
        """The story since the vouch; without a known commit to start from, only the last change."""
        files = self._asked[anchor, vouch]
        added, removed, place = self._stat(vouch.tip, files) if vouch and vouch.tip else (0, 0, "")
        uncommitted = tuple(path for path in files if path in self._checkout.worktree.uncommitted)
        place = posixpath.join(self._checkout.where, place or f"{files[0]}:1")
        return Drift(self._commits(vouch, files), files, added, removed, place, uncommitted, self._checkout.where)

    def _files(self, anchor: Anchor, vouch: Vouch | None) -> tuple[str, ...]:
        names = {path for path, _ in match(self._checkout.worktree, anchor.pattern)}
        if vouch and vouch.tip:
            names |= {path for path, _ in match(self._checkout.tree(vouch.tip), anchor.pattern)}
        return tuple(sorted(names)) or (fixed_folder(anchor.pattern),)

    def _commits(self, vouch: Vouch | None, files: Sequence[str]) -> tuple[Commit, ...]:
        try:
            if not (vouch and vouch.tip):
                return tuple(self._history.commits(None, files, limit=1))
            start = self._place(vouch)
            if start is None:
                return tuple(self._history.commits(vouch.tip, files, limit=_LISTED))
            return tuple(islice(self._units_since(vouch, start, files), _LISTED))
        except HistoryError:
            return ()

    def _units_since(self, vouch: Vouch, start: int, files: Sequence[str]) -> Iterator[Commit]:
        """The change units on the main line, newest first, that the vouch did not see."""
        units = self._walk.passed
        while (not units or self._is_newer(units[-1], start)) and self._walk.on():
            pass
        for index in sorted({index for path in files for index in self._walk.touching.get(path, ())}):
            commit = units[index].commit
            if not self._is_newer(units[index], start):
                return
            if not vouch.commit or commit.sha != vouch.commit.sha:
                yield commit

    def _is_newer(self, unit: Unit, start: int) -> bool:
        number = self._line.number(unit.commit.sha)
        return number is not None and number < start

    def _place(self, vouch: Vouch) -> int | None:
        """Where on the main line the vouch stood: at its commit, or where its branch began."""
        if vouch not in self._places:
            self._places[vouch] = self._located(vouch)
        return self._places[vouch]

    def _located(self, vouch: Vouch) -> int | None:
        assert vouch.tip
        if not vouch.commit or vouch.commit.sha == vouch.tip:
            return self._line.number(vouch.tip)
        merged = self._line.number(vouch.commit.sha)
        before = None if merged is None else self._line.commit(merged + 1)
        base = self._past.merge_base(before, vouch.tip) if before else None
        return self._line.number(base) if base else None

    @cached_property
    def _line(self) -> _Line:
        return _Line(self._history.main_line())

    @cached_property
    def _walk(self) -> Walk:
        """Back to the oldest of the vouches: what is beyond it may be far away, and git would look for it."""
        since = [(vouch, files) for (_, vouch), files in self._asked.items() if vouch and vouch.tip]
        start = max((place for vouch, _ in since if (place := self._known_place(vouch)) is not None), default=0)
        paths = {path for _, files in since for path in files}
        return Walk(self._history.units(*_few(paths), since=self._line.commit(start)))

    def _known_place(self, vouch: Vouch) -> int | None:
        try:
            return self._place(vouch)
        except HistoryError:
            return None

    def _stat(self, since: str, files: tuple[str, ...]) -> tuple[int, int, str]:
        """Lines added and removed, and where in the new files the first change stands."""
        if since not in self._changes:
            self._changes[since] = dict(self._changed(since))
        changes = self._changes[since]
        # Nothing but a folder is named where no file matched, then or now.
        found = [changes[path] for path in files if path in changes] or [
            change for path, change in changes.items() if is_below(path, ("" if files[0] == "." else files[0],))
        ]
        place = next((change.place for change in found if change.place), "")
        return sum(change.added for change in found), sum(change.removed for change in found), place

    def _changed(self, since: str) -> Iterator[tuple[str, _Change]]:
        """What became of every file that is asked about: git takes about as long for many as for one."""
        asked = {path for (_, vouch), files in self._asked.items() if vouch and vouch.tip == since for path in files}
        paths = sorted(asked)
        try:
            for at in range(0, len(paths), _MOST_PATHS):
                yield from _told(self._history.diff(since, paths[at : at + _MOST_PATHS], "--unified=0"))
        except HistoryError:
            return


def _told(diff: str) -> Iterator[tuple[str, _Change]]:
    """The files of a diff that have lines."""
    for part in _FILE.split(diff)[1:]:
        head, *hunks = _HUNK.split(part)
        names = [_unquoted(name) for name in _NAME.findall(head)]
        if not names:
            continue
        lines = [line for hunk in hunks[1::2] for line in hunk.split("\n")]
        added, removed = (sum(line.startswith(sign) for line in lines) for sign in "+-")
        place = "" if names[-1] == _NOTHING else f"{names[-1][2:]}:{max(int(hunks[0]), 1)}"
        name = names[0] if names[-1] == _NOTHING else names[-1]
        yield name[2:], _Change(added, removed, place)


def _unquoted(name: str) -> str:
    """Names with quotes, backslashes and control characters are written by git as C would."""
    name = name.removesuffix("\t")  # behind names with spaces
    if not name.startswith('"'):
        return name
    return _ESCAPED.sub(lambda found: _CONTROLS.get(found[1]) or chr(int(found[1], 8)), name[1:-1])


def _few(paths: set[str]) -> list[str]:
    """The paths, or so few folders that all of them are below one."""
    while len(paths) > _MOST_PATHS:
        deepest = max(path.count("/") for path in paths)
        if not deepest:
            return ["."]
        paths = {path.rpartition("/")[0] if path.count("/") == deepest else path for path in paths}
    return sorted(paths)
