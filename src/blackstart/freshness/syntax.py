"""Syntax trees of the tree-sitter grammars, each a wheel of its own: nothing is downloaded when it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_MENDED = 100_000  # bytes


def parse(grammar: str, text: str) -> Node | None:
    """The root of the tree; None where the text does not parse without error."""
    source, parser = text.encode("utf-8", "surrogatepass"), _parser(grammar)
    if len(source) > MAX_MENDED and not _is_sound(parser, source):
        return None
    root = parser.parse(source).root_node
    return None if root.has_error else root


def _is_sound(parser: Parser, source: bytes) -> bool:
    """Whether it parses up to its end: to mend errors, as the parser does otherwise, can take minutes."""
    try:
        parser.parse(lambda at, _: source[at : at + 65_536], encoding="utf8", progress_callback=lambda _, error: error)
    except ValueError:
        parser.reset()
        return False
    return True


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


@dataclass(frozen=True, slots=True)
class Style:
    """What a language counts of its tree.

    `kept` gives the children that mean something, or a text that stands for one; `atom` the one text that stands for
    a whole node, or None. Nodes that are `bare` below their parent lend nothing but their children; in `verbatim` ones
    the white space between children counts.
    """

    kept: Callable[[Node], Iterable[Node | str]]
    atom: Callable[[Node], str | None] = lambda _: None
    bare: Callable[[Node, str], bool] = lambda _node, _parent: False
    verbatim: frozenset[str] = frozenset()


def flat(root: Node, style: Style) -> list[str]:
    """The form as one list, each node between its type and a bracket, so that no depth is too deep."""
    source, start = root.text or b"", root.start_byte
    out: list[str] = []
    pending: list[tuple[Node | str, str]] = [(root, "")]
    while pending:
        item, parent = pending.pop()
        if isinstance(item, str):
            out.append(item)
        elif (atom := style.atom(item)) is not None:
            out.append(f"'{atom}")
        elif not item.children:
            out.append(f"'{text_of(item)}")
        else:
            inner = _with_gaps(list(style.kept(item)), _gaps(item, source, start, blank=item.type in style.verbatim))
            if not style.bare(item, parent):
                out.append(f"({item.type}")
                inner.append(")")
            pending += [(child, item.type) for child in reversed(inner)]
    return out


def _gaps(node: Node, source: bytes, start: int, *, blank: bool) -> list[tuple[int, str]]:
    """Text between children for which the grammar has no node, with its place."""
    found = []
    at = node.start_byte
    for child in [*node.children, None]:
        end = child.start_byte if child else node.end_byte
        gap = source[at - start : end - start]
        if gap and (blank or not gap.isspace()):
            found.append((at, "'" + gap.decode("utf-8", "replace")))
        at = child.end_byte if child else end
    return found


def _with_gaps(children: list[Node | str], gaps: list[tuple[int, str]]) -> list[Node | str]:
    merged: list[Node | str] = []
    waiting = gaps[::-1]
    for child in children:
        while waiting and not isinstance(child, str) and waiting[-1][0] < child.start_byte:
            merged.append(waiting.pop()[1])
        merged.append(child)
    return merged + [gap for _, gap in reversed(waiting)]
