"""Placeholders and dead links are found wherever a reader sees them, and pointed at exactly."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blackstart.engine import run
from blackstart.library import load
from repo import TODAY, Repo

SEEN = [
    "Text TODO and again TODO.",
    "1. Step TODO\n\n    More ü TODO 🔥 TODO",
    "- [ ] TODO\n- TODO",
    '!!! note "TODO"\n    Text TODO\n\n    Again TODO',
    '!!! note\n\n    ??? tip "T"\n\n        1. deep TODO',
    '=== "One TODO"\n\n    TODO\n\n=== "Two"\n\n    | a | TODO |\n    |---|---|\n    | TODO | b |',
    "> quoted TODO\n> > deeper TODO",
    "```bash\n# TODO\n```",
    "1. Step\n\n    ```bash\n    echo TODO\n    ```\n\n    Then TODO.",
    "before <!-- a --> TODO <!-- b --> TODO",
    "<!--\nhidden\n--> TODO",
    "`TODO` **TODO** _TODO_ __TODO__ (TODO) TODO: TODO,TODO",
    "<div>TODO</div>",
    "Title TODO\n==========",
    "\tTabbed TODO",
]
HIDDEN = [
    "<!-- TODO -->",
    '<!--\n!!! note "TODO"\n    TODO\n-->',
    "a <!-- TODO\nTODO --> b",
    "TODOS todo MYTODO TODO.md $MY_TODO TODO_LIST A_TODO_B",
]
LINKS = [
    "[a](gone.md) [b](gone.md) ![c](gone.png)",
    "1. Step [a](gone.md)\n\n    ü 🔥 [b](<gone two.md>)",
    "!!! note\n    [a](gone.md#x)",
    '=== "T"\n\n    > [a](gone.md "title")',
    "| [a](gone.md) | [b](gone.md) |\n|---|---|",
    "*see [**a**](gone.md)* [![x](gone.png)](gone.md)",
    "before <!-- [x](.md) --> [a]( gone.md)",
    '<img src="gone.png"> x <a class="b"\nhref=\'gone.md\'>y</a>',
    "    <p>\n\n<p>\n<img alt='' src=gone.png>\n</p>",
    "# Title [a](gone.md)",
    "[a](gone\\(1\\).md) [b](gone&amp;2.md) [c](gone%203.md) [d](gone(4).md) [e](<gone)5.md>)",
    "[a](gone.md#x) [b](gone.md) [c](gone.md?y) [d](<gone.md>) [e](gone.md 'T') [f](gone.md\n'T')",
    "| [a](gone.md) |\n|---|\n| [b](gone.md) |\n| [c](gone.md) [d](gone.md) |",
    "[a](gone.md)\n[b](gone.md)\n[c](gone.md)",
]
UNSEEN = ["`[x](gone.md)`", "```text\n[x](gone.md)\n```", "<!-- <img src='gone.png'> -->", r"\[x](gone.md)"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("places")


def found(root: Path, rule: str, text: str) -> list[tuple[int, int]]:
    Repo(root).write("runbooks/a.md", text)
    with closing(load(root, TODAY)) as library:
        return sorted((finding.line, finding.column) for finding in run(library, [rule]).findings)


def places(text: str, *words: str) -> list[tuple[int, int]]:
    """Where one of the words stands, by looking at every character."""
    lines = text.replace("\r\n", "\n").split("\n")
    return [
        (number, at + 1)
        for number, line in enumerate(lines, 1)
        for at in range(len(line))
        if any(line.startswith(word, at) for word in words)
    ]


def page(blocks: list[tuple[str, bool]], mark: str, end: str) -> tuple[str, list[tuple[int, int]]]:
    """The page, and the places of the mark in the blocks that are seen."""
    text, expected = "---\nkind: x\n---\n", []
    for block, seen in blocks:
        first = text.count("\n") + 1
        expected += [(line + first, column) for line, column in places(block, mark)] if seen else []
        text += f"\n{block}\n\n***\n"
    return text.replace("\n", end), expected


ENDS = st.sampled_from(["\n", "\r\n"])


def blocks(seen: list[str], hidden: list[str]) -> st.SearchStrategy[list[tuple[str, bool]]]:
    return st.lists(st.sampled_from([(block, block in seen) for block in seen + hidden]), max_size=6)


@settings(deadline=None, max_examples=150, derandomize=True)
@given(blocks(SEEN, HIDDEN), ENDS)
def test_every_placeholder(root: Path, blocks: list[tuple[str, bool]], end: str) -> None:
    text, expected = page(blocks, "TODO", end)
    assert found(root, "placeholder", text) == expected


@settings(deadline=None, max_examples=150, derandomize=True)
@given(blocks(LINKS, UNSEEN), ENDS)
def test_every_dead_link(root: Path, blocks: list[tuple[str, bool]], end: str) -> None:
    text, expected = page(blocks, "gone", end)
    assert found(root, "dead-link", text) == expected
