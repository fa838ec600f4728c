"""Go by its syntax tree: one unit for each declaration, wherever in the file it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from blackstart.freshness import syntax
from blackstart.freshness.meaning.canonical import canonical
from blackstart.freshness.meaning.language import Unit, of_units
from blackstart.freshness.syntax import Style, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

# Comments that the compiler, the build and cgo obey.
_DIRECTIVE = re.compile(r"//(?:go:|line |export |extern |\s*\+build\b)|/\*line ")
_METHOD = re.compile(r"\(?\*?(\w+)\)?\.(\w+)")
_VERSION = re.compile(r"v\d+")
_WORD = re.compile(r"[^\W\d]\w*")
_CLOSING = (")", "]", "}", "\n")
_NAMED = ("identifier", "type_identifier", "package_identifier")
_BARE = ("parenthesized_expression", "parenthesized_type")
_FREE = ("func", "type", "const", "import")  # what may stand anywhere in a file


def _units(text: str) -> list[Unit] | None:
    root = syntax.parse("go", text + "\n")  # a declaration needs its line's end
    if root is None:
        return None
    rest = [node for node in root.children if node.type != "import_declaration"]
    used = {text_of(inner) for node in rest for inner in walk(node) if _is_name(inner)}
    units = [unit for node, notes in _noted(root) for unit in _declared(node, notes, used)]
    return sorted(units, key=_place)


def _place(unit: Unit) -> tuple[bool, bytes]:
    """The order of variables and of `init` decides what runs first; that of nothing else does."""
    free = bool(unit.form) and unit.form[0] in _FREE
    return not free, canonical(unit.form) if free else b""


def _is_name(node: Node) -> bool:
    return node.type in _NAMED


def _noted(parent: Node) -> Iterator[tuple[Node | None, list[str]]]:
    """The children of a file or a group with the directives right above them; None for those above nothing."""
    notes: list[str] = []
    preamble: list[str] = []
    row = -1
    for node in parent.children:
        if node.start_point.row > row + 1:
            yield from [(None, notes)] if notes else []
            notes, preamble = [], []
        row = node.end_point.row
        if node.type == "comment":
            preamble.append(text_of(node))
            notes += [preamble[-1].rstrip()] if _DIRECTIVE.match(preamble[-1]) else []
        elif node.is_named:
            yield node, preamble if _is_cgo(node) else notes
            notes, preamble = [], []
    yield from [(None, notes)] if notes else []


def _is_cgo(node: Node) -> bool:
    """Comments right above `import "C"` are C code."""
    return node.type.startswith("import") and text_of(node).endswith(('"C"', "`C`"))


# --- declarations


def _declared(node: Node | None, notes: list[str], used: set[str]) -> Iterator[Unit]:
    if node is None or node.type == "package_clause":
        yield from [Unit(["file", notes], ambient=True)] if notes else []
        yield from [Unit(["file", syntax.flat(node, _STYLE)], ambient=True)] if node else []
    elif node.type == "import_declaration":
        yield from (_import(spec, notes + more, used) for spec, more in _specs(node, "import_spec"))
    elif node.type == "function_declaration":
        yield _function(node, notes)
    elif node.type == "method_declaration":
        yield _method(node, notes)
    elif node.type == "type_declaration":
        for spec, more in _specs(node, "type_spec", "type_alias"):
            yield from _type(spec, notes + more)
    elif node.type == "var_declaration":
        yield from (_variables(spec, notes + more) for spec, more in _specs(node, "var_spec"))
    elif node.type == "const_declaration":
        yield from _constants(node, notes)
    else:
        yield Unit(["other", notes, syntax.flat(node, _STYLE)], ambient=True)


def _specs(node: Node, *types: str) -> Iterator[tuple[Node, list[str]]]:
    """The members of a declaration, in a group or not, with the directives above them."""
    groups = [child for child in node.children if child.type.endswith("_spec_list")]
    loose: list[str] = []
    for member, notes in _noted(groups[0] if groups else node):
        if member is not None and member.type in types:
            yield member, loose + notes
            loose = []
        elif member is None:
            loose = notes


def _import(spec: Node, notes: list[str], used: set[str]) -> Unit:
    """Used by the name it has here; where only the path is known, by every word that may be the package's name."""
    name, path = spec.child_by_field_name("name"), text_of(_field(spec, "path")).strip('"`')
    form = ["import", notes, text_of(name) if name else "", path]
    if name and text_of(name) in ("_", "."):
        return Unit(form, ambient=True)
    parts = [part for part in path.split("/") if not _VERSION.fullmatch(part)]
    guessed = {text_of(name)} if name else {word for part in parts[-1:] for word in (part, *_WORD.findall(part))}
    return Unit(form, touches=frozenset(guessed), ambient=not guessed & used)


def _function(node: Node, notes: list[str]) -> Unit:
    name = text_of(_field(node, "name"))
    form = ["func", notes, syntax.flat(node, _STYLE)]
    if name == "init":
        return Unit(["init", *form], uses=_uses(node), ambient=True)
    return Unit(form, frozenset({name}), _uses(node), touches=_rebound(node))


def _method(node: Node, notes: list[str]) -> Unit:
    """Belongs to its type, but needs of it no more than the declaration and what it selects from the receiver."""
    name, receiver = text_of(_field(node, "name")), _field(node, "receiver")
    owner = next(text_of(part) for part in walk(receiver) if part.type == "type_identifier")
    itself = next((text_of(part) for part in walk(receiver) if part.type == "identifier"), "")
    uses = _uses(node, frozenset({receiver.id}), itself, owner) | {_shape(owner)}
    form = ["func", notes, syntax.flat(node, _STYLE)]
    return Unit(form, frozenset({f"{owner}.{name}"}), uses, touches=_rebound(node) | {owner})


def _shape(owner: str) -> str:
    return f"type {owner}"


def _type(spec: Node, notes: list[str]) -> Iterator[Unit]:
    """The declaration alone, what the whole type needs, and what each of its fields does."""
    name = text_of(_field(spec, "name"))
    fields = [node for node in walk(spec) if node.type in ("field_declaration", "method_elem", "type_elem")]
    named = {f"{name}.{text_of(field)}": node for node in fields for field in node.children_by_field_name("name")}
    inherited = frozenset().union(*(_uses(node) for node in fields if not node.child_by_field_name("name")))
    form = ["type", notes, syntax.flat(spec, _STYLE)]
    yield Unit(form, frozenset({name, *named}), inherited, touches=frozenset({_shape(name)}))
    yield Unit(None, uses=_uses(spec), touches=frozenset({name}))
    for member, node in named.items():
        yield Unit(None, uses=_uses(node), touches=frozenset({member}))


def _variables(spec: Node, notes: list[str]) -> Unit:
    names = frozenset(map(text_of, spec.children_by_field_name("name"))) - {"_"}
    runs = not names and any(node.type == "call_expression" for node in walk(spec))
    return Unit(["var", notes, syntax.flat(spec, _STYLE)], names, _uses(spec), ambient=runs)


def _constants(node: Node, notes: list[str]) -> Iterator[Unit]:
    """A group that counts or repeats is one; others are what each constant says."""
    specs = [(spec, notes + more) for spec, more in _specs(node, "const_spec")]
    counts = any(inner.type == "iota" or text_of(inner) == "iota" for inner in walk(node) if not inner.children)
    groups = (
        [specs] if counts or any(not spec.child_by_field_name("value") for spec, _ in specs) else [[s] for s in specs]
    )
    for group in groups:
        names = frozenset(text_of(name) for spec, _ in group for name in spec.children_by_field_name("name"))
        form: list[Any] = ["const", *([more, syntax.flat(spec, _STYLE)] for spec, more in group)]
        yield Unit(form, names - {"_"}, frozenset().union(*(_uses(spec) for spec, _ in group)))


# --- what they use


def _uses(node: Node, skipped: frozenset[int] = frozenset(), itself: str = "", owner: str = "") -> frozenset[str]:
    """Every name but the node's own parameters; of the receiver `itself` only what is selected from it."""
    own = _parameters(node)
    found = set[str]()
    pending = [node]
    while pending:
        inner = pending.pop()
        if inner.id in skipped:
            continue
        selected = _selected(inner, itself) if itself else ""
        if selected:
            found.add(f"{owner}.{selected}")
        elif inner.type == "identifier" and text_of(inner) == itself:
            found.add(owner)
        elif _is_name(inner) and not (inner.type == "identifier" and text_of(inner) in own):
            found.add(text_of(inner))
        pending += () if selected else inner.children
    return frozenset(found)


def _selected(node: Node, itself: str) -> str:
    if node.type != "selector_expression" or text_of(_field(node, "operand")) != itself:
        return ""
    return text_of(_field(node, "field"))


def _parameters(node: Node) -> frozenset[str]:
    lists = [field for name in ("parameters", "result") for field in node.children_by_field_name(name)]
    declared = (parameter for group in lists for parameter in group.children)
    return frozenset(text_of(name) for one in declared for name in one.children_by_field_name("name"))


def _rebound(node: Node) -> frozenset[str]:
    """Names of the package that a function assigns to: those it does not declare itself."""
    assigned, declared = set[str](), set(_parameters(node))
    for inner in walk(node):
        if inner.type == "short_var_declaration" or (inner.type == "range_clause" and _declares(inner)):
            declared |= _listed(inner.child_by_field_name("left"))
        elif inner.type == "var_spec":
            declared |= set(map(text_of, inner.children_by_field_name("name")))
        elif inner.type in ("assignment_statement", "range_clause", "inc_statement", "dec_statement"):
            assigned |= _listed(inner.child_by_field_name("left") or inner.children[0])
    return frozenset(assigned - declared)


def _declares(clause: Node) -> bool:
    return any(child.type == ":=" for child in clause.children)


def _listed(node: Node | None) -> set[str]:
    nodes = node.children if node and node.type == "expression_list" else [node]
    return {text_of(inner) for inner in nodes if inner and inner.type == "identifier"}


def _field(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    if found is None:  # the grammar says that it is there
        raise ValueError(f"a {node.type} without {name}")
    return found


# --- what counts


def _kept(node: Node) -> Iterable[Node]:
    children = node.children
    keeps_semicolons = node.type == "for_clause"
    for index, child in enumerate(children):
        kind = child.type
        if kind == "comment" and not _DIRECTIVE.match(text_of(child)):
            continue
        if kind in ("\n", ";", "(", ")") and not keeps_semicolons and (kind in "\n;" or node.type in _BARE):
            continue
        if kind == "," and index + 1 < len(children) and _next(children, index) in _CLOSING:
            continue
        yield child


def _next(children: list[Node], index: int) -> str:
    return next((child.type for child in children[index + 1 :] if child.type != "comment"), "")


_STYLE = Style(_kept, bare=lambda node, _: node.type in _BARE)


def _spelled(fragment: str) -> str:
    """`(*Server).Serve` is `Server.Serve`."""
    method = _METHOD.fullmatch(fragment)
    return f"{method[1]}.{method[2]}" if method else fragment


GO = of_units(_units, spelled=_spelled)
