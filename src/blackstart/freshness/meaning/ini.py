"""systemd units and INI files by section and key. A key that is given several times keeps its order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from blackstart.freshness.meaning.language import Language, Unit, of_units
from blackstart.freshness.meaning.lines import behind, is_comment

_SECTION = re.compile(r"\[(.+)\]")
_ENVIRONMENT = ("Environment", "EnvironmentFile", "PassEnvironment", "UnsetEnvironment")
_HERE = re.compile(r"%\((\w+)\)s|\$\{(\w[\w.-]*)\}")
_ELSEWHERE = re.compile(r"\$\{([^}:$\n]+):([^}:$\n]+)\}|\{\[([^\]\n{]+)\]([^}\n{]+)\}")  # the second is of tox
_MAX_LEXED = 30_000  # Pygments is slow on hostile input


@dataclass(slots=True)
class _Entry:
    """A key with its value, or a line that has none; without both, the head of a section."""

    section: str
    key: str = ""
    value: list[str] = field(default_factory=list)
    number: int = 0  # of the section in the file: networkd may have several of one name

    def unit(self, uses: frozenset[str], *, ambient: bool = False) -> Unit:
        binds = {self.section} if self.section else set[str]()
        if self.key:
            binds.add(f"{self.section}.{self.key}" if self.section else self.key)
        return Unit([self.section, self.number, self.key, self.value], frozenset(binds), uses, ambient=ambient)


def _systemd(text: str) -> list[Unit] | None:
    """The order of different keys and sections means nothing."""
    entries = list(_systemd_entries(text))
    if any(not entry.section for entry in entries):
        return None
    entries.sort(key=lambda entry: (entry.section, entry.number, entry.key))
    return [entry.unit(_environment(entry)) for entry in entries]


def _systemd_entries(text: str) -> Iterator[_Entry]:
    section, seen = "", Counter[str]()
    for line in _systemd_lines(text):
        if match := _SECTION.fullmatch(line):
            section = match[1]
            seen[section] += 1
            yield _Entry(section, number=seen[section])
        else:
            key, equals, value = line.partition("=")
            yield _Entry(section, key.strip(), [value.strip()] if equals else [], seen[section])


def _systemd_lines(text: str) -> Iterator[str]:
    """A backslash at its end goes on with the next line that is no comment."""
    parts = list[str]()
    for line in text.split("\n"):
        bare = line.strip()
        if bare.startswith(("#", ";")) or not (bare or parts):
            continue
        if bare.endswith("\\"):
            parts.append(bare[:-1].rstrip())
            continue
        yield " ".join([*parts, bare]).strip()
        parts = []
    if parts:
        yield " ".join(parts).strip()


def _environment(entry: _Entry) -> frozenset[str]:
    """A command's variables come from the unit, too."""
    expands = entry.key.startswith("Exec") and any("$" in line for line in entry.value)
    return frozenset(f"{entry.section}.{key}" for key in _ENVIRONMENT) if expands else frozenset()


def _ini(text: str) -> list[Unit] | None:
    """As Python's configparser reads it; None for what only has the suffix in common."""
    entries = list(_ini_entries(text))
    significant = [entry for entry in entries if entry.key]
    if not any(not entry.key for entry in entries) or any(not one.section and not one.value for one in significant):
        return None
    if any(one.key.endswith(("{", ";")) or one.key in ("}", "};") for one in significant):
        return None
    return [entry.unit(_interpolated(entry), ambient=entry.section in ("", "DEFAULT")) for entry in entries]


def _ini_entries(text: str) -> Iterator[_Entry]:
    section, current, indent, blank = "", None, 0, 0
    for line in text.split("\n"):
        bare = line.strip()
        if not bare:
            blank += 1
            continue
        if is_comment(bare, ("#", ";")):
            continue
        depth = len(line) - len(line.lstrip())
        if current and depth > indent:
            current.value += [*[""] * blank, bare]
        else:
            if current:
                yield current
            match = _SECTION.fullmatch(bare)
            section = match[1] if match else section
            current, indent = (_Entry(section) if match else _ini_entry(section, bare)), depth
            if match:
                yield current
                current = None
        blank = 0
    if current:
        yield current


def _ini_entry(section: str, line: str) -> _Entry:
    match = re.search(r"[=:]", line)
    if match is None:
        return _Entry(section, line)
    return _Entry(section, line[: match.start()].strip(), [match[0], line[match.end() :].strip()])


def _interpolated(entry: _Entry) -> frozenset[str]:
    text = "\n".join(entry.value)
    here = {f"{entry.section}.{one or other}" for one, other in _HERE.findall(text)}
    there = {f"{a or c}.{b or d}" for a, b, c, d in _ELSEWHERE.findall(text)}
    return frozenset(here | there)


def _language(units: Callable[[str], list[Unit] | None]) -> Language:
    return behind(of_units(units), lexed=_MAX_LEXED)


SYSTEMD, INI = _language(_systemd), _language(_ini)
