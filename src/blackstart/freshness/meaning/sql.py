"""SQL by its statements: each belongs to the objects that it makes or changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from blackstart.freshness.meaning.language import Unit, of_units
from blackstart.freshness.meaning.sqltokens import Token, scan, statements

_RELATIONS = ("table", "view", "sequence")
_KINDS = {
    *("table", "view", "index", "sequence", "type", "domain", "schema", "extension", "role", "user", "database"),
    *("function", "procedure", "aggregate", "trigger", "policy", "rule", "publication", "subscription", "server"),
    *("collation", "statistics", "event", "package", "synonym", "tablespace"),
}
_ATTACHED = {
    "index": "on",
    "trigger": "on",
    "policy": "on",
    "constraint": "on",
    "rule": "to",
    "statistics": "from",
    "publication": "table",
}
_ALSO = (("rename", "to"), ("partition", "of"), ("attach", "partition"), ("owned", "by"))
_SMALL = {
    "if",
    "not",
    "exists",
    "concurrently",
    "only",
    "table",
    "into",
    "from",
    "view",
    "materialized",
    "or",
    "ignore",
}
_AMBIENT = {
    *("set", "reset", "begin", "start", "commit", "end", "rollback", "savepoint", "release", "use", "pragma", "go"),
    *("discard", "show", "connect", "abort"),
}
_CHANGES = {
    *("insert", "update", "delete", "truncate", "copy", "merge", "replace", "lock", "refresh"),
}
_LISTING = ("grant", "revoke", "comment", "drop", "truncate", "lock")  # names beside each other, and needs none
_WORD = re.compile(r"[^\W\d][\w$]*")


@dataclass(frozen=True)
class _Subject:
    """An object that a statement is about: the kinds it may be of, and the path to its name."""

    kinds: tuple[str, ...]
    path: tuple[str, ...]
    made: bool = False

    @property
    def spellings(self) -> list[str]:
        """By its last name, and by the whole path or any."""
        return [self.path[-1], ".".join(self.path) if self.path[1:] else f"*.{self.path[-1]}"]


def _units(text: str) -> list[Unit]:
    found = [(tokens, None if _is_ambient(tokens) else _subjects(tokens)) for tokens in statements(text)]
    made = frozenset(one.path[-1] for _, subjects in found for one in subjects or () if one.made)
    return [unit for tokens, subjects in found for unit in _of(tokens, subjects, made)]


def _of(tokens: list[Token], subjects: list[_Subject] | None, made: frozenset[str]) -> Iterator[Unit]:
    """A statement, with the way from the names that people ask for to all that is about these objects.

    Behind `~` is what is about an object, behind `:` what makes it: only the latter matters to what uses it.
    """
    form, mentioned = _form(tokens), frozenset(_mentioned(tokens))
    uses = frozenset(f":{name}" for name in mentioned)
    if subjects is None:
        yield Unit(form, ambient=True)
        return
    if not subjects:
        about = frozenset(f"~{name}" for name in mentioned)
        yield Unit(form, about | _labels(tokens), uses, touches=frozenset(f":{name}" for name in mentioned & made))
        return
    touches = {f"{sign}{name}" for one in subjects for name in one.spellings for sign in ("~:" if one.made else "~")}
    binds = {
        f"{kind}{name}"
        for one in subjects
        for name in one.spellings
        for kind in ("", *(f"{kind} " for kind in one.kinds))
    }
    lists = tokens[0].text in _LISTING
    yield Unit(form, frozenset(binds) | _labels(tokens), frozenset() if lists else uses, touches=frozenset(touches))
    for one in subjects:
        for name, also in zip(one.spellings, ("", f"~*.{one.path[-1]}"), strict=True):
            reached = frozenset({name, *(f"{kind} {name}" for kind in one.kinds)})
            yield Unit(None, uses=frozenset({f"~{name}"} | {also} - {""}), touches=reached)


def _labels(tokens: list[Token]) -> frozenset[str]:
    """The name that sqlc gives a statement."""
    return frozenset(token.text.split()[0].lower() for token in tokens if token.kind == "label")


def _form(tokens: list[Token]) -> list[Any]:
    """A body in the database's own language is read as one; any other is text."""
    own = _is_own_language(tokens)
    return [
        ["$", *_form(list(scan(token.text)))] if token.kind == "body" and own else f"{token.kind[0]}{token.text}"
        for token in tokens
    ]


def _is_own_language(tokens: list[Token]) -> bool:
    texts = [token.text.strip("'\"").lower() for token in tokens if token.kind in ("word", "string", "name")]
    languages = [after for word, after in pairwise(texts) if word == "language"]
    routine = texts[:1] == ["do"] or (texts[:1] == ["create"] and bool({"function", "procedure"} & set(texts[:6])))
    return routine and all(language in ("plpgsql", "sql") for language in languages)


def _mentioned(tokens: list[Token]) -> Iterator[str]:
    """Every name in it, in its strings too; the table that a foreign key refers to stays a table of its own."""
    before = ""
    for index, token in enumerate(tokens):
        if token.kind in ("string", "body"):
            yield from (word.lower() for word in _WORD.findall(token.text))
        elif token.kind in ("word", "name") and before != "references":
            yield token.name
        if not (before == "references" and (token.text == "." or tokens[index + 1 : index + 2] == [Token("op", ".")])):
            before = token.text


# --- what a statement is about


def _is_ambient(tokens: list[Token]) -> bool:
    first = tokens[0]
    if first.kind in ("meta", "directive"):
        return True
    words = [token.text for token in tokens[:6] if token.kind == "word"]
    if first.kind == "word" and first.text in _AMBIENT and words[:2] != ["end", "if"]:
        return True
    if (
        words[:2] in (["alter", "default"], ["alter", "system"], ["prepare", "transaction"])
        or "extension" in words[1:2]
    ):
        return True
    if words[:3] == ["create", "event", "trigger"] or any(token.text == "set_config" for token in tokens):
        return True
    return words[:1] in (["grant"], ["revoke"]) and "all" in [
        before.text
        for before, after in pairwise(tokens)
        if after.text in ("tables", "sequences", "functions", "routines")
    ]


def _subjects(tokens: list[Token]) -> list[_Subject]:
    """The objects it is about; none where that cannot be told, and then it is about all that it names."""
    first = tokens[0].text
    if first in ("create", "alter", "drop"):
        return _defined(tokens)
    if first == "comment":
        return _commented(tokens)
    if first in ("grant", "revoke"):
        start = _index(tokens, "on")
        return [_Subject(_RELATIONS, path) for path in _paths(tokens, start + 1, skipping=_KINDS)] if start else []
    if first in _CHANGES and (first != "delete" or tokens[1:2] == [Token("word", "from")]):
        return [_Subject(_RELATIONS, path) for path in _paths(tokens, 1, skipping=_SMALL)]
    return []


def _defined(tokens: list[Token]) -> list[_Subject]:
    kind_at = next((at for at, token in enumerate(tokens[:14]) if token.kind == "word" and token.text in _KINDS), 0)
    if not kind_at:
        return []
    kind = tokens[kind_at].text
    kinds = (kind, "materialized view") if tokens[kind_at - 1].text == "materialized" else (kind,)
    found = [_Subject(kinds, path, made=True) for path in _paths(tokens, kind_at + 1, skipping=_SMALL - {"table"})]
    if kind in _ATTACHED and (on := _index(tokens, _ATTACHED[kind], kind_at)):
        unnamed = on == kind_at + 1 or tokens[on - 1].text == "exists"
        owner = [_Subject(_RELATIONS, path, made=kind == "rule") for path in _paths(tokens, on + 1, skipping={"only"})]
        return ([] if unnamed else found) + owner
    if not found:
        return []
    for before, word in _ALSO:
        if (at := _index(tokens, word, kind_at)) and tokens[at - 1].text == before:
            other = next(_paths(tokens, at + 1, skipping={"none"}), ())
            path = other[:-1] if before == "owned" else other  # by a column
            found += [_Subject(_RELATIONS if kind in _RELATIONS else kinds, path, made=True)] if path else []
    return found


def _commented(tokens: list[Token]) -> list[_Subject]:
    """`COMMENT ON COLUMN orders.total` is about orders."""
    kind = tokens[2].text if len(tokens) > 2 else ""
    path = next(_paths(tokens, 3, skipping={"view"}), None)
    if path is None:
        return []
    if kind == "column":
        return [_Subject(_RELATIONS, path[:-1])] if path[:-1] else []
    own = [_Subject((kind,), path)]
    on = _index(tokens, "on", 3) if kind in _ATTACHED else 0
    return own + [_Subject(_RELATIONS, owner) for owner in _paths(tokens, on + 1, skipping=set())] if on else own


def _paths(tokens: list[Token], start: int, *, skipping: set[str]) -> Iterator[tuple[str, ...]]:
    """The names at a place, parted by commas, each with its schema; arguments of a function are passed over."""
    at = start
    while at < len(tokens):
        while at < len(tokens) and tokens[at].kind == "word" and tokens[at].text in skipping:
            at += 1
        path: list[str] = []
        while at < len(tokens) and tokens[at].kind in ("word", "name"):
            path.append(tokens[at].name)
            at += 1
            if at >= len(tokens) or tokens[at].text != ".":
                break
            at += 1
        if not path:
            return
        yield tuple(path)
        if at >= len(tokens) or tokens[at].text != ",":
            return
        at += 1


def _index(tokens: list[Token], word: str, start: int = 0) -> int:
    """The first place of a word outside brackets; 0 where it is not."""
    depth = 0
    for at in range(start, len(tokens)):
        token = tokens[at]
        depth += (token.text == "(") - (token.text == ")") if token.kind == "op" else 0
        if token == Token("word", word) and depth == 0:
            return at
    return 0


# --- the language


_ALL = of_units(_units)


def _part(text: str, fragment: str) -> bytes | None:
    """By kind and name or by the name alone; where nothing defines or changes it, by what mentions it."""
    tokens = list(scan(fragment))
    kind = " ".join(
        token.text for token in tokens[:-1] if token.kind == "word" and token.text in (*_KINDS, "materialized")
    )
    path = next(_paths(tokens, len(kind.split()), skipping=set()), None)
    if path is None:
        return None
    front = f"{kind} " if kind else ""
    name, last, exact = ".".join(path), path[-1], fragment.rpartition(" ")[2].rpartition(".")[2]
    spellings = [front + name, f"{front}*.{last}", front + exact, f"~{last}"]
    return next((form for spelling in spellings if (form := _ALL.part(text, spelling)) is not None), None)


def _names(text: str) -> frozenset[str]:
    found = set[str]()
    for tokens in statements(text):
        for one in [] if _is_ambient(tokens) else _subjects(tokens):
            if tokens[0].text == "create" and one.made:
                found |= {one.path[-1], *(f"{kind} {one.path[-1]}" for kind in one.kinds)}
    return frozenset(found)


SQL = replace(_ALL, part=_part, names=_names)
