"""What a page that covers nothing of a change could notice of it: paths that come and go, names that code loses.

A page may be looked at in vain, but none is passed over that a rule could judge otherwise than before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from pathlib import PurePosixPath
from urllib.parse import unquote

from blackstart.branch import Branch
from blackstart.freshness.identifiers import is_telling
from blackstart.freshness.tree import Tree, lookup
from blackstart.inventory import COMPOSE_FILES, MAKEFILES, UNIT, Inventory
from blackstart.runbook import Runbook
from blackstart.written.names import is_below

_SNIFFED = 8_000  # bytes; git looks as far for the NUL that no text has
_WORD = re.compile(r"\w+")
_RUN = re.compile(r"[\w@%+./:-]+")
_CAPITALS = re.compile(r"[A-Z0-9_]*_[A-Z0-9_]*")
_LONGEST = 12  # words of a name; a longer one counts as soon as a line with it changes
_COMPARED = 2_000  # names of a file; beyond it, each counts as lost
_NO_NAMES = re.compile(r"^(?:covers|reviewed):[ \t]*\n(?:[ \t-].*\n)*", re.MULTILINE)  # a name is an anchor there
_ENCODED = "%&\\"
_FEW = 100


@dataclass(frozen=True)
class Traces:
    """Of one branch."""

    branch: Branch

    def meets(self, runbook: Runbook) -> bool:
        """Whether the page's text has to do with the change."""
        body = runbook.text[runbook.body_start :]
        text = _plain(body) if any(sign in body for sign in _ENCODED) else body
        met = filter(text.__contains__, self._places)
        if any(self._reaches(path, runbook.path, text) for name in met for path in self._places[name]):
            return True
        return self._names_one(f"{runbook.head}\n{text}") and self._names_one(
            f"{_NO_NAMES.sub('', runbook.head)}\n{text}"
        )

    def _names_one(self, text: str) -> bool:
        """To take a text apart into its words takes longer than to look for a few of them."""
        few = len(self._names) <= _FEW
        met = filter(text.__contains__, self._names) if few else self._names.keys() & set(_WORD.findall(text))
        return any(name in text for word in met for name in self._names[word])

    def meets_family(self, runbook: Runbook) -> bool:
        """Whether a page that covers what changed names a variable of a family that comes or goes there."""
        return any(f"{family}_" in runbook.text for family in self._families)

    def _reaches(self, path: str, page: str, text: str) -> bool:
        """Whether the text, which has the last part of the path, leads to it: in one piece or through folders named
        before; a link, from its page.
        """
        folder, _, name = path.rpartition("/")
        beside = f"{folder.rpartition('/')[2]}/{name}"
        return (path in self._flipped and beside in text) or all(
            part in text or f"/{part}/" in f"/{page}/" for part in folder.split("/")
        )

    @cached_property
    def _places(self) -> dict[str, list[str]]:
        """Every file that differs in more than the record of a review, and the folders that come and go with them, by
        the last part of the path.
        """
        found: dict[str, list[str]] = {}
        for path in sorted(self.branch.paths - self.branch.recorded | self._flipped):
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return found

    @cached_property
    def _flipped(self) -> frozenset[str]:
        every = {parent for path in self.branch.paths for parent in (path, *_above(path))}
        then, now = self.branch.tree, self.branch.now.worktree
        return frozenset(path for path in every if (lookup(then, path) is None) != (lookup(now, path) is None))

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """The names that code gained or lost and the commands that may do something else, by one word of each."""
        found: dict[str, list[str]] = {}
        for name in {*self._words(), *_commands(self.branch)}:
            found.setdefault(max(_WORD.findall(name), key=len, default=name), []).append(name)
        return found

    def _words(self) -> Iterator[str]:
        own = (self.branch.now.policy.runbooks.rstrip("/"),)  # what runbooks say is no code
        for path, (before, after) in self._texts.items():
            if not is_below(path, own):
                yield from _lost(before, after)
                yield from _lost(after, before)

    @cached_property
    def _families(self) -> frozenset[str]:
        return frozenset(family for before, after in self._texts.values() for family in _families(before, after))

    @cached_property
    def _texts(self) -> dict[str, tuple[str, str]]:
        """Each file that differs in more than the record of a review, before and after."""
        then, now = self.branch.tree, self.branch.now.worktree
        return {path: (_text(then, path), _text(now, path)) for path in self.branch.paths - self.branch.recorded}


def _commands(branch: Branch) -> Iterator[str]:
    """Words of commands that may do something else, or something at all, than before."""
    names = {PurePosixPath(path).name for path in branch.paths}
    if not names.isdisjoint(MAKEFILES):
        yield "make"
    if any(map(COMPOSE_FILES.fullmatch, names)):
        yield "compose"
    if any("." in name and UNIT.fullmatch(name) for name in names):
        yield from ("systemctl", "journalctl")
    rewired = not names.isdisjoint(("pyproject.toml", "__init__.py"))
    if rewired or any(_in_package(branch, path) for path in branch.paths):
        for library in filter(None, (branch.now, branch.then if rewired else None)):
            packages = Inventory(library).packages.items()
            yield from (name for name, package in packages if rewired or _meets(branch, package))


def _meets(branch: Branch, package: str) -> bool:
    return bool(package) and any(is_below(path, (package,)) for path in branch.paths)


def _in_package(branch: Branch, path: str) -> bool:
    return any(lookup(branch.now.worktree, f"{folder}/__init__.py") for folder in _above(path))


def _above(path: str) -> Iterator[str]:
    return (path[:at] for at, symbol in enumerate(path) if symbol == "/")


def _plain(text: str) -> str:
    """With what Markdown and addresses may write in other ways, beside the text as it stands."""
    return f"{text}\n{unescape(unquote(text.replace(chr(92), '')))}"


def _text(tree: Tree, path: str) -> str:
    """Empty for what git searches for no words."""
    entry = lookup(tree, path)
    data = tree.read(path, entry) if entry and entry.mode.startswith("100") else b""
    return "" if b"\0" in data[:_SNIFFED] else data.decode("utf-8", "replace")


def _lost(text: str, other: str) -> Iterator[str]:
    """The names in the lines of `text` that `other` has nowhere, if a page could be the worse or better for it."""
    lines = "\n".join(set(text.split("\n")).difference(other.split("\n")))
    names = {name for run in set(_RUN.findall(lines)) for name in _within(run) if is_telling(name)}
    for number, name in enumerate(names):
        if number >= _COMPARED or not _has(other, name):
            yield name.rpartition("/")[2]  # a link writes a path in its own way, but for the end
    # `make` and the shell know variables by their family, so every end of a name in capitals counts.
    for name in set(_CAPITALS.findall(lines)).difference(_CAPITALS.findall(other)):
        yield from (name[at:] for at in range(len(name)) if name[at].isalpha() and "_" in name[at:])


def _families(before: str, after: str) -> Iterator[str]:
    """The beginnings of the names in capitals that only one of the texts has."""
    for name in set(_CAPITALS.findall(before)).symmetric_difference(_CAPITALS.findall(after)):
        *parts, _ = name.split("_")
        yield from (part[at:] for part in parts for at in range(len(part)) if part[at].isalpha())


def _within(run: str) -> Iterator[str]:
    """The names in a run of letters and signs: all that begins and ends with a word."""
    words = [match.span() for match in _WORD.finditer(run)]
    for index, (start, _) in enumerate(words):
        for _, end in words[index : index + _LONGEST]:
            yield run[start:end]
            yield from (run[start - len(sign) : end] for sign in ("--", "/") if run[:start].endswith(sign))


def _has(text: str, name: str) -> bool:
    """Whether it stands there as a word."""
    return name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
