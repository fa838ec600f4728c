"""What counts of a JavaScript or TypeScript tree, and what a formatter may change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from blackstart.freshness.syntax import Style, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_COMMENTS = ("comment", "html_comment", "hash_bang_line")
_CLOSING = (")", "]", "}", ">")
_BLOCKS = ("program", "statement_block", "switch_case", "switch_default", "class_body")
_MEMBERS = ("interface_body", "object_type")  # `;`, `,` and a new line all part them
_SETS = ("union_type", "intersection_type")  # a `|` before the first makes one within another
_CHAINS = ("member_expression", "subscript_expression", "call_expression", "non_null_expression")
_KEYED = ("pair", "pair_pattern", "method_definition", "method_signature", "property_signature")
_JSX = ("jsx_element", "jsx_fragment")
_NAME = re.compile(r"[^\W\d]\w*")
_ESCAPED_QUOTE = re.compile(r"\\(\\|['\"`])")
MAX_CHAIN = 1_000  # links; parentheses round a longer one are kept
_LINE = re.compile(r"\r\n|\n|\r")


def _kept(node: Node) -> Iterator[Node | str]:
    children = [child for child in node.children if child.type not in _COMMENTS]
    if node.type in _JSX:
        children = [child for child in children if not _is_void(child)]
    for index, child in enumerate(children):
        if not _is_optional(node, children, index):
            yield _plain(node, child, index)


def _is_optional(node: Node, children: list[Node], index: int) -> bool:
    """Whether a formatter may add or take it."""
    kind = children[index].type
    if kind == ";":
        return node.type != "for_statement"
    if kind == "empty_statement":
        return node.type in _BLOCKS
    if kind == ",":
        return node.type in _MEMBERS or _trails(children, index)
    if kind in ("|", "&"):
        return index == 0
    return kind in "()" and node.type in ("parenthesized_expression", "parenthesized_type")


def _trails(children: list[Node], index: int) -> bool:
    """Whether a comma only ends a list; in `[1, , ]` it makes a hole."""
    last = index + 1 < len(children) and children[index + 1].type in _CLOSING
    return last and index > 0 and children[index - 1].type not in (",", "[")


def _plain(node: Node, child: Node, index: int) -> Node | str:
    """One spelling for what has several: a quoted key, the brackets round a lone parameter."""
    if child.type == "jsx_text":
        beside_entity = any(other.type == "html_character_reference" for other in node.children)
        return "'" + (text_of(child) if beside_entity else _shown(text_of(child)))
    if node.type == "jsx_attribute" and child.type == "string":
        return "'\"" + text_of(child)[1:-1]  # there are no escapes
    if index == 0 and node.type in _KEYED and child.type == "string" and _NAME.fullmatch(text_of(child)[1:-1]):
        return "'" + text_of(child)[1:-1]
    if node.type == "arrow_function" and child.type == "formal_parameters":
        inner = [part for part in child.named_children if part.type not in _COMMENTS]
        if len(inner) == 1 and _NAME.fullmatch(text_of(inner[0])):
            return "'" + text_of(inner[0])
    return child


def _atom(node: Node) -> str | None:
    if node.type == "string":
        if not node.children:
            return None  # the type of this name
        return '"' + _ESCAPED_QUOTE.sub(lambda match: "\\\\" if match[1] == "\\" else match[1], text_of(node)[1:-1])
    if node.type == "number":
        return text_of(node).lower()
    return None


def _shown(text: str) -> str:
    """Text between tags, where a line's indentation and end do not count."""
    first, *more = _LINE.split(text)
    if not more:
        return text
    trimmed = [first.rstrip(), *(line.strip() for line in more[:-1]), more[-1].lstrip()]
    return " ".join(line for line in trimmed if line)


def _is_void(child: Node) -> bool:
    """An indentation, or braces round nothing but a comment."""
    if child.type == "jsx_text":
        text = text_of(child)
        return text.isspace() and "\n" in text
    return child.type == "jsx_expression" and all(inner.type in (*_COMMENTS, "{", "}") for inner in child.children)


def _bare(node: Node, parent: str) -> bool:
    """Parentheses are kept where `a?.b` ends in them, and where they make a directive a mere string."""
    if node.type in _SETS:
        return parent == node.type or sum(child.type not in _COMMENTS for child in node.named_children) == 1
    if node.type == "parenthesized_type":
        return True
    if node.type != "parenthesized_expression":
        return False
    if parent in _CHAINS:
        return not _is_optional_chain(node)
    return parent != "expression_statement" or not any(child.type == "string" for child in node.children)


def _is_optional_chain(node: Node) -> bool:
    """Down the left side of what is in the parentheses."""
    inner: Node | None = next((child for child in node.named_children if child.type not in _COMMENTS), None)
    for _ in range(MAX_CHAIN):
        if inner is None or inner.type not in (*_CHAINS, "parenthesized_expression"):
            return False
        if any(child.type in ("optional_chain", "?.") for child in inner.children):
            return True
        inner = inner.children[0]
    return True


STYLE = Style(_kept, _atom, _bare, frozenset({"template_string", "template_literal_type"}))
