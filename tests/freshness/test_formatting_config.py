"""Whole files of infrastructure and shell: what formatters and commenters do is silent, what else changes is not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blackstart.freshness.meaning import meaning, names
from freshness import test_fragment_config as fragments
from meanings import same


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
    "deep.tf": ("a = " + "[" * 60_000, "a {\n" * 20_000, 'a = "' + '${"' * 20_000, "a = " + "{ a = " * 20_000),
    "long.tf": (
        "".join(f"locals {{\n  a{n} = local.a{n + 1}\n}}\n" for n in range(10_000)),
        "a = " + "[1] + " * 40_000 + "1\n",
        "/*a" * 100_000,
        "".join(f"a{n} = <<E{n}\nx\nE{n}\n" for n in range(10_000)),
        "a = <<E\n" * 40_000,
    ),
    "a.sh": (
        "a <<E\n" * 40_000,
        "<<" * 10_000,
        "$(" * 60_000,
        '"$(' * 60_000,
        "${a:-" * 40_000,
        "if a\n" * 20_000,
        "a() {\n" * 20_000,
        "case a in\n" * 10_000,
        "{ a; " * 2_000 + "}; " * 1_999 + "}",
        "".join(f"a{n}() {{ a{n + 1}; }}\n" for n in range(4_000)),
        "a=1 " + "\\\n " * 40_000,
        "a" + " " * 200_000 + "b",
    ),
    "Dockerfile": (
        "RUN <<A\n" * 20_000,
        "FROM a\n" + "RUN --mount=" * 30_000,
        "FROM a\nRUN " + "--a " * 80_000,
        "FROM a\nRUN " + "\\\n" * 100_000,
        "FROM a\nRUN [" + "[" * 100_000,
        "FROM a\nENV " + "a='" * 80_000,
        "".join(f"FROM s{n + 1} AS s{n}\n" for n in range(10_000)),
    ),
    "a.service": ("[A]\n" * 40_000, "[A]\n" + "b=$c\n" * 40_000, "[A]\nb=" + "\\\n" * 100_000, "[" * 200_000),
    "a.ini": ("[A]\n" * 40_000, "[A]\nb =\n" + " c\n" * 60_000, "[A]\nb = " + "${" * 100_000, "{[" * 100_000),
    ".env": ('A="\n' * 60_001, "A='" * 60_000, "A=`\n" * 60_001, "export " * 60_000, 'A="\\' * 60_000, " \n" * 200_000),
    "nginx.conf": (
        "server {\n" * 40_000,
        "server {\n" + "${" * 100_000,
        "server {\n" + "a'" * 100_000,
        "server {\n" + "'\\" * 100_000,
        "server {" + " " * 400_000,
    ),
    "a.properties": ("a\\\n" * 60_000, "a=" + "\\" * 200_000, " " * 400_000 + "a", "a" * 400_000),
    "crontab": ("a '" * 80_001, "a" + " " * 400_000 + "b", "'\\" * 100_000),
    "pg_hba.conf": ("a '" * 80_001, "a '#' " * 80_000),
    "main.rs": ("///\n" * 40_000,),
    "Makefile": (
        "".join(f"A{n} = $(A{n + 1})\n" for n in range(4_000)),
        "".join(f"t{n}: t{n + 1}\n\tx\n" for n in range(4_000)),
        "".join(f"%.{n}: %.{n + 1}\n\tx\n" for n in range(4_000)),
        "".join(f"A{n} = $(A{n}_$(B))\n" for n in range(4_000)),
        "A = $(A)$(A)\n$(A): $(A)\n" * 4_000,
        "ifdef A\n" * 40_000,
        "ifdef A\n" + "else ifdef B\n" * 20_000,
        "define A\n" * 40_000,
        "a " * 80_000 + ": " + "b " * 80_000,
        "a: " + "$(" * 140_000,
        "a:\n\tb" + " \\\n\tc" * 60_000,
        "a:\n\tb" + " " * 200_000 + "c",
        "a:\n\t" + "$(MAKE) " * 40_000,
        "A = " + "b \\\n" * 60_000,
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
        ("A = ${B}\n", "A = $(B)\n", True),
        ("a:\n\tb $$$(C)\n", "a:\n\tb $$${C}\n", True),
        ("a:\n\tb $${C}\n", "a:\n\tb $$(C)\n", False),
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
        ("a=`b c`\n", "a=$(b c)\n", True),
        ('a "${b} c"\n', 'a "$b c"\n', True),
        ("a ${b}\n", "a $b\n", True),
        ("a 'b c'\n", 'a "b c"\n', True),
        ("a ''\n", 'a ""\n', True),
        ("a() {\n b\n}\n", "function a\n{\n b\n}\n", True),
        ("a() ( b )\n", "function a() ( b )\n", True),
        ("a 1>&2\n", "a >&2\n", True),
        ("a 1>>b\n", "a >> b\n", True),
        ("a ${b}c\n", "a $bc\n", False),
        ('a "${b}c"\n', 'a "$bc"\n', False),
        ('a "\\$b"\n', 'a "$b"\n', False),
        ("a '$b'\n", 'a "$b"\n', False),
        ("a ${b:-c}\n", "a $b\n", False),
        ('a "$$b"\n', 'a "$${b}"\n', False),
        ("a $1\n", "a ${10}\n", False),
        ('a "b\'c"\n', "a 'b\"c'\n", False),
        ("a \"$(b '$c')\"\n", "a \"$(b '${c}')\"\n", False),
        ("a=`b \\`c\\``\n", "a=$(b `c`)\n", False),
        ("a=`b`c\n", "a=`b`d\n", False),
        ("a 2>b\n", "a >b\n", False),
        ("a 1 >b\n", "a 1>b\n", False),
        ("#!/bin/ksh\na() { b; }\n", "#!/bin/ksh\nfunction a { b; }\n", False),
        ("function a { b; }\n", "function c { b; }\n", False),
        ("a\n( b )\n", "a() ( b )\n", False),
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


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("FROM a\nRUN b c\n", "# d\nfrom a\n\nrun   b \\\n  # e\n  c\n", True),
        ('FROM a\nCMD ["b", "c"]\n', 'FROM a\nCMD ["b","c"]\n', True),
        ('FROM a\nENV B="c" D=e\n', "FROM a\nENV  B=c  D='e'\n", True),
        ("FROM a as b\n", "FROM a AS b\n", True),
        ("FROM a\nRUN b\n", "FROM a\nRUN c\n", False),
        ("FROM a\nRUN b\nRUN c\n", "FROM a\nRUN c\nRUN b\n", False),
        ("FROM a\nRUN b 'c  d'\n", "FROM a\nRUN b 'c d'\n", False),
        ('FROM a\nCMD ["b c"]\n', 'FROM a\nCMD ["b  c"]\n', False),
        ('FROM a\nCMD ["b"]\n', "FROM a\nCMD b\n", False),
        ("FROM a\nENV B c  d\n", "FROM a\nENV B c d\n", False),
        ('FROM a\nENV B="c d"\n', "FROM a\nENV B=c d\n", False),
        ("FROM a\nRUN b # c\n", "FROM a\nRUN b\n", False),
        ("FROM a\nRUN <<E\n# b\nE\n", "FROM a\nRUN <<E\n# c\nE\n", False),
        ("FROM a\nRUN <<E\nb\n\nc\nE\n", "FROM a\nRUN <<E\nb\nc\nE\n", False),
        ("# escape=`\nFROM a\nRUN b `\n c\n", "FROM a\nRUN b `\n c\n", False),
        ("# syntax=a\nFROM b\n", "# syntax=c\nFROM b\n", False),
        ("FROM a\nRUN b\n", "FROM a\nONBUILD RUN b\n", False),
        ("FROM a\n{% if b %}\n", "FROM a\n{% if c %}\n", False),
    ],
)
def test_docker(before: str, after: str, expected: bool) -> None:  # noqa: FBT001
    assert same("Dockerfile", before, after) is expected


@pytest.mark.parametrize(
    ("path", "before", "after", "expected"),
    [
        ("a.service", "[A]\nb=c\nd=e\n", "[A]\n# f\nd = e\n\nb = c\n", True),
        ("a.service", "[A]\nb=c\n[D]\ne=f\n", "[D]\ne=f\n[A]\nb=c\n", True),
        ("a.service", "[A]\nb=c d\n", "[A]\nb=c \\\n  d\n", True),
        ("a.service", "[A]\nb=c\nb=d\n", "[A]\nb=d\nb=c\n", False),
        ("a.service", "[A]\nb=c\nb=\nb=d\n", "[A]\nb=c\nb=d\n", False),
        ("a.service", "[A]\nb=c # d\n", "[A]\nb=c\n", False),
        ("a.service", "[A]\nb='c  d'\n", "[A]\nb='c d'\n", False),
        ("a.service", "[A]\nb=c\n[D]\n", "[A]\n[D]\nb=c\n", False),
        ("a.network", "[R]\na=1\nm=5\n[R]\na=2\n", "[R]\na=1\n[R]\na=2\nm=5\n", False),
        ("a.ini", "[A]\nb = c\n", "; d\n[A]\n\nb=c\n", True),
        ("a.ini", "[A]\nb =\n  c\n  d\n", "[A]\nb =\n    c\n    d\n", True),
        ("a.ini", "[A]\nb = c\n  d\n", "[A]\nb = c\nd\n", False),
        ("a.ini", "[A]\nb = c;d\n", "[A]\nb = c;e\n", False),
        ("a.ini", "[A]\nb = c\n", "[A]\nb = d\n", False),
        ("a.ini", "[A]\nb = c\n", "[B]\nb = c\n", False),
        ("a.conf", "server {\n  listen 80;\n}\n", "server {\n  listen 81;\n}\n", False),
    ],
)
def test_sections(path: str, before: str, after: str, expected: bool) -> None:  # noqa: FBT001
    assert same(path, before, after) is expected


SAMPLES = {
    "main.tf": (fragments.HCL, "aws_s3_bucket.backups"),
    "Makefile": (fragments.MAKE, "restore"),
    "backup.sh": (fragments.SHELL, "upload"),
    "Dockerfile": (fragments.DOCKER, "build"),
    "orders.service": (fragments.SYSTEMD, "Service"),
    "app.ini": (fragments.INI, "database"),
}
WORD = re.compile(r"[A-Za-z0-9]+")


def _open_lines(path: str, text: str) -> list[int]:
    """Where a blank line or a comment can come: outside here-documents, definitions and the middle of a command."""
    lines, inside, joined, found = text.split("\n"), "", path == "Dockerfile", []
    for number, line in enumerate(lines):
        if number and not inside and not joined and not line.startswith("    "):
            found.append(number)
        if inside:
            inside = "" if line.strip() == inside else inside
        elif "<<" in line:
            inside = "EOT" if "EOT" in line else "EOF"
        elif line.startswith("define"):
            inside = "endef"
        joined = line.endswith("\\") or (joined and line.lstrip().startswith("#"))
    return found


@pytest.mark.parametrize("path", SAMPLES)
@given(data=st.data())
def test_blank_lines_and_comments_anywhere_are_silent(path: str, data: st.DataObject) -> None:
    text, fragment = SAMPLES[path]
    lines = text.split("\n")
    for number in sorted(data.draw(st.sets(st.sampled_from(_open_lines(path, text)), max_size=5)), reverse=True):
        lines.insert(number, data.draw(st.sampled_from(["", "# said 'here", "#", "  "])))
    after = "\n".join(lines).encode()
    assert meaning(path, after) == meaning(path, text.encode())
    assert meaning(path, after, fragment) == meaning(path, text.encode(), fragment)


@pytest.mark.parametrize("path", SAMPLES)
@given(data=st.data())
def test_any_other_word_is_told(path: str, data: st.DataObject) -> None:
    text, _ = SAMPLES[path]
    words = [match for match in WORD.finditer(text) if not _in_comment(text, match.start())]
    match = data.draw(st.sampled_from(words))
    after = f"{text[: match.start()]}{match[0]}x{text[match.end() :]}"
    assert meaning(path, after.encode()) != meaning(path, text.encode())


def _in_comment(text: str, at: int) -> bool:
    line = text[text.rfind("\n", 0, at) + 1 : at].strip()
    return line.startswith((";", "#")) and "# not a" not in line and "# in the" not in line
