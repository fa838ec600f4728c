"""What a newcomer is told when the machine lacks something."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = ("bash", "cat", "dirname", "env")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A clone on a machine with hardly anything: no git, no Python."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        give(tmp_path, tool)
    return tmp_path


def give(machine: Path, tool: str) -> None:
    found = shutil.which(tool)
    assert found
    (machine / "bin" / tool).symlink_to(found)


def python(machine: Path, does: str) -> None:
    file = machine / "bin/python3"
    file.write_text(f"#!/usr/bin/env bash\n{does}\n")
    file.chmod(0o755)


def build(machine: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [machine / "scripts/build"],
        env={"PATH": str(machine / "bin"), "HOME": str(machine)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_git(machine: Path) -> None:
    done = build(machine)
    assert done.returncode == 2
    assert "needs git. On Debian and Ubuntu: apt-get install git" in done.stderr


def test_with_an_old_python(machine: Path) -> None:
    give(machine, "git")
    python(machine, 'if [ "$1" = --version ]; then echo "Python 3.8.10"; else exit 1; fi')
    done = build(machine)
    assert done.returncode == 2
    assert "needs Python 3.11 or newer; found Python 3.8.10" in done.stderr


@pytest.mark.slow
def test_without_network(machine: Path) -> None:
    give(machine, "git")
    python(machine, f'exec {sys.executable} "$@"')
    done = build(machine, PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 2, done.stderr
    assert "Without network it cannot work the first time" in done.stderr


@pytest.mark.parametrize("script", sorted((ROOT / "scripts").iterdir()), ids=lambda path: path.name)
def test_every_script_can_be_run_and_says_what_it_is_for(script: Path) -> None:
    assert os.access(script, os.X_OK)
    first, second = script.read_text().split("\n")[:2]
    assert first in ("#!/usr/bin/env bash", "#!/usr/bin/env python3")
    assert second.startswith(("# ", '"""'))
