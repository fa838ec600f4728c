"""What a page that has no front matter yet is: its title, kind, component, owner, alerts. Each guess has its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from blackstart.adoption.covers import Guessed, Guesser, Named
from blackstart.adoption.owners import Owners
from blackstart.catalogue import Component
from blackstart.coverage import owners_of
from blackstart.history import History
from blackstart.kinds import Kind
from blackstart.library import Library
from blackstart.rules.structure.required_sections import folded
from blackstart.runbook import Runbook

# What a kind is called elsewhere; a team's own kinds go by their names and titles.
_WORDS = {
    "comms": ("status page", "communications?", "comms", "notify(?:ing)? (?:customers|users)", "announce(?:ment)?s?"),
    "rebuild": ("rebuild(?:ing)?", "recreat(?:e|ing)", "disaster recovery", "dr process", "from scratch", "bare metal"),
    "restore": ("restor(?:e|ing|ation)", "backups?", "recover(?:y|ing)? data", "point in time"),
}
_DEFAULT = "component"
_OWNER_KEYS = ("owner", "owners", "team", "maintainer", "maintained_by", "squad")
_CHANNEL_KEYS = ("owner_slack", "slack", "slack_channel")
_ALERT = re.compile(r"[A-Za-z][a-z0-9]*(?:[A-Z]+[a-z0-9]*){2,}")
_PLACEHOLDER = re.compile(r"<%|\{\{|\{%")
_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_LEAST_MENTIONS = 2


@dataclass(frozen=True, slots=True)
class Guess:
    """One entry of the front matter, and what speaks for it."""

    key: str
    value: str | list[str]
    why: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the user says of all pages at once."""

    kind: str = ""
    component: str = ""
    owner: str = ""
    covers: tuple[str, ...] = ()


class Guesses:
    """Everything that the repository knows about its pages."""

    def __init__(self, library: Library, said: Said) -> None:
        self._library, self._said = library, said
        self._owners = Owners(library.root, library.history)
        self._code = Guesser(library)
        self._owned = owners_of(library)

    def of(self, runbook: Runbook) -> tuple[list[Guess], tuple[str, ...]]:
        """The guesses for what its front matter lacks, and the folders it names that hold too much to cover."""
        had = runbook.yaml.data if isinstance(runbook.yaml.data, dict) else {}
        code = self._covers(runbook, had)
        titled = self._title(runbook, had)
        component = self._component(runbook, titled.value, had.get("covers") or [one.anchor for one in code.covers])
        entries = [
            titled,
            self._kind(runbook, titled.value),
            component,
            self._owner(runbook, had, component),
            Guess("covers", [one.anchor for one in code.covers], _where(code.covers)) if code.covers else None,
            self._alerts(runbook),
        ]
        return [guess for guess in entries if guess and guess.key not in had], code.wide

    def _title(self, runbook: Runbook, had: Mapping[str, Any]) -> Guess:
        if isinstance(had.get("title"), str):
            return Guess("title", had["title"], "its front matter")
        heading = next((one.text for one in runbook.document.headings if one.level == 1), "")
        plain = " ".join(heading.split())[:300].strip()
        if plain and not _PLACEHOLDER.search(plain):
            return Guess("title", plain, "its first heading")
        stem = re.sub(r"[\W_]+", " ", PurePosixPath(runbook.path).stem).strip().capitalize()
        return Guess("title", stem or runbook.path, "the file's name")

    # --- kind

    def _kind(self, runbook: Runbook, title: str | list[str]) -> Guess:
        if self._said.kind:
            return Guess("kind", self._said.kind, "--kind")
        kinds, path = self._library.kinds, PurePosixPath(runbook.path)
        for part in path.parent.parts:
            if part in kinds:
                return Guess("kind", part, f"it is in `{part}/`")
        for kind, words in _telling(kinds):
            for place, text in (("its title", str(title)), ("the file's name", path.stem)):
                if found := words.search(_spaced(text)):
                    return Guess("kind", kind, f"“{found[0]}” in {place}")
        return self._kind_by_sections(runbook, kinds)

    def _kind_by_sections(self, runbook: Runbook, kinds: Mapping[str, Kind]) -> Guess:
        titles = {folded(heading.text): heading.text for heading in runbook.document.headings}
        held = {name: list(_held(kind, titles)) for name, kind in kinds.items()}
        best = max(held, key=lambda name: (len(held[name]), name == _DEFAULT))
        if len(held[best]) >= 2:
            return Guess("kind", best, f"its sections {', '.join(held[best][:4])}")
        return Guess("kind", _DEFAULT if _DEFAULT in kinds else next(iter(kinds)), "nothing says more")

    # --- component

    def _component(self, runbook: Runbook, title: str | list[str], covers: Iterable[Any]) -> Guess | None:
        if self._said.component:
            return Guess("component", self._said.component, "--component")
        catalogue = self._library.catalogue
        if catalogue is None:
            return Guess("component", self._place(runbook), "there is no catalogue; the place of the file")
        parts = [component for component in catalogue.components.values() if not component.is_system]
        found = (
            _called(parts, runbook.path, "the path")
            or _called(parts, str(title), "its title")
            or self._by_files(covers)
            or _mentioned(parts, runbook)
        )
        return found or _whole(list(catalogue.components.values()))

    def _by_files(self, covers: Iterable[Any]) -> Guess | None:
        files = (str(anchor).partition("#")[0].removesuffix("/**") for anchor in covers)
        owning = [name for file in files if (name := self._owned.get(file))]
        best = max(owning, key=owning.count, default=None)
        return Guess("component", best, "its files are named") if best else None

    def _place(self, runbook: Runbook) -> str:
        """The folder below the runbooks' own, else the repository's name."""
        below = PurePosixPath(runbook.path).relative_to(self._library.policy.runbooks).parent.parts
        named = next((part for part in below if part not in self._library.kinds), "")
        return as_name(named) if named else repository_name(self._library.root, self._library.history)

    # --- owner

    def _owner(self, runbook: Runbook, had: Mapping[str, Any], component: Guess | None) -> Guess | None:
        if self._said.owner:
            return Guess("owner", self._said.owner, "--owner")
        if own := _text_of(had, _OWNER_KEYS):
            return Guess("owner", own[1], f"`{own[0]}` in its front matter")
        if found := self._owners.of(runbook.path):
            return Guess("owner", self._known(found.name), found.place)
        known = self._library.catalogue.components if self._library.catalogue else {}
        if component and str(component.value) in known:
            return Guess("owner", known[str(component.value)].owner, "the catalogue")
        channel = _text_of(had, _CHANNEL_KEYS)
        return Guess("owner", channel[1], f"`{channel[0]}` in its front matter") if channel else None

    def _known(self, name: str) -> str:
        """`@acme/dba` is what the catalogue calls `dba`."""
        known = self._library.catalogue.components.values() if self._library.catalogue else ()
        short = name.rpartition("/")[2]
        return short if any(component.owner == short for component in known) else name

    # --- covers and alerts

    def _covers(self, runbook: Runbook, had: Mapping[str, Any]) -> Guessed:
        if "covers" in had or self._said.covers:
            return Guessed(tuple(Named(anchor, ()) for anchor in self._said.covers), ())
        guessed = self._code.covers(runbook.path, runbook.document)
        first = (runbook.document.first_line,)
        rules = [Named(rule, first) for alert in self._led_by(runbook) for rule in self._code.alert(alert)]
        files = {rule.anchor.partition("#")[0] for rule in rules}
        return Guessed((*rules, *(one for one in guessed.covers if one.anchor not in files)), guessed.wide)

    def _alerts(self, runbook: Runbook) -> Guess | None:
        return Guess("alerts", alerts, "in its headings") if (alerts := list(self._led_by(runbook))) else None

    def _led_by(self, runbook: Runbook) -> Iterator[str]:
        """The alerts that its headings name; its file and first heading may name one that is defined elsewhere."""
        stem, known = PurePosixPath(runbook.path).stem, self._code.alerts
        words = [word for heading in runbook.document.headings for word in re.findall(r"\w+", heading.text)]
        yield from dict.fromkeys(word for word in words if word in known or (word == stem and _ALERT.fullmatch(word)))


def repository_name(root: Path, history: History | None) -> str:
    """What `origin` or the folder calls the repository; a folder below its top goes by its own name."""
    if history is None or history.prefix:
        return as_name(root.name)
    return as_name(re.split(r"[/:]", history.remote.removesuffix("/").removesuffix(".git"))[-1] or root.name)


def as_name(text: str) -> str:
    """Text as a name that the front matter takes."""
    return _ODD.sub("-", text).strip("-._")[:100] or "service"


def _where(covers: Iterable[Named]) -> str:
    lines = sorted({one.lines[0] for one in covers if one.lines})
    if not lines:
        return "--covers"
    return f"named in line{'s' if lines[1:] else ''} {', '.join(map(str, lines[:8]))}{' …' if lines[8:] else ''}"


def _telling(kinds: Mapping[str, Kind]) -> Iterator[tuple[str, re.Pattern[str]]]:
    for name, words in _WORDS.items():
        if name in kinds:
            yield name, re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)
    for name, kind in kinds.items():
        if name not in (*_WORDS, _DEFAULT):
            words = tuple(re.escape(_spaced(word)) for word in (name, kind.title))
            yield name, re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


def _held(kind: Kind, titles: Mapping[str, str]) -> Iterator[str]:
    """The page's headings that are sections of the kind, one a section."""
    for section in kind.sections:
        yield from [titles[folded(name)] for name in section.names if folded(name) in titles][:1]


def _called(components: Iterable[Component], text: str, place: str) -> Guess | None:
    """The component whose name or title the text holds, the longest one."""
    spaced = f" {_spaced(text)} "
    names = ((name, component.name) for component in components for name in (component.name, component.title))
    found = [(name, component) for name, component in names if f" {_spaced(name)} " in spaced]
    best = max(found, key=lambda one: len(one[0]), default=None)
    return Guess("component", best[1], f"`{best[0]}` in {place}") if best else None


def _mentioned(components: Iterable[Component], runbook: Runbook) -> Guess | None:
    text = f" {_spaced(' '.join(line for _, line in runbook.document.numbered()))} "
    counts = {one.name: max(text.count(f" {_spaced(name)} ") for name in (one.name, one.title)) for one in components}
    best = max(counts, key=lambda name: counts[name], default=None)
    if best is None or counts[best] < _LEAST_MENTIONS:
        return None
    return Guess("component", best, f"named {counts[best]} times")


def _whole(components: list[Component]) -> Guess | None:
    """The system, or the only component."""
    if system := next((component for component in components if component.is_system), None):
        return Guess("component", system.name, "it names no part, so the whole")
    return Guess("component", components[0].name, "the only one") if len(components) == 1 else None


def _text_of(had: Mapping[str, Any], keys: Iterable[str]) -> tuple[str, str] | None:
    return next(((key, had[key].strip()) for key in keys if isinstance(had.get(key), str) and had[key].strip()), None)


def _spaced(text: str) -> str:
    """Words in lower case with one space between; `camelCase` stays a word."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
