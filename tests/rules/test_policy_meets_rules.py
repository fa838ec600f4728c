"""What the policy names must be there: a gate must not be switched off by a typo or a lost file."""

from __future__ import annotations

from pathlib import Path

import pytest

from repo import Repo


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("catalogue: catalog-info.yaml\n", "there is no catalogue `catalog-info.yaml`"),
        ("coverage: {service: [rebuidl]}\n", "no kind `rebuidl`, did you mean `rebuild`?"),
        ("coverage: {components: {database: [restor]}}\n", "no kind `restor`, did you mean `restore`?"),
        ("severity: {dead-lnk: off}\n", "no rule `dead-lnk`, did you mean `dead-link`?"),
        ("severity: {dead-link: erorr}\n", "is `erorr`, did you mean `error`?"),
    ],
)
def test_it_cannot_judge(tmp_path: Path, capsys: pytest.CaptureFixture[str], policy: str, says: str) -> None:
    repo = Repo(tmp_path).write("blackstart.yml", policy).write("runbooks/README.md", "")
    assert repo.blackstart("check") == 2
    assert says in capsys.readouterr().err


def test_without_a_catalogue_that_was_asked_for_coverage_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Repo(tmp_path).write("runbooks/README.md", "").blackstart("check") == 0
    assert "not checked: coverage" in capsys.readouterr().out


def test_a_page_full_of_faults_gives_a_hundred(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Repo(tmp_path).write("runbooks/a.md", "TODO\n" * 5_000).blackstart("check", "--select", "placeholder")
    assert "100 errors" in capsys.readouterr().out
