"""Python by its syntax tree: the whole module, or one definition with everything it uses in the file."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from blackstart.freshness.meaning.canonical import canonical
from blackstart.freshness.meaning.language import Language

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def whole(text: str) -> bytes | None:
    """The module without comments, docstrings and layout; None where it does not parse."""
    try:
        return canonical(_node(_parse(text)))
    except _UNPARSABLE:
        return None


def part(text: str, fragment: str) -> bytes | None:
    """A function, class, method or name with all it needs in this file; None where it is not there."""
    try:
        chosen = _closure([_Statement(node) for node in _parse(text).body], fragment)
        return canonical([_node(statement) for statement in chosen]) if chosen else None
    except _UNPARSABLE:
        return None


def names(text: str) -> frozenset[str] | None:
    """Every fragment that resolves; None where the file does not parse."""
    try:
        return frozenset(name for node in _parse(text).body for name in _names(node))
    except _UNPARSABLE:
        return None


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _names(node: ast.stmt) -> Iterator[str]:
    yield from _Statement(node).binds
    if isinstance(node, ast.ClassDef):
        yield from (f"{node.name}.{name}" for member in node.body for name in _Statement(member).binds)


# --- which statements belong to a name


@dataclass(frozen=True)
class _Statement:
    """A statement of the module or of a class, with the names it binds and those it uses."""

    node: ast.stmt

    @cached_property
    def binds(self) -> frozenset[str]:
        return frozenset(_bound(self.node))

    @cached_property
    def uses(self) -> frozenset[str]:
        return frozenset(node.id for node in ast.walk(self.node) if isinstance(node, ast.Name))

    @cached_property
    def own(self) -> frozenset[str]:
        """Attributes of an instance or a class: `self.x` and `cls.x`."""
        return frozenset(
            node.attr
            for node in ast.walk(self.node)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
        )

    @property
    def is_import(self) -> bool:
        return isinstance(self.node, ast.Import | ast.ImportFrom)

    @property
    def is_ambient(self) -> bool:
        """Applies to the whole file whatever uses it: future and star imports."""
        if not isinstance(self.node, ast.ImportFrom):
            return False
        return self.node.module == "__future__" or any(alias.name == "*" for alias in self.node.names)

    @property
    def has_effect(self) -> bool:
        """Runs when the file is imported, other than to give something a name."""
        if isinstance(self.node, ast.If) and "__name__" in self.uses:
            return False  # the part that a program runs and an import does not
        return not self.is_import and not isinstance(self.node, _DEFINITIONS) and not _only_binds(self.node)


def _only_binds(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return isinstance(node, ast.Assign | ast.AnnAssign) and all(isinstance(target, ast.Name) for target in targets)


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, _DEFINITIONS):
        yield node.name
        yield from (name for inner in ast.walk(node) if isinstance(inner, ast.Global) for name in inner.names)
        return
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
        yield node.id
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.Lambda):
            yield from _bound(child)


def _closure(statements: list[_Statement], fragment: str) -> list[ast.stmt]:
    name, _, member = fragment.partition(".")
    if member:
        if not any(isinstance(statement.node, ast.ClassDef) and name in statement.binds for statement in statements):
            return []
        statements = [_narrowed(statement, name, member) for statement in statements]
    if not any(name in statement.binds for statement in statements):
        return []
    local = {bound for statement in statements if not statement.is_import for bound in statement.binds}
    chosen = {index for index, s in enumerate(statements) if s.is_ambient or (s.has_effect and not s.uses & local)}
    wanted, followed = {name}, set[str]()
    for index in chosen:
        wanted |= statements[index].uses
    while wanted - followed:
        followed |= (current := wanted - followed)
        for index, statement in enumerate(statements):
            if statement.binds & current:
                chosen.add(index)
                wanted |= statement.uses
            elif statement.has_effect and statement.uses & current:
                chosen.add(index)
    return [statements[index].node for index in sorted(chosen)]


def _narrowed(statement: _Statement, name: str, member: str) -> _Statement:
    """The class `name` with only `member` and what it uses of the class; any other statement as it is."""
    node = statement.node
    if not isinstance(node, ast.ClassDef) or node.name != name:
        return statement
    members = [_Statement(inner) for inner in node.body]
    wanted, followed, chosen = {member}, set[str](), set[int]()
    while wanted - followed:
        followed |= (current := wanted - followed)
        for index, inner in enumerate(members):
            if inner.binds & current and index not in chosen:
                chosen.add(index)
                wanted |= inner.uses | inner.own
    if not chosen:
        return _Statement(ast.Pass())
    body = [members[index].node for index in sorted(chosen)]
    return _Statement(
        ast.ClassDef(name=name, bases=node.bases, keywords=node.keywords, body=body, decorator_list=node.decorator_list)
    )


# --- our own form of the tree: `ast.dump` changes between versions of Python


def _node(node: ast.AST) -> list[Any]:
    fields = []
    for name, value in ast.iter_fields(node):
        if name in ("ctx", "kind", "type_comment", "type_ignores"):
            continue
        if name == "body" and isinstance(value, list):
            value = _without_docstring(node, value)
        if value is not None and value != []:  # absent and empty are one, so new optional fields change nothing
            fields.append([name, _value(value)])
    return [type(node).__name__, fields]


def _value(value: Any) -> Any:
    if isinstance(value, ast.AST):
        return _node(value)
    if isinstance(value, list):
        return [_value(item) for item in value]
    return f"{type(value).__name__}:{value!r}"


def _without_docstring(node: ast.AST, body: list[Any]) -> list[Any]:
    first = body[0] if isinstance(node, (ast.Module, *_DEFINITIONS)) and body else None
    value = first.value if isinstance(first, ast.Expr) else None
    if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
        return body
    return body[1:] or ([] if isinstance(node, ast.Module) else [ast.Pass()])


PYTHON = Language(whole, part, names)
