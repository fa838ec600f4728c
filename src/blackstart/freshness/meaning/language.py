"""The face of a language: the canonical form of a whole file and of its fragments, and the names of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from blackstart.freshness.meaning.canonical import canonical


@dataclass(frozen=True, slots=True)
class Language:
    """Each function gives None where the file does not parse, `part` also where the fragment is not there."""

    whole: Callable[[str], bytes | None]
    part: Callable[[str, str], bytes | None]
    names: Callable[[str], frozenset[str] | None]


@dataclass(frozen=True, slots=True)
class Unit:
    """One statement, block, target or section of a file.

    `binds` are the names that select it, `uses` the names of others that it needs, `touches` those it belongs to
    without being them; what is `ambient` applies to the whole file. `form` is what it means, ready for `canonical`;
    a unit without one only leads on to others.
    """

    form: Any
    binds: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    ambient: bool = False
    touches: frozenset[str] = frozenset()


Units: TypeAlias = Callable[[str], list[Unit] | None]


def of_units(units: Units, *, ordered: bool = True, spelled: Callable[[str], str] = str) -> Language:
    """A language whose files are lists of units. Where they are not `ordered`, their order means nothing.

    `spelled` turns a fragment as people write it into the name that units bind.
    """
    units = lru_cache(maxsize=1)(units)  # the fragments of a file are asked for one after the other

    def form(chosen: list[Unit]) -> bytes:
        forms = [unit.form for unit in chosen if unit.form is not None]
        return canonical(forms if ordered else sorted(forms, key=canonical))

    def whole(text: str) -> bytes | None:
        found = units(text)
        return None if found is None else form(found)

    def part(text: str, fragment: str) -> bytes | None:
        chosen = needed(units(text) or [], spelled(fragment))
        return form(chosen) if chosen else None

    def names(text: str) -> frozenset[str] | None:
        found = units(text)
        return None if found is None else frozenset().union(*(unit.binds for unit in found))

    return Language(whole, part, names)


def needed(units: list[Unit], fragment: str, *more: str) -> list[Unit]:
    """The units that bind the fragment, all that these and the ambient ones use, and the ambient ones.

    Of `more` names the units are needed too, but the fragment is there without them.
    """
    if not any(fragment in unit.binds for unit in units):
        return []
    related: dict[str, list[int]] = {}  # each name is looked up once, so that a long chain stays cheap
    for index, unit in enumerate(units):
        for name in unit.binds | unit.touches:
            related.setdefault(name, []).append(index)
    chosen = {index for index, unit in enumerate(units) if unit.ambient}
    wanted = [fragment, *more, *(name for index in chosen for name in units[index].uses)]
    followed = set[str]()
    while wanted:
        if (name := wanted.pop()) not in followed:
            followed.add(name)
            fresh = set(related.pop(name, ())) - chosen
            chosen |= fresh
            wanted += [used for index in fresh for used in units[index].uses]
    return [units[index] for index in sorted(chosen)]


def reached(start: str, calls: dict[str, frozenset[str]], gives: dict[str, frozenset[str]]) -> frozenset[str]:
    """All that a member and those that it calls, and so on, give: a constructor also fills an object through others."""
    seen, pending = set[str](), [start]
    while pending:
        if (name := pending.pop()) not in seen:
            seen.add(name)
            pending += calls.get(name, ())
    return frozenset().union(*(gives.get(name, frozenset()) for name in seen))
