"""Which pages cover a file: the quick look at a front matter passes nobody over, and globs are matched as ever."""

from __future__ import annotations

import json
from collections.abc import Callable

from hypothesis import example, given, settings
from hypothesis import strategies as st

from blackstart.freshness.named import Wanted
from blackstart.freshness.tree import is_named
from blackstart.runbook import parse_runbook
from blackstart.verdict import anchors_of

FILES = st.sampled_from(["a.py", "app/a.py", "app/b.sh", "app/sub/a.py", "app x/a.py", "ä/a.py", "app/it's.py"])
PARTS = st.sampled_from(["app", "a.py", "*.py", "**", "*", "a?py", "[ab]*", "sub", "app x", "ä", "it's.py"])
ENTRIES = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
FRAGMENTS = st.sampled_from(["", "#name", "#a.b"])
HEAD = "title: T\nkind: component\ncomponent: db\nowner: platform\n"


def plain(entries: list[str]) -> str:
    return "covers:\n" + "".join(f"- {entry}\n" for entry in entries)


def quoted(entries: list[str]) -> str:
    return "covers:\n" + "".join(f"  - '{entry.replace(chr(39), chr(39) * 2)}' # why\n" for entry in entries)


def escaped(entries: list[str]) -> str:
    return f"covers: {json.dumps(entries)}\n"


def in_a_row(entries: list[str]) -> str:
    return f"covers: [{', '.join(json.dumps(entry, ensure_ascii=False) for entry in entries)}]\n"


def folded(entries: list[str]) -> str:
    return "covers:\n" + "".join(f"  - >-\n    {entry}\n" for entry in entries)


@settings(max_examples=500)
@example([("app/a.py", "")], {"app/a.py"}, plain)
@given(
    st.lists(st.tuples(ENTRIES, FRAGMENTS), min_size=1, max_size=3),
    st.sets(FILES, min_size=1, max_size=3),
    st.sampled_from([plain, quoted, escaped, in_a_row, folded]),
)
def test_no_page_that_covers_a_file_is_passed_over(
    entries: list[tuple[str, str]], files: set[str], written: Callable[[list[str]], str]
) -> None:
    page = parse_runbook("p.md", f"---\n{HEAD}{written([''.join(one) for one in entries])}---\n".encode())
    patterns = [anchor.pattern for _, anchor in anchors_of(page)]
    wanted, covers = Wanted(files), any(is_named(pattern, file) for pattern in patterns for file in files)
    assert wanted.is_named("\n".join(patterns)) == covers
    assert wanted.may_stand_in(page.head) or not covers


def test_most_pages_tell_without_being_parsed() -> None:
    wanted = Wanted({"app/new/a.py"})
    assert not wanted.may_stand_in(f"{HEAD}covers: [app/b.py, 'app/old/*.py', \"app/a.py#name\"]\nalerts: [Down]\n")
    assert wanted.may_stand_in(f"{HEAD}covers: ['app/*/a.py']\n")
