"""Python by its syntax tree: the whole module, or one definition with everything it uses in the file."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any

from blackstart.freshness.meaning.canonical import canonical
from blackstart.freshness.meaning.language import Language, Unit, needed
from blackstart.freshness.meaning.pystatements import DEFINITIONS, REGISTERS, one_by_one, units_of

_UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def whole(text: str) -> bytes | None:
    """The module without comments, docstrings and layout; None where it does not parse."""
    try:
        module = _parse(text)
        return canonical(_node(module, documented=_documented(module)))
    except _UNPARSABLE:
        return None


def part(text: str, fragment: str) -> bytes | None:
    """A function, class, method or name with all it needs in this file; None where it is not there."""
    try:
        chosen = needed(_units(text), fragment, REGISTERS + fragment)
        return canonical([unit.form for unit in chosen if unit.form is not None]) if chosen else None
    except _UNPARSABLE:
        return None


def names(text: str) -> frozenset[str] | None:
    """Every fragment that resolves; None where the file does not parse."""
    try:
        return frozenset().union(*(unit.binds for unit in _units(text)))
    except _UNPARSABLE:
        return None


@lru_cache(maxsize=1)  # the fragments of a file are asked for one after the other
def _units(text: str) -> list[Unit]:
    module = _parse(text)
    documented = _documented(module)
    return units_of(module, lambda node: _node(node, documented=documented))


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = ast.parse(text)
    module.body = [one for _, run in groupby(module.body, _may_move) for one in _in_order(list(run))]
    return module


def _may_move(node: ast.stmt) -> bool:
    """Whether sorters of imports would move it: names that nobody lists have to stay where they shadow others."""
    if isinstance(node, ast.ImportFrom):
        return node.module != "__future__" and node.names[0].name != "*"
    return isinstance(node, ast.Import)


def _in_order(run: list[ast.stmt]) -> list[ast.stmt]:
    """Imports in one order, each of one name; as they are where two would give different things one name."""
    if not _may_move(run[0]):
        return run
    single = [one for node in run for one in _single(node)]
    origins = dict[str, str]()
    if any(origins.setdefault(bound, origin) != origin for bound, origin, _ in single):
        return run
    return [node for _, _, node in sorted(single, key=lambda one: one[:2])]


def _single(node: ast.stmt) -> Iterator[tuple[str, str, ast.stmt]]:
    """For each name, how it is called here, what it is, and the import of nothing else."""
    assert isinstance(node, ast.Import | ast.ImportFrom)
    for one in one_by_one(node):
        alias = one.names[0]
        module = f"{'.' * one.level}{one.module or ''} " if isinstance(one, ast.ImportFrom) else ""
        yield alias.asname or alias.name, f"{module}{alias.name}", one


def _documented(module: ast.Module) -> bool:
    """Whether the code reads docstrings, as docopt and argparse make people do."""
    return any(
        (isinstance(node, ast.Attribute) and node.attr == "__doc__")
        or (isinstance(node, ast.Name) and node.id == "__doc__")
        for node in ast.walk(module)
    )


# --- our own form of the tree: `ast.dump` changes between versions of Python


def _node(node: ast.AST, *, documented: bool) -> list[Any]:
    fields = []
    for name, value in ast.iter_fields(node):
        if name in ("ctx", "kind", "type_comment", "type_ignores"):
            continue
        if name == "body" and not documented and isinstance(value, list):
            value = _without_docstring(node, value)
        if value is not None and value != []:  # absent and empty are one, so new optional fields change nothing
            fields.append([name, _value(value, documented=documented)])
    return [type(node).__name__, fields]


def _value(value: Any, *, documented: bool) -> Any:
    if isinstance(value, ast.AST):
        return _node(value, documented=documented)
    if isinstance(value, list):
        return [_value(item, documented=documented) for item in value]
    return f"{type(value).__name__}:{value!r}"


def _without_docstring(node: ast.AST, body: list[Any]) -> list[Any]:
    first = body[0] if isinstance(node, (ast.Module, *DEFINITIONS)) and body else None
    value = first.value if isinstance(first, ast.Expr) else None
    if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
        return body
    return body[1:] or ([] if isinstance(node, ast.Module) else [ast.Pass()])


PYTHON = Language(whole, part, names)
