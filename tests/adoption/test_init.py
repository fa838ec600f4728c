"""`blackstart init` in the repositories that it meets: the result passes its own check, and nothing is overwritten."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest
import yaml

from blackstart.cli import main
from repo import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "shop").init()
    repo.git("remote", "add", "origin", "git@github.com:acme/shop.git")
    repo.write("CODEOWNERS", "* @acme/platform\n").commit("Who")
    return repo


def new(repo: Repo) -> list[str]:
    return sorted(repo.git("ls-files", "-o", "--exclude-standard").split())


def test_an_empty_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Repo(tmp_path / "shop").init()
    assert repo.blackstart("init", "--yes", "--owner", "platform") == 0
    assert new(repo) == ["blackstart.yml", "catalog-info.yaml", "runbooks/README.md"]
    assert repo.blackstart("check") == 0
    repo.commit("Add the gate")
    assert repo.blackstart("check") == 0
    assert repo.blackstart("new", "restore", "lost-rows", "--component", "shop") == 0
    assert "owner: platform" in repo.read("runbooks/restore/lost-rows.md")
    assert "The gate is in shop: pass" in capsys.readouterr().out


def test_it_shows_everything_and_writes_only_when_told(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert repo.blackstart("init") == 0
    said = capsys.readouterr().out
    assert "+runbooks: runbooks" in said
    assert "+  owner: '@acme/platform'" in said
    assert "Nothing was written" in said
    assert new(repo) == []


def test_the_owner_is_never_invented(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Repo(tmp_path).init()
    assert repo.blackstart("init", "--yes") == 0
    assert "Say it with --owner TEAM" in capsys.readouterr().out
    assert new(repo) == ["blackstart.yml", "runbooks/README.md"]
    assert repo.blackstart("check") == 0


@pytest.mark.parametrize(
    ("pages", "home"),
    [
        (["docs/runbooks/a.md"], "docs/runbooks"),
        (["docs/operations/a.md", "content/Runbooks/db/a.md"], "content/Runbooks"),
        (["ops/a.md", "ops/b.md"], "ops"),
        (["alerts/etcd/a.md"], "alerts"),
        (["docs/a.md", "README.md"], "runbooks"),
        (["vendor/x/runbooks/a.md", "tests/runbooks/a.md", "runbooks/README.md"], "runbooks"),
    ],
)
def test_where_the_runbooks_are(repo: Repo, pages: list[str], home: str) -> None:
    for page in pages:
        repo.write(page, "# Page\n")
    assert repo.blackstart("init", "--yes") == 0
    assert yaml.safe_load(repo.read("blackstart.yml"))["runbooks"] == home


def test_thirty_old_pages(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("app/backup.py", "x = 1\n")
    for number in range(30):
        repo.write(f"docs/runbooks/{number}.md", f"# Page {number}\n\nSee `app/backup.py`.\n")
    repo.write("docs/runbooks/talk.md", "# Talk\n").commit("Old pages")
    assert repo.blackstart("init", "--yes") == 0
    assert "blackstart import" in capsys.readouterr().out
    assert repo.git("diff", "--name-only") == ""
    assert not (repo.root / "docs/runbooks/README.md").exists()
    assert repo.blackstart("check") == 0
    assert repo.blackstart("import", "--yes") == 1  # one page names no code
    assert repo.blackstart("check") == 0
    repo.commit("Begin")
    assert repo.blackstart("check") == 0
    repo.write("docs/runbooks/new.md", "# New\n")
    assert repo.blackstart("check") == 1


def test_an_import_adds_nothing_to_a_baseline_that_was_committed(repo: Repo) -> None:
    repo.write("app/backup.py", "x = 1\n").write("runbooks/a.md", "# A\n\n`app/backup.py`\n").commit("Old page")
    repo.blackstart("init", "--yes")
    repo.commit("Begin")
    before = repo.read("blackstart-baseline.json")
    assert repo.blackstart("import", "--yes") == 0
    assert repo.read("blackstart-baseline.json") == before
    assert repo.blackstart("check") == 1


def test_a_second_time_there_is_nothing_to_do(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.blackstart("init", "--yes")
    repo.commit("Add the gate")
    capsys.readouterr()
    assert repo.blackstart("init", "--yes") == 0
    assert "nothing to write" in capsys.readouterr().out
    assert repo.git("status", "--short") == ""
    with chdir(repo.root / "runbooks"):  # the gate is the one above
        assert main(["init", "--yes"]) == 0
    assert repo.git("status", "--short") == ""


def test_nothing_that_is_there_is_overwritten(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("blackstart.yml", "runbooks: ops\n").write("ops/README.md", "mine\n").write("catalog-info.yaml", "")
    repo.write(".github/workflows/runbooks.yml", "mine\n").write(".pre-commit-config.yaml", "repos: []\n")
    repo.commit("Mine")
    assert repo.blackstart("init", "--yes") == 0
    assert repo.git("status", "--short") == ""
    assert ".pre-commit-config.yaml is yours" in capsys.readouterr().out
    assert repo.blackstart("init", "--runbooks", "docs") == 2


def test_a_dangling_link_is_something_that_is_there(repo: Repo, tmp_path: Path) -> None:
    (repo.root / "catalog-info.yaml").symlink_to(tmp_path / "elsewhere")
    (repo.root / "runbooks").symlink_to(tmp_path)
    assert repo.blackstart("init", "--yes") == 2
    assert not (tmp_path / "elsewhere").exists()
    assert not (tmp_path / "README.md").exists()


# --- the site


def build(repo: Repo, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "-q"]
    given = os.environ | environment
    return subprocess.run(command, cwd=repo.root, env=given, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("text", ["site_name: Shop\n", "site_name: Shop # no line break", "site_name: Shop\r\n"])
def test_a_site_gets_the_hook_as_its_last_line(repo: Repo, text: str) -> None:
    repo.write("mkdocs.yml", text).write("docs/index.md", "# Shop\n")
    assert repo.blackstart("init", "--yes") == 0
    after = repo.read("mkdocs.yml")
    assert after.startswith(text)
    assert yaml.safe_load(after)["hooks"] == ["hooks/runbooks.py"]
    assert after.count("\n") == after.count("\r\n") or "\r" not in text


@pytest.mark.parametrize("text", ["site_name: Shop\nhooks: [a.py]\n", "INHERIT: b.yml\n", "{site_name: Shop}\n"])
def test_a_site_with_hooks_of_its_own_is_left_alone(repo: Repo, capsys: pytest.CaptureFixture[str], text: str) -> None:
    repo.write("mkdocs.yml", text)
    assert repo.blackstart("init", "--yes") == 0
    assert repo.read("mkdocs.yml") == text
    assert "Add there:\n      - hooks/runbooks.py" in capsys.readouterr().out
    assert (repo.root / "hooks/runbooks.py").exists()


@pytest.mark.slow
def test_the_hook_builds_the_site_and_guards_it(repo: Repo) -> None:
    repo.write("mkdocs.yml", "site_name: Shop\ntheme: mkdocs\nuse_directory_urls: false\n")
    repo.write("docs/index.md", "# Shop\n").write("docs/old.md", "# An address that people know\n")
    repo.write("app/backup.py", "x = 1\n").write("runbooks/a.md", "# Back it up\n\nSee `app/backup.py`.\n").commit(
        "Site"
    )
    repo.blackstart("init", "--yes")
    repo.blackstart("import", "--yes")
    repo.commit("Begin")
    done = build(repo)
    assert done.returncode == 0, done.stdout + done.stderr
    page = (repo.root / "site/runbooks/a/index.html").read_text()
    assert "Back it up" in page
    assert 'class="bs-box bs-box--' in page
    for file in ("old.html", "assets/blackstart/blackstart.css", "assets/blackstart/run.js", "rules/stale/index.html"):
        assert (repo.root / "site" / file).exists()
    repo.write("runbooks/new.md", "# New\n\n<script>alert(1)</script>\n")
    assert "no front matter" in build(repo).stdout
    broken = build(repo, BLACKSTART_BREAK_GLASS="the gate is wrong")
    assert broken.returncode == 0, broken.stdout + broken.stderr
    page = (repo.root / "site/runbooks/new/index.html").read_text()
    assert "the gate is wrong" in page
    assert "alert(1)" not in page
    assert json.loads((repo.root / "site/break-glass.json").read_text())["findings"]


# --- CI


@pytest.mark.parametrize(
    ("remote", "files"),
    [
        ("https://github.com/acme/shop.git", [".github/workflows/runbooks.yml"]),
        ("https://gitlab.com/acme/shop.git", [".gitlab-ci.yml"]),
        ("https://git.example.com/shop.git", []),
    ],
)
def test_ci_is_for_the_host_of_origin(repo: Repo, remote: str, files: list[str]) -> None:
    repo.git("remote", "set-url", "origin", remote)
    repo.git("branch", "-m", "trunk")
    repo.blackstart("init", "--yes")
    assert [path for path in new(repo) if path.startswith(".git")] == files
    for path in files:
        assert yaml.safe_load(repo.read(path))
        assert "BRANCH" not in repo.read(path).replace("CI_DEFAULT_BRANCH", "")
        assert "below" not in repo.read(path)


def test_a_gitlab_pipeline_that_is_there_is_told_what_to_include(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write(".gitlab-ci.yml", "stages: [test]\n").commit("CI")
    repo.blackstart("init", "--yes")
    assert repo.read(".gitlab-ci.yml") == "stages: [test]\n"
    assert "- local: .gitlab/runbooks.yml" in capsys.readouterr().out
    assert yaml.safe_load(repo.read(".gitlab/runbooks.yml"))


def test_the_user_decides(repo: Repo) -> None:
    assert repo.blackstart("init", "--yes", "--ci", "none", "--runbooks", "docs/rb", "--owner", "ops") == 0
    assert new(repo) == ["blackstart.yml", "catalog-info.yaml", "docs/rb/README.md"]
    assert "owner: ops" in repo.read("catalog-info.yaml")


@pytest.mark.parametrize("folder", ["../rb", "/etc", ".git/rb", "a//b"])
def test_a_folder_outside_is_refused(repo: Repo, folder: str) -> None:
    assert repo.blackstart("init", "--yes", "--runbooks", folder) == 2
    assert new(repo) == []


def test_a_branch_whose_name_is_code_gets_no_ci(repo: Repo) -> None:
    repo.git("branch", "-m", "a;$(id)")
    repo.blackstart("init", "--yes")
    assert not (repo.root / ".github").exists()


def test_a_folder_of_a_monorepo(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("services/pay/src/app.py", "").write("services/pay/runbooks/a.md", "# A\n\n`src/app.py`\n").commit("Pay")
    with chdir(repo.root / "services/pay"):
        assert main(["init", "--yes"]) == 0
        assert "services/pay/blackstart.yml" in capsys.readouterr().out
        assert main(["import", "--yes"]) == 0
        assert main(["check", "--select", "front-matter,freshness,coverage"]) == 0
    assert new(repo) == [
        ".github/workflows/runbooks-services-pay.yml",
        "services/pay/blackstart-baseline.json",
        "services/pay/blackstart.yml",
        "services/pay/catalog-info.yaml",
    ]
    job = yaml.safe_load(repo.read(".github/workflows/runbooks-services-pay.yml"))["jobs"]["check"]
    assert job["defaults"]["run"]["working-directory"] == "services/pay"
    assert "name: pay" in repo.read("services/pay/catalog-info.yaml")


def test_without_git_it_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Repo(tmp_path).blackstart("init", "--yes") == 2
    assert "not in a git repository" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
