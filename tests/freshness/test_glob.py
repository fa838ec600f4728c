"""A glob against a name means what it means against a tree, and no pattern can keep it busy."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from blackstart.freshness.glob import matches
from blackstart.freshness.tree import match, may_meet, meeting
from blackstart.history import FOLDER, Entry


class Single:
    """A tree with one file."""

    def __init__(self, path: str) -> None:
        self._folders: dict[str, dict[str, Entry]] = {}
        while path:
            folder, _, name = path.rpartition("/")
            mode = FOLDER if path in self._folders else "100644"
            self._folders[folder] = {name: Entry(mode, "")}
            path = folder

    def children(self, folder: str) -> Mapping[str, Entry]:
        return self._folders.get(folder, {})

    def entry(self, path: str) -> Entry | None:
        folder, _, name = path.rpartition("/")
        return self.children(folder).get(name)

    def read(self, path: str, entry: Entry) -> bytes:
        raise NotImplementedError


PARTS = st.sampled_from(["a", "b", "ab", "*", "**", "?", "a*", "*b", "[ab]", "[!a]"])
NAMES = st.sampled_from(["a", "b", "ab", "ba", "abab"])


@settings(max_examples=300, derandomize=True)
@given(st.lists(PARTS, min_size=1, max_size=5).map("/".join), st.lists(NAMES, min_size=1, max_size=5).map("/".join))
@example("**", "a")
@example("a/**", "a")
@example("**/a", "a")
@example("a/**/b", "a/b")
def test_it_agrees_with_the_walk_through_a_tree(pattern: str, path: str) -> None:
    assert matches(pattern, path) is bool(match(Single(path), pattern))


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a*a*a*a*a*a*a*a*a*a*a*b", "a" * 4_000),
        ("/".join(["**"] * 60), "/".join("a" * 2_000) + "/b"),
        ("/".join(["**", "a"] * 60) + "/b", "/".join("a" * 2_000)),
        ("*" * 200 + "b", "a" * 4_000),
        ("[" * 200, "a" * 4_000),
    ],
)
def test_hostile_patterns_end(pattern: str, path: str) -> None:
    assert matches(pattern, path) is (set(pattern) == {"*", "/"})


@given(
    st.lists(st.lists(PARTS, min_size=1, max_size=4).map("/".join), max_size=4),
    st.lists(NAMES, max_size=4).map("/".join) | st.just("a" * 70),
)
@example(["a" * 80], "a" * 70)
@settings(max_examples=500)
def test_a_look_at_all_patterns_overlooks_none(patterns: list[str], path: str) -> None:
    found = meeting(path).search("\n".join(patterns)) is not None
    assert found or not any(may_meet(pattern, path) for pattern in patterns)


def test_a_look_passes_by_what_is_elsewhere() -> None:
    patterns = "app/backup.py\nservices/b/**\nservices/api.py"
    assert not meeting("services/api/main.py").search(patterns)
    assert not meeting("app/back").search("application\nap/x")
    assert meeting("app").search(patterns)
    assert meeting("services/b/x.py").search(patterns)
