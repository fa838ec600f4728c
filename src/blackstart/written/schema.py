"""Plain data to a frozen dataclass; every breach becomes a problem at its line, with the likely spelling.

Ours because of what it costs: pydantic, whose errors had to be translated, took a third of the time that a check of one
file may take, only to be imported. What the annotations mean is in `shapes`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from blackstart.model import Problem
from blackstart.written.breach import Breach, Found, missing, no_choice, problem, refused, unknown, wrong
from blackstart.written.shapes import Check, Entries, Meant, Number, Text, Tolerant, Written
from blackstart.written.yaml import Key, Yaml

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Model = TypeVar("Model", bound="DataclassInstance")

_MOST_PROBLEMS = 100  # a reader needs no more to see that a file is broken
_LIST = "a list (one `- item` a line)"
_MAPPING = "a mapping of `key: value` lines"
_DAY = "a date such as 2026-11-23, without"


Read: TypeAlias = Callable[[Any, Key, Found], Any]
"""Makes of a value what the model wants; what is wrong is added to the breaches."""


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of a model, by the name that people write."""

    name: str
    attribute: str
    type: Any
    required: bool


def validate(model: type[Model], document: Yaml) -> tuple[Model | None, list[Problem]]:
    """Build `model` from the document, or say what is wrong with each entry."""
    if document.problems:
        return None, document.problems[:_MOST_PROBLEMS]
    found: Found = []
    built = _reader(model)(document.data, (), found)
    return (None, [problem(document, breach) for breach in found[:_MOST_PROBLEMS]]) if found else (built, [])


@cache
def fields_of(model: type[DataclassInstance]) -> tuple[Field, ...]:
    """The entries that a mapping may have; what begins with an underscore is no entry."""
    types = get_type_hints(model, include_extras=True)
    listed = (field for field in fields(model) if not field.name.startswith("_"))
    return tuple(
        Field(
            name=next((note.as_ for note in _notes_of(types[field.name]) if isinstance(note, Written)), field.name),
            attribute=field.name,
            type=types[field.name],
            required=field.default is MISSING and field.default_factory is MISSING,
        )
        for field in listed
    )


def _notes_of(type_: Any) -> tuple[Any, ...]:
    """What `Annotated` adds to a type."""
    return type_.__metadata__ if get_origin(type_) is Annotated else ()


@cache
def _reader(type_: Any) -> Read:
    if get_origin(type_) is Annotated:
        return _annotated(type_.__origin__, type_.__metadata__)
    return _plain(type_, ())


def _annotated(type_: Any, notes: Sequence[Any]) -> Read:
    read = _plain(type_, notes)
    meant = [note.by for note in notes if isinstance(note, Meant)]
    checks = [note.by for note in notes if isinstance(note, Check)]
    if not meant and not checks:
        return read

    def checked(value: Any, key: Key, found: Found) -> Any:
        for change in meant:
            value = change(value)
        before = len(found)
        value = read(value, key, found)
        try:
            for check in checks if len(found) == before else ():
                value = check(value)
        except ValueError as error:
            found.append(Breach(key, refused(str(error))))
        return value

    return checked


def _plain(type_: Any, notes: Sequence[Any]) -> Read:
    origin, inner = get_origin(type_), get_args(type_)
    if type_ is Any:
        return lambda value, _key, _found: value
    if is_dataclass(type_):
        return _model(type_)
    if origin is Literal:
        return _choice(inner)
    if origin in (Union, UnionType):
        return _one_of(inner)
    if origin is tuple:
        return _list(_reader(inner[0]), _note(notes, Entries, Entries()))
    if origin is dict:
        return _mapping(_reader(inner[0]), _reader(inner[1]), _note(notes, Entries, Entries()))
    if type_ is str:
        return _text(_note(notes, Text, Text()))
    return {int: _number(_note(notes, Number, None)), bool: _boolean, date: _date}[type_]


def _note(notes: Iterable[Any], sort: type, default: Any) -> Any:
    return next((note for note in notes if isinstance(note, sort)), default)


def _model(model: Any) -> Read:
    parts = [(field, _reader(field.type)) for field in fields_of(model)]
    known = [field.name for field, _ in parts]
    strict = not issubclass(model, Tolerant)

    def read(value: Any, key: Key, found: Found) -> Any:
        if not isinstance(value, dict):
            return _unlike(value, key, found, _MAPPING)
        before, built = len(found), {}
        for field, part in parts:
            if field.name in value:
                built[field.attribute] = part(value[field.name], (*key, field.name), found)
            elif field.required:
                found.append(Breach((*key, field.name), missing(field.name)))
        if strict and len(built) < len(value):
            found += [Breach((*key, name), unknown(name, known), at_key=True) for name in value if name not in known]
        return model(**built) if len(found) == before else None

    return read


def _list(one: Read, entries: Entries) -> Read:
    def read(value: Any, key: Key, found: Found) -> Any:
        if not isinstance(value, list):
            return _unlike(value, key, found, _LIST)
        if len(value) < entries.least:
            return _unlike(value, key, found, "a list with at least one entry")
        if entries.most is not None and len(value) > entries.most:
            return _unlike(value, key, found, f"a list of at most {entries.most} entries")
        return tuple([one(item, (*key, index), found) for index, item in enumerate(value)])

    return read


def _mapping(name_of: Read, one: Read, entries: Entries) -> Read:
    def read(value: Any, key: Key, found: Found) -> Any:
        if not isinstance(value, dict):
            return _unlike(value, key, found, _MAPPING)
        if entries.most is not None and len(value) > entries.most:
            return _unlike(value, key, found, f"a mapping of at most {entries.most} entries")
        return {name(item, key, found): one(value[item], (*key, item), found) for item in value}

    def name(value: Any, key: Key, found: Found) -> Any:
        wrong: Found = []
        kept = name_of(value, (*key, value), wrong)
        found += [breach._replace(at_key=True) for breach in wrong]
        return kept

    return read


def _one_of(types: Sequence[Any]) -> Read:
    """Nothing, where that may be; a mapping where it is one; else the first."""
    choices = [(type_, _reader(type_)) for type_ in types if type_ is not NoneType]
    optional = NoneType in types
    simple = choices[0][1]
    mapping = next((read for type_, read in choices if _is_mapping(type_)), simple)

    def read(value: Any, key: Key, found: Found) -> Any:
        if value is None and optional:
            return None
        return (mapping if isinstance(value, dict) else simple)(value, key, found)

    return read


def _is_mapping(type_: Any) -> bool:
    return get_origin(type_.__origin__ if get_origin(type_) is Annotated else type_) is dict


def _choice(known: Sequence[str]) -> Read:
    def read(value: Any, key: Key, found: Found) -> Any:
        if not (isinstance(value, str) and value in known):
            found.append(Breach(key, no_choice(value, known)))
        return value

    return read


def _text(shape: Text) -> Read:
    fits = re.compile(shape.pattern or ".*", re.DOTALL).fullmatch
    least, most = shape.least, sys.maxsize if shape.most is None else shape.most

    def read(value: Any, key: Key, found: Found) -> Any:
        if not isinstance(value, str):
            return _unlike(value, key, found, "text (put it in quotes)")
        if len(value) < least:
            return _unlike(value, key, found, "some text")
        if len(value) > most:
            return _unlike(value, key, found, f"at most {most} characters long")
        return value if fits(value) else _unlike(value, key, found, shape.words)

    return read


def _number(limits: Number | None) -> Read:
    def read(value: Any, key: Key, found: Found) -> Any:
        if not isinstance(value, int) or isinstance(value, bool):
            return _unlike(value, key, found, "a whole number")
        if limits and value < limits.least:
            return _unlike(value, key, found, f"a number of at least {limits.least}")
        if limits and value > limits.most:
            return _unlike(value, key, found, f"a number of at most {limits.most}")
        return value

    return read


def _boolean(value: Any, key: Key, found: Found) -> Any:
    return value if isinstance(value, bool) else _unlike(value, key, found, "true or false")


def _date(value: Any, key: Key, found: Found) -> Any:
    if isinstance(value, datetime):
        return _unlike(value, key, found, f"{_DAY} a time")
    return value if isinstance(value, date) else _unlike(value, key, found, f"{_DAY} quotes")


def _unlike(value: Any, key: Key, found: Found, expected: str) -> None:
    found.append(Breach(key, wrong(value, expected)))
