"""Which statements of a Python module belong to a name: what binds it, changes it, and what these use."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeGuard

from blackstart.freshness.meaning.language import Unit, reached

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
REGISTERS = "="  # before a name: what enters itself there by its decorator
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = (ast.If, ast.Try, ast.TryStar)
# Members that decide what becomes of any other.
_SHAPING = {"__getattr__", "__getattribute__", "__slots__", "__new__"}
_WORD = re.compile(r"[^\W\d]\w*")

Form: TypeAlias = Callable[[ast.AST], Any]
Statement: TypeAlias = ast.stmt


@dataclass
class _Module:
    """What each statement must know of the others."""

    form: Form
    local: set[str] = field(default_factory=set)  # names that the file itself makes
    classes: set[str] = field(default_factory=set)
    defined: set[str] = field(default_factory=set)


def units_of(tree: ast.Module, form: Form) -> list[Unit]:
    module = _Module(form)
    for node in tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            module.local |= set(_bound(node))
        if isinstance(node, DEFINITIONS):
            module.defined.add(node.name)
        if isinstance(node, ast.ClassDef):
            module.classes.add(node.name)
    docstring = tree.body[:1] if ast.get_docstring(tree) is not None else []
    found = [Unit(form(node), touches=frozenset({"__doc__"})) for node in docstring]
    return [*found, *(unit for node in tree.body[len(docstring) :] for unit in _units(node, module))]


def _units(node: Statement, module: _Module) -> Iterator[Unit]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from _import(node, module.form)
    elif isinstance(node, ast.ClassDef):
        yield from _class(node, module)
    elif isinstance(node, _FUNCTIONS):
        inner = (f"{node.name}.{one.name}" for one in node.body if isinstance(one, DEFINITIONS))
        touches = _global(node) | _registers(node, module)
        uses = _uses(node)
        yield Unit(module.form(node), frozenset([*_bound(node), *inner]), uses, touches=touches)
        yield from _run(node.name, uses - module.defined)
    elif _is_program(node) or _is_pure(node):
        starred = any(isinstance(inner, ast.alias) and inner.name == "*" for inner in ast.walk(node))
        yield Unit(module.form(node), _bound_deeply(node), _uses(node), ambient=starred)
    else:
        yield from _effect(node, module)


def _run(function: str, variables: frozenset[str]) -> Iterator[Unit]:
    """From the variables of a function to the statements that call it, and to what it decorates."""
    yield Unit(None, uses=frozenset({f"call {function}"}), touches=variables)
    registers = frozenset(REGISTERS + name for name in variables)
    yield Unit(None, uses=frozenset({f"{REGISTERS}call {function}"}), touches=registers)


def one_by_one(node: ast.Import | ast.ImportFrom) -> Iterator[ast.Import | ast.ImportFrom]:
    """The same imports, each of one name."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            yield ast.Import(names=[alias])
        else:
            yield ast.ImportFrom(module=node.module, names=[alias], level=node.level)


def _import(node: ast.Import | ast.ImportFrom, form: Form) -> Iterator[Unit]:
    """One unit for each name, so that others of the same line do not count."""
    for one in one_by_one(node):
        ambient = one.names[0].name == "*" or (isinstance(one, ast.ImportFrom) and one.module == "__future__")
        yield Unit(form(one), frozenset(_bound(one)) - {"*"}, ambient=ambient)


def _is_program(node: Statement) -> bool:
    """The part that a program runs and an import does not."""
    return isinstance(node, ast.If) and "__name__" in {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}


def _is_pure(node: Statement) -> bool:
    """Only gives names, though perhaps under a condition."""
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Name) for target in node.targets)
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name)
    if isinstance(node, _BLOCKS):
        return all(_is_pure(inner) for inner in ast.iter_child_nodes(node) if isinstance(inner, ast.stmt)) and all(
            _is_pure(inner) for handler in getattr(node, "handlers", ()) for inner in handler.body
        )
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass, ast.Raise, *_FUNCTIONS)) or (
        isinstance(node, ast.ClassDef) and all(map(_is_pure, node.body))
    )


# --- classes


def _class(node: ast.ClassDef, module: _Module) -> Iterator[Unit]:
    """The head with what runs when the class is made, and each member with what it needs of the others."""
    named = [(inner, _member_names(inner)) for inner in node.body]
    shaping = [inner for inner, names in named if not names or names & _SHAPING]
    head = copy(node)
    head.body = shaping
    members = frozenset().union(*(names for _, names in named))
    shape, uses = f"class {node.name}", frozenset().union(*(_needs(inner, node.name, members) for inner in shaping))
    uses |= frozenset().union(*map(_uses, (*node.bases, *node.keywords, *node.decorator_list)))
    yield Unit(module.form(head), frozenset({node.name}), uses, touches=_registers(node, module) | {shape})
    needs = {id(inner): _needs(inner, node.name, members) | {shape} for inner, _ in named}
    sets = {id(inner): frozenset(f"{node.name}.{name}" for name in _set_by(inner)) for inner, _ in named}
    calls = {f"{node.name}.{name}": needs[id(inner)] for inner, names in named for name in names}
    gives = {f"{node.name}.{name}": sets[id(inner)] for inner, names in named for name in names}
    for inner, names in named:
        if names and not names & _SHAPING:
            own = frozenset(f"{node.name}.{name}" for name in names)
            given = reached(f"{node.name}.__init__", calls, gives) if "__init__" in names else sets[id(inner)]
            touches = given | _global(inner) | {node.name}
            yield Unit([node.name, module.form(inner)], own, needs[id(inner)], touches=touches)
        elif names:
            yield Unit(None, frozenset(f"{node.name}.{name}" for name in names), frozenset({shape}))


def _member_names(node: Statement) -> frozenset[str]:
    """What a member is called; nothing where it only has an effect."""
    if isinstance(node, ast.Import | ast.ImportFrom) or not _is_pure(node):
        return frozenset(_bound(node))
    return _bound_deeply(node)


def _owner_words(node: Statement) -> frozenset[str]:
    """What a method calls its object or class: its first parameter."""
    if not isinstance(node, _FUNCTIONS) or any(_is_static(one) for one in node.decorator_list):
        return frozenset()
    return frozenset(argument.arg for argument in [*node.args.posonlyargs, *node.args.args][:1])


def _is_static(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id == "staticmethod"


def _needs(member: Statement, owner: str, members: frozenset[str]) -> frozenset[str]:
    """What it uses; of its own class only the members that it selects, unless it hands the object to others."""
    own = _owner_words(member)
    owners = own | {owner}
    selected = [node for node in ast.walk(member) if _is_selection(node, owners)]
    operands = {id(node.value) for node in selected}
    handed = {node.id for node in ast.walk(member) if isinstance(node, ast.Name) and id(node) not in operands}
    found = {f"{owner}.{node.attr}" for node in selected}
    found |= {owner} if own & handed or any(node.attr == "__class__" for node in selected) else set()
    uses = _uses(member) - {owner}
    beside = {f"{owner}.{name}" for name in uses & members}  # a default or a decorator sees the class's names
    return uses | found | beside | (handed & {owner})


def _is_selection(node: ast.AST, owners: frozenset[str]) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in owners


def _set_by(member: Statement) -> frozenset[str]:
    """Attributes that a method gives a value, or changes below: `self.x = …`, `self.x[y] = …`."""
    own = _owner_words(member)
    targets = (node for node in ast.walk(member) if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del))
    inside = (inner for target in targets for inner in _chain(target))
    return frozenset(node.attr for node in inside if _is_selection(node, own))


# --- effects


def _effect(node: Statement, module: _Module) -> Iterator[Unit]:
    """Belongs to all that it names; but only what it changes needs what else it names."""
    uses, binds, form = _uses(node), _bound_deeply(node), module.form(node)
    starred = any(isinstance(inner, ast.alias) and inner.name == "*" for inner in ast.walk(node))
    if starred or not (uses | binds) & module.local:
        yield Unit(form, binds, uses, ambient=True)
        return
    changed = _changed(node, module) | binds
    if not isinstance(node, ast.Expr):
        uses -= {name for name in changed & module.classes if _times(name, node) == 1}  # nothing but what is changed
    changed |= {f"class {name}" for name in changed & module.classes}
    yield Unit(form, binds, touches=(uses & module.local) | changed)
    yield Unit(None, uses=uses, touches=changed)


def _times(name: str, node: ast.AST) -> int:
    return sum(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node))


def _changed(node: Statement, module: _Module) -> frozenset[str]:
    """The names whose value a statement may change."""
    if isinstance(node, ast.Assign | ast.Delete):
        return frozenset(name for target in node.targets for name in _roots(target))
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        return frozenset(_roots(node.target))
    call = node.value if isinstance(node, ast.Expr) else None
    call = call.value if isinstance(call, ast.Await) else call
    if not isinstance(call, ast.Call):
        return _uses(node)
    root = next(iter(_roots(call.func)), "")
    if not root:
        return _uses(node)
    if isinstance(call.func, ast.Attribute) and root in module.local:
        return frozenset({root})
    passed = [*call.args, *(keyword.value for keyword in call.keywords)]
    return frozenset({root, f"call {root}", *(name for argument in passed for name in _roots(argument))})


def _registers(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, module: _Module) -> frozenset[str]:
    """Where a decorator may enter what it decorates: its object, or what the function uses."""
    roots = {root for decorator in node.decorator_list for root in _roots(decorator)} & module.local
    return frozenset(REGISTERS + name for root in roots for name in (root, f"call {root}"))


def _chain(node: ast.AST) -> Iterator[ast.AST]:
    """From `a.b[c].d()` down to `a`."""
    while True:
        yield node
        if isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Await):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return


def _roots(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Tuple | ast.List):
        for inner in node.elts:
            yield from _roots(inner)
        return
    last = list(_chain(node))[-1]
    if isinstance(last, ast.Name):
        yield last.id


# --- names


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a statement gives where it stands."""
    pending: list[ast.AST] = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest
        if isinstance(node, DEFINITIONS):
            yield node.name
            pending += node.decorator_list
            pending += [] if isinstance(node, ast.ClassDef) else [node.args]
        elif not isinstance(node, ast.Lambda):
            pending += ast.iter_child_nodes(node)


def _bound_deeply(node: Statement) -> frozenset[str]:
    """With the members of classes that are made under a condition, or in a class."""
    found = set(_bound(node))
    for inner in ast.walk(node) if not isinstance(node, _FUNCTIONS) else ():
        if isinstance(inner, ast.ClassDef):
            found |= {f"{inner.name}.{name}" for member in inner.body for name in _bound(member)}
    return frozenset(found)


def _global(node: ast.AST) -> frozenset[str]:
    """Names of the module that a function gives a value."""
    return frozenset(name for inner in ast.walk(node) if isinstance(inner, ast.Global) for name in inner.names)


def _uses(node: ast.AST) -> frozenset[str]:
    """Every name but a function's own; in annotations, those in strings too."""
    found = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    if isinstance(node, _FUNCTIONS):
        outside = [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
        found = {inner.id for one in node.body for inner in ast.walk(one) if isinstance(inner, ast.Name)}
        found -= _own(node) - _global(node)
        found |= {inner.id for one in outside for inner in ast.walk(one) if isinstance(inner, ast.Name)}
    return frozenset(found | {word for text in _quoted(node) for word in _WORD.findall(text)})


def _own(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Parameters and what the body gives a name; a comprehension keeps its names to itself."""
    arguments = node.args
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    found = {one.arg for one in listed if one}
    pending: list[ast.AST] = list(node.body)
    while pending:
        inner = pending.pop()
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            found.add(inner.id)
        elif isinstance(inner, DEFINITIONS):
            found.add(inner.name)
        elif isinstance(inner, ast.Import | ast.ImportFrom):
            found |= set(_bound(inner))
        if not isinstance(inner, (*DEFINITIONS, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            pending += ast.iter_child_nodes(inner)
    return found


def _quoted(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        for name in ("annotation", "returns"):
            annotation = getattr(inner, name, None)
            for part in ast.walk(annotation) if annotation else ():
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value
