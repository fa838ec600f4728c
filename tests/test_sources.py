"""Code in other repositories: the record carries the proof, and an absent checkout is never fresh."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from repo import BACKUP, Repo, sample

PAGE = "runbooks/restore.md"


@pytest.fixture
def api(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "api").init()
    repo.write("src/backup.py", BACKUP).commit("Add the service")
    return repo


@pytest.fixture
def repo(tmp_path: Path, api: Repo) -> Repo:
    assert api.root == tmp_path / "api"
    repo = sample(tmp_path / "runbooks")
    repo.write("blackstart.yml", "sources:\n  api: {path: ../api, url: https://example.com/api.git}\n")
    repo.replace(PAGE, "app/backup.py", "api:src/*.py").replace(PAGE, "the restore.", "`take_backup`.")
    repo.commit("Cover the other repository")
    return repo


def reviewed(repo: Repo) -> None:
    assert repo.blackstart("review", PAGE, "-m", "read it") == 0
    repo.commit("Review")


def check(repo: Repo, capsys: pytest.CaptureFixture[str], exit_code: int) -> dict[str, Any]:
    capsys.readouterr()
    assert repo.blackstart("check", "--select", "freshness", "--format", "json") == exit_code
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_without_a_record_nothing_vouches(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    (item,) = check(repo, capsys, 2)["not_judged"]
    assert item["subject"] == "api:src/*.py"
    assert item["reason"] == "nothing vouches for code in another repository but a recorded review"
    assert item["fix"].startswith("Record one: blackstart review runbooks/restore.md")


def test_a_record_proves_it_until_the_code_changes(repo: Repo, api: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    reviewed(repo)
    assert check(repo, capsys, 0)["checked"]["anchors"] == 1
    api.replace("src/backup.py", "Take one.", "Take two.").commit("Only words")
    check(repo, capsys, 0)
    api.replace("src/backup.py", "take_backup", "take_dump")
    changed = api.commit("Rename it")
    wrong, stale = sorted(check(repo, capsys, 1)["findings"], key=lambda finding: str(finding["rule"]))
    assert stale["details"]["code"] == "../api/src/backup.py:4"
    assert [commit["sha"] for commit in stale["details"]["commits"]] == [changed]
    assert stale["fix"].startswith("Read the change: git -C ../api diff ")
    assert wrong["message"] == (
        f"`take_backup` is no longer in `../api/src/backup.py`, which has `take_dump` instead since {changed[:7]}"
    )
    assert repo.blackstart("review", PAGE, "-m", "it holds") == 2
    repo.replace(PAGE, "`take_backup`", "`take_dump`")
    reviewed(repo)
    check(repo, capsys, 0)


def test_a_review_shows_the_change_over_there(repo: Repo, api: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    reviewed(repo)
    api.replace("src/backup.py", '"backups"', '"elsewhere"')
    capsys.readouterr()
    reviewed(repo)
    assert '  -BUCKET = "backups"\n  +BUCKET = "elsewhere"' in capsys.readouterr().out


def test_a_record_of_another_version_has_to_be_made_again(
    repo: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewed(repo)
    monkeypatch.setattr("blackstart.freshness.fingerprint.VERSION", 99)
    (item,) = check(repo, capsys, 2)["not_judged"]
    assert item["fix"].startswith("Record it again: blackstart review runbooks/restore.md")
    reviewed(repo)
    check(repo, capsys, 0)


def test_an_absent_source_is_never_fresh(repo: Repo, api: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    reviewed(repo)
    shutil.rmtree(api.root)
    report = check(repo, capsys, 2)
    (item,) = report["not_judged"]
    assert report["verdict"] == "fail"
    assert item["reason"] == "the source `api` is not checked out here"
    assert item["fix"] == "git clone https://example.com/api.git ../api"
    assert repo.blackstart("review", PAGE, "-m", "blind") == 2
    repo.replace("blackstart.yml", "url:", "optional: true, url:")
    report = check(repo, capsys, 0)
    assert [item["tolerated"] for item in report["not_judged"]] == [True]
    assert repo.blackstart("check", "--select", "freshness") == 0
    assert "1 anchor not judged" in capsys.readouterr().out


def test_a_file_called_like_an_absent_source_is_not_excused(
    repo: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write("blackstart.yml", "sources: {tool: {path: ../tool, optional: true}}\n")
    repo.write("tool", "x\n").replace(PAGE, "api:src/*.py", "tool").commit("Cover a file")
    repo.commit("Later")
    shallow = repo.clone(tmp_path / "shallow", "--depth=1")
    assert [item["tolerated"] for item in check(shallow, capsys, 2)["not_judged"]] == [False]


@pytest.mark.parametrize(
    ("text", "says", "fix"),
    [
        ("apl:src/*.py", "no source `apl` in blackstart.yml", "did you mean `api`?"),
        ("api:src/bakcup.py", "there is no file `src/bakcup.py`", "Did you mean `api:src/backup.py`?"),
        ("api:src/*.sql", "no file matches `src/*.sql`", "Name the file"),
    ],
)
def test_what_is_not_there(repo: Repo, capsys: pytest.CaptureFixture[str], text: str, says: str, fix: str) -> None:
    repo.replace(PAGE, "api:src/*.py", text)
    (finding,) = check(repo, capsys, 1)["findings"]
    assert (finding["rule"], finding["message"]) == ("missing-anchor", says)
    assert fix in finding["fix"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("sources: {api: {path: /etc}}", "write the path relative to the repository's root, such as `../api`"),
        ("sources: {api: {paht: ../api}}", "did you mean `path`?"),
        ("sources: {a: {path: ../api}}", "a name of two or more letters"),
        ("sources: [api]", "`sources` must be"),
    ],
)
def test_a_bad_policy_is_explained(repo: Repo, capsys: pytest.CaptureFixture[str], line: str, says: str) -> None:
    repo.write("blackstart.yml", f"{line}\n")
    assert repo.blackstart("check") == 2
    error = capsys.readouterr().err
    assert "blackstart.yml:1:" in error
    assert says in error


def test_a_folder_without_git_is_no_checkout(repo: Repo, api: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    """Or a hostile policy could have us read the whole machine."""
    reviewed(repo)
    shutil.rmtree(api.root / ".git")
    (item,) = check(repo, capsys, 2)["not_judged"]
    assert item["reason"] == "the source `api` is not checked out here"
    repo.replace("blackstart.yml", "../api", "../../../../../../../..")
    assert [item["fix"] for item in check(repo, capsys, 2)["not_judged"]] == [
        "git clone https://example.com/api.git ../../../../../../../.."
    ]
