"""Where a draft may be written, and that it is what its kind demands."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from repo import Repo

KIND = "name: note\ntitle: Note\npurpose: P.\nsections:\n  - {title: Why, hint: Because.}\n"
NEW = ("new", "note", "lost-rows", "--component", "db")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo").write("runbooks/_kinds/note.yaml", KIND)


def refused(repo: Repo, capsys: pytest.CaptureFixture[str], says: str) -> None:
    assert repo.blackstart(*NEW) == 2
    assert says in capsys.readouterr().err


def test_a_kind_of_our_own_with_either_ending(repo: Repo) -> None:
    assert repo.blackstart(*NEW) == 0
    assert repo.read("runbooks/note/lost-rows.md").endswith("# Lost rows\n\n## Why\n\n<!-- Because. -->\n")


def test_what_is_there_is_never_touched(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("runbooks/note/lost-rows.md", "mine")
    refused(repo, capsys, "exists already")
    assert repo.read("runbooks/note/lost-rows.md") == "mine"


def test_a_file_in_the_way(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("runbooks/note", "a file")
    refused(repo, capsys, "cannot be written")


def test_a_link_out_is_not_followed(repo: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "outside").mkdir()
    (repo.root / "runbooks/note").symlink_to(tmp_path / "outside", target_is_directory=True)
    refused(repo, capsys, "link out of the repository")
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize("component", ["a: b", "- x", "#", "'", "{", "on", "7", "ü"])
def test_the_front_matter_is_yaml_whatever_the_name(repo: Repo, component: str) -> None:
    assert repo.blackstart("new", "note", "lost-rows", "--component", component) == 0
    front = repo.read("runbooks/note/lost-rows.md").split("---\n")[1]
    assert yaml.safe_load(front)["component"] == component
