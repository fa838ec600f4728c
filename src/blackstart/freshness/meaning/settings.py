"""Settings without a grammar of their own: environment files, nginx, and what servers read line by line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from blackstart.freshness.meaning.canonical import canonical
from blackstart.freshness.meaning.language import Language, Unit, of_units
from blackstart.freshness.meaning.lines import behind, is_comment, listed

_ENTRY = re.compile(
    r"""^[ \t]*(?:\#[^\n]*
    | (?P<entry>(?:export[ \t]+)?(?P<key>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*
        (?:"(?:\\.|[^"\\])*" | '[^']*' | `[^`]*`)?[^\n]*)
    | (?P<odd>\S[^\n]*))?$""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_USED = re.compile(r"\$\{?(\w+)")

_NGINX = re.compile(
    r"""(?P<gap>\s+|\#[^\n]*)
    | "(?P<double>(?:\\.|[^"\\])*)" | '(?P<single>(?:\\.|[^'\\])*)'
    | (?P<sign>[{};])
    | (?P<word>(?:\\.|\$\{\w*\}|[^\s{};"'\\])(?:\\.|\$\{\w*\}|[^\s{};\\])*)""",
    re.VERBOSE | re.DOTALL,
)
_OTHER_LANGUAGE = re.compile(r"_by_lua|\bperl\b")  # in which `#` and `;` are other things

_KEY = re.compile(r"^((?:\\.|[^\\\s=:])*)\s*[=:\s]?\s*")
_PIECE = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\s+|\\.|[^\s"'\\]+|.""", re.DOTALL)


# --- environment files


def _environment(text: str) -> list[Unit] | None:
    """Assignments, in quotes over several lines. Where none is given twice or made of others, order means nothing."""
    entries = [match for match in _ENTRY.finditer(text) if match["entry"] or match["odd"]]
    if any(match["odd"] for match in entries):
        return None
    if len({match["key"] for match in entries}) == len(entries) and "$" not in text:
        entries.sort(key=lambda match: match["key"])
    return [_assignment(match["key"], match["entry"]) for match in entries]


def _assignment(key: str, text: str) -> Unit:
    return Unit(text, frozenset({key}), frozenset(_USED.findall(text)))


# --- nginx


def _nginx(text: str) -> bytes | None:
    """Words, signs and texts in quotes, whichever these are; how they are laid out means nothing."""
    if _OTHER_LANGUAGE.search(text):
        return None
    tokens, at = [], 0
    for match in _NGINX.finditer(text):
        if match.start() != at:
            return None
        at = match.end()
        if match.lastgroup in ("double", "single"):
            tokens.append(["quoted", match[match.lastgroup]])
        elif match.lastgroup != "gap":
            tokens.append([match.lastgroup or "", match[0]])
    return canonical(tokens) if at == len(text) else None


# --- line by line


def _words(text: str, *, trailing: bool) -> bytes:
    """White space only parts words; `trailing` comments may follow them."""
    lines = ("".join(_squeezed(line.strip(), trailing=trailing)).rstrip() for line in text.split("\n"))
    return canonical([line for line in lines if line and not is_comment(line)])


def _squeezed(line: str, *, trailing: bool) -> Iterator[str]:
    before = ""
    for match in _PIECE.finditer(line):
        piece = match[0]
        if piece in ('"', "'"):  # it never ends, so nobody can say what is inside
            yield line[match.start() :]
            return
        if trailing and piece.startswith("#") and not before.strip():
            return
        yield " " if piece.isspace() else piece
        before = piece


def _properties(text: str) -> bytes:
    """As Java reads them: of keys and values, the white space around them means nothing."""
    found, whole = [], ""
    for line in text.split("\n"):
        bare = line.lstrip()
        if not whole and (not bare or bare.startswith(("#", "!"))):
            continue
        whole += bare
        if (len(bare) - len(bare.rstrip("\\"))) % 2:
            whole = whole[:-1]
            continue
        found.append(_KEY.sub(r"\1=", whole, count=1))
        whole = ""
    return canonical([*found, whole])


def _as_a_whole(form: Callable[[str], bytes | None]) -> Language:
    """A language that has no fragments but words."""
    return Language(form, lambda _text, _fragment: None, lambda _text: None)


ENVIRONMENT = of_units(_environment)
NGINX = behind(_as_a_whole(_nginx))
PROPERTIES = _as_a_whole(_properties)
LISTED = _as_a_whole(listed)
WORDS = _as_a_whole(lambda text: _words(text, trailing=False))
WORDS_AND_COMMENTS = _as_a_whole(lambda text: _words(text, trailing=True))
