"""A finding keeps its fingerprint while it is the same finding: baselines and alerts rely on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repo import Repo, sample

PAGE, CODE = "runbooks/restore.md", "app/backup.py"


def fingerprints(repo: Repo, capsys: pytest.CaptureFixture[str], select: str) -> list[str]:
    capsys.readouterr()
    repo.blackstart("check", "--select", select, "--format", "json")
    return [finding["fingerprint"] for finding in json.loads(capsys.readouterr().out)["findings"]]


def test_it_stays_when_lines_move_and_stale_code_changes_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = sample(tmp_path)
    repo.replace(CODE, "backups", "copies").commit("Rename the bucket")
    (first,) = fingerprints(repo, capsys, "stale")
    repo.replace(PAGE, "owner: platform", "owner: platform\nalerts: [DatabaseDown]").commit("Name an alert")
    repo.replace(CODE, "copies", "archive").commit("Rename it again")
    assert fingerprints(repo, capsys, "stale") == [first]


def test_the_same_thing_said_twice_has_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = sample(tmp_path)
    repo.write(PAGE, repo.read(PAGE) + "\n```\nls\n```\n\n```\nls\n```\n")
    found = fingerprints(repo, capsys, "code-fence-language")
    assert len(found) == len(set(found)) == 2
