"""Waivers: they excuse what they name until their day, are always counted, and end loudly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from repo import Repo, sample

PAGE = "runbooks/restore.md"
WAIVER = "waivers:\n  - {rule: RULE, path: PATH, reason: rewritten soon, owner: ann, expires: 2026-01-20}\n"


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1768867200")  # 2026-01-20


def waiving(repo: Repo, rule: str, path: str = PAGE) -> Repo:
    return repo.write("blackstart.yml", WAIVER.replace("RULE", rule).replace("PATH", f'"{path}"'))


def report(repo: Repo, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = repo.blackstart("check", "--format", "json", *arguments)
    read: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, read


def rules(report: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in report["findings"]}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = sample(tmp_path)
    repo.replace("app/backup.py", "backups", "copies").commit("Rename the bucket")
    return repo


def test_it_excuses_until_the_end_of_its_day_and_is_counted(
    repo: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, found = report(waiving(repo, "stale", "runbooks/**"), capsys, "--select", "stale,waiver")
    assert (code, found["findings"]) == (0, [])
    (waived,) = found["waived"]
    assert waived["finding"]["path"] == PAGE
    assert (waived["reason"], waived["owner"], waived["expires"]) == ("rewritten soon", "ann", "2026-01-20")
    repo.blackstart("check")
    assert "1 waived" in capsys.readouterr().out

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1768953600")  # the day after
    code, found = report(repo, capsys, "--select", "stale,waiver")
    assert code == 1
    assert [finding["rule"] for finding in found["findings"]] == ["waiver", "stale"]
    assert found["findings"][0]["path"] == "blackstart.yml"
    assert found["findings"][0]["line"] == 2
    assert found["waived"] == []


def test_only_its_rule_and_its_path(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert "stale" not in rules(report(waiving(repo, "stale", "**/restore.md"), capsys)[1])
    assert {"stale", "waiver"} <= rules(report(waiving(repo, "stale", "runbooks/other/**"), capsys)[1])
    assert {"stale", "waiver"} <= rules(report(waiving(repo, "dead-link"), capsys)[1])
    assert {"stale", "waiver"} <= rules(report(waiving(repo, "stale", "*"), capsys)[1])  # `*` stays in its folder


def test_that_it_excuses_nothing_is_only_said_where_that_is_known(
    repo: Repo, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    waiving(repo, "dead-link").commit("Waive what is not there")
    assert "waiver" in rules(report(repo, capsys)[1])
    assert rules(report(repo, capsys, "--select", "waiver")[1]) == {"waiver"}
    assert "waiver" not in rules(report(repo, capsys, "--select", "stale")[1])
    assert "waiver" not in rules(report(repo, capsys, "blackstart.yml")[1])

    waiving(repo, "stale").commit("Waive what shows with history only")
    shallow = repo.clone(tmp_path / "shallow", "--depth", "1")
    shallow.replace(PAGE, "Run the restore", "Run this").commit("Edit it")
    code, found = report(shallow, capsys, "--select", "freshness,waiver")
    assert (code, rules(found)) == (2, set())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            WAIVER.replace("RULE", "stlae"),
            "blackstart.yml:2:12: `waivers.0`: there is no rule `stlae`, did you mean `stale`?",
        ),
        (WAIVER.replace("RULE", "waiver"), "blackstart.yml:2:12: `waiver` watches over exceptions"),
        (WAIVER.replace("RULE", "baseline"), "`baseline` watches over exceptions"),
        (WAIVER.replace("RULE", "stale").replace("owner: ann, ", ""), "`waivers.0.owner` is missing"),
        (WAIVER.replace("RULE", "stale").replace("2026-01-20", "2026-02-30"), "day is out of range"),
        (WAIVER.replace("RULE", "stale").replace("2026-01-20", "soon"), "must be a date such as"),
        (WAIVER.replace("RULE", "stale").replace("rewritten soon", "''"), "`waivers.0.reason` must be some text"),
        (WAIVER.replace("RULE", "stale").replace("PATH", "../x"), "`waivers.0.path`: the path must stay inside"),
        (WAIVER.replace("RULE", "stale").replace("PATH", '"a**b"'), "`**` stands for whole folders"),
        (WAIVER.replace("RULE", "stale").replace("PATH", '"a\\u202eb"'), "control character"),
        ("waivers:\n" + WAIVER.split("\n")[1].join(["", "\n"]) * 101, "at most 100 entries"),
        ("waiver_days: 0\n", "a number of at least 1"),
    ],
)
def test_what_is_no_waiver_is_refused(repo: Repo, capsys: pytest.CaptureFixture[str], text: str, says: str) -> None:
    assert repo.write("blackstart.yml", text.replace("PATH", PAGE)).blackstart("check") == 2
    assert says in capsys.readouterr().err
