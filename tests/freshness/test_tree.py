"""Globs against a slow, obvious matcher; the work tree against what is really on disk."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blackstart.freshness.committed import as_of
from blackstart.freshness.tree import CommitTree, WorkTree, lookup, match
from blackstart.history import History, open_history
from repo import Repo

NAMES = st.sampled_from(["a", "b", "ab", "a.py", "b.py", ".x", "[", "ä"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PARTS = st.sampled_from(["a", "b", "*", "**", "?", "*.py", "a*", "[ab]", "ä"])
PATTERNS = st.lists(PARTS, min_size=1, max_size=5).map("/".join)


def oracle(pattern: str, path: str) -> bool:
    """Try every way to lay the parts of the pattern over the parts of the path."""
    parts, names = pattern.split("/"), path.split("/")
    if parts[0] == "**":
        rest = "/".join(parts[1:])
        if not rest:
            return True
        return any(oracle(rest, "/".join(names[skip:])) for skip in range(len(names)))
    wildcards = {"*": ".*", "?": ".", "[ab]": "[ab]"}
    expression = "".join(wildcards.get(bit, re.escape(bit)) for bit in re.split(r"(\*|\?|\[ab\])", parts[0]))
    if not re.fullmatch(expression, names[0]):
        return False
    if len(parts) == 1 or len(names) == 1:
        return len(parts) == len(names)
    return oracle("/".join(parts[1:]), "/".join(names[1:]))


def history_of(repo: Repo) -> History:
    history = open_history(repo.root)
    assert history
    return history


def work_tree(repo: Repo) -> WorkTree:
    with closing(history_of(repo)) as history:
        return WorkTree(repo.root, history)


def tree_of(root: Path, paths: set[str]) -> WorkTree:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)
    return WorkTree(root, None)


@settings(max_examples=150, deadline=None)
@given(paths=st.sets(PATHS, max_size=8), pattern=PATTERNS)
def test_globs_match_what_the_slow_matcher_matches(paths: set[str], pattern: str) -> None:
    files = {path for path in paths if not any(other.startswith(f"{path}/") for other in paths)}
    visible = {path for path in files if not any(part.startswith(".") for part in path.split("/")[:-1])}
    with tempfile.TemporaryDirectory() as folder:
        found = [path for path, _ in match(tree_of(Path(folder), files), pattern)]
    assert found == sorted(path for path in visible if oracle(pattern, path))


def test_a_commit_and_the_work_tree_agree(tmp_path: Path) -> None:
    repo = Repo(tmp_path).init()
    for path in ("a/b/c.py", "a/d e.py", "top.py", "a/ü/x.py"):
        repo.write(path, path)
    head = repo.commit("files")
    with closing(history_of(repo)) as history:
        work, commit = WorkTree(tmp_path, history), CommitTree(history, head)
        assert match(work, "**") == match(commit, "**")
        assert [path for path, _ in match(commit, "a/**/*.py")] == ["a/b/c.py", "a/d e.py", "a/ü/x.py"]


ODD = st.sampled_from([b"a", b"a.b", b"a-", b"b", "ä".encode(), b"\xff", "\U0001f525".encode(), "\ufb01".encode()])
ODD_PATHS = st.sets(st.lists(ODD, min_size=1, max_size=3).map(b"/".join), max_size=8)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(tracked=ODD_PATHS, kept=ODD_PATHS, edited=ODD_PATHS)
def test_the_work_tree_is_what_is_on_disk(tracked: set[bytes], kept: set[bytes], edited: set[bytes]) -> None:
    """Names sort by bytes in git, and a folder whose files are all deleted, or which is a file now, is no folder."""
    with tempfile.TemporaryDirectory() as folder:
        repo, root = Repo(Path(folder)).init(), os.fsencode(folder)
        put(root, tracked)
        repo.commit("files")
        drop(root, tracked - kept)
        put(root, edited)
        with closing(history_of(repo)) as history:
            tree = WorkTree(repo.root, history)
            on_disk = {path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file()}
            assert {path for path, _ in match(tree, "**")} == {path for path in on_disk if not path.startswith(".git/")}
            for name in on_disk:
                entry = lookup(tree, name)
                if entry:
                    assert tree.read(name, entry) == (repo.root / name).read_bytes()


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(before=ODD_PATHS, later=ODD_PATHS, staged=ODD_PATHS, edited=ODD_PATHS, kept=ODD_PATHS)
def test_a_commit_told_by_what_differs_is_the_commit(
    before: set[bytes], later: set[bytes], staged: set[bytes], edited: set[bytes], kept: set[bytes]
) -> None:
    """Whatever is committed, staged or edited after it, and where files and folders take each other's place."""
    with tempfile.TemporaryDirectory() as folder:
        repo, root = Repo(Path(folder)).init(), os.fsencode(folder)
        put(root, before)
        base = repo.commit("base")
        change(root, before - kept, later)
        repo.commit("later")
        change(root, later - kept, staged)
        repo.git("add", "-A")
        change(root, staged - kept, edited)
        with closing(history_of(repo)) as history:
            tree, commit = as_of(base, WorkTree(repo.root, history), history), CommitTree(history, base)
            files = match(commit, "**")
            assert match(tree, "**") == files
            assert list(tree.paths) == [path for path, _ in files]
            assert all(lookup(tree, path) == entry for path, entry in files)
            assert all(tree.read(path, entry) == commit.read(path, entry) for path, entry in files)
            assert all((lookup(tree, path) is None) == (lookup(commit, path) is None) for path in tree.differing)


def change(root: bytes, gone: set[bytes], written: set[bytes]) -> None:
    drop(root, gone)
    put(root, written)


def drop(root: bytes, paths: set[bytes]) -> None:
    """Delete the files, and their folders where these are empty then."""
    for path in paths:
        with suppress(OSError):
            Path(os.fsdecode(root + b"/" + path)).unlink()
            Path(os.fsdecode(root + b"/" + path)).parent.rmdir()


def put(root: bytes, paths: set[bytes]) -> None:
    """Write the files, as far as no file stands where a folder would have to be."""
    for path in sorted(paths):
        with suppress(OSError):
            file = Path(os.fsdecode(root + b"/" + path))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(path + str(len(paths)).encode())


def bring_into_conflict(repo: Repo) -> None:
    """Two branches disagree about the file `f`."""
    repo.git("checkout", "-q", "-b", "other")
    repo.write("f", "2").commit("two")
    repo.git("checkout", "-q", "main")
    repo.write("f", "3").commit("three")
    with suppress(AssertionError):  # a conflict is a failure
        repo.git("merge", "-q", "other")


def test_a_commit_told_from_a_conflict_and_a_submodule_is_the_commit(tmp_path: Path) -> None:
    repo = Repo(tmp_path).init().write("f", "1").write("g", "1")
    repo.write(".gitmodules", '[submodule "sub"]\n\tpath = sub\n\turl = ../sub\n\tignore = all\n')
    (tmp_path / "sub").mkdir()
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    base = repo.commit("begin")
    repo.git("update-index", "--cacheinfo", f"160000,{'2' * 40},sub")
    bring_into_conflict(repo)
    repo.write("new", "")
    repo.git("add", "--intent-to-add", "new")
    with closing(history_of(repo)) as history:
        tree = as_of(base, WorkTree(repo.root, history), history)
        assert match(tree, "**") == match(CommitTree(history, base), "**")
        assert tree.differing.keys() == {"f", "new", "sub"}


def test_what_is_in_conflict_is_as_it_stands_on_disk(tmp_path: Path) -> None:
    repo = Repo(tmp_path).init().write("f", "1")
    repo.commit("begin")
    bring_into_conflict(repo)
    tree = work_tree(repo)
    entry = lookup(tree, "f")
    assert entry
    assert b"<<<<<<<" in tree.read("f", entry)
    assert tree.edited == {"f"}


def test_uncommitted_edits_new_files_and_deletions_count(tmp_path: Path) -> None:
    repo = Repo(tmp_path).init().write("kept", "1").write("gone", "1").write(".gitignore", "ignored\n")
    repo.commit("files")
    repo.write("kept", "2").write("new", "1").write("ignored", "1")
    (tmp_path / "gone").unlink()
    tree = work_tree(repo)
    assert [path for path, _ in match(tree, "*")] == [".gitignore", "kept", "new"]
    kept = lookup(tree, "kept")
    assert kept
    assert tree.read("kept", kept) == b"2"
    assert tree.edited == {"kept", "new"}
    assert tree.uncommitted == {"kept", "new", "gone"}


def test_a_touched_file_with_the_same_content_is_no_edit(tmp_path: Path) -> None:
    repo = Repo(tmp_path).init().write("f", "1")
    repo.commit("f")
    os.utime(tmp_path / "f", (0, 0))
    assert work_tree(repo).edited == set()


def test_a_link_is_its_target_and_a_loop_is_no_trap(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "out").symlink_to("/etc/passwd")
    tree = WorkTree(tmp_path, None)
    out = lookup(tree, "out")
    assert out
    assert tree.read("out", out) == b"/etc/passwd"
    assert [path for path, _ in match(tree, "**")] == ["loop", "out"]
