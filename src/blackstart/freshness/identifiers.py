"""Names that people copy from code into runbooks: paths, flags, ports, tables, units, variables, images, hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import PurePosixPath

MAX_COMPARED = 5_000  # lines; beyond it nobody is told the new name

# A word of everyday language names nothing by itself, so a shape must give a name away.
_SHAPES = (
    re.compile(r"(?<![\w-])--[A-Za-z](?:[\w-]*\w)?"),  # a flag
    re.compile(r"(?<![\w./:~$}@-])/?[\w@%+][\w.@%+-]*(?:/[\w.@%+-]*\w)+"),  # a path
    re.compile(r"(?<![\w.-])[A-Za-z_][\w-]*(?:\.[\w-]+)+"),  # a file, a unit, a host, a key path
    re.compile(r"(?<![\w./:-])[a-z][\w./-]*:\d[\w.-]*"),  # an image with its tag, a host with its port
    re.compile(r"(?<![\w-])(?=\w*[A-Za-z])[A-Za-z]\w*_\w+(?![\w-])"),  # snake_case, an environment variable
    re.compile(r"(?<![\w-])[a-z]\w*(?:-\w+)+"),  # a service, a job
    re.compile(r"(?<![\w-])[A-Z]?[a-z0-9]+[A-Z]\w*(?![\w-])"),  # camelCase, an alert
    re.compile(r"(?:\$\{?|\bexport |\benviron(?:\.get)?[\[(][\"'])([A-Z][A-Z0-9]{2,})\b"),  # a one-word variable
    re.compile(r"(?<![\w.-])\d{3,5}(?![\w.-])"),  # a port
)
_PORT = re.compile(r"(?::|-p ?|\bport[ =:]+)(\d{3,5})(?![\w.-])", re.IGNORECASE)
_SQL = re.compile(
    r"\b(?:select\b.*\bfrom|insert\s+into|update\b.*\bset|delete\s+from|table|truncate)\b|\\d\+?(?!\w)", re.IGNORECASE
)
_MOST_SQL = 5_000  # characters
_TOKEN = re.compile(r"[|;&]|\bdocker-compose\b|(?<![\w./-])[A-Za-z_]\w*(?![\w./-])")
_ALONE = re.compile(r"\s*([A-Za-z_]\w*)(?:\(.*\))?\s*")
_ELSEWHERE = re.compile(r"(?<=://)(?!localhost\b|127\.)([\w-]+(?:\.[\w-]+)+)(/[^\s\"'`<>)]*)")  # a page of another site
_ADDRESSED = (".tf", ".tofu", ".hcl")  # where a name is an address: `aws_db_instance.primary`
_GRAINS = (re.compile(r"\w+|\W"), re.compile(r"--?[\w.-]+|[\w.-]+|\S"), re.compile(r"[\w./:@%+-]*\w|\S"))


@lru_cache(maxsize=500)
def defined(path: str, content: bytes) -> frozenset[str]:
    """Every name in the code of a file, without its comments, and what it defines by a plain word."""
    from blackstart.freshness.meaning import without_comments

    text = _own(without_comments(path, content))
    telling = {name for shape in _SHAPES for name in _found(shape, text)}
    return frozenset(telling | set(_plain(path, content, text)))


def uses(text: str, wanted: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Where a line of a runbook's code names one of the `wanted`: offset and name, the longest name at each place."""
    found = dict(sorted(_places(_own(text), wanted), key=lambda place: len(place[1])))
    end = 0
    for start, name in sorted(found.items()):
        if start >= end:
            yield start, name
            end = start + len(name)


@lru_cache(maxsize=50)
def renamed(path: str, before: bytes, after: bytes) -> Mapping[str, str]:
    """From old to new, where a line changed in nothing but one name, used the same way."""
    from blackstart.freshness.meaning import without_comments

    old, new = (without_comments(path, content).split("\n") for content in (before, after))
    if max(len(old), len(new)) > MAX_COMPARED:
        return {}
    pairs: dict[str, str] = {}
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "replace" and b - a == d - c:
            for left, right in zip(old[a:b], new[c:d], strict=True):
                for grain in _GRAINS:
                    pairs |= _swapped(grain.findall(left), grain.findall(right))
    return pairs


def _swapped(left: list[str], right: list[str]) -> dict[str, str]:
    different = {one: other for one, other in zip(left, right, strict=False) if one != other}
    return different if len(left) == len(right) and len(different) <= 2 else {}


def is_telling(name: str) -> bool:
    """Whether the name gives itself away wherever it stands; a plain word or a number does not."""
    return (not name.isidentifier() and not name.isdigit()) or "_" in name or not name.islower()


def _own(text: str) -> str:
    """Without the paths on other hosts, whose parts are no names of ours; the places stay."""
    return _ELSEWHERE.sub(lambda found: found[1] + " " * len(found[2]), text)


def _found(shape: re.Pattern[str], text: str) -> Iterator[str]:
    return (match[shape.groups] for match in shape.finditer(text))


def _places(text: str, wanted: frozenset[str]) -> Iterator[tuple[int, str]]:
    for shape in (*_SHAPES[:-1], _PORT):
        for match in shape.finditer(text):
            if match[shape.groups] in wanted:
                yield match.start(shape.groups), match[shape.groups]
    yield from _in_context(text, wanted)


def _plain(path: str, content: bytes, text: str) -> Iterator[str]:
    """Definitions: a target, a service, a function, an SQL object or column."""
    from blackstart.freshness.meaning import names

    suffix = PurePosixPath(path).suffix
    if suffix == ".sql":
        yield from re.findall(r"[A-Za-z_]\w{2,}", text)
        return
    for name in names(path, content):
        if suffix in (".yml", ".yaml"):
            name = name.removeprefix("services.") if name.startswith("services.") else ""
        if name.isidentifier() or suffix in _ADDRESSED:
            yield name


def _in_context(text: str, wanted: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Plain words, the first of each, where what stands around them says that the definition is meant."""
    sql = _SQL.search(text[:_MOST_SQL]) is not None
    alone = _ALONE.fullmatch(text)
    seen, runs = set[str](), False  # whether `make` or `compose` stands before it in the same command
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word in wanted and word not in seen and (sql or runs or (alone and alone.start(1) == match.start())):
            seen.add(word)
            yield match.start(), word
        runs = word not in "|;&" and (runs or word in ("make", "compose", "docker-compose"))
