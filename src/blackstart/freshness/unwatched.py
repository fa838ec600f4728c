"""The names of a file that none of its covered fragments includes: what may change without anyone being asked."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from blackstart.freshness.meaning import meaning, names

_NARROW = b"part\0"  # how `meaning` marks that a fragment stands for less than the file
_IMPORT = re.compile("import", re.IGNORECASE)
_WORD = re.compile(r"[\w-]+")


def unwatched(path: str, content: bytes, fragments: Iterable[str]) -> tuple[str, ...]:
    """The outermost names that no fragment is, encloses or uses. Imports are no names of this file's own.

    Nothing where a fragment cannot be narrowed, because then it stands for the whole file.
    """
    fragments = tuple(fragments)
    parts = [part for fragment in fragments if (part := meaning(path, content, fragment)) is not None]
    if not parts or any(not part.startswith(_NARROW) for part in parts):
        return ()
    watches = tuple(map(_watch, parts))
    known = frozenset(fragments).union(*(watch.keys for watch in watches))
    values = list(_walk(_json(meaning(path, content))))
    file = _File(path, content, known, watches, _named(values), _imported(values))
    return tuple(_once(file, sorted(_outermost(file, _tree(names(path, content)), ""))))


@dataclass(frozen=True, slots=True)
class _Watch:
    """What one fragment includes: its forms, every word in them, how often they name each name, and the keys that it
    takes over from the file's head.
    """

    forms: tuple[Any, ...]
    words: frozenset[str]
    named: Counter[str]
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class _File:
    """`known` are the names of which it is clear at once that they are watched."""

    path: str
    content: bytes
    known: frozenset[str]
    watches: tuple[_Watch, ...]
    named: Counter[str]
    imported: frozenset[str]

    def meaning(self, name: str) -> bytes | None:
        return meaning(self.path, self.content, name)


def _outermost(file: _File, tree: dict[str, list[str]], parent: str) -> Iterator[str]:
    for name in _spelled(file, parent, tree.get(parent, [])):
        if any(inner.startswith(f"{name}.") for inner in file.known):
            yield from () if _is_known(file, name) else _outermost(file, tree, name)
        elif not (_is_known(file, name) or _is_included(file, name) or _is_import(file, name)):
            yield name


def _once(file: _File, found: list[str]) -> Iterator[str]:
    """Where a language has two names for one thing, such as `var.x` and `variable.x`, the shorter one."""
    ends = Counter(name.rpartition(".")[2] for name in found)
    shortest: dict[bytes | None, str] = {}
    for name in sorted(found, key=len):
        if ends[name.rpartition(".")[2]] > 1:
            shortest.setdefault(file.meaning(name), name)
    yield from (n for n in found if ends[n.rpartition(".")[2]] == 1 or n in shortest.values())


def _is_known(file: _File, name: str) -> bool:
    return any(name == outer or name.startswith(f"{outer}.") for outer in file.known)


def _is_included(file: _File, name: str) -> bool:
    """Whether a fragment takes in all that the name stands for."""
    word = name.rpartition(".")[2]
    if any(0 < watch.named[word] == file.named[word] for watch in file.watches):
        return True  # nothing outside the fragment speaks of it, so it is not defined there
    using = [watch for watch in file.watches if word in watch.words]  # the others cannot include it
    forms = _forms(file.meaning(name)) if using else ()
    return any(forms and all(_is_within(form, watch.forms) for form in forms) for watch in using)


def _is_import(file: _File, name: str) -> bool:
    if name not in file.imported:
        return False
    new = [form for form in _forms(file.meaning(name)) if not any(form in watch.forms for watch in file.watches)]
    return bool(new) and all(map(_imports, new))


def _imported(values: Iterable[Any]) -> frozenset[str]:
    """Every word in the statements of a file that import something."""
    inside = (value for statement in values if _imports(statement) for value in _walk(statement))
    return frozenset(word for value in inside if isinstance(value, str) for word in _WORD.findall(value))


def _imports(form: Any) -> bool:
    return isinstance(form, list) and bool(form) and isinstance(form[0], str) and bool(_IMPORT.match(form[0]))


# --- names as a tree


def _tree(known: frozenset[str]) -> dict[str, list[str]]:
    """The names directly below each name. A key may hold dots itself, so the longest name in front counts."""
    tree: dict[str, list[str]] = {}
    for name in sorted(known):
        tree.setdefault(_parent(name, known), []).append(name)
    return tree


def _parent(name: str, known: frozenset[str]) -> str:
    while name := name.rpartition(".")[0]:
        if name in known:
            return name
    return ""


def _spelled(file: _File, parent: str, children: Sequence[str]) -> Sequence[str]:
    """Items of a list go by index and by label: the way in which the fragments name them, labels where none does."""
    by_index = {f"{parent}.{index}".removeprefix(".") for index in range(len(children))} & set(children)
    labels = [name for name in children if name not in by_index]
    indexed = any(inner == name or inner.startswith(f"{name}.") for inner in file.known for name in by_index)
    if not by_index or not labels:
        return children
    return labels if len(labels) >= len(by_index) and not indexed else sorted(by_index)


# --- canonical forms


def _watch(part: bytes) -> _Watch:
    forms = _forms(part)
    values = list(_walk(list(forms)))
    words = frozenset(word for value in values if isinstance(value, str) for word in _WORD.findall(value))
    keys = frozenset(key for value in values if isinstance(value, dict) for key in value)
    return _Watch(forms, words, _named(values), keys)


def _named(values: Iterable[Any]) -> Counter[str]:
    """How often each name stands alone, with at most a word for its type in front: not in the midst of a text."""
    texts = (_WORD.findall(value) for value in values if isinstance(value, str))
    return Counter(words[-1] for words in texts if len(words) in (1, 2))


def _forms(part: bytes | None) -> tuple[Any, ...]:
    """A fragment's canonical form is a list: one form for each statement, block or value that belongs to it."""
    forms = _json(part) if part and part.startswith(_NARROW) else []
    return tuple(forms) if isinstance(forms, list) else (forms,)


def _json(means: bytes | None) -> Any:
    """The canonical form behind a meaning's head; nothing where the file is no data to `meaning`, but text."""
    try:
        return json.loads((means or b"").split(b"\0", 2)[2])
    except (ValueError, IndexError, RecursionError):
        return []


def _walk(value: Any) -> Iterator[Any]:
    pending = [value]
    while pending:
        value = pending.pop()
        yield value
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value


def _is_within(form: Any, forms: Sequence[Any]) -> bool:
    return any(_is_part_of(form, other) for other in forms)


def _is_part_of(form: Any, other: Any) -> bool:
    """Equal, or the same definition with some of its members only, as a class narrowed to a method is."""
    if form == other:
        return True
    if not (_is_branch(form) and _is_branch(other)) or (isinstance(form[0], str) and form[0] != other[0]):
        return False
    rest = iter(other)
    return all(any(_is_part_of(member, candidate) for candidate in rest) for member in form)


def _is_branch(form: Any) -> bool:
    """A list of lists. One that holds words of the file is a leaf: it is the same or it is not."""
    return isinstance(form, list) and bool(form) and all(isinstance(member, list) for member in form[1:])
