"""Marks of YAML against a slow oracle that searches the text; and that no text at all is too much."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blackstart.written.yaml import Key, Mark, Yaml, parse, parse_all

WORDS = st.text("abé日🔥\u2028\x85 :#-'", min_size=1, max_size=8)
"""With letters of every width, and two characters that break a line for YAML and for nobody else."""
KEYS = st.text("abé日🔥 :#-'", min_size=1, max_size=8)
LEAVES = st.one_of(WORDS, st.integers(-9, 9), st.booleans())
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)


class Written:
    """A tree as a person may write it: each leaf is unlike all others, so the place it is found at is its place."""

    def __init__(self, tree: object, end: str) -> None:
        self.leaves: dict[Key, str] = {}
        self.keys: dict[Key, str] = {}
        self.text = end.join(self._lines(tree, (), 0)) + end

    def _lines(self, tree: object, key: Key, depth: int) -> Iterator[str]:
        space = "  " * depth
        entries = enumerate(tree) if isinstance(tree, list) else tree.items() if isinstance(tree, dict) else ()
        for name, value in entries:
            number = len(self.keys)
            self.keys[*key, self._name(number, name)] = label = self._label(number, name)
            below = isinstance(value, (list, dict)) and bool(value)
            yield f"{space}{label}{'' if below else ' ' + self._leaf((*key, self._name(number, name)), value)}"
            if below:
                yield from self._lines(value, (*key, self._name(number, name)), depth + 1)

    def _name(self, number: int, name: object) -> str | int:
        return name if isinstance(name, int) else f"k{number} {name}"

    def _label(self, number: int, name: object) -> str:
        return "-" if isinstance(name, int) else json.dumps(f"k{number} {name}", ensure_ascii=False) + ":"

    def _leaf(self, key: Key, value: object) -> str:
        self.leaves[key] = json.dumps(f"v{len(self.leaves)} {value}", ensure_ascii=False)
        return self.leaves[key]

    def place(self, needle: str) -> Mark:
        before = self.text[: self.text.index(needle)]
        return Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))


@settings(deadline=None, max_examples=300, derandomize=True)
@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=3), st.sampled_from(["\n", "\r\n"]), st.integers(1, 9))
def test_every_mark_is_the_place_in_the_file(tree: object, end: str, first: int) -> None:
    written = Written(tree, end)
    document = parse("x.yml", written.text, first)
    assert document.problems == []
    for key, leaf in written.leaves.items():
        place = written.place(leaf)
        assert document.mark(key) == Mark(place.line + first - 1, place.column)
        span = document.spans[key]
        assert written.text[span.start : span.end] == leaf
    for key, label in written.keys.items():
        if label != "-":
            place = written.place(label)
            assert document.key_mark(key) == Mark(place.line + first - 1, place.column)


def within(text: str, documents: list[Yaml]) -> bool:
    lines = text.split("\n")
    return all(
        1 <= problem.line <= len(lines) and 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        for document in documents
        for problem in document.problems
    )


@settings(deadline=None, max_examples=600, derandomize=True)
@given(st.one_of(st.text(max_size=60), st.text("ab:-[]{}&*!|>'\"#%@`? \n\r\t,.0\u2028\x85\ufeff", max_size=40)))
def test_no_text_is_too_much(text: str) -> None:
    assert within(text, parse_all("x.yml", text))
    parse("x.yml", text)


@pytest.mark.parametrize("odd", ["\u2028", "\x85", "\u2029"])
def test_what_breaks_lines_only_for_yaml_moves_no_place(odd: str) -> None:
    document = parse("x.yml", f"a: 'x{odd}y'\nb: c\n")
    assert document.mark(("b",)) == Mark(2, 4)
    (problem,) = parse("x.yml", f"a: 'x{odd}y'\nb: [\n").problems
    assert problem.line == 2


def test_the_message_has_no_place_of_its_own() -> None:
    """It would be the parser's, which counts from nought and in the front matter only."""
    (problem,) = parse("x.yml", "a: b: c", first_line=7).problems
    assert not re.search(r"line \d|column \d", problem.message)
