"""What `scripts/replay` counts, on a history that can be counted by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from repo import BACKUP, RESTORE, Repo

SCRIPT = Path(__file__).parents[1] / "scripts/replay"
PAGE = "runbooks/restore.md"
PAGES = """\
project: made/up
since: 2026-01-05
until: {until}
pages:
  runbooks/restore.md:
    - [app/backup.py, backup.py]
    - app/later.sql
"""


@pytest.fixture
def project(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "project").init()
    repo.write("backup.py", BACKUP)
    repo.write(PAGE, RESTORE.replace("Run the", "Run `pg_dump` and the"))
    repo.commit("Begin")
    return repo


def replayed(repo: Repo) -> str:
    pages = repo.root.parent / "pages.yml"
    pages.write_text(PAGES.format(until=repo.git("rev-parse", "HEAD")))
    command = [sys.executable, str(SCRIPT), "--list", "--repo", str(repo.root), str(pages)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_comment_alarms_only_the_clock(project: Repo) -> None:
    project.write("backup.py", "# Better said.\n" + BACKUP)
    project.commit("Comment")
    assert "0 ours, 1 naive" in replayed(project)


def test_a_change_alarms_both_and_its_revert_again(project: Repo) -> None:
    project.write("backup.py", BACKUP.replace("backups", "dumps"))
    project.commit("Move")
    project.write("backup.py", BACKUP)
    project.commit("Move back")
    told = replayed(project)
    assert "2 ours, 2 naive" in told
    assert "0 days median of 1 spells; 0 pages in alarm" in told  # nobody had to do anything


def test_a_change_with_the_page_alarms_neither(project: Repo) -> None:
    project.write("backup.py", BACKUP.replace("backups", "dumps"))
    project.write(PAGE, RESTORE + "\nFrom `dumps`.\n")
    project.commit("Move and say so")
    assert "0 ours, 0 naive" in replayed(project)


def test_a_typo_fix_silences_only_the_clock(project: Repo) -> None:
    project.write("backup.py", BACKUP.replace("backups", "dumps"))
    project.commit("Move")
    project.write(PAGE, RESTORE)
    project.commit("Reword")
    ours, naive = (line for line in replayed(project).splitlines() if line.startswith("nobody"))
    assert "1 pages in alarm on the last day" in ours
    assert "0 pages in alarm on the last day" in naive


def test_a_removed_name_contradicts(project: Repo) -> None:
    project.write("backup.py", BACKUP.replace("pg_dump", "pg_copy"))
    project.commit("Copy")
    told = replayed(project)
    assert "[pg_dump]" in told
    assert "of ours contradicted      1" in told


def test_a_moved_file_and_a_new_one(project: Repo) -> None:
    project.git("mv", "backup.py", "copy.py")
    project.write("app/later.sql", "SELECT 1;\n")
    (project.root / "copy.py").rename(project.root / "app/backup.py")
    project.commit("Move the file")
    told = replayed(project)
    assert "1 ours, 1 naive" in told
    assert "of ours only moved        1" in told
