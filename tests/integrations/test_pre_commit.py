"""pre-commit itself installs the hook from a clone of this repository and runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from repo import Repo, sample

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CODE, PAGE = "app/backup.py", "runbooks/restore.md"


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """This work tree as a repository that pre-commit can clone."""
    hooks = Repo(tmp_path_factory.mktemp("hooks")).init()
    for name in ("pyproject.toml", ".pre-commit-hooks.yaml", "README.md", "LICENSE"):
        hooks.write(name, (ROOT / name).read_bytes())
    for file in (ROOT / "src").rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            hooks.write(file.relative_to(ROOT).as_posix(), file.read_bytes())
    hooks.commit("As it is")
    return hooks


def commit(repo: Repo, subject: str, home: Path) -> subprocess.CompletedProcess[str]:
    repo.git("add", "-A")
    return subprocess.run(
        ["git", "commit", "-m", subject],
        cwd=repo.root,
        env={**os.environ, "PRE_COMMIT_HOME": str(home), "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_commit_that_makes_a_runbook_stale_is_stopped(hooks: Repo, tmp_path: Path) -> None:
    repo = sample(tmp_path / "shop")
    repo.write(
        ".pre-commit-config.yaml",
        f"repos:\n- repo: {hooks.root}\n  rev: {hooks.git('rev-parse', 'HEAD')}\n  hooks:\n  - id: blackstart\n",
    ).commit("Use pre-commit")
    subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=repo.root, capture_output=True, check=True)
    home = tmp_path / "home"

    stopped = commit(repo.replace(CODE, "backups", "copies"), "Rename the bucket", home)
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert PAGE in stopped.stderr + stopped.stdout
    assert "blackstart review" in stopped.stderr + stopped.stdout

    together = commit(repo.replace(PAGE, "1. Run", "1. Carefully run"), "Rename the bucket", home)
    assert together.returncode == 0, together.stdout + together.stderr
