"""The tokens of SQL, whatever its dialect: nothing but comments and white space is lost, so no statement is unknown."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

_TAG = r"\$(?:[^\W\d]\w*)?\$"
_TAGS = re.compile(rf"(?=({_TAG}))")
_COMMENT_ENDS = re.compile(r"/\*|\*/")
_COPY_END = re.compile(r"^\\\.[ \t]*$", re.MULTILINE)
_DELIMITER = re.compile(r"^\s*delimiter[ \t]+([^\s\w$;]+)", re.MULTILINE | re.IGNORECASE)
# Comments that migration tools and sqlc obey; the latter name the statement below.
_DIRECTIVE = re.compile(
    r"--\s*(?:\+\w+\s|migrate:|rambler\s|atlas:|depends:|liquibase\b|(?:changeset|rollback|preconditions?)\b)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"--\s*name:\s*(\w+)(.*)")
_ROUTINES = {"function", "procedure", "trigger", "event", "package"}
_STANDARD = r"'(?:[^']|'')*+'"
_ESCAPED = r"'(?:[^'\\]|\\.|'')*+'"
_SPECIAL = set("~!@#%^&|`?")
_REST = rf"""
    (?P<name>"(?:[^"]|"")*+"|`[^`]*+`)
  | (?P<dollar>{_TAG})
  | (?P<word>[^\W\d][\w$]*)
  | (?P<number>\d[\w.]*|\.\d\w*)
  | (?P<meta>\\[^\n]*)
  | (?P<op>(?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?]){{1,16}}|::|:=|.)
"""


def _scanner(text: str) -> re.Pattern[str]:
    """Back-ticks give MySQL away, where a backslash escapes in every string."""
    plain = _ESCAPED if "`" in text else _STANDARD
    string = rf"(?P<string>[eE]{_ESCAPED}|(?:[bBxXnN]|[uU]&)?{plain})"
    return re.compile(rf"(?P<space>\s+)|(?P<comment>--[^\n]*)|(?P<block>/\*)|{string}|{_REST}", re.VERBOSE | re.DOTALL)


class Token(NamedTuple):
    """`text` of words in lower case; a dollar-quoted string without its quotes, behind one `$`."""

    kind: str
    text: str

    @property
    def name(self) -> str:
        """What it names, where it is a word or quoted."""
        return self.text[1:-1].replace('""', '"') if self.kind == "name" else self.text


def statements(text: str) -> Iterator[list[Token]]:
    """Each without what ends it."""
    delimiters = {";", *_DELIMITER.findall(text)}
    found: list[Token] = []
    labels: list[Token] = []
    nesting = 0
    for token in scan(text):
        if token.kind == "label" and not found:
            labels = [token]
        elif token.kind in ("meta", "directive") and not found:
            yield [token]
        elif token.kind in ("meta", "end") or (token.kind == "op" and token.text in delimiters and nesting == 0):
            yield from [[*found, *([token] if token.kind == "meta" else []), *labels]] if found else []
            found, labels, nesting = [], [], 0
        elif found or token.text not in ("/", "delimiter", *delimiters):
            found.append(token)
            nesting = _nesting(found, nesting)
    yield from _split(found) if nesting else [[*found, *labels]] if found else []


def _nesting(found: list[Token], nesting: int) -> int:
    """How many blocks of a routine's body are open after the last token, or brackets of a rule's."""
    last, before = found[-1], found[-2].text if len(found) > 1 else ""
    if last.text in "()" and last.kind == "op" and "rule" in _texts(found[:5]):
        return nesting + (1 if last.text == "(" else -1)
    if last.kind != "word" or found[0].text != "create" or not _ROUTINES & _texts(found[:12]):
        return nesting
    if last.text == "end":
        return max(nesting - 1, 0)
    if last.text in ("begin", "case") and before not in ("end", "."):
        return nesting + 1
    if last.text in ("if", "loop", "while", "repeat", "for") and before == "end":
        return nesting + 1  # that was the end of a block that was not counted
    return nesting


def _texts(found: list[Token]) -> set[str]:
    return {token.text for token in found if token.kind == "word"}


def _split(found: list[Token]) -> Iterator[list[Token]]:
    """A body that does not end hides no statement behind it."""
    current: list[Token] = []
    for token in found:
        if token == Token("op", ";"):
            yield from [current] if current else []
            current = []
        else:
            current.append(token)
    yield from [current] if current else []


# --- scanning


def scan(text: str) -> Iterator[Token]:
    scanner, tags = _scanner(text), _places(text)
    at, copies = 0, 0
    while at < len(text):
        match = scanner.match(text, at)
        if match is None:  # only a quote that nothing closes
            yield Token("open", text[at:])
            return
        kind, value, at = match.lastgroup or "op", match[0], match.end()
        if kind in ("space", "comment"):
            yield from _obeyed(value)
            continue
        if kind == "block":
            begin, at = match.start(), _comment_end(text, match.start())
            if text[begin + 2 : begin + 3] in ("!", "+") or at < 0:  # a hint, or code for some versions
                yield Token("hint", text[begin : at if at >= 0 else len(text)])
            at = at if at >= 0 else len(text)
            continue
        if kind == "dollar":
            closing = _next(tags.get(value, []), at)
            if closing >= 0:
                yield Token("body", text[at:closing])
                at = closing + len(value)
                continue
            kind, value, at = "op", "$", match.start() + 1
        if kind == "op" and len(value) > 1 and not _SPECIAL & set(value):
            value = value.rstrip("+-") or value[0]  # as Postgres does: in `a=-1` there are two
            at = match.start() + len(value)
        token = Token(kind, value.lower() if kind in ("word", "number") else value)
        copies = _copied(token, copies)
        if copies == len(_COPY):
            end = _COPY_END.search(text, at)
            yield Token("data", text[at : end.start() if end else len(text)])
            at, copies = end.end() if end else len(text), 0
        yield Token("end", "") if token.text == "go" and _is_alone(text, match.start(), match.end()) else token


def _obeyed(comment: str) -> Iterator[Token]:
    if label := _LABEL.match(comment):
        yield Token("label", " ".join((label[1], *label[2].split())))
    elif _DIRECTIVE.match(comment):
        yield Token("directive", " ".join(comment.split()))


_COPY = ("copy", "from", "stdin", ";")


def _copied(token: Token, seen: int) -> int:
    """How much of `COPY … FROM stdin … ;` has been read."""
    if token.text == _COPY[seen]:
        return seen + 1
    return 0 if token.text == ";" else seen


def _is_alone(text: str, start: int, end: int) -> bool:
    """On its line: `GO` parts the batches of SQL Server."""
    before, after = text[max(start - 200, 0) : start], text[end : end + 200]
    return not before.rpartition("\n")[2].strip() and not after.partition("\n")[0].strip()


def _comment_end(text: str, start: int) -> int:
    """Comments nest, except in MySQL; -1 where nothing ends them."""
    depth = 0
    for match in _COMMENT_ENDS.finditer(text, start):
        depth = depth + 1 if match[0] == "/*" else depth - 1
        if depth == 0 or (match[0] == "*/" and "`" in text):
            return match.end()
    return -1


def _places(text: str) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for match in _TAGS.finditer(text):
        places.setdefault(match[1], []).append(match.start())
    return places


def _next(places: list[int], at: int) -> int:
    index = bisect_left(places, at)
    return places[index] if index < len(places) else -1
