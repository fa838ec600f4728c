"""The face of a language: the canonical form of a whole file and of its fragments, and the names of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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

    `binds` are the names that select it, `uses` the names of others that it needs; what is `ambient` applies to the
    whole file. `form` is what it means, ready for `canonical`.
    """

    form: Any
    binds: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    ambient: bool = False


Units: TypeAlias = Callable[[str], list[Unit] | None]


def of_units(units: Units, *, ordered: bool = True) -> Language:
    """A language whose files are lists of units. Where they are not `ordered`, their order means nothing."""

    def form(chosen: list[Unit]) -> bytes:
        forms = [unit.form for unit in chosen]
        return canonical(forms if ordered else sorted(forms, key=canonical))

    def whole(text: str) -> bytes | None:
        found = units(text)
        return None if found is None else form(found)

    def part(text: str, fragment: str) -> bytes | None:
        chosen = _needed(units(text) or [], fragment)
        return form(chosen) if chosen else None

    def names(text: str) -> frozenset[str] | None:
        found = units(text)
        return None if found is None else frozenset().union(*(unit.binds for unit in found))

    return Language(whole, part, names)


def _needed(units: list[Unit], fragment: str) -> list[Unit]:
    """The units that bind the fragment, all that these and the ambient ones use, and the ambient ones."""
    binding: dict[str, list[int]] = {}
    for index, unit in enumerate(units):
        for name in unit.binds:
            binding.setdefault(name, []).append(index)
    if fragment not in binding:
        return []
    chosen = {index for index, unit in enumerate(units) if unit.ambient}
    wanted, followed = {fragment}.union(*(units[index].uses for index in chosen)), set[str]()
    while wanted:
        followed.add(name := wanted.pop())
        for index in binding.get(name, ()):
            chosen.add(index)
            wanted |= units[index].uses - followed
    return [units[index] for index in sorted(chosen)]
