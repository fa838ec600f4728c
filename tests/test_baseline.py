"""The baseline: a team with a past switches the gate on today, and from then on the past only shrinks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from repo import BACKUP, RESTORE, Repo, sample

FILE = "blackstart-baseline.json"
ENTRY = {"fingerprint": "0123456789abcdef", "rule": "stale", "path": "runbooks/a.md", "message": "m"}


def said(repo: Repo, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    code = repo.blackstart(*arguments)
    out, err = capsys.readouterr()
    return code, out + err


def entries(repo: Repo) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads(repo.read(FILE))["findings"]
    return read


@pytest.fixture
def old(tmp_path: Path) -> Repo:
    """Two hundred pages from before the gate: stale, contradicted, without sections, without front matter."""
    repo = Repo(tmp_path).init()
    for number in range(200):
        code, page = f"app/job{number:03}.py", f"runbooks/p{number:03}.md"
        repo.write(code, BACKUP.replace("take_backup", f"take_{number:03}"))
        text = RESTORE.replace("app/backup.py", code) + f"\nCall `take_{number:03}`, see [there](gone.md).\n"
        repo.write(page, text if number % 10 else "# Notes\n\nTODO\n")
    repo.write("blackstart.yml", "runbooks: runbooks\n").commit("Begin")
    for number in range(0, 200, 2):
        repo.replace(f"app/job{number:03}.py", "backups", "copies")
    for number in range(3, 200, 30):
        repo.replace(f"app/job{number:03}.py", "take_", "back_up_")
    repo.commit("Change half of the code")
    return repo


@pytest.mark.slow
def test_two_hundred_old_pages_go_green_and_only_get_better(old: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert old.blackstart("check") == 1
    code, text = said(old, capsys, "baseline")
    assert code == 0, text
    assert "200 files" in text
    recorded = entries(old)
    assert {entry["rule"] for entry in recorded} >= {"stale", "contradicted", "required-sections", "front-matter"}
    old.commit("Begin with a baseline")

    code, text = said(old, capsys, "check")
    assert code == 0, text
    assert f"not counted: {len(recorded)} in the baseline" in text

    old.replace("app/job001.py", "pg_dump", "pg_dumpall").commit("Make one more page stale")
    code, text = said(old, capsys, "check")
    assert code == 1
    assert "1 error" in text
    code, text = said(old, capsys, "baseline")
    assert code == 1
    assert "1 finding not in it, and not added" in text
    assert "runbooks/p001.md:7" in text
    assert entries(old) == recorded
    assert said(old, capsys, "review", "runbooks/p001.md", "-m", "all databases now")[0] == 0
    old.commit("Review it")
    assert said(old, capsys, "check")[0] == 0

    old.replace("runbooks/p002.md", "gone.md", "p003.md").commit("Mend a link")
    code, text = said(old, capsys, "check")
    assert code == 1
    assert "`dead-link` finding of `runbooks/p002.md` is gone" in text
    assert "fix  Remove it: blackstart baseline" in text
    code, text = said(old, capsys, "baseline")
    assert (code, f"1 finding resolved and removed, {len(recorded) - 1} left" in text) == (0, True)
    old.commit("Shrink the baseline")
    assert old.git("diff", "--numstat", "HEAD^", "--", FILE) == f"0\t1\t{FILE}"
    assert said(old, capsys, "check")[0] == 0


def test_lines_may_move_and_code_may_change_again_but_a_page_may_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = sample(tmp_path)
    repo.replace("app/backup.py", "backups", "copies").commit("Rename the bucket")
    repo.blackstart("baseline")
    repo.replace("runbooks/restore.md", "owner:", "alerts: [DatabaseDown]\nowner:")
    repo.replace("app/backup.py", "copies", "archive").commit("Rename it again")
    assert said(repo, capsys, "check")[0] == 0
    repo.git("mv", "runbooks/restore.md", "runbooks/database.md")
    repo.commit("Call it what it is")
    code, text = said(repo, capsys, "check")
    assert code == 1
    assert "`stale` finding of `runbooks/restore.md` is gone" in text
    assert "runbooks/database.md" in text


def test_what_could_not_be_judged_is_neither_recorded_nor_taken_for_resolved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = sample(tmp_path / "full")
    repo.replace("app/backup.py", "backups", "copies").commit("Rename the bucket")
    shallow = repo.clone(tmp_path / "first", "--depth", "1")
    code, text = said(shallow, capsys, "baseline")
    assert (code, "not judged, so not in it: 1 anchor." in text) == (2, True)
    assert "stale" not in {entry["rule"] for entry in entries(shallow)}

    repo.blackstart("baseline")
    assert "stale" in {entry["rule"] for entry in entries(repo)}
    repo.commit("Begin with a baseline")
    shallow = repo.clone(tmp_path / "second", "--depth", "1")
    assert said(shallow, capsys, "check")[0] == 2
    assert said(shallow, capsys, "baseline")[0] == 2
    assert entries(shallow) == entries(repo)


def test_without_findings_there_is_nothing_to_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Repo(tmp_path).write("runbooks/README.md", "").init()
    assert said(repo, capsys, "baseline") == (0, "no findings, so there is nothing to record\n")
    assert not (tmp_path / FILE).exists()


def test_the_file_is_sorted_one_entry_a_line_and_comes_out_as_it_went_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = sample(tmp_path)
    repo.write("runbooks/ü.md", "TODO\n").write("runbooks/a.md", "TODO\n")
    repo.blackstart("baseline")
    text = repo.read(FILE)
    listed = [(entry["path"], entry["rule"]) for entry in entries(repo)]
    assert listed == sorted(listed)
    assert text.count("\n") == len(listed) + 5
    assert "nothing is resolved" in said(repo, capsys, "baseline")[1]
    assert repo.read(FILE) == text


def document(*entries: Any) -> str:
    return json.dumps({"version": 1, "findings": list(entries)}, indent=1)


BROKEN: dict[str, tuple[str | bytes, str]] = {
    "no JSON": ("{\n  oops\n}", "2:3: broken JSON"),
    "empty": ("", "1:1: broken JSON"),
    "a list": ("[]", "1:1: the baseline must be an object"),
    "not a number": ('{"version": NaN, "findings": []}', "`NaN` is not a JSON value"),
    "another version": ('{"version": 2, "findings": []}', '`"version"` must be 1'),
    "a huge number": ('{"version": ' + "9" * 10_000 + ', "findings": []}', '`"version"` must be 1'),
    "a key twice": ('{"version": 1, "version": 1, "findings": []}', "the same key twice"),
    "deep": ('{"version": 1, "findings": ' + "[" * 100_000, "nested too deeply"),
    "text for a list": ('{"version": 1, "findings": "x"}', '`"findings"` must be a list'),
    "an entry that is none": (document(ENTRY, {**ENTRY, "rule": 7}), "10:3: entry 2 must be an object of the texts"),
    "one key more": (document({**ENTRY, "x": "y"}), "4:3: entry 1 must be"),
    "no fingerprint": (document({**ENTRY, "fingerprint": "\ud800"}), "entry 1 must be"),
    "a conflict": (f"<<<<<<< HEAD\n{document()}\n=======\n>>>>>>> theirs\n", "1:1: a merge conflict is not resolved"),
    "not UTF-8": (document().encode() + b"\xff", "byte 0xff is not UTF-8"),
    "too large": (document(*[ENTRY | {"message": "x" * 200}] * 100_000), "more than 10,000,000 bytes"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str) -> None:
    text, says = BROKEN[how]
    repo = sample(tmp_path).write(FILE, text)
    for command in ("check", "baseline"):
        code, output = said(repo, capsys, command)
        assert code == 2
        assert f"{FILE}:" in output
        assert says in output


@pytest.mark.slow
def test_a_hundred_thousand_resolved_entries_are_told_in_a_hundred_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    many = [{**ENTRY, "fingerprint": f"{number:016x}", "path": "x", "message": ""} for number in range(100_000)]
    repo = Repo(tmp_path).write("runbooks/README.md", "").write(FILE, json.dumps({"version": 1, "findings": many}))
    code, output = said(repo, capsys, "check")
    assert (code, "100 errors" in output) == (1, True)
    assert "100000 findings resolved and removed, 0 left" in said(repo, capsys, "baseline")[1]


def test_it_is_no_way_out_of_the_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = sample(tmp_path / "repo")
    secret = tmp_path / "secret.json"
    secret.write_text(document(ENTRY))
    (repo.root / FILE).symlink_to(secret)
    assert said(repo, capsys, "baseline")[0] == 2
    assert secret.read_text() == document(ENTRY)
