"""What a page tells its reader to type: the commands of its shell blocks and code spans, word by word."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from blackstart.freshness.syntax import parse, text_of, walk
from blackstart.written.code import Code, code_of, past_lines
from blackstart.written.markdown import Document
from blackstart.written.parts import Fence, row

if TYPE_CHECKING:
    from tree_sitter import Node

DIALECTS = {"bash": "bash", "shell": "bash", "sh": "sh"}
SESSIONS = ("console", "shell-session", "shellsession", "terminal")
_PREFIXES = frozenset({"sudo", "env", "time", "nohup", "exec", "command", "watch"})
# A span is mostly one plain word, and needs no parser; these say more to the shell than their letters.
_PLAIN = re.compile(
    r"(?!(?:case|declare|export|for|function|if|local|readonly|select|typeset|unset|unsetenv|until|while)\Z)"
    r"(?:--?)?[A-Za-z_./][\w./:-]*",
    re.ASCII,
)
_EXPANDED = ("simple_expansion", "expansion", "command_substitution", "process_substitution")


@dataclass(frozen=True, slots=True)
class Word:
    """One word, without its quotes. `whole` is False where the shell puts something into it."""

    text: str
    line: int
    column: int
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Script:
    """A block or a span. `commands` begin with their program; `writes` are the files that `>` makes."""

    commands: tuple[tuple[Word, ...], ...]
    writes: tuple[Word, ...]
    sets: tuple[Word, ...]
    reads: tuple[Word, ...]


def scripts_of(page: Document) -> list[Script]:
    """The scripts that a reader is meant to use today. What the shell cannot parse is left out."""
    return page.kept("scripts", lambda: list(_scripts(page)), _to_json, _from_json)


def _to_json(scripts: list[Script]) -> str:
    return json.dumps(scripts, default=row)


def _from_json(text: str) -> list[Script]:
    def words(rows: list[list[Any]]) -> tuple[Word, ...]:
        return tuple(Word(*row) for row in rows)

    return [Script(tuple(map(words, commands)), *map(words, others)) for commands, *others in json.loads(text)]


def _scripts(page: Document) -> Iterator[Script]:
    past = past_lines(page)
    for fence in page.fences:
        text = typed(fence)
        if text is not None and fence.line not in past:
            yield from _script(text, [_origin(page, fence, row, line) for row, line in enumerate(text.split("\n"))])
    for span in code_of(page):
        if span.language is None and span.line not in past:
            yield from _of_span(span)


def _of_span(span: Code) -> Iterator[Script]:
    if _PLAIN.fullmatch(span.text):
        words = tuple(_program_first(iter([Word(span.text, span.line, span.column)])))
        yield Script((words,) if words else (), (), (), ())
    else:
        yield from _script(span.text, [(span.line, span.column)])


@lru_cache(maxsize=256)  # the blocks of one page
def script_of(text: str) -> Script | None:
    """What a text tells the shell to do; None where the shell cannot parse it. Places count from the text's start."""
    rows = enumerate(text.split("\n"), start=1)
    return next(_script(text, [(row, 1) for row, _ in rows]), None)


def typed(fence: Fence) -> str | None:
    """The shell's part of a block, line for line: all of it, of a session what is behind a prompt; else None."""
    if fence.language in DIALECTS:
        return fence.content
    if fence.language in SESSIONS:
        return "\n".join(_behind_prompts(fence.content.split("\n")))
    return None


def _behind_prompts(lines: list[str]) -> Iterator[str]:
    """Behind `$ `, behind `> ` after a line that was typed, or after a line that goes on."""
    before = ""
    for line in lines:
        if line.startswith("$ ") or (before and line.startswith("> ")):
            before = line[2:]
        elif not before.endswith("\\"):
            before = ""
        else:
            before = line
        yield before


def _origin(page: Document, fence: Fence, row: int, line: str) -> tuple[int, int]:
    """Where a line of a block begins in the file: blocks in lists are indented there, sessions have prompts."""
    number = fence.line + 1 + row
    shown = page.visible[number - page.first_line : number - page.first_line + 1]
    at = len(shown[0]) - len(line) if shown and shown[0].endswith(line) else None
    return number, 1 if at is None else page.column(number, at)


def _script(text: str, origins: list[tuple[int, int]]) -> Iterator[Script]:
    root = parse("bash", text)
    if root is None:
        return
    lines = text.encode("utf-8", "surrogatepass").split(b"\n")

    def word(node: Node) -> Word:
        row, at = node.start_point
        line, column = origins[min(row, len(origins) - 1)]
        shift = len(lines[row][:at].decode("utf-8", "replace"))
        plain = _unquoted(node)
        return Word(text_of(node) if plain is None else plain, line, column + shift, plain is not None)

    nodes = list(walk(root))
    commands = (tuple(_program_first(map(word, _words(node)))) for node in nodes if node.type == "command")
    yield Script(
        commands=tuple(command for command in commands if command),
        writes=tuple(word(node.children[-1]) for node in nodes if _writes(node)),
        sets=tuple(word(node) for node in nodes if node.type == "variable_name" and _is_set(node)),
        reads=tuple(word(node) for node in nodes if node.type == "variable_name" and not _is_set(node)),
    )


def _words(command: Node) -> list[Node]:
    """The nodes of a command's words: no assignments in front, no redirections."""
    named = [node for node in command.named_children if not node.type.endswith(("redirect", "assignment"))]
    return [node.named_children[0] if node.type == "command_name" and node.named_children else node for node in named]


def _program_first(words: Iterator[Word]) -> Iterator[Word]:
    """Without `sudo` and its like in front."""
    begun = False
    for word in words:
        if not begun and (word.text in _PREFIXES or word.text.startswith("-") or "=" in word.text):
            continue
        begun = True
        yield word


def _writes(node: Node) -> bool:
    return node.type == "file_redirect" and any(child.type in (">", ">>", ">|", "&>") for child in node.children)


def _is_set(variable: Node) -> bool:
    parent = variable.parent
    return parent is not None and parent.type in ("variable_assignment", "for_statement", "declaration_command")


def _unquoted(node: Node) -> str | None:
    """The text that the program gets, None where it depends."""
    text = text_of(node)
    match node.type:
        case "word" | "number" | "variable_name":
            return text.replace("\\", "")
        case "raw_string":
            return text[1:-1]
        case "string":
            return None if any(child.type in _EXPANDED for child in node.named_children) else text[1:-1]
        case "concatenation":
            parts = [_unquoted(child) for child in node.named_children]
            return None if None in parts else "".join(part or "" for part in parts)
    return None
