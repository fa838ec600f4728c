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
}


@pytest.mark.parametrize(
    ("path", "text"),
    [pytest.param(path, text, id=f"{path}-{n}") for path in HOSTILE for n, text in enumerate(HOSTILE[path])],
)
def test_hostile_files_are_judged_and_told_apart(path: str, text: str) -> None:
    assert not same(path, text, f"{text} x")
    for fragment in sorted(names(path, text.encode()))[:1]:
        assert meaning(path, text.encode(), fragment)
