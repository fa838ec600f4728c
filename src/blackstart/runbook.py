"""A runbook as written: its front matter, its body, and where each entry stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from blackstart.freshness.cache import Cache, Caches, short_key
from blackstart.model import Problem
from blackstart.written.names import Fingerprint, Line, Lines, Name, Names
from blackstart.written.schema import validate
from blackstart.written.shapes import Entries
from blackstart.written.text import decode
from blackstart.written.yaml import Yaml, parse, parsed

if TYPE_CHECKING:
    from blackstart.written.markdown import Document

MAX_BYTES = 250_000  # no one reads a longer page in an outage, and hostile Markdown stays quick
_OPENED = re.compile(r"---[ \t]*\r?\n")
_CLOSED = re.compile(r"\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)")
_NO_FRONT = "no front matter: the file must begin with a line `---`, then `key: value` lines, then `---`"
_DATE = "\0date"
_UNCLOSED = "the front matter is never closed"


@dataclass(frozen=True, kw_only=True)
class Review:
    """A person's recorded word that the runbook still holds; `blackstart review` writes it."""

    on: Annotated[date, "The day of the review."]
    by: Annotated[Line, "Who reviewed."]
    note: Annotated[Line, "Why the runbook still holds, or what was changed in it."]
    seen: Annotated[
        dict[str, Fingerprint], "One fingerprint per anchor: what the covered code meant when it was reviewed."
    ]


@dataclass(frozen=True, kw_only=True)
class Exercised:
    """A person's record that people went through the runbook, step by step."""

    on: Annotated[date, "The day of the exercise."]
    by: Annotated[Line, "Who led it."]
    note: Annotated[Line, "What it showed."]


@dataclass(frozen=True, kw_only=True)
class FrontMatter:
    """The YAML block at the head of every runbook."""

    title: Annotated[Line, "What the reader looks for; also the page's title."]
    kind: Annotated[Name, "The schema: rebuild, restore, component, comms, or a team's own."]
    component: Annotated[Name, "The catalogue's name of the component it is about."]
    owner: Annotated[Line, "The team that keeps the runbook true."]
    covers: Annotated[Lines, Entries(1, 200), "The code it speaks about: a path, a glob, or either with `#fragment`."]
    alerts: Annotated[Names, "The alerts that lead here, as the alert rules name them."] = ()
    access: Annotated[Lines, "Roles or accounts the reader needs."] = ()
    reviewed: Annotated[Review | None, "The last review; written by `blackstart review`."] = None
    exercised: Annotated[Exercised | None, "The last exercise; written by hand."] = None


@dataclass(frozen=True, slots=True)
class Page:
    """`head` is the text of the front matter, `broken` why there is none."""

    text: str = ""
    head: str = ""
    body_start: int = 0
    broken: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Runbook:
    """It is read and parsed when first asked for.

    `foreign` are the keys of other tools, which the front matter may hold and nobody judges. `caches` have what earlier
    runs knew of pages.
    """

    path: str
    read: Callable[[], Page] = field(repr=False, compare=False)
    foreign: tuple[str, ...] = ()
    caches: Caches | None = field(default=None, repr=False, compare=False)

    @cached_property
    def page(self) -> Page:
        return self.read()

    @property
    def text(self) -> str:
        return self.page.text

    @property
    def head(self) -> str:
        return self.page.head

    @property
    def body_start(self) -> int:
        return self.page.body_start

    @cached_property
    def yaml(self) -> Yaml:
        return Yaml(self.path) if self.page.broken else parse(self.path, self.head, first_line=2)

    def recall(self, cache: Cache) -> None:
        """Parse the front matter, unless an earlier run did so with the same text."""
        if self.page.broken or "yaml" in self.__dict__:
            return
        key = short_key(self.head)
        known = cache.get(key)
        if known is not None:
            self.__dict__["yaml"] = parsed(self.path, self.head, _from_json(known), first_line=2)
        elif not self.yaml.problems and (text := _to_json(self.yaml.data)):
            cache.put(key, text)

    @property
    def front(self) -> FrontMatter | None:
        """None where the front matter has problems; the rest can still be judged."""
        return self._validated[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._validated[1]

    @cached_property
    def _validated(self) -> tuple[FrontMatter | None, tuple[Problem, ...]]:
        if self.page.broken:
            return None, self.page.broken
        front, problems = validate(FrontMatter, _without(self.yaml, self.foreign))
        return front, tuple(problems)

    @cached_property
    def document(self) -> Document:
        from blackstart.written.markdown import Document

        first_line = self.text.count("\n", 0, self.body_start) + 1
        store = self.caches.pages if self.caches and self.caches.all_pages else None
        return Document(self.text[self.body_start :], first_line, store)

    @property
    def title(self) -> str:
        return self.front.title if self.front else self.path

    def problem(
        self, key: tuple[str | int, ...], message: str, fix: str, *, subject: str = "", **details: Any
    ) -> Problem:
        """A problem at the front matter entry `key`."""
        mark = self.yaml.mark(key)
        return Problem(self.path, mark.line, mark.column, message, fix, details, subject)


def parse_runbook(path: str, data: bytes, foreign: tuple[str, ...] = ()) -> Runbook:
    """Parse the bytes of a runbook; whatever is malformed is in `problems`, at its place."""
    page = parse_page(path, data)
    return Runbook(path, lambda: page, foreign)


def parse_page(path: str, data: bytes) -> Page:
    """Find the front matter in the bytes of a runbook."""
    decoded = decode(path, data, MAX_BYTES)
    if decoded.problems:
        return Page(broken=decoded.problems)
    found = _front(decoded.text)
    if not found:
        missing = Problem(path, 1, 1, _NO_FRONT, "Start from `blackstart new KIND NAME --component C`.")
        if decoded.text.startswith("---"):
            missing = Problem(path, 1, 1, _UNCLOSED, "Write a line `---` below its last key.")
        return Page(decoded.text, broken=(missing,))
    start, end, body = found
    return Page(decoded.text, decoded.text[start:end], body)


def _front(text: str) -> tuple[int, int, int] | None:
    """Where the front matter begins and ends, and where the body begins."""
    opened = _OPENED.match(text)
    closed = _CLOSED.search(text, opened.end() - 1) if opened else None
    return (opened.end(), closed.start() + 1, closed.end()) if opened and closed else None


def _without(document: Yaml, keys: tuple[str, ...]) -> Yaml:
    if not (keys and isinstance(document.data, dict)):
        return document
    return replace(document, data={key: value for key, value in document.data.items() if key not in keys})


def front_matter_span(text: str) -> tuple[int, int]:
    """The characters [start, end) between the two `---` lines. The text must have them."""
    found = _front(text)
    assert found is not None
    return found[:2]


def _to_json(data: Any) -> str:
    """Text from which the very same data can be made, empty where JSON has no such text."""
    try:
        text = json.dumps(data, default=lambda value: {_DATE: value.isoformat()}, separators=(",", ":"))
        return text if _from_json(text) == data else ""
    except (TypeError, ValueError, AttributeError):
        return ""


def _from_json(text: str) -> Any:
    return json.loads(text, object_hook=_with_dates)


def _with_dates(mapping: dict[str, Any]) -> Any:
    return date.fromisoformat(mapping[_DATE]) if _DATE in mapping else mapping


def covers_of(runbook: Runbook) -> tuple[str, ...]:
    """What the runbook covers, read leniently: an older version may not fit today's schema."""
    data = runbook.yaml.data
    covers = data.get("covers") if isinstance(data, dict) else None
    return tuple(entry for entry in covers if isinstance(entry, str)) if isinstance(covers, list) else ()


def said(runbook: Runbook, key: str) -> str:
    """The text of a front matter entry, also where another entry is broken; empty where there is none."""
    value = runbook.yaml.data.get(key) if isinstance(runbook.yaml.data, dict) else None
    return value if isinstance(value, str) else ""


def prose_of(runbook: Runbook) -> str:
    """What a reader sees: the body without comments, white space folded. Front matter never counts."""
    return "\n".join(" ".join(line.split()) for line in runbook.document.visible if line.strip())


def quoted(path: str) -> str:
    """A path as it can be pasted into a shell."""
    return path if re.fullmatch(r"[\w@%+=:,./-]+", path) and not path.startswith("-") else f"'{_escaped(path)}'"


def _escaped(path: str) -> str:
    return path.replace("'", "'\\''")
