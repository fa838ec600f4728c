"""What formatters and comments change says nothing; what a compiler or a database would tell apart does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blackstart.freshness.meaning import meaning
from blackstart.freshness.meaning.syntax import parse, text_of, walk

GO_SAMPLE = """\
package main

import "fmt"

type Point struct {
	X, Y int
}

const step = 0x10

func (p *Point) Move(dx, dy int) (err error) {
	for i := 0; i < dx; i++ {
		p.X += i * step
	}
	switch {
	case p.Y > 3:
		return fmt.Errorf("far: %d", p.Y)
	default:
		go func() { p.Y = dy }()
	}
	return nil
}
"""


def same(path: str, one: str, other: str, fragment: str = "") -> bool:
    before, after = meaning(path, one.encode(), fragment), meaning(path, other.encode(), fragment)
    assert before is not None
    assert after is not None
    return before == after


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("func f() { a(); b() }", "func f() {\n\ta()\n\tb()\n}"),
        ("func f() { a(1, 2) }", "func f() {\n\ta(\n\t\t1,\n\t\t2,\n\t)\n}"),
        ("var x = []int{1, 2}", "var x = []int{\n\t1, // one\n\t2,\n}"),
        ("var x = 1", "var (\n\tx = 1\n)"),
        ("func f() int { return (1) }", "func f() int { return 1 }"),
        ("// old\nfunc f() {}", "// new\nfunc f() {}"),
        ("/* old */ func f() {}", "func f() /* x */ {}"),
        ('import "a"\nimport "b"\nvar x = a.Y + b.Z', 'import (\n\t"b"\n\t"a"\n)\n\nvar x = a.Y + b.Z'),
        ("func f() {}\nfunc g() {}", "func g() {}\n\nfunc f() {}"),
        ("type T struct {\n\ta int\n\tbcd string\n}", "type T struct {\n\ta   int\n\tbcd string // x\n}"),
        ("type (\n\tA int\n\tB int\n)", "type A int\n\ntype B int"),
        ("//nolint\nfunc f() {}", "func f() {}"),
    ],
)
def test_go_formatting_is_silent(one: str, other: str) -> None:
    assert same("a.go", f"package a\n{one}\n", f"// Package a.\npackage a\n\n{other}")


def test_go_build_tags_count_but_not_the_line_below() -> None:
    assert same("a.go", "//go:build linux\npackage a", "//go:build linux\n\n\npackage a")
    assert not same("a.go", "//go:build linux\n\npackage a", "package a")
    assert not same("a.go", "// +build linux\n\npackage a", "// +build darwin\n\npackage a")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("var a = f()\nvar b = g()", "var b = g()\nvar a = f()"),
        ("func init() { a() }\nfunc init() { b() }", "func init() { b() }\nfunc init() { a() }"),
        ("//go:noinline\nfunc f() {}", "func f() {}"),
        ("// go:noinline\nfunc f() {}", "//go:noinline\nfunc f() {}"),
        ("//go:generate stringer", "//go:generate mockgen"),
        ('// int x = 1;\nimport "C"', '// int x = 2;\nimport "C"'),
        ("func f() int { return (a + b) * c }", "func f() int { return a + b*c }"),
        ('var x = "a b"', 'var x = "a  b"'),
        ("var x = `a\n b`", "var x = `a\nb`"),
        ('var x = "// a"', 'var x = "// b"'),
        ('type T struct{ A int `json:"a"` }', 'type T struct{ A int `json:"b"` }'),
        ("type T struct{ A, B int }", "type T struct{ B, A int }"),
        ("type T int", "type T = int"),
        ("func f(x ...int) {}", "func f(x []int) {}"),
        ("func f() { for ; a; {} }", "func f() { for a; ; {} }"),
        ("var c chan<- int", "var c <-chan int"),
        ("func f() { a := 1 }", "func f() { a = 1 }"),
        ("func f() { x: for { break x } }", "func f() { x: for { continue x } }"),
        ("const (\n\ta = iota\n\tb\n)", "const (\n\tb = iota\n\ta\n)"),
        ("var _ = register(a)", "var _ = register(b)"),
        ('import . "a"', 'import . "b"'),
        ('import _ "a"', ""),
        ("func f() { return; a() }", "func f() { return a() }"),
    ],
)
def test_go_meaning_counts(one: str, other: str) -> None:
    assert not same("a.go", f"package a\n\n{one}\n", f"package a\n\n{other}\n")


# --- any place, any edit


def tokens(grammar: str, text: str) -> list[tuple[int, int, Any]]:
    """The leaves that are code, with their places in the (ASCII) text."""
    root = parse(grammar, text)
    assert root is not None
    leaves = [node for node in walk(root) if not node.children and text_of(node).strip()]
    return [(leaf.start_byte, leaf.end_byte, leaf) for leaf in leaves if "comment" not in leaf.type]


def in_string(leaf: Any) -> bool:
    parent = leaf.parent
    return bool(parent) and ("string" in parent.type or "jsx" in parent.type or parent.type == "regex")


@dataclass(frozen=True)
class Sample:
    """A file whose `fragment` needs all of it from `start` on."""

    path: str
    grammar: str
    text: str
    fragment: str
    start: str


SAMPLES = [Sample("a.go", "go", GO_SAMPLE, "Point.Move", "type Point")]
any_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path)


@any_sample
@given(data=st.data())
def test_blanks_and_comments_between_tokens_are_silent(sample: Sample, data: st.DataObject) -> None:
    places = [begin for begin, _, leaf in tokens(sample.grammar, sample.text) if not in_string(leaf)]
    changed = sample.text
    for place in sorted(data.draw(st.sets(st.sampled_from(places), min_size=1, max_size=20)), reverse=True):
        noise = data.draw(st.sampled_from([" ", "\t", "   ", " /* note */ ", "/**/"]))
        changed = changed[:place] + noise + changed[place:]
    assert same(sample.path, sample.text, changed, sample.fragment)
    assert same(sample.path, sample.text, changed)


@any_sample
@given(data=st.data())
def test_an_edit_of_any_token_moves_the_fragment(sample: Sample, data: st.DataObject) -> None:
    first = sample.text.index(sample.start)
    found = tokens(sample.grammar, sample.text)
    wordy = [(begin, end) for begin, end, leaf in found if begin > first and re.search(r"\w$", text_of(leaf))]
    begin, end = data.draw(st.sampled_from(wordy))
    new = sample.text[begin:end] + ("1" if sample.text[begin].isdigit() else "x")
    before = meaning(sample.path, sample.text.encode(), sample.fragment)
    assert before is not None
    assert before != meaning(sample.path, (sample.text[:begin] + new + sample.text[end:]).encode(), sample.fragment)
