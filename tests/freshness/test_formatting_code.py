"""What formatters and comments change says nothing; what a compiler or a database would tell apart does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blackstart.freshness.meaning import meaning
from blackstart.freshness.syntax import parse, text_of, walk
from meanings import same

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

TS_SAMPLE = """\
import { Db } from "./db";

enum Kind { First = "first", Last = "last" }

type Job = { kind: Kind; size?: number };

const retries = 0x10;

export class Queue<T extends Job> {
  private jobs: T[] = [];

  constructor(private readonly db: Db) {}

  @logged("push")
  async push(job: T, at = retries): Promise<void> {
    for (const one of this.jobs) {
      if (one.kind === Kind.Last && at > 2) break;
      else this.db.save(`job ${one.size ?? at} of ${retries}`, { one, at: /x+/g });
    }
    const [first, ...rest] = this.jobs.map((item) => ({ ...item, size: 1 }));
    switch (first?.kind) {
      case Kind.First:
        throw new Error("first");
      default:
        this.jobs = rest as T[];
    }
  }
}
"""
JS_SAMPLE = """\
import { h } from 'view'

const step = 3

function label(n) {
  let total = 0
  for (let i = 0; i < n; i++) total += i * step
  try { return `${total} of ${n}` } catch (error) { return null }
}

export const Page = ({ title, ...more }) => {
  const [open, setOpen] = h(false)
  return (
    <main id="top" {...more} onClick={() => setOpen(!open)}>
      Hello <b>{title}</b> {open ? label(7) : 'closed'}
    </main>
  )
}
"""


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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f('a')", 'f("a");'),
        ("f('it\\'s')", 'f("it\'s")'),
        (r"""f('a \"b\"')""", """f('a "b"')"""),
        ("const a = [1, 2]", "const a = [\n  1,\n  2, // two\n];"),
        ("f(a, b)", "f(\n  a,\n  b,\n)"),
        ("const { a, b } = c", "const {a,b,} = c"),
        ("const f = x => x", "const f = (x) => x;"),
        ("const f = async x => x", "const f = async (\n  x,\n) => x;"),
        ("const o = {'a': 1, b: 2}", "const o = { a: 1, b: 2 };"),
        ("if (a) { b() }", "if ((a)) {\n  b();\n}"),
        ("const x = a + (b * c)", "const x = a + b * c"),
        ("return_ = (\n  a && b\n)", "return_ = a && b"),
        ("class A { x = 1; m() {} }", "class A {\n  x = 1\n\n  m() {}\n}"),
        ("class A { m() {}; }", "class A { m() {} }"),
        ("f();;", "f()"),
        ("for (;;) { a() }", "for ( ; ; ) {\n  a();\n}"),
        ("x = <a b='c'>text</a>", 'x = (\n  <a b="c">\n    text\n  </a>\n)'),
        ("x = <a>{/* note */}\n<b/></a>", "x = <a>\n\n  <b />\n</a>"),
        ("import { b, a } from 'x'", 'import { a, b } from "x"'),
        ("import { a } from 'x'\nimport { b } from 'x'", "import {a, b} from 'x'"),
        ("x = 0XAB", "x = 0xab"),
        ("/* a */ f() // b", "f()"),
        ("let a = 1, b", "let a = 1;\nlet b"),
        ("`a ${ b } c`", "`a ${b} c`"),
    ],
)
@pytest.mark.parametrize("suffix", ["js", "tsx"])
def test_javascript_formatting_is_silent(suffix: str, one: str, other: str) -> None:
    assert parse({"js": "javascript", "tsx": "typescript.language_tsx"}[suffix], one) is not None
    assert same(f"a.{suffix}", one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("function f() { return\n  1 }", "function f() { return 1 }"),
        ("a\n++b", "a++\nb"),
        ("f('a')", "f('A')"),
        ("f('a  b')", "f('a b')"),
        ("f(`a  b`)", "f(`a b`)"),
        ("f(`${a} ${b}`)", "f(`${a}${b}`)"),
        ("f(`a\n  b`)", "f(`a\nb`)"),
        ("f('a')", "f(a)"),
        ("f('\\n')", "f('n')"),
        ("f('\\\\n')", "f('\\n')"),
        ("const a = [1, , 2]", "const a = [1, 2]"),
        ("const a = [,]", "const a = []"),
        ("const a = [1, ,]", "const a = [1,]"),
        ("(a?.b).c", "a?.b.c"),
        ("(a?.b)()", "a?.b()"),
        ("(a?.[b])[c]", "a?.[b][c]"),
        ("(a || b) && c", "a || b && c"),
        ("'use strict'", "('use strict')"),
        ("'use strict'", ""),
        ("for (; a;) {}", "for (a; ;) {}"),
        ("if (a); b()", "if (a) b()"),
        ("while (a);", "while (a) {}"),
        ("const f = () => ({})", "const f = () => {}"),
        ("x = /a b/", "x = /a  b/"),
        ("x = /a/g", "x = /a/i"),
        ("let a", "var a"),
        ("export const a = 1", "const a = 1"),
        ("export default a", "export { a }"),
        ("import a from 'x'", "import * as a from 'x'"),
        ("import { a } from 'x'", "import { b as a } from 'x'"),
        ("import 'a'\nimport 'b'", "import 'b'\nimport 'a'"),
        ("import {} from 'x'", ""),
        ("a()\nb()", "b()\na()"),
        ("x = <a>b c</a>", "x = <a>b  c</a>"),
        ("x = <a>b <i/></a>", "x = <a>b<i/></a>"),
        ("x = <a>b{' '}<i/></a>", "x = <a>b<i/></a>"),
        ("x = <a>&amp;\n b</a>", "x = <a>&amp;b</a>"),
        ("x = <a b='\\n'/>", "x = <a b='n'/>"),
        ("x = <a b='c'/>", "x = <a b={c}/>"),
        ("async function f() { await a }", "async function f() { a }"),
        ("class A { static x = 1 }", "class A { x = 1 }"),
        ("class A { static x = 1; static { f() } }", "class A { static { f() } static x = 1 }"),
        ("class A { get x() {} }", "class A { set x(x) {} }"),
        ("function* f() { yield a }", "function* f() { yield* a }"),
        ("o = { a }", "o = { a: b }"),
        ("o = { [a]: 1 }", "o = { a: 1 }"),
        ("x = 1", "x = 1n"),
    ],
)
@pytest.mark.parametrize("suffix", ["js", "tsx"])
def test_javascript_meaning_counts(suffix: str, one: str, other: str) -> None:
    assert parse({"js": "javascript", "tsx": "typescript.language_tsx"}[suffix], one) is not None
    assert not same(f"a.{suffix}", one, other)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("type A = 'a' | 'b'", 'type A =\n  | "a"\n  | "b";', True),
        ("interface A { a: string; b: number }", "interface A {\n  a: string,\n  b: number\n}", True),
        ("type A = { a: string }", "type A = {\n  a: string;\n};", True),
        ("type A = (B | C)[]", "type A = B | C[]", False),
        ("type A = B | C", "type A = B & C", False),
        ("interface A { a?: string }", "interface A { a: string }", False),
        ("const x = a as B", "const x = a as C", False),
        ("const x = <B>a", "const x = a as B", False),
        ("enum A { B, C }", "enum A { B, C, }", True),
        ("enum A { B, C }", "enum A { C, B }", False),
        ("declare global { interface W { a: 1 } }", "declare global { interface W { a: 2 } }", False),
        ("declare const a: 1", "const a: 1", False),
        ("namespace N { export const a = 1 }", "namespace N { export const a = 2 }", False),
        ("type A = `x ${B} y`", "type A = `x ${B}  y`", False),
        ("import type { A } from 'x'", "import { A } from 'x'", False),
        ("import fs = require('fs')", "import fs = require('os')", False),
        ("abstract class A { abstract m(): void }", "class A { m(): void }", False),
        ("class A { private x }", "class A { public x }", False),
        ("function f(this: A, x?: B) {}", "function f(this: A, x: B) {}", False),
        ("let x!: A", "let x: A", False),
        ("export = a", "export default a", False),
    ],
)
def test_typescript_types(one: str, other: str, *, equal: bool) -> None:
    assert parse("typescript.language_typescript", one) is not None
    assert same("a.ts", one, other) == equal


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("CREATE TABLE Orders (Id INT)", "create table orders(id int);", True),
        ("create table a (b int); -- note", "/* head /* nested */ */ create table a (\n  b int\n)", True),
        ("select 1;;", "select 1", True),
        ("select 'A'", "select 'a'", False),
        ("select 'a  b'", "select 'a b'", False),
        ("select '-- a'", "select '-- b'", False),
        ("select '/* a */'", "select '/* b */'", False),
        ("select 'it''s -- a'", "select 'it''s -- b'", False),
        ("select E'it\\'s -- a'", "select E'it\\'s -- b'", False),
        ("select 'c:\\' -- a", "select 'c:\\' -- b", True),
        ("select `x`, 'it\\'s -- a'", "select `x`, 'it\\'s -- b'", False),
        ('create table "A" (b int)', 'create table "a" (b int)', False),
        ('create table "a -- x" (b int)', 'create table "a -- y" (b int)', False),
        ("do $$ begin x := 'A'; end $$", "DO $body$\nBEGIN\n  X := 'A'; -- note\nEND\n$body$", True),
        ("do $$ begin x := 'A'; end $$", "do $$ begin x := 'B'; end $$", False),
        ("do language plpython3u $$ x $$", "do language plpython3u $$  x $$", False),
        ("select $$a  b$$", "select $q$a  b$q$", True),
        ("select $$a  b$$", "select $$a b$$", False),
        ("select $$ -- a $$", "select $$ -- b $$", False),
        ("select a @- 1", "select a @ -1", False),
        ("select a-1", "select a - 1", True),
        ("select a=-1", "select a = -1", True),
        ("select a->>'b'", "select a ->> 'b'", True),
        ("select x::int", "select x :: int", True),
        ("select 1 /*+ index(a) */", "select 1 /*+ index(b) */", False),
        ("/*!40101 set a = 1 */", "/*!40101 set a = 2 */", False),
        ("select a b", "select ab", False),
        ("select a.b", "select a . b", True),
        ("\\set x 1\nselect :x", "\\set x 2\nselect :x", False),
        ("select 1 \\gset a", "select 1 \\gset b", False),
        ("copy a from stdin;\n1\t2\n\\.\n", "copy a from stdin;\n1\t3\n\\.\n", False),
        ("copy a from stdin;\n1  -- 2\n\\.\n", "copy a from stdin;\n1\n\\.\n", False),
        ("create table a (b int); create table c (d int)", "create table c (d int); create table a (b int)", False),
        ("select 'open", "select 'opened", False),
        ("select 1 /* open", "select 1 /* opened", False),
        ("select 1.0", "select 1", False),
    ],
)
def test_sql(one: str, other: str, *, equal: bool) -> None:
    assert same("a.sql", one, other) == equal


SQL_SAMPLE = """\
CREATE TABLE IF NOT EXISTS shop . orders ( id bigint PRIMARY KEY , note text DEFAULT 'a--b' , total numeric ( 10 , 2 )
CHECK ( total >= 0 ) ) ; CREATE INDEX latest ON shop . orders USING btree ( id DESC ) WHERE note <> '' ; ALTER TABLE
shop . orders ADD COLUMN "When" timestamptz ; INSERT INTO shop . orders VALUES ( 1 , $$x;y$$ , 2.50 )"""


@given(data=st.data())
def test_blanks_comments_and_case_are_silent_in_sql(data: st.DataObject) -> None:
    noise = st.sampled_from([" ", "\n", "\t ", " -- note; 'x\n", "/* ; */", "/* a /* b */ */ "])
    words = [
        data.draw(st.sampled_from([word, word.lower()])) if word.isalpha() else word for word in SQL_SAMPLE.split()
    ]
    changed = "".join(word + data.draw(noise) for word in words)
    assert same("a.sql", SQL_SAMPLE, changed, "table orders")


@given(st.integers(0, len(SQL_SAMPLE.split()) - 1))
def test_an_edit_of_any_token_moves_an_sql_object(place: int) -> None:
    before = meaning("a.sql", SQL_SAMPLE.encode(), "table orders")
    changed = [word[:-1] + "x" + word[-1] if at == place else word for at, word in enumerate(SQL_SAMPLE.split())]
    assert before is not None
    assert before != meaning("a.sql", " ".join(changed).encode(), "table orders")


# --- any place, any edit


def tokens(grammar: str, text: str) -> list[tuple[int, int, Any]]:
    """The leaves that are code, with their places in the (ASCII) text."""
    root = parse(grammar, text)
    assert root is not None
    leaves = [node for node in walk(root) if not node.children and text_of(node).strip()]
    return [(leaf.start_byte, leaf.end_byte, leaf) for leaf in leaves if "comment" not in leaf.type]


def in_string(leaf: Any) -> bool:
    parent = leaf.parent.parent if leaf.type == "${" else leaf.parent
    return bool(parent) and ("string" in parent.type or "jsx" in parent.type or parent.type == "regex")


@dataclass(frozen=True)
class Sample:
    """A file whose `fragment` needs all of it from `start` on."""

    path: str
    grammar: str
    text: str
    fragment: str
    start: str


SAMPLES = [
    Sample("a.go", "go", GO_SAMPLE, "Point.Move", "type Point"),
    Sample("a.ts", "typescript.language_typescript", TS_SAMPLE, "Queue", "enum Kind"),
    Sample("a.jsx", "javascript", JS_SAMPLE, "Page", "const step"),
]
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


# --- hostile input

MANY, DEEP = 8_000, 20_000


@pytest.mark.parametrize(
    ("path", "text", "fragment"),
    [
        ("a.go", "package a\n" + "".join(f"func f{n}() {{ f{n + 1}() }}\n" for n in range(MANY)), "f0"),
        ("a.go", "package a\nvar x = " + "(" * DEEP + "1" + ")" * DEEP, "x"),
        ("a.go", "package a\nfunc x() {}\n" + "a b }{ ) " * DEEP, "x"),
        ("a.ts", "".join(f"function f{n}() {{ f{n + 1}() }}\n" for n in range(MANY)), "f0"),
        ("a.ts", "let x = " + "f(" * DEEP + "1" + ")" * DEEP, "x"),
        ("a.js", "let x = " + "[" * DEEP, "x"),
        ("a.js", "let x = 1\n" + "".join(f"x.a{n} = {n}\n" for n in range(MANY)), "x"),
        ("a.js", "class A {" + "".join(f"m{n}() {{ this.m{n + 1}() }}\n" for n in range(MANY)) + "}", "A.m0"),
        ("a.jsx", "let x = " + "<a>" * DEEP + "</a>" * DEEP, "x"),
        ("a.sql", "".join(f"create view v{n} as table v{n + 1};\n" for n in range(MANY)), "view v0"),
        ("a.sql", "create table x (" + "(" * DEEP, "x"),
        ("a.sql", "create table x (a int); " + "/*" * DEEP, "x"),
        ("a.sql", "create table x (a int); " + "$a$ $b$ $" * DEEP, "x"),
        ("a.sql", "create function x begin ; " * MANY, "x"),
        ("a.md", "# x\n" * MANY, "x"),
        ("a.md", "# x\n" + "[a" * 5_000, "x"),
    ],
    ids=lambda value: None if len(value) > 20 else value,
)
def test_hostile_input_costs_no_more_than_its_length(path: str, text: str, fragment: str) -> None:
    changed = text[:-30] + "1" + text[-30:]
    assert meaning(path, text.encode(), fragment) is not None
    assert meaning(path, text.encode()) != meaning(path, changed.encode())
