"""Syntax trees of the tree-sitter grammars, each a wheel of its own: nothing is downloaded when it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


def parse(grammar: str, text: str) -> Node | None:
    """The root of the tree; None where the text does not parse without error."""
    root = _parser(grammar).parse(text.encode("utf-8", "surrogatepass")).root_node
    return None if root.has_error else root


@cache
def _parser(grammar: str) -> Parser:
    """`grammar` is the module's name behind `tree_sitter_`, with `.function` where it holds several languages."""
    from tree_sitter import Language, Parser  # slow, and often not needed

    module, _, function = grammar.partition(".")
    pointer = getattr(import_module(f"tree_sitter_{module}"), function or "language")()
    return Parser(Language(pointer))


def text_of(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "surrogatepass")


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the text."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        pending += reversed(node.children)


def form(node: Node, ignored: frozenset[str] = frozenset({"comment"})) -> Any:
    """Types and texts, nested as the syntax is; nodes of an `ignored` type mean nothing. Raises RecursionError."""
    if not node.children:
        return text_of(node)
    return [node.type, *(form(child, ignored) for child in node.children if child.type not in ignored)]


@dataclass(frozen=True, slots=True)
class Style:
    """What a language counts of its tree.

    `kept` gives the children that mean something, `atom` the one text that stands for a whole node or None.
    Nodes that are `bare` lend nothing but their children; in `verbatim` ones the white space between children counts.
    """

    kept: Callable[[Node], Iterable[Node]]
    atom: Callable[[Node], str | None] = lambda _: None
    bare: Callable[[Node], bool] = lambda _: False
    verbatim: frozenset[str] = frozenset()


def flat(root: Node, style: Style) -> list[str]:
    """The form as one list, each node between its type and a bracket, so that no depth is too deep."""
    source, start = root.text or b"", root.start_byte
    out: list[str] = []
    pending: list[Node | str] = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            out.append(item)
        elif (atom := style.atom(item)) is not None:
            out.append(f"'{atom}")
        elif not item.children:
            out.append(f"'{text_of(item)}")
        else:
            gaps = _gaps(item, source, start, blank=item.type in style.verbatim)
            parts = [*((child.start_byte, 1, child) for child in style.kept(item)), *gaps]
            inner: list[Node | str] = [part for *_, part in (sorted(parts, key=lambda p: p[:2]) if gaps else parts)]
            if not style.bare(item):
                out.append(f"({item.type}")
                inner.append(")")
            pending += reversed(inner)
    return out


def _gaps(node: Node, source: bytes, start: int, *, blank: bool) -> list[tuple[int, int, Node | str]]:
    """Text between children for which the grammar has no node, with its place."""
    found: list[tuple[int, int, Node | str]] = []
    at = node.start_byte
    for child in [*node.children, None]:
        end = child.start_byte if child else node.end_byte
        gap = source[at - start : end - start]
        if gap and (blank or not gap.isspace()):
            found.append((at, 0, "'" + gap.decode("utf-8", "replace")))
        at = child.end_byte if child else end
    return found
