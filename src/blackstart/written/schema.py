"""Plain data to a frozen model; every breach becomes a problem at its line, with the likely spelling."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from blackstart.model import Problem
from blackstart.written.yaml import Key, Yaml


class Strict(BaseModel):
    """What people write: no unknown keys, no silent conversions, never changed after parsing."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Tolerant(BaseModel):
    """A foreign format of which only some keys are ours."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


Model = TypeVar("Model", bound=BaseModel)

_EXPECTED = {
    "string_type": "text (put it in quotes)",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list (one `- item` a line)",
    "tuple_type": "a list (one `- item` a line)",
    "dict_type": "a mapping of `key: value` lines",
    "model_type": "a mapping of `key: value` lines",
    "date_type": "a date such as 2026-11-23, without quotes",
    "string_too_short": "some text",
    "too_short": "at least one entry",
}


def validate(model: type[Model], document: Yaml) -> tuple[Model | None, list[Problem]]:
    """Build `model` from the document, or say what is wrong with each entry."""
    if document.problems:
        return None, list(document.problems)
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=True)
        return None, [_problem(model, document, dict(detail)) for detail in details]


def suggest(word: str, known: Iterable[str]) -> str:
    """`, did you mean …?` where a known word is near, else nothing."""
    near = get_close_matches(word, list(known), n=1)
    return f", did you mean `{near[0]}`?" if near else ""


def _problem(model: type[BaseModel], document: Yaml, detail: dict[str, Any]) -> Problem:
    key: Key = tuple(detail["loc"])
    name = ".".join(str(part) for part in key) or "the file"
    kind = detail["type"]
    mark = document.mark(key)
    if kind == "extra_forbidden":
        mark = document.key_mark(key)
        known = _fields_at(model, key[:-1])
        near = suggest(str(key[-1]), known)
        message, fix = f"unknown key `{name}`{near}", f"Known keys here: {', '.join(known)}."
    elif kind == "missing":
        message, fix = f"`{name}` is missing", f"Add a line `{key[-1]}: …`."
    elif kind in _EXPECTED:
        message = f"`{name}` must be {_EXPECTED[kind]}; it is {_shown(detail['input'])}"
        fix = f"Write {_EXPECTED[kind]}."
    else:
        message, fix = f"`{name}`: {detail['msg']}", "Correct the value."
    return Problem(document.path, mark.line, mark.column, message, fix)


def _shown(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "empty"
    return f"`{str(value)[:60]}`"


def _fields_at(model: type[BaseModel], key: Key) -> list[str]:
    """The names a mapping may hold, found by following `key` through the nested models."""
    for part in key:
        field = model.model_fields.get(str(part))
        nested = [field.annotation, *getattr(field.annotation, "__args__", ())] if field else []
        models = [entry for entry in nested if isinstance(entry, type) and issubclass(entry, BaseModel)]
        if not models:
            return []
        model = models[0]
    return [field.alias or name for name, field in model.model_fields.items()]
