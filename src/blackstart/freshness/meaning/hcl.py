"""HCL by blocks: the order of attributes and blocks, layout, commas and needless quotes mean nothing.

Our own reader, because the tree-sitter grammar leaves out parts of templates: `"a${x}"` loses its `a`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

from blackstart.freshness.meaning.canonical import canonical
from blackstart.freshness.meaning.language import Language, Unit, of_units
from blackstart.freshness.meaning.lines import behind

MAX_DEPTH = 100
_CODE = re.compile(
    r"""(?P<space>[ \t\r]+|/\*.*?\*/) | (?P<newline>(?:(?:\#|//)[^\n]*)?(?:\n|\Z))
    | (?P<heredoc><<-?[^\W\d][\w-]*[ \t]*\n)
    | (?P<word>[^\W\d][\w-]*|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?) | (?P<quote>") | (?P<close>~?\}|[)\]]) | (?P<open>[{(\[])
    | (?P<sign>=>|==|!=|<=|>=|&&|\|\||\.\.\.|\.\*|::|/(?!\*)|[-+*%=!<>?:.,])""",
    re.VERBOSE | re.DOTALL,
)
_TEMPLATE = re.compile(
    r"""(?P<literal>(?:[^"\\$%\n]|\\.|\$\$\{|%%\{|\$(?!\{)|%(?!\{))+) | (?P<open>[$%]\{~?) | (?P<quote>")""", re.VERBOSE
)
_REFERENCE = re.compile(r"(?<![\w.-])(var|local)\.([^\W\d][\w-]*)")
_PAIRS = {")": ("(",), "]": ("[",), "}": ("{", "body", "${", "%{", "${~", "%{~"), "~}": ("${", "%{", "${~", "%{~")}
_ADDRESSED = {"resource": "", "variable": "var."}  # how expressions name what such a block makes
_AMBIENT = ("terraform", "provider", "packer", "include", "remote_state", "generate")  # the last three of terragrunt
_STATE = ("moved", "import", "removed")  # they belong to the resource that they name
_ATTRIBUTE, _BLOCK = "attribute:", "block:"  # no token looks like these


class _Unreadable(Exception):
    """Not the HCL that we know."""


@dataclass(slots=True)
class _Frame:
    """What is open: a `body`, an `{` object, a `(`, `[`, `${` or `%{` list, or a `"` template."""

    kind: str
    head: list[Any] = field(default_factory=list)
    items: list[Any] = field(default_factory=list)
    line: list[Any] = field(default_factory=list)

    def end_line(self) -> None:
        """A statement of a body or an element of an object is complete."""
        line, self.line = self.line, []
        if not line:
            return
        if self.kind == "body":
            self.items.append(_statement(line))
        else:
            self.items.append(_element(line))


def _statement(line: list[Any]) -> list[Any]:
    if line[-1][0] == _BLOCK:
        return [_BLOCK, line[:-1], line[-1][1]]
    if len(line) < 3 or line[1] != "=" or not isinstance(line[0], str):
        raise _Unreadable
    return [_ATTRIBUTE, line[0], _unwrapped(line[2:])]


def _unwrapped(value: list[Any]) -> list[Any]:
    """`"${x}"` is x, whatever its type."""
    while len(value) == 1 and value[0][0] == "(" and value[0][1:2] == ["${"]:
        value = value[0][2:]
    return value


def _element(line: list[Any]) -> list[Any]:
    """Of an object: `a = 1`, `a : 1` and `"a" = 1` are one."""
    if len(line) < 3 or line[1] not in ("=", ":"):
        return line
    key = ['"', ["'", line[0]]] if isinstance(line[0], str) else line[0]
    return [key, "=", _unwrapped(line[2:])]


def _closed(frame: _Frame) -> list[Any]:
    """The form of what a closing bracket ends."""
    if frame.kind == "body":
        frame.end_line()
        return [_BLOCK, _sorted_body(frame.items)]
    if frame.kind == "{" and frame.line[:1] != ["for"]:
        frame.end_line()
        return ["{", *sorted(frame.items, key=lambda item: canonical(item[0]))]
    return [frame.kind, *(frame.line[:-1] if frame.line[-1:] == [","] else frame.line)]


def _sorted_body(items: list[Any]) -> list[Any]:
    """Attributes have no order, and neither have blocks of different types."""
    return sorted(items, key=lambda item: (item[0], str(item[1]) if item[0] == _ATTRIBUTE else _type(item[1])))


def _type(header: list[Any]) -> str:
    """`dynamic "rule"` makes blocks of the type `rule`."""
    return _label(header[1] if header[0] == "dynamic" and len(header) > 1 else header[0])


class _Reader:
    """Reads without recursion; depth is limited because what it makes is written with recursion."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.frames = text, 0, [_Frame("body")]

    def items(self) -> list[Any]:
        """The statements of the file, as they come."""
        while self.at < len(self.text):
            pattern = _TEMPLATE if self.frames[-1].kind == '"' else _CODE
            match = pattern.match(self.text, self.at)
            if match is None or match.end() == self.at:
                raise _Unreadable
            self.at = match.end()
            self._take(str(match.lastgroup), match[0])
        if len(self.frames) > 1:
            raise _Unreadable
        self.frames[0].end_line()
        return self.frames[0].items

    def _take(self, kind: str, word: str) -> None:
        top = self.frames[-1]
        if kind == "newline" or (word == "," and top.kind == "{"):
            self._end_of_line(word)
        elif kind == "literal":
            top.line.append(["'", word])
        elif kind == "heredoc":
            top.line.append(["<<", self._heredoc(word)])
        elif kind == "quote":
            self._close_template() if top.kind == '"' else self._open('"')
        elif kind == "open":
            self._open("body" if word == "{" and top.kind == "body" and "=" not in top.line else word)
        elif kind == "close":
            self._close(word)
        elif kind != "space":
            top.line.append(word)

    def _end_of_line(self, word: str) -> None:
        top = self.frames[-1]
        if top.kind == "body" or (top.kind == "{" and top.line[:1] != ["for"]):
            top.end_line()
        elif word == ",":
            top.line.append(word)

    def _open(self, kind: str) -> None:
        if len(self.frames) > MAX_DEPTH:
            raise _Unreadable
        top = self.frames[-1]
        if kind == "body":
            if not top.line:
                raise _Unreadable
            top.head, top.line = top.line, []
        self.frames.append(_Frame(kind))

    def _close(self, word: str) -> None:
        frame = self.frames.pop()
        if not self.frames or frame.kind not in _PAIRS[word]:
            raise _Unreadable
        top, closed = self.frames[-1], _closed(frame)
        if frame.kind == "body":
            top.line, top.head = [*top.head, closed], []
            top.end_line()
        else:
            top.line.append([*closed, word] if word == "~}" else closed)

    def _close_template(self) -> None:
        frame = self.frames.pop()
        only = frame.line[0] if len(frame.line) == 1 else [""]
        wraps = only[0] == "${" and only[-1] != "~}"
        self.frames[-1].line.append(["(", *only] if wraps else ['"', *frame.line])

    def _heredoc(self, start: str) -> str:
        marker, begin = start.lstrip("<-").strip(), self.at
        while self.at < len(self.text):
            line_start, newline = self.at, self.text.find("\n", self.at)
            self.at = len(self.text) if newline < 0 else newline
            if self.text[line_start : self.at].strip() == marker:
                content = self.text[begin:line_start]
                return _dedented(content) if start.startswith("<<-") else content
            self.at += 1
        raise _Unreadable


def _dedented(content: str) -> str:
    """All lines shifted alike mean the same; with blank lines we are not sure."""
    lines = content.split("\n")[:-1]
    shift = min((len(line) - len(line.lstrip(" ")) for line in lines), default=0)
    return content if any(not line.strip() for line in lines) else "\n".join(line[shift:] for line in lines)


# --- units


def _language(*, loose: bool) -> Language:
    """Attributes outside all blocks are `loose`, as in .tfvars, or they configure the file."""

    def units(text: str) -> list[Unit] | None:
        try:
            found = [unit for item in _Reader(text).items() for unit in _of_item(item, loose=loose)]
        except _Unreadable:
            return None
        return sorted(_with_state(found), key=lambda unit: sorted(unit.binds))  # only blocks of one name have an order

    return behind(of_units(units))


def _of_item(item: list[Any], *, loose: bool) -> Iterator[Unit]:
    if item[0] == _ATTRIBUTE:
        yield Unit(item, frozenset({item[1]}), _uses(item), ambient=not loose)
        return
    kind, *labels = map(_label, item[1])
    if kind == "locals" and not labels:
        for entry in item[2]:
            yield Unit(["locals", entry], frozenset({"locals", f"local.{entry[1]}"}), _uses(entry))
        return
    address = ".".join([kind, *labels])
    binds = {address} | {f"{address}.{name}" for name in _aliases(item[2]) if kind == "provider"}
    if kind in _ADDRESSED and labels:
        binds.add(_ADDRESSED[kind] + ".".join(labels))
    yield Unit([kind, labels, item[2]], frozenset(binds), _uses(item), ambient=kind in _AMBIENT)


def _label(label: Any) -> str:
    """A block's label, quoted or bare."""
    if isinstance(label, str) and (label[0].isalnum() or label[0] == "_"):
        return label
    if isinstance(label, str) or label[0] != '"' or any(part[0] != "'" for part in label[1:]):
        raise _Unreadable
    return "".join(part[1] for part in label[1:])


def _aliases(body: list[Any]) -> Iterator[str]:
    for item in body:
        if item[:2] == [_ATTRIBUTE, "alias"] and isinstance(item[2][0], list):
            yield _label(item[2][0])


def _with_state(units: list[Unit]) -> list[Unit]:
    """What is moved, imported or removed goes with the resource or module that it leads to."""
    known = {name: unit for unit in units for name in unit.binds if unit.form[0] in ("resource", "module")}
    state: dict[int, list[Any]] = {}
    rest = []
    for unit in units:
        owner = next(filter(None, map(known.get, _targets(unit))), None)
        if owner:
            state.setdefault(id(owner), []).append(unit.form)
        else:
            rest.append(unit)
    return [
        replace(unit, form=[unit.form, sorted(state[id(unit)], key=canonical)]) if id(unit) in state else unit
        for unit in rest
    ]


def _targets(unit: Unit) -> Iterator[str]:
    if unit.form[0] in _STATE:
        for item in unit.form[2]:
            if item[0] == _ATTRIBUTE and item[1] in ("to", "from"):
                yield "".join(takewhile(lambda token: isinstance(token, str), item[2]))


def _uses(form: Any) -> frozenset[str]:
    """Variables and locals; a resource's address is already in the form, and what it means is its own affair."""
    found, pending = set[str](), [form]
    while pending:
        tokens = pending.pop()
        if tokens[:1] == ["<<"]:
            found |= {f"{kind}.{name}" for kind, name in _REFERENCE.findall(tokens[1])}
        elif tokens[:1] in ([_ATTRIBUTE], [_BLOCK]):
            pending.append(tokens[2])
        elif tokens[:1] != ["'"]:
            pending += [token for token in tokens if isinstance(token, list)]
            found.update(_references([token if isinstance(token, str) else "" for token in tokens]))
    return frozenset(found)


def _references(tokens: list[str]) -> Iterator[str]:
    """A bare word is a variable in the files of docker buildx."""
    for before, token, after, name in zip(
        ["", *tokens], tokens, [*tokens[1:], ""], [*tokens[2:], "", ""], strict=False
    ):
        if before != "." and token in ("var", "local") and after == ".":
            yield f"{token}.{name}"
        elif before != "." and after != "." and token.replace("-", "_").isidentifier():
            yield f"var.{token}"


HCL, TFVARS = _language(loose=False), _language(loose=True)
