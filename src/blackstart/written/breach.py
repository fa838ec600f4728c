"""What is wrong with an entry that people wrote, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from blackstart.model import Problem
from blackstart.written.near import suggest
from blackstart.written.yaml import Key, Yaml

Tell: TypeAlias = Callable[[str], tuple[str, str]]
"""The message and the fix for an entry of that name. Near words are looked for only when somebody will read them."""


class Breach(NamedTuple):
    """What is wrong at `key`, or with the key itself: to be told by name."""

    key: Key
    tell: Tell
    at_key: bool = False


Found: TypeAlias = list[Breach]


def problem(document: Yaml, breach: Breach) -> Problem:
    """The breach at its place in the document."""
    name = f"`{'.'.join(str(part) for part in breach.key)}`" if breach.key else "this"
    mark = document.key_mark(breach.key) if breach.at_key else document.mark(breach.key)
    return Problem(document.path, mark.line, mark.column, *breach.tell(name))


def wrong(value: Any, expected: str) -> Tell:
    return lambda name: (f"{name} must be {expected}; it is {_shown(value)}", f"Write {expected}.")


def refused(why: str) -> Tell:
    return lambda name: (f"{name}: {why}", "Correct the value.")


def missing(key: str) -> Tell:
    return lambda name: (f"{name} is missing", f"Add a line `{key}: …`.")


def unknown(key: Any, known: Sequence[str]) -> Tell:
    return lambda name: (f"unknown key {name}{suggest(str(key), known)}", f"Known keys here: {', '.join(known)}.")


def no_choice(value: Any, known: Sequence[str]) -> Tell:
    shown = _shown(value)
    return lambda name: (f"{name} is {shown}{suggest(shown.strip('`'), known)}", f"Write one of {', '.join(known)}.")


def _shown(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "empty"
    return f"`{' '.join(str(value)[:60].split())}`"
