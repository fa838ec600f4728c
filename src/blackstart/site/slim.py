"""The theme's style sheets without what no page of the site uses: a reader on a bad network waits for each byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

import tinycss2
from tinycss2.ast import Declaration, Node, QualifiedRule

_NAMES = (re.compile(r'class="?([^">]+)'), re.compile(r'data-md-color-[a-z]+="?([^">\]]+)'))
_SCHEME = "data-md-color-"
_WORD = re.compile(r"[\w-]+")
_USED = re.compile(r"var\(\s*(--[\w-]+)")


def words_of_page(page: str) -> set[str]:
    """The classes and colour schemes that a page's elements have."""
    return {word for names in _NAMES for found in set(names.findall(page)) for word in found.split()}


def words_of_script(script: str) -> set[str]:
    """What a script could set: any word in it."""
    return set(_WORD.findall(script))


def slimmed(sheets: Mapping[str, str], words: AbstractSet[str]) -> dict[str, str]:
    """The style sheets with only the rules that can match, and only the variables that one of them reads."""
    parsed = {
        name: list(_rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), words))
        for name, css in sheets.items()
    }
    used = {word for word in words if word.startswith("--")}
    used.update(*(_USED.findall(tinycss2.serialize(rules)) for rules in parsed.values()))
    return {name: "".join(_without_unread(rule, used) for rule in rules) for name, rules in parsed.items()}


def _rules(nodes: Iterable[Node], words: AbstractSet[str]) -> Iterator[Node]:
    for node in nodes:
        if node.type == "at-rule" and node.lower_at_keyword in ("media", "supports") and node.content is not None:
            inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
            node.content = list(_rules(inner, words))
            if node.content:
                yield node
        elif node.type != "qualified-rule":
            yield node
        elif selectors := [one for one in _split(node.prelude) if _can_match(one, words)]:
            node.prelude = [token for one in selectors for token in (*one, tinycss2.ast.LiteralToken(0, 0, ","))][:-1]
            yield node


def _split(prelude: Iterable[Node]) -> Iterator[list[Node]]:
    one: list[Node] = []
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            yield one
            one = []
        else:
            one.append(token)
    yield one


def _can_match(selector: list[Node], words: AbstractSet[str]) -> bool:
    """What stands in `:not()`, `:is()` and their like is not judged: the rule stays."""
    for before, token in zip([None, *selector], selector, strict=False):
        if token.type == "ident" and before is not None and before.type == "literal" and before.value == ".":
            if not _is_used(token.value, words):
                return False
        elif token.type == "[] block" and _scheme(token.content) not in words | {""}:
            return False
    return True


def _is_used(name: str, words: AbstractSet[str]) -> bool:
    """Scripts put together names such as `md-tag--` and what follows."""
    return name in words or ("--" in name and name[: name.rindex("--") + 2] in words)


def _scheme(attribute: Iterable[Node]) -> str:
    """The value that an attribute selector of the colour schemes asks for."""
    values = [token.value for token in attribute if token.type in ("ident", "string")]
    return values[1] if len(values) == 2 and values[0].startswith(_SCHEME) else ""


def _without_unread(rule: Node, used: AbstractSet[str]) -> str:
    if not isinstance(rule, QualifiedRule) or "--" not in tinycss2.serialize(rule.content):
        return str(rule.serialize())
    parts = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    kept = [part for part in parts if not _is_unread(part, used)]
    body = ";".join(part.serialize() for part in kept)
    return f"{tinycss2.serialize(rule.prelude)}{{{body}}}" if kept else ""


def _is_unread(part: Node, used: AbstractSet[str]) -> bool:
    return isinstance(part, Declaration) and part.name.startswith("--") and part.name not in used
