"""`blackstart explain` tells the story of each anchor: what vouches for it, since when, and what came after."""

from __future__ import annotations

from pathlib import Path

import pytest

from repo import Repo, sample

PAGE, CODE = "runbooks/restore.md", "app/backup.py"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return sample(tmp_path)


def story(repo: Repo, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert repo.blackstart("explain", PAGE) == 0
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_the_creation_vouches(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    commit = repo.git("rev-parse", "--short=7", "HEAD")
    assert story(repo, capsys) == [
        PAGE,
        "no review is recorded",
        "",
        "fresh     app/backup.py",
        f"means what it did when this runbook was written ({commit}, 2026-01-05, Ann Author)",
        f"{commit}  2026-01-05  Ann Author: Write the restore runbook",
    ]


def test_a_review_and_what_came_after(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.replace(PAGE, "Run the restore.", "Run `take_backup`.")
    repo.blackstart("review", PAGE, "-m", "read it all", "--by", "ann")
    line = repo.read(PAGE).split("\n").index("1. Run `take_backup`.") + 1
    reviewed = repo.commit("Review")[:7]
    repo.replace("app/backup.py", "take_backup", "take_dump")
    changed = repo.commit("Rename it")[:7]
    repo.replace("app/backup.py", "backups", "elsewhere")
    gone = f"`take_backup` is no longer in `{CODE}`, which has `take_dump` instead"
    told = story(repo, capsys)
    assert told[1].endswith("by ann: read it all")
    assert told[3:] == [
        "stale     app/backup.py",
        told[4],
        f"{reviewed}  2026-01-05  Ann Author: Review",
        "since then:",
        f"{changed}  2026-01-05  Ann Author: Rename it",
        "app/backup.py has changes that are not committed",
        "app/backup.py:1  +2 -2 lines",
        f"{PAGE}:{line}:9: {gone} since {changed}",
        f"correct these lines, then record a review: blackstart review {PAGE} --anchor {CODE} -m 'what you found'",
    ]


def test_what_cannot_be_judged_and_what_is_gone(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.replace(PAGE, "  - app/backup.py", "  - app/gone.py").git("rm", "-q", "--cached", PAGE)
    told = story(repo, capsys)
    assert told[told.index("unmatched app/gone.py") + 1] == "matches nothing"
    assert "since then:" not in told
    repo.replace(PAGE, "  - app/gone.py", "  - app/backup.py")
    told = story(repo, capsys)
    assert "git does not track the runbook, so nothing vouches for it" in told
    assert any(line.startswith("git add runbooks/restore.md, or record a review") for line in told)


def test_a_page_that_cannot_be_read(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.replace(PAGE, "owner: platform\n", "")
    assert repo.blackstart("explain", PAGE) == 2
    assert "`owner` is missing" in capsys.readouterr().err
    assert repo.blackstart("explain", "app/backup.py") == 2
    assert "app/backup.py: no runbook of that name below `runbooks`." in capsys.readouterr().err
