"""Shell scripts by top-level statements. A function has what it calls and reads, and the options of the shell.

The grammar leaves some text out of its tree (the start of a here-document, say), so the form is made of the text: only
white space between leaves and comments are taken away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from blackstart.freshness.meaning.language import Language, Unit, of_units
from blackstart.freshness.meaning.lines import behind
from blackstart.freshness.syntax import parse, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_HEREDOCS, _MAX_LEXED = 300, 30_000  # beyond, tree-sitter and Pygments take minutes on hostile input

_VARIABLE, _FUNCTION, _SET_IN_FUNCTION, _ANYTHING = "\0$", "\0()", "\0set ", "\0anything"
_VERBATIM = {"string", "raw_string", "ansi_c_string", "translated_string", "regex", "expansion", "heredoc_end"}
_STRINGS = {"raw_string", "string_content", "ansi_c_string", "heredoc_body"}
_APPLIES = {
    *("set", "shopt", "umask", "trap", "source", ".", "cd", "pushd", "popd", "exec", "ulimit", "alias", "unalias"),
    *("enable", "hash", "export"),
}
_SETTINGS = re.compile(r"IFS|PATH|CDPATH|LC_\w+|LANG(UAGE)?|TZ|ENV|BASH\w*|SHELLOPTS|PS4|HOME|TMPDIR|POSIXLY_CORRECT")
_READS_INTO = ("read", "getopts", "mapfile", "readarray", "printf")
_RUNS_TEXT = ("eval", "trap", "sh", "bash", "su", "ssh", "timeout", "xargs")
_WORD = re.compile(r"[A-Za-z_]\w*(?:[-.:]\w+)*")
_NAMED = re.compile(r"(\\.|\$\$)|\$([A-Za-z_]\w*)", re.DOTALL)
_BRACED = re.compile(r"\$\{([A-Za-z_]\w*)\}")

_TIGHT = {"|", "||", "&&", ";", ";;", ";&", ";;&", "&", "|&", ")", "\n"}  # white space around them means nothing
_REDIRECTS = {"<", ">", ">>", "<<<", ">&", "<&", "&>", "&>>", ">|"}
_OPENS = {"then", "do", "else", "{", "(", "$(", "in", ";;", ";&", ";;&", "&", "|", "||", "&&", "|&"}
_ENDS = {")", ";;", ";&", ";;&"}  # they end a command too


class _Unsure(Exception):
    """The tree cannot be trusted."""


@dataclass
class _Statement:
    """A statement of the top level, gathered leaf by leaf."""

    words: list[str] = field(default_factory=list)
    opened: bool = False  # whether the end of a line would mean nothing here
    functions: set[str] = field(default_factory=set)
    assigned: set[str] = field(default_factory=set)
    assigned_inside: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)  # assigned too, by a loop or from input; no fragments
    local: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    runs_text: bool = False
    ambient: bool = False

    def add(self, word: str, *, opens: bool = False) -> None:
        """A token; the end of a line and a space are tokens too where they mean something."""
        last = self.words[-1] if self.words else ""
        if word in ("\n", ";", " ") and (self.opened or not last or last == "\n"):
            return
        if word in _TIGHT and last == " ":
            self.words.pop()
            last = self.words[-1]
        if word in _ENDS and last == "\n":
            self.words.pop()
        if word != " " or last not in (*_TIGHT, *_REDIRECTS, " "):
            self.words.append("\n" if word == ";" else word)
        self.opened = opens

    def unit(self) -> Unit:
        while self.words and self.words[-1] in ("\n", " "):
            self.words.pop()
        uses = set(self.uses)
        if self.runs_text:
            uses |= {
                prefix + word
                for text in self.texts
                for word in _WORD.findall(text)
                for prefix in (_VARIABLE, _FUNCTION)
            }
        inside = self.assigned_inside - self.local
        mine = {_SET_IN_FUNCTION + name for name in self.assigned | self.read | inside | self.local}
        names = {name.removeprefix(_VARIABLE) for name in uses if name.startswith(_VARIABLE)}
        uses |= {_SET_IN_FUNCTION + name for name in names} - mine
        binds = self.functions | {_FUNCTION + name for name in self.functions}
        binds |= (
            self.assigned | {_VARIABLE + name for name in self.assigned} | {_SET_IN_FUNCTION + name for name in inside}
        )
        binds |= {_ANYTHING} if binds else set()
        ambient = self.ambient or any(map(_SETTINGS.fullmatch, self.assigned))
        return Unit(self.words, frozenset(binds), frozenset(uses), ambient=ambient)


@dataclass(slots=True)
class _Place:
    """A node to visit: whether it is inside a function, an array."""

    node: Node
    parent: str  # its type; `node.parent` looks for it from the root each time
    in_function: bool = False
    in_array: bool = False

    def below(self) -> Iterator[_Place]:
        kind = self.node.type
        in_function = self.in_function or kind == "function_definition"
        in_array = kind == "array" or (self.in_array and kind not in ("command_substitution", "subshell"))
        return (_Place(child, kind, in_function, in_array) for child in reversed(self.node.children))


def _units(text: str) -> list[Unit] | None:
    if text.count("<<") > _MAX_HEREDOCS or (root := parse("bash", text)) is None:
        return None
    try:
        return _Reader(text.encode("utf-8", "surrogatepass"), root).units()
    except _Unsure:
        return None


class _Reader:
    def __init__(self, text: bytes, root: Node) -> None:
        self.text, self.root, self.at = text, root, 0
        self.pending = 0  # here-documents without their end so far
        self.spelled: dict[int, str] = {}  # signs that may be written otherwise, by where they begin
        self.ksh = b"ksh" in text[: text.find(b"\n")]  # where `function` makes another kind of function

    def units(self) -> list[Unit]:
        found, statement = list[_Statement](), _Statement()
        for node in self.root.children:
            if node.type not in ("\n", ";", "&", "comment", "heredoc_body", "heredoc_end"):
                found.append(statement := _Statement())
            self._visit(statement, node)
        self._gap(statement, len(self.text), in_array=False)
        if self.pending:
            raise _Unsure
        return [statement.unit() for statement in found]

    def _visit(self, statement: _Statement, root: Node) -> None:
        pending = [_Place(root, "program")]
        while pending:
            place = pending.pop()
            node = place.node
            _note(statement, place)
            if node.type == "command_substitution":
                self._spell(node)
            if node.type == "comment":
                self._comment(statement, place)
            elif node.type == "heredoc_body":
                self._heredoc(statement, node)
            elif node.type in _VERBATIM or not node.child_count:
                self._leaf(statement, place)
                if node.child_count:
                    _note_below(statement, node)
            else:
                pending += place.below()

    def _leaf(self, statement: _Statement, place: _Place) -> None:
        node = place.node
        self._gap(statement, node.start_byte, in_array=place.in_array)
        if node.end_byte <= self.at:
            return  # nothing of it is left, as of a missing line end
        word = self.text[max(self.at, node.start_byte) : node.end_byte].decode("utf-8", "surrogatepass")
        word = self.spelled.pop(node.start_byte, word)
        if self._is_understood(place, word):
            self.at = node.end_byte
            return
        if place.parent != "binary_expression":
            self.pending += (word in ("<<", "<<-")) - (node.type == "heredoc_end")
        if word == "(" and place.parent == "function_definition" and statement.words[-1:] == [" "]:
            statement.words.pop()
        if word == "{" and [part for part in statement.words[-2:] if part not in (" ", "\n")] == [")"]:
            while statement.words[-1] != ")":
                statement.words.pop()
        opens = not node.is_named and (word in _OPENS or (word == ")" and place.parent == "case_item"))
        for part in _parts(node.type, word):
            statement.add(part if part.strip(" \t") else "\n", opens=opens)
        self.at = node.end_byte
        if place.parent == "function_definition" and self._lacks_brackets(node):
            statement.words += ["(", ")"]

    def _spell(self, node: Node) -> None:
        """What runs between backticks runs in `$()` as well, unless it escapes something."""
        first, last = node.children[0], node.children[-1]
        if first.type == last.type == "`" and b"\\" not in self.text[node.start_byte : node.end_byte]:
            self.spelled |= {first.start_byte: "$(", last.start_byte: ")"}

    def _is_understood(self, place: _Place, word: str) -> bool:
        """Whether leaving the word out would change nothing."""
        if place.node.type == "file_descriptor":
            return word == "1" and self.text.startswith(b">", place.node.end_byte)
        return word == "function" and place.parent == "function_definition" and not self.ksh

    def _lacks_brackets(self, node: Node) -> bool:
        behind = self.text[node.end_byte : node.end_byte + 100].lstrip(b" \t\n")
        return node.type == "word" and not self.ksh and not behind.startswith(b"(")

    def _gap(self, statement: _Statement, end: int, *, in_array: bool) -> None:
        """What is between two leaves: white space, or text that the grammar left out."""
        gap = self.text[self.at : end].decode("utf-8", "surrogatepass").replace("\\\n", " ") if end > self.at else ""
        self.at = max(self.at, end)
        if not gap:
            return
        if gap.strip():
            statement.words.append(gap)
            statement.opened = False
        else:
            statement.add("\n" if "\n" in gap and not in_array else " ")

    def _comment(self, statement: _Statement, place: _Place) -> None:
        node = place.node
        before = self.text[node.start_byte - 1 : node.start_byte]
        if b"\n" in self.text[node.start_byte : node.end_byte].rstrip(b"\n") or before not in (b"", *_BEFORE_COMMENT):
            raise _Unsure
        self._gap(statement, node.start_byte, in_array=place.in_array)
        self.at = max(self.at, node.end_byte)

    def _heredoc(self, statement: _Statement, node: Node) -> None:
        """Verbatim, from the line after the one that begins it."""
        line_end = self.text.find(b"\n", self.at, node.end_byte)
        if line_end < 0 or node.parent is None or node.parent.type != "heredoc_redirect":
            raise _Unsure
        self._gap(statement, line_end, in_array=False)
        body = self.text[line_end : node.end_byte]
        if any(child.type == "<<-" for child in node.parent.children):
            body = re.sub(rb"\n\t+", b"\n", body)
        statement.words += ["<<", body.decode("utf-8", "surrogatepass")]
        statement.opened = False
        statement.texts.append(body.decode("utf-8", "replace"))
        _note_below(statement, node)
        self.at = node.end_byte


def _parts(kind: str, word: str) -> list[str]:
    """One way to quote, and one to name a variable, where others are as good."""
    if kind == "string" and len(word) > 1:
        inside = word[1:-1]
        if not any(sign in inside for sign in "$`\\\"'"):
            return [f"'{inside}'"]
        if "`" not in inside and "$(" not in inside:
            return [_NAMED.sub(lambda found: found[1] or f"${{{found[2]}}}", word)]
    if kind == "expansion" and (found := _BRACED.fullmatch(word)):
        return ["$", found[1]]
    return [word]


_BEFORE_COMMENT = (b" ", b"\t", b"\n", b";", b"&", b"|", b"(", b")", b"`")


def _note_below(statement: _Statement, node: Node) -> None:
    pending = [_Place(child, node.type) for child in node.children]
    while pending:
        place = pending.pop()
        _note(statement, place)
        pending += place.below()


def _note(statement: _Statement, place: _Place) -> None:
    """What the node defines and uses."""
    node, kind = place.node, place.node.type
    if kind in _STRINGS:
        statement.texts.append(text_of(node))
    elif kind == "function_definition":
        name = node.child_by_field_name("name")
        statement.functions |= {text_of(name)} if name else set()
    elif kind == "variable_name":
        statement.uses.add(_VARIABLE + text_of(node))
    elif kind == "word":
        statement.uses.add(_FUNCTION + text_of(node))
    elif kind in ("variable_assignment", "for_statement", "c_style_for_statement", "select_statement"):
        _note_assignment(statement, place)
    elif kind in ("declaration_command", "unset_command"):
        _note_declaration(statement, place)
    elif kind == "command":
        _note_command(statement, place)
    elif kind == "!" and place.parent == "expansion":
        statement.uses.add(_ANYTHING)


def _note_assignment(statement: _Statement, place: _Place) -> None:
    node = place.node
    if place.parent == "command":
        return  # for that command only
    if variable := node.child_by_field_name("variable"):
        (statement.assigned_inside if place.in_function else statement.read).add(text_of(variable))
    elif (name := node.child_by_field_name("name")) and (found := re.match(r"[A-Za-z_]\w*", text_of(name))):
        (statement.assigned_inside if place.in_function else statement.assigned).add(found[0])


def _note_declaration(statement: _Statement, place: _Place) -> None:
    word = text_of(place.node.children[0])
    options = "".join(text_of(child) for child in place.node.children if text_of(child).startswith("-"))
    names = {
        text_of(child).split("=")[0]
        for child in place.node.children[1:]
        if child.type in ("variable_name", "variable_assignment")
    }
    if place.in_function:
        local = word == "local" or (word in ("declare", "typeset") and "g" not in options)
        (statement.local if local else statement.assigned_inside).update(names)
    else:
        statement.assigned |= names
        statement.ambient |= word in ("export", "unset", "unsetenv") or "x" in options


def _note_command(statement: _Statement, place: _Place) -> None:
    name = place.node.child_by_field_name("name")
    called = text_of(name) if name else ""
    statement.ambient |= called in _APPLIES and not place.in_function
    statement.runs_text |= called in _RUNS_TEXT
    if called == "eval":
        statement.uses.add(_ANYTHING)
    if called in _READS_INTO:
        names = {text_of(child) for child in place.node.children[1:] if child.type == "word"}
        into = statement.assigned_inside if place.in_function else statement.read
        into |= {name for name in names if name.isidentifier()}


def _language() -> Language:
    language = of_units(_units)
    exact = behind(language)

    def whole(text: str) -> bytes | None:
        lexed = len(text) <= _MAX_LEXED and "<<" not in text  # Pygments takes words of here-documents for comments
        return (language if lexed else exact).whole(text)

    def names(text: str) -> frozenset[str] | None:
        known = language.names(text)
        return None if known is None else frozenset(name for name in known if "\0" not in name)

    return Language(whole, language.part, names)


SHELL = _language()
