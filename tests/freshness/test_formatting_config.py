"""Whole files of infrastructure and shell: what formatters and commenters do is silent, what else changes is not."""

from __future__ import annotations

import pytest

from blackstart.freshness.meaning import meaning, names


def same(path: str, before: str, after: str) -> bool:
    return meaning(path, before.encode()) == meaning(path, after.encode())


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a = 1\n", "a=1", True),
        ("a = 1\nb = 2\n", "b = 2\na = 1\n", True),
        ('a = "${var.x}"\n', "a = var.x\n", True),
        ('a = "${ var.x }-b"\n', 'a = "${var.x}-b"\n', True),
        ("a = [1, 2]\n", "a = [\n  1, # one\n  2,\n]\n", True),
        ("a = f(1, 2)\n", "a = f(\n  1,\n  2,\n)\n", True),
        ("a = { x = 1, y = 2 }\n", 'a = {\n  "y" : 2\n  x   = 1\n}\n', True),
        ("a {\n  b = 1\n}\n", "a { b = 1 } // short\n", True),
        ("a {\n  b = 1\n  c {}\n}\n", "a {\n  c {\n  }\n\n  b = 1\n}\n", True),
        ("a {\n  b {}\n  c {}\n}\n", "a {\n  c {}\n  b {}\n}\n", True),
        ("a = <<-E\n  x\n    y\n  E\n", "a = <<-E\n    x\n      y\n    E\n", True),
        ("a = <<E\nx\nE\n", "a = <<END\nx\nEND\n", True),
        ('a = "${x}${y}"\n', 'a = "${y}${x}"\n', False),
        ('a = "x${y}"\n', 'a = "z${y}"\n', False),
        ('a = "x ${y}"\n', 'a = "x  ${y}"\n', False),
        ('a = "$${x }"\n', 'a = "$${x}"\n', False),
        ('a = "# x"\n', 'a = "# y"\n', False),
        ('a = "b"\n', "a = b\n", False),
        ("a = 1\n", 'a = "1"\n', False),
        ("a = [1, 2]\n", "a = [2, 1]\n", False),
        ("a = (b)\n", "a = [b]\n", False),
        ("a = { (x) = 1 }\n", "a = { x = 1 }\n", False),
        ('a = { "${x}" = 1 }\n', "a = { x = 1 }\n", False),
        ("a = b - c\n", "a = b-c\n", False),
        ("a { b = 1 }\n", "a = { b = 1 }\n", False),
        ("a {\n  b { x = 1 }\n  b { x = 2 }\n}\n", "a {\n  b { x = 2 }\n  b { x = 1 }\n}\n", False),
        ('a {\n  dynamic "b" {}\n  b {}\n}\n', 'a {\n  b {}\n  dynamic "b" {}\n}\n', False),
        ("a = <<-E\n  x\n    y\n  E\n", "a = <<-E\n  x\n  y\n  E\n", False),
        ("a = <<-E\n  x\n\n  y\n  E\n", "a = <<-E\n   x\n\n   y\n  E\n", False),
        ("a = <<E\n  x\nE\n", "a = <<E\n x\nE\n", False),
        ("a = <<E\nx\nE\n", "a = <<-E\nx\nE\n", False),
        ('a = "x"\nb = "y"\n', 'a = "y"\nb = "x"\n', False),
    ],
)
def test_hcl(before: str, after: str, expected: bool) -> None:  # noqa: FBT001
    assert same("main.tf", before, after) is expected


HOSTILE = {
    "deep.tf": ("a = " + "[" * 300_000, "a {\n" * 100_000, 'a = "' + '${"' * 100_000, "a = " + "{ a = " * 100_000),
    "long.tf": (
        "".join(f"locals {{\n  a{n} = local.a{n + 1}\n}}\n" for n in range(50_000)),
        "a = " + "[1] + " * 200_000 + "1\n",
        "/*a" * 500_000,
        "".join(f"a{n} = <<E{n}\nx\nE{n}\n" for n in range(50_000)),
        "a = <<E\n" * 200_000,
    ),
    "a.sh": (
        "a <<E\n" * 200_000,
        "<<" * 50_000,
        "$(" * 300_000,
        '"$(' * 300_000,
        "${a:-" * 200_000,
        "if a\n" * 100_000,
        "a() {\n" * 100_000,
        "case a in\n" * 50_000,
        "{ a; " * 10_000 + "}; " * 9_999 + "}",
        "".join(f"a{n}() {{ a{n + 1}; }}\n" for n in range(20_000)),
        "a=1 " + "\\\n " * 200_000,
        "a" + " " * 1_000_000 + "b",
    ),
    "Makefile": (
        "".join(f"A{n} = $(A{n + 1})\n" for n in range(20_000)),
        "".join(f"t{n}: t{n + 1}\n\tx\n" for n in range(20_000)),
        "".join(f"%.{n}: %.{n + 1}\n\tx\n" for n in range(20_000)),
        "".join(f"A{n} = $(A{n}_$(B))\n" for n in range(20_000)),
        "A = $(A)$(A)\n$(A): $(A)\n" * 20_000,
        "ifdef A\n" * 200_000,
        "ifdef A\n" + "else ifdef B\n" * 100_000,
        "define A\n" * 200_000,
        "a " * 400_000 + ": " + "b " * 400_000,
        "a: " + "$(" * 700_000,
        "a:\n\tb" + " \\\n\tc" * 300_000,
        "a:\n\tb" + " " * 1_000_000 + "c",
        "a:\n\t" + "$(MAKE) " * 200_000,
        "A = " + "b \\\n" * 300_000,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "text"),
    [pytest.param(path, text, id=f"{path}-{n}") for path in HOSTILE for n, text in enumerate(HOSTILE[path])],
)
def test_hostile_files_are_judged_and_told_apart(path: str, text: str) -> None:
    assert not same(path, text, f"{text} x")
    for fragment in sorted(names(path, text.encode()))[:1]:
        assert meaning(path, text.encode(), fragment)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("A = b\n", "A=b\n", True),
        ("A = b\n", "\n# c \\\n d\nA = b # e\n", True),
        ("A = b c\n", "A = b \\\n    c\n", True),
        ("a:\n\tb\n", "a :\n\n\tb\n", True),
        ("a:\n\tb\n", "a:\n\t# c\n\tb # d\n", True),
        ("a:\n\tb \\\n\t  c\n", "a:\n\tb \\\n\tc\n", True),
        (".PHONY: a b\n", ".PHONY: b\n.PHONY: a\n", True),
        (".RECIPEPREFIX = >\na:\n> b\n", ".RECIPEPREFIX = >\na:\n>b\n", True),
        ("A = b \na:\n\tx $(A) y\n", "A = b\na:\n\tx $(A) y\n", True),
        ("A = b \na:\n\tx $(A)/y\n", "A = b\na:\n\tx $(A)/y\n", False),
        ("A = b\n", "A := b\n", False),
        ("A = b\n", "A = c\n", False),
        ("A = x\\#b\n", "A = x\\#c\n", False),
        ("A = $(call f,#b)\n", "A = $(call f,#c)\n", False),
        ("define A\n# b\nendef\n", "define A\n# c\nendef\n", False),
        ("define A\nb\nendef\nC = d\n", "define A\nb\nC = d\nendef\n", False),
        ("a: b c\n", "a: c b\n", False),
        ("a: b\n", "a: | b\n", False),
        ("a: b\n", "a:: b\n", False),
        ("a:\n\tb\nc:\n\td\n", "a:\n\td\nc:\n\tb\n", False),
        ("a:\n\tb 'x  y'\n", "a:\n\tb 'x y'\n", False),
        ("a:\n\tb 'x \\\n\t  y'\n", "a:\n\tb 'x \\\n\ty'\n", False),
        ("a:\n\techo '#b'\n", "a:\n\techo '#c'\n", False),
        ("a:\n\techo $(A) # $(shell b)\n", "a:\n\techo $(A) # $(shell c)\n", False),
        ("a:\n\t# b \\\n\tc\n", "a:\n\t# b\n\tc\n", False),
        (".ONESHELL:\na:\n\tcat <<E\n\t# b\n\tE\n", ".ONESHELL:\na:\n\tcat <<E\n\t# c\n\tE\n", False),
        ("a: ; b\n", "a: ; c\n", False),
        ("a: ;\n", "a:\n", False),
        ("a:\n\tb\n", "a:\nb\n", False),
        ("ifdef A\nb:\n\tc\nendif\n", "ifndef A\nb:\n\tc\nendif\n", False),
        ("ifdef A\nB = 1\nelse\nB = 2\nendif\n", "ifdef A\nB = 2\nelse\nB = 1\nendif\n", False),
        ("a:\nifdef A\n\tb\nendif\n\tc\n", "a:\nifdef A\n\tb\n\tc\nendif\n", False),
        ("a: export B = c\n", "a: B = c\n", False),
        ("a: B = c\n", "a: B = d\n", False),
        ("$(info b)\n", "$(info c)\n", False),
        ("vpath %.c src\n", "vpath %.c lib\n", False),
        ("nonsense here\n", "nonsense there\n", False),
    ],
)
def test_make(before: str, after: str, expected: bool) -> None:  # noqa: FBT001
    assert same("Makefile", before, after) is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a; b\n", "a\n\nb\n", True),
        ("a # b\n", "a\n", True),
        ("a  b\n", "a b\n", True),
        ("a \\\n  b\n", "a b\n", True),
        ("a|b&&c\n", "a | b &&\n  c\n", True),
        ("a >b\n", "a > b\n", True),
        ("if a; then b; fi\n", "if a\nthen\n  # c\n  b\nfi\n", True),
        ("for i in a b; do c; done\n", "for i in a b\ndo\n\tc\ndone\n", True),
        ("case $a in\n  b) c ;;\nesac\n", "case $a in\nb)\n    c\n    ;;\nesac\n", True),
        ("a() { b; }\n", "a ()\n{\n  b\n}\n", True),
        ("a=(b c)\n", "a=(\n  b # d\n  c\n)\n", True),
        ("(a; b)\n", "(\n  a\n  b\n)\n", True),
        ("x=$(a | b)\n", "x=$(a|b)\n", True),
        ("cat <<-E\n\ta\nE\n", "cat <<-E\n\t\ta\n\tE\n", True),
        ("a b\n", "ab\n", False),
        ("a b\n", "a\nb\n", False),
        ('a "b  c"\n', 'a "b c"\n', False),
        ("a 'b'\n", "a 'c'\n", False),
        ("a '# b'\n", "a '# c'\n", False),
        ("a $'\\t'\n", "a $'\\n'\n", False),
        ('a "b"c\n', 'a "b" c\n', False),
        ("a b#c\n", "a b#d\n", False),
        ("a ${b#c}\n", "a ${b#d}\n", False),
        ("a ${b:-c d}\n", "a ${b:-c  d}\n", False),
        ("a $#\n", "a $?\n", False),
        ("a && b\n", "a || b\n", False),
        ("a &\nb\n", "a\nb\n", False),
        ("a; b | c\n", "a | b; c\n", False),
        ("a 2> b\n", "a 2 > b\n", False),
        ("a > b\n", "a >> b\n", False),
        ("(a)\n", "{ a; }\n", False),
        ("$(a)\n", "(a)\n", False),
        ("a=b c\n", "a= b c\n", False),
        ("a=b\nc\n", "a=b c\n", False),
        ("[ a = b ]\n", "[ a=b ]\n", False),
        ("cat <<E\n# a\nE\n", "cat <<E\n# b\nE\n", False),
        ("cat <<E\n  a\nE\n", "cat <<E\n a\nE\n", False),
        ("cat <<E\na\n\nb\nE\n", "cat <<E\na\nb\nE\n", False),
        ("cat <<E\n\n\na\nE\n", "cat <<E\na\nE\n", False),
        ("cat <<E\n$a  # b\nE\n", "cat <<E\n$a  # c\nE\n", False),
        ("cat <<E | b\n# a\nE\n", "cat <<E | b\n# c\nE\n", False),
        ("cat <<A <<B\n# a\nA\n# b\nB\n", "cat <<A <<B\n# a\nA\n# c\nB\n", False),
        ("cat <<'E'\n$a\nE\n", "cat <<E\n$a\nE\n", False),
        ("cat <<E\nE\n# a\nb\n", "cat <<E\n# a\nE\nb\n", False),
        ("a <<<b\n", "a <<<c\n", False),
        ("while a; do b; done\n", "until a; do b; done\n", False),
        ("if a; then b; else c; fi\n", "if a; then c; else b; fi\n", False),
        ("echo $((1 << 2))\n", "echo $((1 << 3))\n", False),
        ("a `b # c`\n", "a `b; c`\n", False),
    ],
)
def test_shell(before: str, after: str, expected: bool) -> None:  # noqa: FBT001
    assert same("a.sh", before, after) is expected
