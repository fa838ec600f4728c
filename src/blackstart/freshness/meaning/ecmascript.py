"""JavaScript and TypeScript by their syntax tree: one unit for each name that a module makes, and for each effect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from blackstart.freshness import syntax
from blackstart.freshness.meaning.canonical import canonical
from blackstart.freshness.meaning.ecmastyle import STYLE
from blackstart.freshness.meaning.language import Language, Unit, of_units, reached
from blackstart.freshness.syntax import text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_PRAGMA = re.compile(r"@jsx\w*\s|^///\s*<")
_SILENT = ("comment", "html_comment", "hash_bang_line", "empty_statement")
_USED = ("identifier", "type_identifier", "shorthand_property_identifier")
_BOUND = ("identifier", "shorthand_property_identifier_pattern")
_FUNCTIONS = ("function_declaration", "generator_function_declaration", "function_signature")
_CLASSES = ("class_declaration", "abstract_class_declaration", "class")
_VARIABLES = ("lexical_declaration", "variable_declaration")
_MODULES = ("internal_module", "module")
_TYPES = ("type_alias_declaration", "interface_declaration", "enum_declaration", *_MODULES)
_WRITES = ("assignment_expression", "augmented_assignment_expression", "update_expression")
_PASSED = ("await_expression", "parenthesized_expression", "unary_expression", "non_null_expression")
_EXPORTS = ("exports", "module.exports")
_SYSTEM = {"exports", "module", "require", "undefined"}


def _flat(node: Node) -> list[str]:
    return syntax.flat(node, STYLE)


def _language(grammar: str) -> Language:
    def units(text: str) -> list[Unit] | None:
        root = syntax.parse(grammar, text)
        if root is None:
            return None
        ambient = [Unit(text_of(node), ambient=True) for node in root.named_children if _is_pragma(node)]
        found = [(node, list(_statement(node))) for node in root.named_children if node.type not in _SILENT]
        local = frozenset().union(*(unit.binds for _, units in found for unit in units))
        heads = frozenset(name for _, units in found for unit in units for name in unit.touches if " " in name)
        return [*ambient, *(unit for node, units in found for unit in units or _effect(node, local, heads))]

    return of_units(units)


def _is_pragma(node: Node) -> bool:
    """A comment that tells the compiler what JSX becomes, or what else there is."""
    return node.type == "comment" and _PRAGMA.search(text_of(node)) is not None


def _statement(node: Node) -> Iterator[Unit]:
    """The units of an import, an export or a declaration; nothing for what only has an effect."""
    if node.type == "import_statement":
        yield from _import(node)
    elif node.type == "export_statement":
        yield from _export(node)
    elif node.type == "ambient_declaration":
        yield from _ambient(node)
    elif node.type == "expression_statement" and node.named_children and node.named_children[0].type in _MODULES:
        yield from _declaration(node.named_children[0], [])
    elif node.type == "expression_statement" and node.named_children and node.named_children[0].type == "string":
        yield Unit(_flat(node), ambient=True)  # "use strict"
    else:
        yield from _declaration(node, [])


# --- what parts of a module hand over


def _import(node: Node) -> Iterator[Unit]:
    clause = next((child for child in node.named_children if child.type.endswith("_clause")), None)
    rest = [part for child in node.children if clause is None or child.id != clause.id for part in _rest(child)]
    if clause is None or clause.type == "import_require_clause":
        touches = frozenset(map(text_of, clause.named_children[:1])) if clause else frozenset[str]()
        yield Unit(["import", rest, _flat(clause) if clause else ""], touches=touches, ambient=not clause)
        return
    groups = [inner for inner in clause.named_children if inner.type != "comment"]
    parts = [part for group in groups for part in (group.named_children if group.type == "named_imports" else [group])]
    if not any(part.type != "comment" for part in parts):
        yield Unit(["import", rest], ambient=True)
    found = [(part, ["import", rest, part.type, _flat(part)]) for part in parts if part.type != "comment"]
    for part, form in sorted(found, key=lambda pair: canonical(pair[1])):
        yield Unit(form, touches=frozenset([[text_of(name) for name in walk(part) if name.type in _USED][-1]]))


def _rest(node: Node) -> list[str]:
    return [] if node.type in (";", "comment") else _flat(node)


def _export(node: Node) -> Iterator[Unit]:
    declaration = node.child_by_field_name("declaration")
    clause = next((child for child in node.named_children if child.type == "export_clause"), None)
    inner = declaration or clause
    rest = [part for child in node.children if inner is None or child.id != inner.id for part in _rest(child)]
    if declaration:
        units = list(_declaration(declaration, rest, frozenset({"default"} if "'default" in rest else ())))
        decorators = [_uses(child) for child in node.named_children if child.type == "decorator"]
        yield from units
        yield Unit(None, uses=frozenset().union(*decorators), touches=units[0].binds if units else frozenset())
    elif clause:
        yield from (_exported(part, rest, node) for part in clause.named_children if part.type == "export_specifier")
    else:
        names = frozenset({"default"} if any(child.type in ("default", "=") for child in node.children) else ())
        value = node.child_by_field_name("value") or node.named_children[-1]
        itself = frozenset([text_of(value)] if value.type == "identifier" else ())
        yield Unit(["export", *rest], names, _uses(node), touches=itself)


def _exported(part: Node, rest: list[str], node: Node) -> Unit:
    names = [text_of(name) for name in part.named_children if name.type != "comment"]
    local = frozenset(names[:1] if node.child_by_field_name("source") is None else ())
    return Unit(["export", rest, _flat(part)], frozenset(names[-1:]), local, touches=local)


# --- declarations


def _ambient(node: Node) -> Iterator[Unit]:
    """`declare …`; of a whole module or of what is global it applies everywhere."""
    inner = node.named_children[-1]
    name = inner.child_by_field_name("name")
    if inner.type not in _VARIABLES and (name is None or name.type == "string"):
        yield Unit(_flat(node), uses=_uses(node), ambient=True)
    else:
        yield from _declaration(inner, ["declare"])


def _declaration(node: Node, prefix: list[str], extra: frozenset[str] = frozenset()) -> Iterator[Unit]:
    if node.type in _VARIABLES:
        kind = [*prefix, text_of(node.children[0])]
        for one in node.named_children:
            if one.type == "variable_declarator":
                yield Unit([kind, _flat(one)], _bound(one), _uses(one), touches=_rebound(one))
    elif node.type in _CLASSES:
        yield from _class(node, prefix, extra)
    elif node.type in _FUNCTIONS:
        yield Unit([prefix, _flat(node)], _bound(node) | extra, _uses(node), touches=_rebound(node))
    elif node.type in _TYPES:
        yield Unit([prefix, _flat(node)], _bound(node) | extra, _uses(node))
    elif node.type == "import_alias":
        yield Unit([prefix, _flat(node)], frozenset([text_of(node.named_children[0])]), _uses(node))


def _bound(node: Node) -> frozenset[str]:
    """The names that a declaration makes, and those of its members."""
    name = node.child_by_field_name("name")
    if name is None:
        return frozenset()
    if name.type.endswith("_pattern"):
        return frozenset(text_of(inner) for inner in walk(name) if inner.type in _BOUND)
    whole = text_of(name)
    members = [key for member in _inner(node) for key in _member_names(member)]
    return frozenset([whole, *(f"{whole}.{member}" for member in members)])


def _inner(node: Node) -> list[Node]:
    """The members of an object, a class without a statement of its own, a type, an enum or a namespace."""
    body = node.child_by_field_name("value") or node.child_by_field_name("body")
    if body is not None and body.type == "class":
        body = body.child_by_field_name("body")
    if body is None or (node.type not in _TYPES and body.type not in ("object", "class_body")):
        return []
    return body.named_children


def _member_names(member: Node) -> Iterator[str]:
    if member.type == "export_statement":
        member = member.child_by_field_name("declaration") or member
    if member.type in _VARIABLES:
        yield from (text_of(name) for inner in member.named_children for name in _keys(inner))
    elif "identifier" in member.type:
        yield text_of(member)
    else:
        yield from (text_of(name).strip("'\"") for name in _keys(member))


def _keys(member: Node) -> list[Node]:
    return [*member.children_by_field_name("name")[:1], *member.children_by_field_name("key")[:1]]


def _class(node: Node, prefix: list[str], extra: frozenset[str]) -> Iterator[Unit]:
    """The head with what runs when the class is made, and each member with what it needs of the others."""
    title, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    name = text_of(title) if title else "default"
    head = [child for child in node.children if child != body]
    shape = f"class {name}"
    members = list(_members(body)) if body else []
    form = [*prefix, *(part for child in head for part in _rest(child)), *_loose(members)]
    needing = [*head, *(part for member in members if not _named(member[-1]) for part in member)]
    uses = frozenset().union(*(_uses(part, name) for part in needing if part != title))
    yield Unit(form, frozenset({name}) | extra, uses, touches=frozenset({shape}))
    yield Unit(None, uses=frozenset({name}), touches=extra - {name})
    named = [(f"{name}.{key}", member) for member in members if (key := _named(member[-1]))]
    needs: dict[str, frozenset[str]] = {}
    sets: dict[str, frozenset[str]] = {}
    for itself, member in named:  # a getter and a setter share one name
        needs[itself] = needs.get(itself, frozenset()).union({shape}, *(_uses(part, name) for part in member))
        sets[itself] = sets.get(itself, frozenset()).union(*(_sets(part, name) | _rebound(part) for part in member))
    made = f"{name}.constructor"
    sets[made] = reached(made, needs, sets)
    for itself, member in named:
        form = [itself, *map(_flat, member)]
        yield Unit(form, frozenset({itself}), needs[itself], touches=sets[itself] | {name})


def _members(body: Node) -> Iterator[list[Node]]:
    """Each with the decorators above it."""
    pending: list[Node] = []
    for child in body.named_children:
        if child.type == "comment":
            continue
        pending.append(child)
        if child.type != "decorator":
            yield pending
            pending = []


def _loose(members: list[list[Node]]) -> Iterator[Any]:
    """Members without a name, and the fields whose values they find set."""
    before: list[str] = []
    for member in members:
        if key := _named(member[-1]):
            before += [key] if "field" in member[-1].type else []
        else:
            yield [list(before), *map(_flat, member)]


def _named(member: Node) -> str:
    """The name of a member; none for a static block, a computed name and what is declared for all."""
    key = next(iter(_keys(member) or member.children_by_field_name("property")), None)
    if key is None or key.type == "computed_property_name":
        return ""
    return text_of(key).strip("'\"")


# --- what they use


def _uses(node: Node, owner: str = "") -> frozenset[str]:
    """Every name but the node's own parameters; of the class `owner` only the members that are selected."""
    own = _parameters(node)
    found = set[str]()
    pending = [node]
    while pending:
        inner = pending.pop()
        if inner.type == "member_expression" and (member := _selected(inner, owner)):
            found.add(member)
            continue  # of what it is selected from nothing else is needed
        text = text_of(inner) if not inner.children else ""
        if inner.type == "this" and owner:
            found.add(owner)
        elif inner.type in _USED and text not in own:
            found.add(text)
        pending += inner.children
    return frozenset(found) - _SYSTEM


def _selected(node: Node, owner: str) -> str:
    """`owner.x` for `this.x`, and `x` for `exports.x`."""
    target, name = node.child_by_field_name("object"), node.child_by_field_name("property")
    if target is None or name is None or target.end_byte - target.start_byte > 200:
        return ""
    if text_of(target) in _EXPORTS:
        return text_of(name)
    return f"{owner}.{text_of(name)}" if owner and text_of(target) in ("this", owner) else ""


def _parameters(node: Node) -> frozenset[str]:
    function = node.child_by_field_name("value") or node
    lists = [*function.children_by_field_name("parameters"), *function.children_by_field_name("parameter")]
    patterns = [inner for one in lists for inner in one.named_children or [one]]
    names = [one.child_by_field_name("pattern") or one for one in patterns]
    return frozenset(text_of(name) for name in names if name.type == "identifier")


def _target(write: Node) -> Node:
    return write.child_by_field_name("left") or write.child_by_field_name("argument") or write


def _rebound(node: Node) -> frozenset[str]:
    """Names of the module that a function assigns to: those it does not declare itself."""
    assigned, declared = set[str](), set(_parameters(node))
    for inner in walk(node):
        if inner.type in _WRITES:
            target = _target(inner)
            if target.type == "identifier" or target.type.endswith("_pattern"):
                assigned |= {text_of(name) for name in walk(target) if name.type in _BOUND}
        elif inner.type == "variable_declarator" and inner.id != node.id:
            declared |= _bound(inner)
    return frozenset(assigned - declared)


def _sets(node: Node, owner: str) -> frozenset[str]:
    """Members that a method gives a value: `this.x = …`, and parameters that are properties."""
    targets = [_target(inner) for inner in walk(node) if inner.type in _WRITES]
    members = (_selected(inner, owner) for target in targets for inner in walk(target) if inner.children)
    properties = (
        f"{owner}.{text_of(inner.child_by_field_name('pattern') or inner)}"
        for inner in walk(node)
        if inner.type == "required_parameter" and any("modifier" in part.type for part in inner.children)
    )
    return frozenset(member for member in (*members, *properties) if member)


# --- what runs when the module is loaded


def _effect(node: Node, local: frozenset[str], heads: frozenset[str]) -> list[Unit]:
    """Belongs to all that it names; but only what it changes needs what else it names."""
    uses = _uses(node)
    form = _flat(node)
    if _is_program(node):
        return [Unit(form)]
    names, changed = _changed(node, uses, local)
    if not (uses | names | changed) & local and not names:
        return [Unit(form, uses=uses, ambient=True)]
    shapes = frozenset(f"class {name}" for name in changed) & heads
    uses -= {name for name in changed if f"class {name}" in shapes and _times(name, node) == 1}
    touches = changed | names | shapes
    return [Unit(form, names, touches=(uses & local) | touches), Unit(None, uses=uses, touches=touches)]


def _times(name: str, node: Node) -> int:
    return sum(inner.type in _USED and text_of(inner) == name for inner in walk(node))


def _is_program(node: Node) -> bool:
    """The part that a program runs and an import does not."""
    condition = node.child_by_field_name("condition") if node.type == "if_statement" else None
    return condition is not None and any(word in text_of(condition) for word in ("require.main", "import.meta"))


def _changed(node: Node, uses: frozenset[str], local: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a statement binds, and those whose value it may change."""
    value = node.named_children[0] if node.type == "expression_statement" and node.named_children else node
    while value.type in _PASSED and value.named_children:
        value = value.named_children[-1]
    if value.type in _WRITES:
        target = _target(value)
        root = _root(target)
        if target.type.endswith("_pattern"):
            bound = frozenset(text_of(inner) for inner in walk(target) if inner.type in _BOUND)
            return bound, bound
        names = _exposed(target) | (_handed(value) - local if text_of(target) in _EXPORTS else frozenset())
        return names, frozenset([text_of(root)]) if root.type == "identifier" else uses
    if value.type == "member_expression":
        return frozenset(), frozenset([text_of(_root(value))])
    if value.type != "call_expression":
        return _made_inside(value), uses | _made_inside(value)
    function, arguments = value.child_by_field_name("function"), value.child_by_field_name("arguments")
    root = _root(value)
    roots = [_root(inner) for inner in arguments.named_children] if arguments else []
    passed = {text_of(inner) for inner in roots if inner.type in _USED}
    if root.type != "identifier":
        return frozenset(), uses
    if function is not None and function.id != root.id and text_of(root) in local:
        return frozenset(), frozenset([text_of(root)])
    return frozenset(), frozenset(passed | {text_of(root)})


def _made_inside(node: Node) -> frozenset[str]:
    """Variables and functions that a block makes for the whole module."""
    found, pending = set[str](), [node]
    while pending:
        inner = pending.pop()
        if inner.type in _FUNCTIONS:
            found |= _bound(inner)
        elif "function" not in inner.type and not inner.type.startswith("class"):
            names = inner.named_children if inner.type == "variable_declaration" else []
            found |= {name for declarator in names for name in _bound(declarator)}
            pending += inner.named_children
    return frozenset(found)


def _handed(write: Node) -> frozenset[str]:
    """The members of an object that is exported."""
    value = write.child_by_field_name("right")
    members = value.named_children if value is not None and value.type == "object" else []
    return frozenset(name for member in members for name in _member_names(member))


def _root(node: Node) -> Node:
    while (
        node.type in (*_PASSED, "member_expression", "subscript_expression", "call_expression") and node.named_children
    ):
        node = node.named_children[0]
    return node


def _exposed(target: Node) -> frozenset[str]:
    """What `x = …`, `exports.x = …`, `module.exports = …`, `A.prototype.x = …` and `A.x = …` make."""
    text = text_of(target)
    if target.type == "identifier":
        return frozenset({text})
    if text in _EXPORTS:
        return frozenset({"default"})
    owner, _, name = text.rpartition(".")
    if owner in _EXPORTS:
        return frozenset({name})
    owner = owner.removesuffix(".prototype")
    return frozenset({f"{owner}.{name}"} if owner.isidentifier() and name.isidentifier() else ())


_TYPESCRIPT, _TSX = _language("typescript.language_typescript"), _language("typescript.language_tsx")
_JAVASCRIPT = _language("javascript")
ECMASCRIPT: dict[str, Language] = {
    ".ts": _TYPESCRIPT,
    ".mts": _TYPESCRIPT,
    ".cts": _TYPESCRIPT,
    ".tsx": _TSX,
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs"), _JAVASCRIPT),
}
