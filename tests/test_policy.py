"""Intervals: the shortest that applies decides, what is not known is not said, and the code is judged all the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repo import Repo, sample

PAGE = "runbooks/restore.md"
CATALOGUE = 'kind: Resource\nmetadata: {name: db, annotations: {blackstart/tier: "1"}}\nspec: {owner: platform}\n'
RECORD = "reviewed: {on: 2026-01-06, by: ann, note: read it, seen: {}}\n---\n\n#"


def messages(repo: Repo, capsys: pytest.CaptureFixture[str], rule: str) -> list[str]:
    capsys.readouterr()
    assert repo.blackstart("check", "--select", rule, "--format", "json") == 0
    return [finding["message"] for finding in json.loads(capsys.readouterr().out)["findings"]]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1770292800")  # 2026-02-05, a month after the commits
    return sample(tmp_path / "full").write("catalog-info.yaml", CATALOGUE)


@pytest.mark.parametrize(
    ("policy", "entry"),
    [
        ("review: {days: 20}", "review.days"),
        ("review: {days: 20, kinds: {restore: 10}}", "review.kinds.restore"),
        ("review: {days: 20, kinds: {restore: 10}, tiers: {1: 5}}", "review.tiers.1"),
        ("review: {days: 20, kinds: {restore: 100}}", "review.days"),
        ("review: {days: 100, tiers: {2: 5}, kinds: {comms: 5}}", ""),
        ("", ""),
    ],
)
def test_the_shortest_interval_that_applies_decides(
    repo: Repo, capsys: pytest.CaptureFixture[str], policy: str, entry: str
) -> None:
    found = messages(repo.write("blackstart.yml", policy), capsys, "review-overdue")
    assert [entry in message for message in found] == ([True] if entry else [])


def test_a_record_counts_before_git_and_what_nobody_knows_is_not_said(
    repo: Repo, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    repo.write("blackstart.yml", "review: {days: 20}").commit("Set an interval")
    (message,) = messages(repo, capsys, "review-overdue")
    assert message.startswith("never reviewed, last vouched for by ")
    shallow = repo.clone(tmp_path / "shallow", "--depth", "1")
    assert messages(shallow, capsys, "review-overdue") == []
    repo.replace(PAGE, "---\n\n#", RECORD)
    (message,) = messages(repo, capsys, "review-overdue")
    assert message == "last reviewed on 2026-01-06 by ann, 30 days ago; `review.days` in the policy allows 20"


def test_a_young_review_does_not_hide_changed_code(repo: Repo) -> None:
    repo.write("blackstart.yml", "review: {days: 365}\ncatalogue: catalog-info.yaml\n")
    repo.replace("app/backup.py", "backups", "copies").commit("Rename the bucket")
    assert repo.blackstart("check", "--select", "review-overdue") == 0
    assert repo.blackstart("check", "--select", "freshness") == 1


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("review: {kinds: {comm: 90}}", "1:24: `review.kinds`: there is no kind `comm`, did you mean `comms`?"),
        ("exercise: {tiers: {one: 90}}", "a digit in quotes"),
        ("review: {days: 0}", "a number of at least 1"),
        ("review: 90", "`review` must be a mapping"),
    ],
)
def test_an_interval_that_is_none_is_refused(
    repo: Repo, capsys: pytest.CaptureFixture[str], policy: str, says: str
) -> None:
    assert repo.write("blackstart.yml", policy).blackstart("check") == 2
    assert says in capsys.readouterr().err
