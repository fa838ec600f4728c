"""Syntax trees of the tree-sitter grammars, each a wheel of its own: nothing is downloaded when it runs."""

from __future__ import annotations

from collections.abc import Iterator
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
