"""Makefiles by rules and variables. A target has the recipes that run with it and the variables that these use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from blackstart.freshness.meaning.language import Language, Unit, of_units
from blackstart.freshness.meaning.lines import behind
from blackstart.freshness.meaning.makefile import Assignment, Condition, Directive, Reader, Rule, Statement

# Names inside this module; those without \0 are fragments. A rule of several targets is one unit and one per target.
_VARIABLE, _TARGET, _RULE, _CONDITION, _PREFIX = "\0variable ", "\0target ", "\0rule ", "\0condition ", "\0prefix "
_ANY_RULE, _FILE_RULE = "\0any rule", "\0file rule"

_REFERENCE = re.compile(
    r"\$(?:\$|[({]\s*(?:(?:call|value|origin|flavor)\s+)?(?P<name>[^\s(){}$:#=,]*)(?P<computed>\$?)|(?P<short>[^\s({$]))"
)
_SIMPLE = re.compile(r"\$[({]([^\s(){}$:#=,]+)[)}]")
_GLUED = re.compile(r"\$[({]([^\s(){}$:#=,]+)[)}](?=[^\s)}])")
_EVALUATES = re.compile(r"\$[({]\s*eval\b")
_FILES = re.compile(r"wildcard|shell\s+(?:find|git\s+ls-files)|[.%]")
_SUB_MAKE = re.compile(r"(?:\$[({]MAKE[)}]|(?<![\w./-])make)(?=\s)([^\n;&|]*)")
_ELSEWHERE = re.compile(r"\s(?:-[Cf]|--directory|--file|--makefile)")
_BRACKET_OR_SPACE = re.compile(r"\$?[({]|[)}]|\s+")
_SUFFIXES = re.compile(r"\.[a-z]\w*(\.\w+)?")

_ALPHANUMERIC = re.compile(r"[^\W_]+")

_APPLIES = {"SHELL", ".SHELLFLAGS", "MAKEFLAGS", "GNUMAKEFLAGS", "VPATH", ".RECIPEPREFIX", "SUFFIXES", "MAKE"}
_SPECIAL = re.compile(r"\.[A-Z][A-Z_]+")
_MAX_PATTERNS, _MAX_PREFIXES = 20, 100
_MAX_EXPANDED, _MAX_VALUE = 10_000, 1_000  # characters


def _units(text: str) -> list[Unit]:
    statements = list(Reader(text).statements())
    names = _Names(statements, frozenset(_GLUED.findall(text)))
    units = [unit for number, statement in enumerate(statements) for unit in names.units(statement, number)]
    special = sorted((unit for unit in units if unit.form[0] == "special"), key=lambda unit: str(unit.form))
    return _with_prefixes([unit for unit in units if unit.form[0] != "special"] + special)


@dataclass
class _Names:
    """What the names of one file stand for."""

    statements: list[Statement]
    glued: frozenset[str]  # variables that text follows without a space: white space at their end counts
    values: dict[str, str] = field(default_factory=dict)
    patterns: list[tuple[str, str, str]] = field(default_factory=list)  # how a name begins and ends, the rule's target
    made: set[str] = field(default_factory=set)  # names that have a recipe of their own
    budget: int = 2_000_000  # characters that may be expanded

    def __post_init__(self) -> None:
        several = set[str]()
        for one in self.statements:
            if isinstance(one, Assignment):
                if one.name in self.values or one.under or one.targets or one.operator not in ("=", ":=", "?=", "::="):
                    several.add(one.name)
                self.values[one.name] = one.value.strip() if len(one.value) < _MAX_VALUE else "$"
        self.values = {name: value for name, value in self.values.items() if name not in several}
        rules = [(self.words(one.targets) or [], one.recipe) for one in self.statements if isinstance(one, Rule)]
        self.made = {word for words, recipe in rules for word in words if recipe}
        self.patterns = sorted({pattern for words, _ in rules for word in words for pattern in _pattern(word)})

    def units(self, statement: Statement, number: int) -> Iterator[Unit]:
        under = {_CONDITION + statement.above if isinstance(statement, Condition) else _CONDITION + statement.under}
        if isinstance(statement, Condition):
            binds = frozenset({_CONDITION + statement.digest})
            uses = _variables(statement.of, plain_words=statement.of.split(" ")[0] in ("ifdef", "ifndef", "else"))
            yield Unit(["if", statement.digest], binds, frozenset(uses | under))
        elif isinstance(statement, Directive):
            uses = _variables(statement.text, plain_words=True)
            everything = {_PREFIX} if statement.text == "export" else set()
            yield Unit([statement.text, statement.under], uses=frozenset(uses | under | everything), ambient=True)
        elif isinstance(statement, Assignment):
            yield self._assignment(statement, under)
        elif any(map(_SPECIAL.fullmatch, statement.targets.split())):
            yield from self._special(statement, under)
        else:
            yield from self._rule(statement, under, number)

    def _assignment(self, one: Assignment, under: set[str]) -> Unit:
        value = one.value if one.name in self.glued else one.value.rstrip()
        names, targets = self.words(one.name), self.words(one.targets)
        uses = _variables(f"{one.name} {value} {one.targets}") | _variables(value.replace("$$", "$")) | under
        uses |= self._called(value)
        form = ["=", one.targets.split(), list(one.modifiers), one.name, one.operator, value, one.under]
        sure = names is not None and targets is not None and not _EVALUATES.search(value)
        if one.targets:
            return Unit(form, frozenset(_TARGET + word for word in targets or ()), frozenset(uses), ambient=not sure)
        known = {one.name, *(names or ())}
        ambient = not sure or bool({"export", "unexport"} & set(one.modifiers)) or not known.isdisjoint(_APPLIES)
        binds = known | {_VARIABLE + name for name in known}
        return Unit(form, frozenset(binds), frozenset(uses), ambient=ambient)

    def _special(self, one: Rule, under: set[str]) -> Iterator[Unit]:
        """`.PHONY: a b` says something of a and something of b; `.ONESHELL:` of all."""
        words = self.words(one.needs)
        if words and not one.recipe and _SPECIAL.fullmatch(one.targets):
            for word in words:
                yield Unit(["special", one.targets, word, one.under], frozenset({_TARGET + word}), frozenset(under))
            return
        recipe = "\n".join(line for _, line in one.recipe)
        uses = _variables(f"{one.needs}\n{recipe}") | ({_PREFIX} if ".EXPORT_ALL_VARIABLES" in one.targets else set())
        form = ["special", one.targets, one.needs, one.under, [list(line) for line in one.recipe]]
        yield Unit(form, uses=frozenset(uses | under), ambient=True)

    def _rule(self, one: Rule, under: set[str], number: int) -> Iterator[Unit]:
        targets, body = self.words(one.targets), _RULE + str(number)
        together = "&" in one.operator or "%" in one.targets or targets is None
        for word in one.targets.split():
            known = {word, *(self.words(word) or ())}
            own = {_TARGET + name for name in known}
            yield Unit(["target", "" if together else word], frozenset(known | own), frozenset(own | {body}))
        recipe = "\n".join(line for _, line in one.recipe)
        uses = _variables(f"{one.targets} {one.needs}\n{recipe}") | _variables(one.needs.replace("$$", "$")) | under
        uses |= self._made_for(one.needs) | self._called(recipe) | {_CONDITION + above for above, _ in one.recipe}
        if not recipe:
            uses |= {name for target in targets or () for name in self._matching(target)}
        heads = one.targets.split() if together else []
        form = ["rule", heads, one.operator, one.needs, one.under, [list(line) for line in one.recipe]]
        binds = {body, _ANY_RULE} | ({_FILE_RULE} if re.search(r"[./%]", one.targets) else set())
        ambient = targets is None or bool(_EVALUATES.search(one.needs))
        yield Unit(form, frozenset(binds), frozenset(uses), ambient=ambient)

    def _made_for(self, needs: str) -> set[str]:
        """The targets that are made before this one."""
        found = set[str]()
        for word in _split(needs):
            names = self.words(word)
            if names is None:
                found.add(_FILE_RULE if _FILES.search(self.expanded(word)) else _ANY_RULE)
            for name in {word, *(names or ())}:
                found |= {_TARGET + name, *self._matching(name)}
        return found

    def _called(self, recipe: str) -> set[str]:
        """The targets that a recipe makes by calling make."""
        calls = [call for call in _SUB_MAKE.findall(recipe) if not _ELSEWHERE.search(call)]
        return {
            _TARGET + word.strip("'\"")
            for call in calls
            for text in (call, self.expanded(call))
            for word in text.split()
        }

    def _matching(self, name: str) -> Iterator[str]:
        """The pattern rules that could make `name`."""
        if name in self.made:
            return
        if len(self.patterns) > _MAX_PATTERNS:
            yield _FILE_RULE
            return
        for before, after, target in self.patterns:
            if name.startswith(before) and name.endswith(after):
                yield _TARGET + target

    def words(self, text: str) -> list[str] | None:
        """The words that the text stands for; None where only make can tell."""
        expanded = self.expanded(text)
        return None if "$" in expanded else expanded.split()

    def expanded(self, text: str) -> str:
        """With the variables that have one value in this file."""
        for _ in range(10):
            if "$" not in text or len(text) > _MAX_EXPANDED or self.budget < 0:
                break
            self.budget -= len(text)
            known = _SIMPLE.sub(lambda match: self.values.get(match[1], match[0]), text)
            if known == text:
                break
            text = known
        return text


def _pattern(target: str) -> Iterator[tuple[str, str, str]]:
    """`%.o`, and the suffix rules `.c.o` and `.sh`."""
    before, percent, after = target.partition("%")
    if percent:
        yield before, after, target
    elif _SUFFIXES.fullmatch(target):
        yield "", f".{target.split('.')[2]}" if target.count(".") > 1 else "", target


def _split(text: str) -> Iterator[str]:
    """The words, where white space inside a reference parts nothing."""
    start = depth = 0
    for match in _BRACKET_OR_SPACE.finditer(text):
        mark = match[0]
        if mark[-1] in "({":
            depth += bool(depth or mark[0] == "$")
        elif mark in ")}":
            depth -= bool(depth)
        elif not depth:
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]


def _variables(text: str, *, plain_words: bool = False) -> set[str]:
    found = set[str]()
    for match in _REFERENCE.finditer(text):
        if match["computed"]:
            found.add(_PREFIX + match["name"])
        elif name := match["name"] or match["short"]:
            found.add(_VARIABLE + name)
    return found | {_VARIABLE + word for word in text.split()} if plain_words else found


def _with_prefixes(units: list[Unit]) -> list[Unit]:
    """Variables whose name is computed in use are found by how it begins."""
    prefixes = {name.removeprefix(_PREFIX) for unit in units for name in unit.uses if name.startswith(_PREFIX)}
    if len(prefixes) > _MAX_PREFIXES:
        return _with_prefixes([replace(unit, uses=frozenset(map(_any_variable, unit.uses))) for unit in units])
    return [replace(unit, binds=unit.binds | _begun(unit, prefixes)) if unit.form[0] == "=" else unit for unit in units]


def _any_variable(name: str) -> str:
    return _PREFIX if name.startswith(_PREFIX) else name


def _begun(unit: Unit, prefixes: set[str]) -> set[str]:
    name = str(unit.form[3])
    return {_PREFIX + prefix for prefix in prefixes if name.startswith(prefix)}


def _is_opaque(unit: Unit) -> bool:
    """Whether only make can tell what it defines."""
    return unit.ambient and (unit.form[0] in ("rule", "=") or "$" in str(unit.form[0]))


def _language() -> Language:
    language = behind(of_units(_units))

    def part(text: str, fragment: str) -> bytes | None:
        narrow = language.part(text, fragment)
        if narrow is not None or not any(map(_is_opaque, _units(text))):
            return narrow
        known = frozenset(_ALPHANUMERIC.findall(text))
        return language.whole(text) if known.issuperset(_ALPHANUMERIC.findall(fragment)) else None

    def names(text: str) -> frozenset[str]:
        return frozenset(name for unit in _units(text) for name in unit.binds if "\0" not in name)

    return Language(language.whole, part, names)


MAKE = _language()
