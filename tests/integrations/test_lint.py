"""What people paste is checked by the linters that they would use themselves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
WORKFLOWS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / ".github/workflows").glob("*.yml"))


def clean(*command: str) -> None:
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint() -> None:
    clean("actionlint", "-shellcheck", str(BIN / "shellcheck"), *WORKFLOWS)


def test_zizmor() -> None:
    clean("zizmor", "--offline", "--quiet", ".github", "action.yml")


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-actions", ["action.yml"]),
        ("github-workflows", WORKFLOWS),
        ("dependabot", [".github/dependabot.yml"]),
        ("gitlab-ci", ["integrations/gitlab/blackstart.yml"]),
    ],
)
def test_published_schemas(schema: str, files: list[str]) -> None:
    clean("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)


def test_pre_commit_manifest() -> None:
    clean("pre-commit", "validate-manifest", ".pre-commit-hooks.yaml")


def test_shellcheck() -> None:
    clean("shellcheck", "integrations/github/check", "integrations/github/install")
