"""What the policy names must be there: a gate must not be switched off by a typo or a lost file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repo import Repo, sample

GLOBS = """\
severity:
  placeholder:
    runbooks/old/*.md: note
    runbooks/old/**: warning
    runbooks/new/**: off
"""


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("catalogue: catalog-info.yaml\n", "there is no catalogue `catalog-info.yaml`"),
        ("coverage: {service: [rebuidl]}\n", "no kind `rebuidl`, did you mean `rebuild`?"),
        ("coverage: {components: {database: [restor]}}\n", "no kind `restor`, did you mean `restore`?"),
        ("severity: {dead-lnk: off}\n", "no rule `dead-lnk`, did you mean `dead-link`?"),
        ("severity: {dead-link: erorr}\n", "is `erorr`, did you mean `error`?"),
        (
            "severity:\n  dead-link: {'a/**': erorr}\n",
            "2:23: `severity.dead-link.a/**` is `erorr`, did you mean `error`?",
        ),
        ("severity:\n  dead-link: {'../a': off}\n", "2:15: `severity.dead-link.../a`: the path must stay inside"),
        ("severity: {dead-link: [off]}\n", "`severity.dead-link` is"),
    ],
)
def test_it_cannot_judge(tmp_path: Path, capsys: pytest.CaptureFixture[str], policy: str, says: str) -> None:
    repo = Repo(tmp_path).write("blackstart.yml", policy).write("runbooks/README.md", "")
    assert repo.blackstart("check") == 2
    assert says in capsys.readouterr().err


def test_of_a_rules_globs_the_first_that_matches_decides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Repo(tmp_path).write("blackstart.yml", GLOBS)
    for page in ("runbooks/old/a.md", "runbooks/old/deep/b.md", "runbooks/new/c.md", "runbooks/d.md"):
        repo.write(page, "TODO\n")
    assert repo.blackstart("check", "--select", "placeholder", "--format", "json") == 1
    report = json.loads(capsys.readouterr().out)
    assert {finding["path"]: finding["severity"] for finding in report["findings"]} == {
        "runbooks/old/a.md": "note",
        "runbooks/old/deep/b.md": "warning",
        "runbooks/d.md": "error",
    }
    assert "switched off in blackstart.yml: placeholder at runbooks/new/**" in report["not_checked"]


def test_where_freshness_is_off_nothing_is_not_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = sample(tmp_path)
    repo.write("runbooks/draft.md", repo.read("runbooks/restore.md"))
    assert repo.blackstart("check", "--select", "freshness") == 2
    assert "runbooks/draft.md" in capsys.readouterr().out
    repo.write("blackstart.yml", "severity: {stale: {'**/draft.md': off}}\n")
    assert repo.blackstart("check", "--select", "freshness") == 0


def test_without_a_catalogue_that_was_asked_for_coverage_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Repo(tmp_path).write("runbooks/README.md", "").blackstart("check") == 0
    assert "not checked: coverage" in capsys.readouterr().out


def test_a_page_full_of_faults_gives_a_hundred(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Repo(tmp_path).write("runbooks/a.md", "TODO\n" * 5_000).blackstart("check", "--select", "placeholder")
    assert "100 errors" in capsys.readouterr().out
