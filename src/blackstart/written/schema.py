"""Plain data to a frozen model; every breach becomes a problem at its line, with the likely spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from blackstart.model import Problem
from blackstart.written.names import SHAPES
from blackstart.written.yaml import Key, Yaml


class Strict(BaseModel):
    """What people write: no unknown keys, no silent conversions, never changed after parsing."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Tolerant(BaseModel):
    """A foreign format of which only some keys are ours."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, defer_build=True)


Model = TypeVar("Model", bound=BaseModel)

ONE, MANY = "[one]", "[many]"
"""What an entry is that may be one value or several; pydantic puts them into the place of a breach."""

_MOST_PROBLEMS = 100  # a reader needs no more to see that a file is broken
_MOST_CANDIDATES = 2_000  # looking for a near word takes time for each
_EXPECTED = {
    "string_type": "text (put it in quotes)",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list (one `- item` a line)",
    "tuple_type": "a list (one `- item` a line)",
    "dict_type": "a mapping of `key: value` lines",
    "model_type": "a mapping of `key: value` lines",
    "date_type": "a date such as 2026-11-23, without quotes",
    "date_from_datetime_inexact": "a date such as 2026-11-23, without a time",
    "string_too_short": "some text",
    "too_short": "a list with at least one entry",
}


def validate(model: type[Model], document: Yaml) -> tuple[Model | None, list[Problem]]:
    """Build `model` from the document, or say what is wrong with each entry."""
    if document.problems:
        return None, document.problems[:_MOST_PROBLEMS]
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        details = [dict(detail) for detail in error.errors(include_url=False, include_input=True)[:_MOST_PROBLEMS]]
        return None, [_problem(model, document, detail) for detail in details if not _follows(detail, details)]


def _follows(detail: dict[str, Any], details: list[dict[str, Any]]) -> bool:
    """Whether a list only counts as too short because its entries are wrong, which is said already."""
    key = detail["loc"]
    inner = (other["loc"] for other in details if len(other["loc"]) > len(key))
    return detail["type"] == "too_short" and any(loc[: len(key)] == key for loc in inner)


def suggest(word: str, known: Iterable[str]) -> str:
    """`, did you mean …?` where a known word is near, else nothing."""
    near = get_close_matches(word[:100], [*islice(known, _MOST_CANDIDATES)], n=1)
    return f", did you mean `{near[0]}`?" if near else ""


def _problem(model: type[BaseModel], document: Yaml, detail: dict[str, Any]) -> Problem:
    is_key = detail["loc"][-1:] == ("[key]",)  # of a mapping whose names are the author's
    key: Key = tuple(part for part in detail["loc"] if part not in (ONE, MANY, "[key]"))
    name = f"`{'.'.join(str(part) for part in key)}`" if key else "this"
    mark = document.key_mark(key) if is_key else document.mark(key)
    if detail["type"] == "extra_forbidden":
        mark = document.key_mark(key)
        known = _fields_at(model, key[:-1])
        message, fix = f"unknown key {name}{suggest(str(key[-1]), known)}", f"Known keys here: {', '.join(known)}."
    elif detail["type"] == "missing":
        message, fix = f"{name} is missing", f"Add a line `{key[-1]}: …`."
    elif detail["type"] == "literal_error":
        known = re.findall(r"'([^']*)'", detail["ctx"]["expected"])
        shown = _shown(detail["input"])
        message, fix = f"{name} is {shown}{suggest(shown.strip('`'), known)}", f"Write one of {', '.join(known)}."
    elif expected := _expected(detail):
        message, fix = f"{name} must be {expected}; it is {_shown(detail['input'])}", f"Write {expected}."
    else:
        message, fix = f"{name}: {detail['msg'].removeprefix('Value error, ')}", "Correct the value."
    return Problem(document.path, mark.line, mark.column, message, fix)


def _expected(detail: dict[str, Any]) -> str:
    """What belongs there, in words; nothing where the breach has words of its own."""
    if detail["type"] == "string_pattern_mismatch":
        return SHAPES.get(detail["ctx"]["pattern"], "")
    if detail["type"] == "string_too_long":
        return f"at most {detail['ctx']['max_length']} characters long"
    if detail["type"] in ("greater_than_equal", "less_than_equal"):
        limit = detail["ctx"].get("ge", detail["ctx"].get("le"))
        return f"a number of {'at least' if 'ge' in detail['ctx'] else 'at most'} {limit}"
    if detail["type"] == "too_long":
        return f"a list of at most {detail['ctx']['max_length']} entries"
    return _EXPECTED.get(detail["type"], "")


def _shown(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "empty"
    return f"`{' '.join(str(value)[:60].split())}`"


def _fields_at(model: type[BaseModel], key: Key) -> list[str]:
    """The names a mapping may hold, found by following `key` through the nested models."""
    parts = (part for part in key if isinstance(part, str))  # entries of a list are all of one model
    for part in parts:
        field = model.model_fields.get(part)
        nested = [field.annotation, *getattr(field.annotation, "__args__", ())] if field else []
        models = [entry for entry in nested if isinstance(entry, type) and issubclass(entry, BaseModel)]
        if not models:
            return []
        model = models[0]
        if field and get_origin(field.annotation) is dict:
            next(parts, None)  # a name of the author's
    return [field.alias or name for name, field in model.model_fields.items()]
