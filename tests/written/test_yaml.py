"""YAML as people write it: values, places, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blackstart.written.quick import Unusual, quick
from blackstart.written.yaml import MAX_DEPTH, Mark, parse, parse_all

REFUSED = {
    "a: b: c": (1, 5, "mapping values are not allowed"),
    "x: 1\ny: [": (2, 5, "did not find expected node content"),
    "x: 1\ny: \x07": (2, 4, "control characters"),
    "a: 1\na: 2": (2, 1, "appears twice"),
    "a:\n  - &x b": (2, 5, "anchors and aliases"),
    "a: !!timestamp x": (1, 4, "YAML tag"),
    "a: 2026-02-30": (1, 4, "is not a value"),
    "? [a]\n: b": (1, 3, "must be plain text"),
    "a: 1\n---\nb: 2": (3, 1, "a second YAML document"),
    "x: 1\ny: [a\nz: 2\n\n": (3, 2, "did not find expected"),
    "x: 1\ny: 'a\nz: 2\n\n": (2, 4, "unexpected end of stream"),
    "[" * 30: (1, 21, "nested deeper than 20"),
    "a:\n\tb: c": (2, 1, "cannot start any token"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused_is_said_at_its_place(text: str) -> None:
    (problem,) = parse("x.yml", text).problems
    line, column, says = REFUSED[text]
    assert (problem.line, problem.column) == (line, column)
    assert says in problem.message


def test_keys_are_text_as_written() -> None:
    assert parse("x.yml", "on: 1\nno: 2\n3: off").data == {"on": 1, "no": 2, "3": False}


def test_marks_count_from_the_file() -> None:
    document = parse("x.yml", "a:\n  - b\n  - c: d\n", first_line=2)
    assert document.mark(("a", 1, "c")) == Mark(4, 8)
    assert document.key_mark(("a", 1, "c")) == Mark(4, 5)
    assert document.mark(("a", 7, "nothing")) == Mark(3, 3)


@settings(deadline=None, max_examples=500, derandomize=True)
@given(st.text("ab1: -[]{},#'\"\n?|>&*!~%\t.<=é", max_size=40))
def test_the_quick_reader_agrees_with_the_thorough_one(text: str) -> None:
    try:
        data = quick(text, MAX_DEPTH)
    except Unusual:
        return
    thorough = parse_all("f.yml", text)
    assert len(thorough) <= 1
    assert not [problem for document in thorough for problem in document.problems]
    assert data == (thorough[0].data if thorough else None)
