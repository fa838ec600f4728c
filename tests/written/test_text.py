"""Bytes to text: whatever the bytes, either the text or the place of what is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blackstart.errors import ConfigurationError
from blackstart.written.text import decode, read_bytes

BOM = b"\xef\xbb\xbf"
PIECES = st.lists(st.sampled_from([b"a", b"\n", b"\r\n", "é".encode(), "🔥".encode(), b"\xff", b"\xc3", b"\0", BOM]))


@settings(derandomize=True, max_examples=400)
@given(st.binary(max_size=60) | PIECES.map(b"".join))
def test_any_bytes(data: bytes) -> None:
    """The slow oracle: the longest beginning that is text, and in it the first NUL."""
    decoded, data = decode("x", data), data.removeprefix(BOM)
    good = max((data[:end] for end in range(len(data) + 1) if is_text(data[:end])), key=len).decode()
    before = good.partition("\0")[0] if is_text(data) else good
    if before.encode() == data:
        assert decoded.text == before
    else:
        (problem,) = decoded.problems
        assert (problem.line, problem.column) == (before.count("\n") + 1, len(before) - before.rfind("\n"))


def is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize(
    ("data", "line", "column", "says"),
    [
        (b"\xff", 1, 1, "0xff"),
        (b"a\n\xc3\xa9\xe9", 2, 2, "0xe9"),
        (BOM + b"ab\xff", 1, 3, "0xff"),
        (b"a\r\nb\xc3", 2, 2, "0xc3"),
        ("é🔥\0".encode(), 1, 3, "NUL"),
        (b"a\xed\xa0\x80", 1, 2, "0xed"),
        ("a".encode("utf-16"), 1, 1, "0xff"),
        (b"x" * 11, 1, 1, "more than 10 bytes"),
    ],
)
def test_the_place_of_what_is_no_text(data: bytes, line: int, column: int, says: str) -> None:
    (problem,) = decode("x", data, 10).problems
    assert (problem.line, problem.column) == (line, column)
    assert says in problem.message


def test_a_mark_of_byte_order_is_no_text() -> None:
    assert decode("x", BOM + "é".encode()).text == "é"


def test_only_files_of_the_repository_are_read(tmp_path: Path) -> None:
    root, secret = tmp_path / "root", tmp_path / "secret"
    root.mkdir()
    secret.write_text("s")
    (root / "out").symlink_to(secret)
    (root / "loop").symlink_to("loop")
    (root / "gone").symlink_to("nowhere")
    (root / "folder").mkdir()
    (root / "up").symlink_to("..", target_is_directory=True)
    os.mkfifo(root / "pipe")
    for name in ("out", "loop", "gone", "folder", "pipe", "up/secret", "../secret"):
        with pytest.raises(ConfigurationError, match="not a regular file"):
            read_bytes(root, name)
    assert read_bytes(root, "absent") is None
