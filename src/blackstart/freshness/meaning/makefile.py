"""Reads a Makefile as GNU make does: logical lines, rules with their recipes, definitions and conditionals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

_STOPS = re.compile(r"\$\$|\$[({]|[(){}]|\\.|[=:#;]", re.DOTALL)
_ASSIGNS = re.compile(r":{1,3}=|[?+!]?=")
_MODIFIER = re.compile(r"(export|override|private|unexport)[ \t]+(?=[^\s=:?+!])")
_RULE = re.compile(r"&?::?(?!=)")
_WORD = re.compile(r"[^\s(]+")
_CONDITIONS = ("ifeq", "ifneq", "ifdef", "ifndef", "else", "endif")
_QUOTING = re.compile(r"['\"\\`$<]")
_QUOTE = re.compile(r"\\.|['\"]", re.DOTALL)
_BRACED = re.compile(r"(?<!\$)((?:\$\$)*)\$\{([\w.-]+)\}")


@dataclass(slots=True)
class Condition:
    """The conditionals around a statement, by a digest: nesting costs nothing. `of` is its text, `above` what holds."""

    digest: str
    of: str
    above: str


@dataclass(slots=True)
class Assignment:
    """A variable, for the whole file or for `targets`; `define` is an operator too."""

    name: str
    operator: str
    value: str
    modifiers: tuple[str, ...]
    under: str
    targets: str = ""


@dataclass(slots=True)
class Rule:
    """Targets, prerequisites and recipe lines, each of these with the conditionals that enclose it."""

    targets: str
    operator: str
    needs: str
    under: str
    recipe: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Directive:
    """`include`, `export`, a call of a function, and whatever we do not know."""

    text: str
    under: str


Statement = Condition | Assignment | Rule | Directive


def outside(text: str, stops: str) -> int:
    """Where the first of `stops` is that is neither escaped nor inside a reference; -1 where there is none."""
    depth = 0
    for match in _STOPS.finditer(text):
        mark = match[0]
        if mark in ("$(", "${") or (depth and mark in "({"):
            depth += 1
        elif depth and mark in ")}":
            depth -= 1
        elif not depth and mark in stops:
            return match.start()
    return -1


def uncommented(text: str) -> str:
    at = outside(text, "#")
    return text if at < 0 else text[:at]


class Reader:
    """Goes through the physical lines once."""

    def __init__(self, text: str) -> None:
        self.lines, self.at = _BRACED.sub(r"\1$(\2)", text).split("\n"), 0
        self.prefix, self.one_shell = "\t", ".ONESHELL" in text
        self.rule: Rule | None = None
        self.above: list[Condition] = []

    def statements(self) -> Iterator[Statement]:
        while self.at < len(self.lines):
            if self.rule and self.lines[self.at].startswith(self.prefix):
                self._recipe(self.rule, self._logical()[len(self.prefix) :])
                continue
            first, *more = self._logical().lstrip().split("\\\n")
            line = (
                " ".join([first.rstrip(), *(part.strip() for part in more[:-1]), more[-1].lstrip()]) if more else first
            )
            if line and not line.startswith("#"):
                yield from self._statement(line)

    def _logical(self) -> str:
        """The physical lines that backslashes join, as they are."""
        start = self.at
        while self.at < len(self.lines) - 1 and _continues(self.lines[self.at]):
            self.at += 1
        self.at += 1
        return "\n".join(self.lines[start : self.at])

    @property
    def _under(self) -> str:
        return self.above[-1].digest if self.above else ""

    def _recipe(self, rule: Rule, line: str) -> None:
        """A comment is the shell's business; it says nothing where the shell sees line by line."""
        line = line.replace(f"\\\n{self.prefix}", "\\\n")
        line = line if line.endswith("\\ ") else line.rstrip()
        if not self.one_shell:
            line = (_joined(line) if "\n" in line else _without_comment(line)).lstrip()
        if line.strip():
            rule.recipe.append((self._under, line))

    def _statement(self, line: str) -> Iterator[Statement]:
        word = _WORD.match(line)
        first = word[0] if word else ""
        if first in _CONDITIONS and not _ASSIGNS.match(line[len(first) :].lstrip()):
            yield from self._condition(first, uncommented(line))
            return
        modifiers, rest = _modified(line)
        if rest.startswith("define") and rest[6:7].isspace():
            yield self._define(modifiers, uncommented(rest[6:]))
            return
        at = outside(rest, "=:#")
        mark = rest[at] if at >= 0 else ""
        if mark and mark in "=:" and (found := assignment(rest, at, modifiers, self._under)):
            self.rule = None
            if found.name == ".RECIPEPREFIX":
                self.prefix = found.value[:1] or "\t"
            yield found
        elif mark == ":":
            yield self._begin_rule(line)
        elif stripped := uncommented(line).strip():
            self.rule = None
            yield Directive(stripped if "$" in stripped else " ".join(stripped.split()), self._under)

    def _begin_rule(self, line: str) -> Statement:
        at = outside(line, ":")
        start = at - 1 if line[at - 1 : at] == "&" else at
        match = _RULE.match(line, start)
        operator = match[0] if match else ":"
        targets, rest = line[:start].strip(), line[start + len(operator) :]
        modifiers, own = _modified(rest.strip())
        at = outside(own, "=:#;")
        if at >= 0 and own[at] in "=:" and (found := assignment(own, at, modifiers, self._under)):
            found.targets = targets
            self.rule = None
            return found
        end = outside(rest, ";#")
        needs = rest if end < 0 else rest[:end]
        self.rule = Rule(targets, operator, " ".join(needs.split()), self._under)
        if end >= 0 and rest[end] == ";":
            self.rule.recipe.append((self._under, rest[end + 1 :].strip()))
        return self.rule

    def _define(self, modifiers: tuple[str, ...], head: str) -> Statement:
        self.rule, depth, body = None, 1, list[str]()
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            words = line.split(None, 1)
            if words[:1] == ["define"] and not line.startswith("\t"):
                depth += 1
            elif words and words[0].split("#")[0] == "endef" and not line.startswith("\t"):
                depth -= 1
                if not depth:
                    break
            body.append(line.rstrip())
        name, _, operator = head.strip().partition(" ")
        return Assignment(name, f"define {operator.strip()}", "\n".join(body), modifiers, self._under)

    def _condition(self, word: str, line: str) -> Iterator[Statement]:
        """An `else` holds under what its `if` asked, so its digest has that too."""
        text = " ".join(line.split())
        if word in ("else", "endif"):
            if not self.above:
                yield Directive(text, "")
                return
            over = self.above.pop()
            if word == "endif":
                return
            above = over.digest
        else:
            above = self._under
        condition = Condition(sha256(f"{above}\0{text}".encode("utf-8", "surrogatepass")).hexdigest(), text, above)
        self.above.append(condition)
        yield condition


def assignment(text: str, at: int, modifiers: tuple[str, ...], under: str) -> Assignment | None:
    """`text` as an assignment whose `=` or `:` is at `at`."""
    start = at - 1 if text[at] == "=" and text[at - 1 : at] in ("?", "+", "!") else at
    operator, name = _ASSIGNS.match(text, start), text[:start].strip()
    if operator is None or not name or (len(name.split()) > 1 and "$" not in name):
        return None
    return Assignment(name, operator[0], _value(text[operator.end() :]), modifiers, under)


def _value(text: str) -> str:
    """White space at its end belongs to a variable's value, in front of a comment too."""
    return uncommented(text).lstrip()


def _modified(line: str) -> tuple[tuple[str, ...], str]:
    found = []
    while match := _MODIFIER.match(line):
        found.append(match[1])
        line = line[match.end() :].lstrip()
    return tuple(sorted(found)), line


def _continues(line: str) -> bool:
    return line.endswith("\\") and (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _without_comment(line: str) -> str:
    """A shell command less its comment, where nothing before it can quote and nothing in it is make's."""
    at = line.find("#")
    silent = at >= 0 and (not at or line[at - 1] in " \t") and not _QUOTING.search(line[:at]) and "$" not in line[at:]
    return line[:at].rstrip() if silent else line


def _joined(line: str) -> str:
    """A command over several lines; outside quotes, white space around the line's end is one space."""
    if "#" in line or "<<" in line or re.search(r"\$[({][^()]*['\"]", line):
        return line
    first, *more = line.split("\\\n")
    parts, quote = [first], _open_quote(first, "")
    for part in more:
        if quote:
            parts += ["\\\n", part]
        else:
            gap = parts[-1][-1:].isspace() or part[:1].isspace()
            parts[-1] = parts[-1].rstrip()
            parts += [" " if gap else "", part.lstrip()]
        quote = _open_quote(part, quote)
    return "".join(parts)


def _open_quote(text: str, quote: str) -> str:
    """Which quote is open after the text, if `quote` was before it."""
    for match in _QUOTE.finditer(text):
        if quote == match[0]:
            quote = ""
        elif not quote and match[0] in "'\"":
            quote = match[0]
    return quote
