"""The command line as its users meet it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest

from blackstart.cli import main
from repo import Repo, sample

CATALOGUE = """\
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata:
  name: db
spec:
  type: database
  owner: platform
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return sample(tmp_path)


def test_importing_the_command_line_loads_no_mkdocs() -> None:
    script = "import sys, blackstart.cli, blackstart.engine, blackstart.library; print('mkdocs' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_family_or_a_rule_narrows_the_check(repo: Repo) -> None:
    repo.replace("app/backup.py", "backups", "elsewhere")
    assert repo.blackstart("check", "--select", "freshness") == 1
    assert repo.blackstart("check", "--select", "stale") == 1
    assert repo.blackstart("check", "--select", "missing-anchor") == 0


def test_an_unknown_rule_is_named_with_its_neighbour(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert repo.blackstart("check", "--select", "stael") == 2
    assert "no rule or family `stael`, did you mean `stale`?" in capsys.readouterr().err


def test_paths_narrow_to_runbooks_there_and_runbooks_that_cover_them(repo: Repo) -> None:
    repo.write("app/other.py", "x = 1\n")
    repo.write("runbooks/other.md", repo.read("runbooks/restore.md").replace("backup.py", "other.py"))
    repo.commit("Another runbook")
    repo.replace("app/backup.py", "backups", "elsewhere")
    select = ("--select", "freshness")
    assert repo.blackstart("check", "runbooks/other.md", *select) == 0
    assert repo.blackstart("check", "app/other.py", *select) == 0
    assert repo.blackstart("check", "app/backup.py", *select) == 1
    assert repo.blackstart("check", "runbooks", *select) == 1


def test_it_works_from_a_folder_below_the_root(repo: Repo) -> None:
    with chdir(repo.root / "app"):
        assert main(["check", "--select", "freshness", "backup.py"]) == 0


@pytest.mark.parametrize("path", ["/etc/passwd", "../elsewhere"])
def test_a_path_outside_the_repository_is_refused(repo: Repo, capsys: pytest.CaptureFixture[str], path: str) -> None:
    assert repo.blackstart("check", path) == 2
    assert "outside the repository" in capsys.readouterr().err


def test_a_path_that_does_not_exist_is_refused(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert repo.blackstart("check", "runbooks/typo.md") == 2
    assert "runbooks/typo.md" in capsys.readouterr().err


def test_no_runbooks_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Repo(tmp_path).init().blackstart("check") == 2
    assert "no folder `runbooks`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("runbook: x\n", "blackstart.yml:1:1: unknown key `runbook`, did you mean `runbooks`?"),
        ("runbooks: ../x\n", "the path must stay inside the repository"),
        ("runbooks: [a\n", "blackstart.yml:1:11: broken YAML"),
        ("severity:\n  stael: error\n", "no rule `stael`, did you mean `stale`?"),
        ("severity:\n  stale: fatal\n", "blackstart.yml:2:10: `severity.stale`"),
    ],
)
def test_a_broken_policy_cannot_judge(repo: Repo, capsys: pytest.CaptureFixture[str], text: str, says: str) -> None:
    repo.write("blackstart.yml", text)
    assert repo.blackstart("check") == 2
    assert says in capsys.readouterr().err


def test_a_policy_lowers_and_silences_rules(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.replace("app/backup.py", "backups", "elsewhere")
    repo.write("blackstart.yml", "severity: {stale: warning}\n")
    assert repo.blackstart("check", "--select", "stale") == 0
    assert "1 warning" in capsys.readouterr().out
    repo.write("blackstart.yml", "severity: {stale: off}\n")
    assert repo.blackstart("check", "--select", "stale") == 0
    assert "not checked: switched off in blackstart.yml: stale" in capsys.readouterr().out


def test_a_repository_with_one_line_of_policy_and_no_catalogue(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("blackstart.yml", "runbooks: docs/runbooks\n")
    (repo.root / "docs").mkdir()
    repo.git("mv", "runbooks", "docs/runbooks")
    repo.commit("Move")
    capsys.readouterr()
    repo.blackstart("check")
    out = capsys.readouterr().out
    assert "checked 1 runbook" in out
    assert "not checked: coverage: there is no catalogue (catalog-info.yaml)" in out


def test_json_is_for_programs(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    head = repo.replace("app/backup.py", "backups", "elsewhere").commit("Move the bucket")
    capsys.readouterr()
    assert repo.blackstart("check", "--select", "stale", "--format", "json") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["version"] == 1
    assert (report["commit"], report["verdict"]) == (head, "fail")
    assert report["counts"] == {"error": 1, "warning": 0, "note": 0}
    assert report["checked"] == {"runbooks": 1, "anchors": 1, "components": 0}
    (finding,) = report["findings"]
    place = (finding["rule"], finding["family"], finding["path"], finding["line"], finding["column"])
    assert place == ("stale", "freshness", "runbooks/restore.md", 7, 5)
    assert finding["details"]["commits"][0]["subject"] == "Move the bucket"


def test_text_from_a_repository_does_not_steer_the_terminal(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.replace("app/backup.py", "backups", "elsewhere").commit("evil \x1b[2J\x07 subject")
    capsys.readouterr()
    assert repo.blackstart("check", "--select", "stale") == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\\x1b[2J" in out


def test_new_writes_a_draft_that_the_gate_does_not_accept_yet(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("catalog-info.yaml", CATALOGUE)
    assert repo.blackstart("new", "restore", "lost-rows", "--component", "db") == 0
    text = repo.read("runbooks/restore/lost-rows.md")
    assert "owner: platform" in text
    assert "## Choose the recovery point" in text
    capsys.readouterr()
    assert repo.blackstart("check", "runbooks/restore/lost-rows.md") == 1
    assert "`covers` must be a list with at least one entry" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("restor", "x", "--component", "db"), "no kind `restor`, did you mean `restore`?"),
        (("restore", "../x", "--component", "db"), "cannot be a file name here"),
        (("restore", "x", "--component", "dbs"), "no component `dbs` in the catalogue, did you mean `db`?"),
    ],
)
def test_new_refuses_what_it_does_not_know(
    repo: Repo, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    repo.write("catalog-info.yaml", CATALOGUE)
    assert repo.blackstart("new", *arguments) == 2
    assert says in capsys.readouterr().err


def test_new_never_overwrites(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("runbooks/restore/x.md", "mine\n")
    assert repo.blackstart("new", "restore", "x", "--component", "db") == 2
    assert repo.read("runbooks/restore/x.md") == "mine\n"
    assert "exists already" in capsys.readouterr().err


def test_rules_explains_one_and_lists_all(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert repo.blackstart("rules") == 0
    assert "stale " in capsys.readouterr().out
    assert repo.blackstart("rules", "stale") == 0
    assert "Why:" in capsys.readouterr().out
    assert repo.blackstart("rules", "freshness") == 0


def test_help_names_every_command_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(command in out for command in ("check", "new", "review", "rules"))
    assert main(["check", "--help"]) == 0
    assert "2 it could not judge" in capsys.readouterr().out
