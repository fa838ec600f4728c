"""The JSON Schema of a model that people write, from the annotations that `schema` holds them to: for editors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from blackstart.written.schema import fields_of
from blackstart.written.shapes import Entries, Number, Text

Schema: TypeAlias = dict[str, Any]

_PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    NoneType: {"type": "null"},
    Any: {},
}


def json_schema(model: Any) -> Schema:
    """The schema of a model; the models in it are referred to, by the names of their classes."""
    definitions: dict[str, Schema] = {}
    schema = _model(model, definitions)
    return {"$defs": dict(sorted(definitions.items())), **schema} if definitions else schema


def _model(model: Any, definitions: dict[str, Schema]) -> Schema:
    usual = {field.name: field for field in fields(model)}
    properties: dict[str, Schema] = {}
    required = []
    for entry in fields_of(model):
        properties[entry.name] = _schema(entry.type, definitions)
        if entry.required:
            required.append(entry.name)
        else:
            properties[entry.name]["default"] = _default(usual[entry.attribute])
    return {
        "description": model.__doc__.strip(),
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _schema(type_: Any, definitions: dict[str, Schema]) -> Schema:
    origin, inner = get_origin(type_), get_args(type_)
    if origin is Annotated:
        said = (pair for note in inner[1:] for pair in _said(note, inner[0]))
        return _schema(inner[0], definitions) | dict(said)
    if is_dataclass(type_):
        name = type_.__name__  # type: ignore[union-attr]
        definitions[name] = _model(type_, definitions)
        return {"$ref": f"#/$defs/{name}"}
    if origin is Literal:
        return {"type": "string", "enum": list(inner)}
    if origin is tuple:
        return {"type": "array", "items": _schema(inner[0], definitions)}
    if origin is dict:
        names, values = (_schema(one, definitions) for one in inner)
        return {"type": "object", "propertyNames": names, "additionalProperties": values}
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(one, definitions) for one in inner]}
    return dict(_PLAIN[type_])


def _said(note: Any, type_: Any) -> Iterator[tuple[str, Any]]:
    """What an annotation of the type says; a check of ours has no words in a schema."""
    of = "Properties" if get_origin(type_) is dict else "Items"
    match note:
        case str():
            yield "description", note
        case Text():
            yield from _limits(minLength=note.least, maxLength=note.most)
            if note.pattern:
                yield "pattern", f"^{note.pattern}$"
        case Number():
            yield from (("minimum", note.least), ("maximum", note.most))
        case Entries():
            yield from _limits(**{f"min{of}": note.least, f"max{of}": note.most})


def _limits(**limits: int | None) -> Iterator[tuple[str, int]]:
    return ((name, limit) for name, limit in limits.items() if limit)


def _default(field: Any) -> Any:
    return _plain(field.default if field.default_factory is MISSING else field.default_factory())


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {entry.name: _plain(getattr(value, entry.attribute)) for entry in fields_of(type(value))}  # type: ignore[arg-type]
    return list(value) if isinstance(value, tuple) else value
