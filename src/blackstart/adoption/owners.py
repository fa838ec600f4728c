"""Who owns a file, as CODEOWNERS or the OWNERS files of Kubernetes say it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from blackstart.errors import ConfigurationError
from blackstart.freshness.glob import matches as glob_matches
from blackstart.history import History
from blackstart.written.text import decode, read_bytes
from blackstart.written.yaml import parse

_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")  # the first one counts
_OWNER = re.compile(r"@?[\w.+-]+(?:[@/][\w.+-]+)*")
_SECTION = re.compile(r"\^?\[[^\]]+\](?:\[\d+\])?(?P<owners>.*)")  # GitLab's; its owners hold where a line has none
_WORD = re.compile(r"(?:\\.|[^\s\\])+")
_MOST_RULES = 20_000
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of CODEOWNERS; no owners means that nobody owns what it matches."""

    pattern: str
    owners: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Owner:
    """`place` is where it is said."""

    name: str
    place: str


class Owners:
    """What the repository around `root` says; such files stand at git's top and name paths from there."""

    def __init__(self, root: Path, history: History | None) -> None:
        self._top = history.top if history else root
        self._prefix = history.prefix if history else ""

    def of(self, path: str) -> Owner | None:
        """CODEOWNERS decides where it names the file, else the nearest OWNERS file."""
        path = f"{self._prefix}/{path}" if self._prefix else path
        return self._from_codeowners(path) or self._from_owners(path)

    def _from_codeowners(self, path: str) -> Owner | None:
        rule = next((rule for rule in reversed(self._rules) if matches(rule.pattern, path)), None)
        if rule is None or not rule.owners:
            return None
        teams = [owner for owner in rule.owners if owner.startswith("@") and "/" in owner]
        return Owner(_named(teams, rule.owners), f"{self._codeowners}:{rule.line}")

    def _from_owners(self, path: str) -> Owner | None:
        for folder in PurePosixPath(path).parents:
            place = (folder / "OWNERS").as_posix()
            approvers = tuple(_approvers(self._data(place)))
            if approvers:
                return Owner(_named([name for name in approvers if name in self._aliases], approvers), place)
        return None

    @cached_property
    def _codeowners(self) -> str:
        return next((path for path in _PLACES if self._text(path)), "")

    @cached_property
    def _rules(self) -> list[Rule]:
        return list(islice(rules(self._text(self._codeowners)), _MOST_RULES))

    @cached_property
    def _aliases(self) -> frozenset[str]:
        aliases = self._data("OWNERS_ALIASES").get("aliases")
        return frozenset(aliases) if isinstance(aliases, dict) else frozenset()

    def _data(self, path: str) -> dict[str, Any]:
        data = parse(path, self._text(path)).data
        return data if isinstance(data, dict) else {}

    def _text(self, path: str) -> str:
        try:
            data = read_bytes(self._top, path) if path else None
        except ConfigurationError:  # a link or a folder of that name says nothing
            data = None
        return decode(path, data or b"").text


def rules(text: str) -> Iterator[Rule]:
    """The rules of a CODEOWNERS file, in its order."""
    inherited: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        words = _WORD.findall(line)
        words = words[: next((at for at, word in enumerate(words) if word.startswith("#")), len(words))]
        if not words or words[0].startswith("!"):
            continue
        if section := _SECTION.fullmatch(" ".join(words)):
            inherited = _owners(section["owners"].split())
        else:
            yield Rule(re.sub(r"\\(.)", r"\1", words[0]), _owners(words[1:]) or inherited, number)


def matches(pattern: str, path: str) -> bool:
    """Whether a CODEOWNERS pattern names the file.

    It is that of .gitignore, without `!` and `[]`, and with a `*` at the end that does not reach into folders.
    """
    body = pattern.strip("/") or "**"
    glob = body if "/" in pattern.rstrip("/") else f"**/{body}"
    glob = f"{glob}/*" if pattern.endswith("/") else glob
    return any(glob_matches(glob.replace("[", "[[]"), part) for part in _parts(path, whole=pattern.endswith("/*")))


def _parts(path: str, *, whole: bool) -> Iterator[str]:
    """The path, and unless it has to fit as a whole the folders it is in."""
    yield path
    if not whole:
        yield from (folder.as_posix() for folder in PurePosixPath(path).parents[:-1])


def _approvers(data: dict[str, Any]) -> Iterator[str]:
    filters = data.get("filters")
    everything = filters.get(".*") if isinstance(filters, dict) else None
    for home in (data, everything):
        listed = home.get("approvers") if isinstance(home, dict) else None
        yield from (name for name in listed if isinstance(name, str)) if isinstance(listed, list) else ()


def _owners(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if _OWNER.fullmatch(word) and ("@" in word))


def _named(teams: Sequence[str], everyone: Sequence[str]) -> str:
    """One team, else the people who are named."""
    return teams[0] if teams else ", ".join(everyone[:_MOST_NAMED])
