"""bash as a parser: what it says, where, and that it never runs anything."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blackstart.errors import UsageError
from blackstart.freshness.syntax import parse
from blackstart.shell import complaints


def test_nothing_is_run(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    scripts = [f"touch {witness}", f"$(touch {witness})", f"a=`touch {witness}`", f"cat < <(touch {witness})\n)"]
    complaints([(dialect, script) for dialect in ("bash", "sh") for script in scripts])
    assert not witness.exists()


def test_the_environment_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = tmp_path / "start.sh"
    start.write_text(f"touch {tmp_path}/witness")
    monkeypatch.setenv("BASH_ENV", str(start))
    monkeypatch.setenv("ENV", str(start))
    complaints([("bash", "true"), ("sh", "true")])
    assert not (tmp_path / "witness").exists()


def test_both_dialects_are_read() -> None:
    found = complaints([("bash", "fi"), ("sh", "fi"), ("sh", "true")])
    assert {script: complaint.line for script, complaint in found.items()} == {("bash", "fi"): 1, ("sh", "fi"): 1}


def test_no_bash_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "bash" else name)
    assert complaints([]) == {}
    with pytest.raises(UsageError, match="there is no bash"):
        complaints([("bash", "true")])


def test_what_takes_for_ever_is_a_complaint(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("bash", 10)

    monkeypatch.setattr(subprocess, "run", never)
    assert "more than 10 seconds" in complaints([("bash", "true")])[("bash", "true")].message


def test_a_parser_that_dies_is_a_complaint() -> None:
    script = "(" * 200_000
    assert complaints([("bash", script)])


WORDS = ["if", "then", "fi", "for x in", "do", "done", "case $x in", "a)", ";;", "esac", "{", "}", "(", ")", "((", "))"]
WORDS += [
    "echo",
    "'",
    '"',
    "$(",
    "`",
    "\\",
    "\n",
    "#",
    "&&",
    "||",
    ";",
    "|",
    ">",
    "<",
    "<<EOF",
    "EOF",
    "f()",
    "[[",
    "]]",
    "$'",
]


@settings(max_examples=60)
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), min_size=2, max_size=30, unique=True))
def test_many_blocks_at_once_are_told_what_each_is_told_alone(texts: list[str]) -> None:
    scripts = [("bash", text) for text in [*texts, "true", "echo well", "make up\n"]]
    together = complaints(scripts, lambda text: parse("bash", text) is not None)
    assert together == complaints(scripts)
