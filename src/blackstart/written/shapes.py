"""What a value that people write may be, as annotations of a model: `schema` holds people to it, editors are told it.

A text beside them in `Annotated` describes the entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """How long a text may be, and its pattern with what that means in words."""

    least: int = 0
    most: int | None = None
    pattern: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """The least and the greatest whole number."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Entries:
    """How many entries a list or mapping may have."""

    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    """What was probably meant, before the value is looked at."""

    by: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Check:
    """The value to keep, or a ValueError that tells why not."""

    by: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Written:
    """How the key is written where the field's name is another."""

    as_: str


class Tolerant:
    """The base of a model for a foreign format, of which only some keys are ours."""
