"""Dockerfiles by stages. A stage has those that it is built from and copies from, and the arguments before them all."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from blackstart.freshness.meaning.language import Language, Unit, of_units
from blackstart.freshness.meaning.lines import behind

_KEYWORDS = {
    *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"),
    *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
}
_DIRECTIVE = re.compile(r"#\s*(syntax|escape|check)\s*=\s*(.*?)\s*", re.IGNORECASE)
_HEREDOC = re.compile(r"(?<!<)<<(-?)([\"']?)([A-Za-z_][\w.]*)\2")
_PART = re.compile(r"\\.|\"(?:\\.|[^\"\\])*(?:\"|\Z)|'[^']*(?:'|\Z)|[ \t\r\n]+|[^\\\"' \t\r\n]+|\\", re.DOTALL)
_NEEDLESS = re.compile(r"=(?:\"([\w./:@+-]+)\"|'([\w./:@+-]+)')(?=\s|\Z)")
_FROM = re.compile(r"(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*", re.IGNORECASE)
_FLAGS = re.compile(r"(?:--\S+\s+)*")
_STAGE, _ANY_STAGE = "\0stage ", "\0any stage"


class _Unreadable(Exception):
    """Not a Dockerfile that we know."""


@dataclass(slots=True)
class _Stage:
    """The instructions from one FROM to the next."""

    form: list[Any] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)


def _units(text: str) -> list[Unit] | None:
    found, stages = list[Unit](), list[_Stage]()
    try:
        for keyword, arguments, heredocs in _Reader(text).instructions():
            form = [keyword, _arguments(keyword, arguments), *heredocs]
            if keyword == "FROM":
                stages.append(_begun(len(stages), arguments))
            if stages:
                stages[-1].form.append(form)
                stages[-1].uses |= _used(keyword, arguments)
            else:
                name = arguments.split("=")[0].strip()
                found.append(Unit(form, frozenset({name} if keyword == "ARG" else ()), ambient=True))
    except _Unreadable:
        return None
    return [*found, *map(_unit, stages)]


def _unit(stage: _Stage) -> Unit:
    binds = stage.names | {_STAGE + name.lower() for name in stage.names} | {_ANY_STAGE}
    return Unit(stage.form, frozenset(binds), frozenset(stage.uses))


def _begun(index: int, arguments: str) -> _Stage:
    match = _FROM.fullmatch(arguments)
    if match is None:
        raise _Unreadable
    return _Stage(
        names={str(index)} | ({match[2]} if match[2] else set()), uses=_of_stage(match[1]) if index else set()
    )


def _used(keyword: str, arguments: str) -> set[str]:
    """Stages after `--from=` and in `--mount=type=bind,from=`."""
    if keyword not in ("COPY", "ADD", "RUN", "ONBUILD"):
        return set()
    options = [word.partition("=")[2] for word in arguments.split() if word.startswith("--mount=")]
    fields = [one for option in options for one in option.split(",")]
    fields += [word[2:] for word in arguments.split() if word.startswith("--from=")]
    return {name for one in fields if one.startswith("from=") for name in _of_stage(one[5:])}


def _of_stage(name: str) -> set[str]:
    """With a variable in it, it may be any, unless what is fixed of it can only be an image."""
    if "$" not in name:
        return {_STAGE + name.strip("\"'").lower()}
    return set() if re.search(r"[:/@]", re.sub(r"\$\{[^}]*\}", "", name)) else {_ANY_STAGE}


class _Reader:
    def __init__(self, text: str) -> None:
        self.lines, self.at, self.escape = text.split("\n"), 0, "\\"
        self.ends: dict[str, list[int]] = {}  # where a line that could end a here-document is
        if "<<" in text:
            for number, line in enumerate(self.lines):
                self.ends.setdefault(line.lstrip("\t"), []).append(number)

    def instructions(self) -> Iterator[tuple[str, str, list[str]]]:
        """Keyword, arguments, here-documents."""
        yield from self._directives()
        while self.at < len(self.lines):
            line = self._logical().strip()
            if not line:
                continue
            keyword, *rest = line.split(None, 1)
            if keyword.upper() not in _KEYWORDS:
                raise _Unreadable
            arguments = rest[0] if rest else ""
            heredocs = self._heredocs(arguments) if keyword.upper() in ("RUN", "COPY", "ADD", "ONBUILD") else []
            yield keyword.upper(), arguments, heredocs

    def _directives(self) -> Iterator[tuple[str, str, list[str]]]:
        """Comments that say how to read the file; only at its very beginning."""
        while self.at < len(self.lines) and (match := _DIRECTIVE.fullmatch(self.lines[self.at])):
            self.at += 1
            if match[1].lower() == "escape":
                self.escape = match[2][:1] or "\\"
            yield f"#{match[1].lower()}", match[2], []

    def _logical(self) -> str:
        """The next lines that belong together, comments left out."""
        parts = list[str]()
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            if line.lstrip().startswith("#") or (parts and not line.strip()):
                continue
            bare = line.rstrip()
            if not bare.endswith(self.escape):
                return "".join([*parts, line])
            parts.append(bare[:-1])
        return "".join(parts)

    def _heredocs(self, arguments: str) -> list[str]:
        found = []
        for dash, _, marker in _HEREDOC.findall(arguments):
            ends = self.ends.get(marker, [])
            index = bisect_left(ends, self.at)
            if index < len(ends) and not dash and self.lines[ends[index]] != marker:
                raise _Unreadable  # an indented word that looks like the end
            if index < len(ends):
                body = self.lines[self.at : ends[index]]
                found.append("\n".join(line.lstrip("\t") if dash else line for line in body))
                self.at = ends[index] + 1
        return found


def _arguments(keyword: str, arguments: str) -> Any:
    """A JSON list, or words: outside quotes, any white space is one space."""
    flags = _FLAGS.match(arguments)
    rest = arguments[flags.end() :] if flags else arguments
    if rest.startswith("["):
        return [*arguments[: len(arguments) - len(rest)].split(), _json(rest)]
    if keyword in ("ENV", "LABEL"):
        return _pairs(arguments)
    if keyword == "ONBUILD":
        inner, *more = arguments.split(None, 1) or [""]
        return [inner.upper(), *map(_spaced, more)]
    if keyword == "FROM":
        return re.sub(r"\s+as\s+", " AS ", _spaced(arguments), flags=re.IGNORECASE)
    return _NEEDLESS.sub(r"=\1\2", _spaced(arguments)) if keyword == "ARG" else _spaced(arguments)


def _pairs(arguments: str) -> str:
    """`ENV a=b c=d`; in the old `ENV a b c` white space belongs to the value."""
    name, *_ = arguments.split(None, 1) or [""]
    return _NEEDLESS.sub(r"=\1\2", _spaced(arguments)) if "=" in name else arguments


def _json(text: str) -> Any:
    """A list of strings; anything else is as it is, which Docker takes for a shell command."""
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return words if all(isinstance(word, str) for word in words) else text


def _spaced(arguments: str) -> str:
    return "".join(" " if part.isspace() else part for part in _PART.findall(arguments)).strip()


def _language() -> Language:
    language = behind(of_units(_units))

    def names(text: str) -> frozenset[str] | None:
        known = language.names(text)
        return None if known is None else frozenset(name for name in known if "\0" not in name)

    return Language(language.whole, language.part, names)


DOCKER = _language()
