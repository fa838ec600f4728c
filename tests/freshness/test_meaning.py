"""Pairs of files that mean the same, and pairs that do not, one folder a case; golden fingerprints beside them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blackstart.freshness.meaning import meaning, names
from meanings import same

CASES = Path(__file__).parent.parent / "fixtures" / "meaning"
GOLDEN = CASES / "golden.json"


def variants(word: str) -> list[Path]:
    """The files `NAME.same-*` or `NAME.other-*`; the original is `NAME` in the same folder."""
    return sorted(path for path in CASES.glob(f"*/{word}-*"))


def original(variant: Path) -> Path:
    return next(path for path in variant.parent.iterdir() if not path.name.startswith(("same-", "other-")))


@pytest.mark.parametrize("variant", variants("same"), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_formatting_is_silent(variant: Path) -> None:
    name = original(variant).name
    assert meaning(name, variant.read_bytes()) == meaning(name, original(variant).read_bytes())


@pytest.mark.parametrize("variant", variants("other"), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_real_change_moves_the_meaning(variant: Path) -> None:
    name = original(variant).name
    assert meaning(name, variant.read_bytes()) != meaning(name, original(variant).read_bytes())


def test_golden_meanings_do_not_move() -> None:
    """A new Python, grammar or lexer must not change verdicts.

    To accept a change, raise fingerprint.VERSION, then `REGENERATE=1 pytest tests/freshness/test_meaning.py`.
    """
    now = dict(golden())
    if os.environ.get("REGENERATE"):
        GOLDEN.write_text(json.dumps(now, indent=2) + "\n")
    assert now == json.loads(GOLDEN.read_text())


def golden() -> Iterator[tuple[str, str]]:
    """The meaning of every original, and of each fragment of it, as a hash."""
    for folder in sorted(folder for folder in CASES.iterdir() if folder.is_dir()):
        file = original(folder / "x")
        content = file.read_bytes()
        for fragment in ("", *sorted(names(file.name, content))):
            means = meaning(file.name, content, fragment)
            assert means is not None
            yield f"{folder.name}#{fragment}".removesuffix("#"), sha256(means).hexdigest()[:16]


@pytest.mark.parametrize(
    "suffix", [".py", ".yml", ".json", ".toml", ".sql", ".tf", ".sh", ".mk", ".service", ".md", ""]
)
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_have_a_meaning(suffix: str, content: bytes) -> None:
    assert meaning(f"f{suffix}", content)


@pytest.mark.parametrize("name", ["deep.json", "deep.yml", "deep.py", "deep.toml"])
def test_hostile_nesting_falls_back_and_still_tells_files_apart(name: str) -> None:
    deep, other = b"[" * 50_000, b"[" * 50_001
    assert meaning(name, deep) != meaning(name, other)


def test_an_alias_bomb_costs_no_more_than_its_text() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    bomb = "\n".join(lines).encode()
    assert meaning("bomb.yml", bomb) != meaning("bomb.yml", bomb.replace(b"[x, x]", b"[x, y]"))


def test_a_file_that_does_not_parse_is_compared_by_its_text() -> None:
    assert meaning("a.py", b"def broken(:\n  x = 1\n") != meaning("a.py", b"def broken(:\n  x = 2\n")


def test_line_ends_and_byte_order_mark_do_not_count() -> None:
    assert meaning("a.sh", b"\xef\xbb\xbfone\r\ntwo\r\n") == meaning("a.sh", b"one\ntwo\n")


def test_the_shebang_counts() -> None:
    assert meaning("a.sh", b"#!/bin/sh\nls\n") != meaning("a.sh", b"#!/bin/bash\nls\n")


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("import os\nimport sys\nfrom a import b, c\n", "from a import c\nfrom a import b\nimport sys, os\n", True),
        ("import os.path\nimport os\n", "import os\nimport os.path\n", True),
        ("import a as x\nimport b\n", "import b\nimport a as x\n", True),
        ("from a import x\nfrom b import x\n", "from b import x\nfrom a import x\n", False),
        ("import a as x\nimport b as x\n", "import b as x\nimport a as x\n", False),
        ("from a import *\nfrom b import *\n", "from b import *\nfrom a import *\n", False),
        ("from a import *\nimport b\n", "import b\nfrom a import *\n", False),
        ("import a\na.go()\nimport b\n", "import b\nimport a\na.go()\n", False),
        ("from .a import b\n", "from ..a import b\n", False),
        ("import a\nimport b\n", "import a\nimport c\n", False),
    ],
)
def test_imports_have_no_order_but_where_one_hides_another(one: str, other: str, *, equal: bool) -> None:
    assert same("a.py", one, other) is equal


@pytest.mark.parametrize("value", ["1e3", "+1.5E-3", "0o17", "y", "N"])
def test_quotes_count_around_what_some_parsers_take_for_no_text(value: str) -> None:
    assert not same("a.yml", f"a: {value}\n", f"a: '{value}'\n")
    assert same("a.yml", f"a: '{value}'\n", f'a: "{value}"\n')


@pytest.mark.parametrize("changed", range(6))
def test_each_document_of_a_file_counts_and_only_its_content(changed: int) -> None:
    documents = [f"kind: K{number}\nspec:\n  a{number}: 1\n  b: 2\n" for number in range(6)]

    def file(last: str, first: str = "") -> bytes:
        return "---\n".join(
            [*documents[:changed], first + documents[changed] + last, *documents[changed + 1 :]]
        ).encode()

    for _ in range(20):  # which addresses a parser's nodes get is a matter of luck
        assert meaning("a.yaml", file("")) == meaning("a.yaml", file("", "# Said better.\n"))
        assert meaning("a.yaml", file("")) != meaning("a.yaml", file("  extra: 1\n"))
