"""Every rule against its two small repositories: `good` is silent, `bad` gives exactly bad.txt.

`REGENERATE=1 pytest tests/rules` writes bad.txt anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from blackstart.engine import run
from blackstart.library import load
from blackstart.model import Finding
from blackstart.rules import all_rules
from repo import TODAY, Repo

FIXTURES = Path(__file__).parents[1] / "fixtures" / "rules"


def findings(slug: str, side: str, to: Path) -> list[Finding]:
    """Of a copy outside this repository. Where there is a folder `bad-then`, it is the second commit of `bad`."""
    shutil.copytree(FIXTURES / slug / side, to)
    then = FIXTURES / slug / f"{side}-then"
    if then.is_dir():
        Repo(to).init().commit("Begin")
        shutil.copytree(then, to, dirs_exist_ok=True, copy_function=shutil.copy)  # a new mtime, or git may not look
        Repo(to, tick=9).commit("Go on")
    with closing(load(to, TODAY)) as library:
        return list(run(library, [slug]).findings)


def shown(finding: Finding) -> str:
    fix = finding.fix.replace("\n", "\n    ")
    message = re.sub(r"(?<=the shell cannot read this: ).*", "…", finding.message)  # each bash has its own words
    return f"{finding.path}:{finding.line}:{finding.column}: {message}\n    {fix}\n"


@pytest.mark.parametrize("slug", sorted(all_rules()))
def test_the_good_repository_is_silent(slug: str, tmp_path: Path) -> None:
    assert "".join(map(shown, findings(slug, "good", tmp_path / "good"))) == ""


@pytest.mark.parametrize("slug", sorted(all_rules()))
def test_the_bad_repository_gives_what_is_expected(slug: str, tmp_path: Path) -> None:
    found = "".join(map(shown, findings(slug, "bad", tmp_path / "bad")))
    expected = FIXTURES / slug / "bad.txt"
    if os.environ.get("REGENERATE"):
        expected.write_text(found, encoding="utf-8")
    assert found
    assert found == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("slug", sorted(all_rules()))
def test_every_finding_points_into_its_file(slug: str, tmp_path: Path) -> None:
    for finding in findings(slug, "bad", tmp_path / "bad"):
        lines = (tmp_path / "bad" / finding.path).read_bytes().split(b"\n")
        assert 1 <= finding.line <= max(len(lines), 1)
        assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1
