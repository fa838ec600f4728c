"""Every odd state a clone can be in has a clear word, and none of them reads as fresh."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from blackstart.history import open_history
from repo import Repo, sample

REVIEWED = ("review", "runbooks/restore.md", "-m", "read it", "--by", "Ann")


def freshness(repo: Repo, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    code = repo.blackstart("check", "--select", "freshness")
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def without_git(repo: Repo) -> Repo:
    shutil.rmtree(repo.root / ".git")
    return repo


def test_no_git(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = freshness(without_git(sample(tmp_path)), capsys)
    assert code == 2
    assert "there is no git repository" in text


def test_a_record_holds_without_git(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = sample(tmp_path)
    assert repo.blackstart(*REVIEWED) == 0
    without_git(repo)
    assert freshness(repo, capsys)[0] == 0
    repo.replace("app/backup.py", "backups", "elsewhere")
    code, text = freshness(repo, capsys)
    assert code == 1
    assert "has changed since this runbook was reviewed" in text


def test_no_commits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Repo(tmp_path).init()
    sample_files = sample(tmp_path / "other")
    for path in ("app/backup.py", "runbooks/restore.md"):
        repo.write(path, sample_files.read(path))
    without_git(sample_files)
    code, text = freshness(repo, capsys)
    assert code == 2
    assert "there is no commit yet" in text


def test_a_shallow_clone_cannot_judge_what_nobody_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = sample(tmp_path / "origin")
    repo.commit("Something else")
    code, text = freshness(repo.clone(tmp_path / "shallow", "--depth", "1"), capsys)
    assert code == 2
    assert "this clone is shallow" in text
    assert "git fetch --unshallow" in text


def test_a_shallow_clone_judges_recorded_reviews(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = sample(tmp_path / "origin")
    repo.blackstart(*REVIEWED)
    repo.commit("Review")
    shallow = repo.clone(tmp_path / "shallow", "--depth", "1")
    assert freshness(shallow, capsys)[0] == 0
    shallow.replace("app/backup.py", "backups", "elsewhere").commit("Move")
    assert freshness(shallow, capsys)[0] == 1


def test_a_shallow_clone_deep_enough_judges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = sample(tmp_path / "origin")
    assert freshness(repo.clone(tmp_path / "deep", "--depth", "1"), capsys)[0] == 2
    repo.replace("app/backup.py", "backups", "elsewhere").replace("runbooks/restore.md", "Run", "Carefully run")
    repo.commit("Change both")
    repo.commit("Something else")
    assert freshness(repo.clone(tmp_path / "shallow", "--depth", "3"), capsys)[0] == 0


def test_a_detached_head_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = sample(tmp_path)
    repo.git("checkout", "-q", "--detach")
    assert freshness(repo, capsys)[0] == 0


def test_a_linked_work_tree_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = sample(tmp_path / "main")
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "other")
    linked = Repo(tmp_path / "linked", repo.tick)
    assert freshness(linked, capsys)[0] == 0
    linked.replace("app/backup.py", "backups", "elsewhere").commit("Move")
    assert freshness(linked, capsys)[0] == 1
    assert freshness(repo, capsys)[0] == 0


def test_code_in_a_submodule_is_named_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = Repo(tmp_path / "library").init().write("backup.py", "x = 1\n")
    library.commit("Add")
    repo = sample(tmp_path / "main")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.root), "vendor/lib")
    repo.replace("runbooks/restore.md", "app/backup.py", "vendor/lib/backup.py").commit("Cover the submodule")
    code, text = freshness(repo, capsys)
    assert code == 1
    assert "lies in the submodule `vendor/lib`" in text
    repo.replace("runbooks/restore.md", "vendor/lib/backup.py", "vendor/lib").commit("Cover its commit")
    assert freshness(repo, capsys)[0] == 0


def test_a_repository_that_is_a_submodule_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inner = sample(tmp_path / "inner")
    outer = Repo(tmp_path / "outer").init()
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "inner")
    assert freshness(Repo(outer.root / "inner"), capsys)[0] == 0


def test_a_project_in_a_folder_of_the_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Repo(tmp_path).init()
    inner = sample(tmp_path / "elsewhere")
    for path in ("app/backup.py", "runbooks/restore.md", "blackstart.yml"):
        repo.write(f"team/service/{path}", inner.read(path))
    shutil.rmtree(inner.root)
    repo.commit("Add a project in a monorepo")
    project = Repo(tmp_path / "team/service", repo.tick)
    assert freshness(project, capsys)[0] == 0
    project.replace("app/backup.py", "backups", "elsewhere").commit("Move")
    code, text = freshness(project, capsys)
    assert code == 1
    assert "app/backup.py:1" in text


def test_an_untracked_runbook_is_vouched_for_by_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = sample(tmp_path)
    repo.write("runbooks/new.md", repo.read("runbooks/restore.md"))
    code, text = freshness(repo, capsys)
    assert code == 2
    assert "git does not track the runbook" in text
    repo.git("add", "runbooks/new.md")
    assert freshness(repo, capsys)[0] == 0


def test_a_partial_clone_says_which_object_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = sample(tmp_path / "origin")
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.replace("app/backup.py", "backups", "elsewhere").commit("Move")
    partial = repo.clone(tmp_path / "partial", "--filter=blob:none", "--no-checkout")
    partial.git("checkout", "-q", "main")
    partial.git("remote", "set-url", "origin", "file:///nowhere")
    code, text = freshness(partial, capsys)
    assert code == 2
    assert "is not in this clone" in text


def test_variables_that_a_git_hook_exports_do_not_lead_astray(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = sample(tmp_path / "one")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nowhere"))
    assert freshness(repo, capsys)[0] == 0


def test_a_hostile_configuration_runs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = sample(tmp_path / "repo")
    repo.replace("app/backup.py", "backups", "elsewhere").commit("Move")
    trap = f"touch {tmp_path}/trapped"
    for key in ("core.fsmonitor", "diff.external", "core.pager", "diff.evil.textconv", "diff.evil.command"):
        repo.git("config", key, trap)
    repo.write(".gitattributes", "*.py diff=evil\n")
    assert freshness(repo, capsys)[0] == 1
    assert not (tmp_path / "trapped").exists()


def test_the_remote_is_what_git_reads_in_any_configuration_it_takes(tmp_path: Path) -> None:
    repo = Repo(tmp_path).init()
    with (tmp_path / ".git/config").open("ab") as file:
        file.write(
            b'[user]\n\tname = J\xf6rg\n[alias]\n\tx = "!f() { \\\n echo; }"\n[remote "other"] url=https://a.io/x\n'
        )
        file.write(b'[remote "origin"] url = "https://b.io/y" ; ours\n')
    history = open_history(repo.root)
    assert history is not None
    with closing(history):
        assert history.remote == "https://b.io/y"
        assert history.remote == repo.git("config", "--get", "remote.origin.url").strip()


def test_without_a_remote_there_is_no_address(tmp_path: Path) -> None:
    history = open_history(Repo(tmp_path).init().root)
    assert history is not None
    with closing(history):
        assert history.remote == ""
        assert history.main_branch == "main"
