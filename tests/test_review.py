"""A review writes one record and leaves every other byte alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blackstart.freshness.fingerprint import VERSION, is_comparable
from repo import RESTORE, Repo, sample

PAGE = "runbooks/restore.md"
ROOT = Path(__file__).parents[1]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return sample(tmp_path)


def review(repo: Repo, note: str = "pool size only; no step changes", *more: str) -> int:
    return repo.blackstart("review", PAGE, "-m", note, "--by", "ann", *more)


def without_record(text: str) -> str:
    return re.sub(r"^reviewed:.*?(?=^\S)", "", text, flags=re.DOTALL | re.MULTILINE)


def record_of(text: str) -> dict[str, object]:
    front = yaml.load(text.replace("\r\n", "\n").lstrip("\ufeff").split("---\n")[1], Loader=yaml.BaseLoader)  # noqa: S506 - all text
    record: dict[str, object] = front["reviewed"]
    return record


def test_the_record_has_day_person_reason_and_fingerprints(repo: Repo) -> None:
    assert review(repo) == 0
    record = record_of(repo.read(PAGE))
    assert list(record) == ["on", "by", "note", "seen"]
    assert (record["by"], record["note"]) == ("ann", "pool size only; no step changes")
    assert re.fullmatch(rf"\{{'app/backup.py': '{VERSION}\.[0-9a-f]{{10}}'\}}", str(record["seen"]))


def test_everything_else_stays_byte_for_byte(repo: Repo) -> None:
    assert review(repo) == 0
    assert without_record(repo.read(PAGE)) == RESTORE


def test_a_second_review_replaces_the_first_where_it_stands(repo: Repo) -> None:
    review(repo, "first")
    text = repo.read(PAGE).replace("---\n\n# Restore", "alerts: [X]\n---\n\n# Restore")
    repo.write(PAGE, text)
    review(repo, "second: it's “fine”")
    assert record_of(repo.read(PAGE))["note"] == "second: it's “fine”"
    assert repo.read(PAGE).index("alerts: [X]") > repo.read(PAGE).index("reviewed:")
    assert without_record(repo.read(PAGE)) == without_record(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n", "\r\n"),
        ("---\ntitle", "\ufeff---\ntitle"),
        ("owner: platform", "# who\nowner:   platform  # the team"),
        ("Run the restore.\n", "Run the restore."),
        ("title: Restore the database", "title: Größer wiederherstellen"),
    ],
    ids=["crlf", "bom", "comments", "no-final-newline", "non-ascii"],
)
def test_unusual_files_keep_their_bytes(repo: Repo, old: str, new: str) -> None:
    text = RESTORE.replace(old, new)
    repo.write(PAGE, text)
    assert review(repo) == 0
    assert without_record(repo.read(PAGE)) == text
    assert ("\r\n" in repo.read(PAGE)) == ("\r\n" in text)
    assert repo.read(PAGE).count("\n") - repo.read(PAGE).count("\r\n") in (0, repo.read(PAGE).count("\n"))
    assert repo.blackstart("check", "--select", "freshness") == 0


def test_front_matter_in_one_line_is_refused_and_untouched(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    text = "---\n{title: T, kind: restore, component: db, owner: o, covers: [app/backup.py]}\n---\n# T\n"
    repo.write(PAGE, text)
    assert review(repo) == 2
    assert "Write it as plain `key: value` lines" in capsys.readouterr().err
    assert repo.read(PAGE) == text


def test_it_shows_what_nobody_has_read(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.replace("app/backup.py", '"backups"', '"elsewhere"').commit("Move the bucket")
    capsys.readouterr()
    assert review(repo) == 0
    shown = capsys.readouterr().out
    assert "Ann Author: Move the bucket" in shown
    assert '-BUCKET = "backups"' in shown
    assert '+BUCKET = "elsewhere"' in shown


def test_noise_is_not_shown(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    text = repo.read("app/backup.py")
    repo.write("app/backup.py", "# a comment\n\n" + text.replace("Take one.", "Take two.").replace('"backups"', '"b"'))
    repo.write("app/backup.py", repo.read("app/backup.py").replace("\n", "   \n")).commit("Change one thing")
    capsys.readouterr()
    assert review(repo) == 0
    assert capsys.readouterr().out.split("\n")[2:6] == [
        "  app/backup.py:3",
        '  -BUCKET = "backups"',
        '  +BUCKET = "b"',
        "   def take_backup():",
    ]


def test_what_is_new_gone_or_runnable(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.replace(PAGE, "app/backup.py", "app/*").write("app/old.py", "OLD = 1\n").commit("Cover all")
    repo.git("rm", "-q", "app/old.py")
    repo.write("app/new.py", "NEW = 1\n")
    (repo.root / "app/backup.py").chmod(0o755)
    repo.commit("Change everything")
    capsys.readouterr()
    assert review(repo) == 0
    shown = capsys.readouterr().out.split("\n")
    assert "  app/backup.py: 100644 is 100755 now" in shown
    assert shown[shown.index("  app/new.py:1") + 1] == "  +NEW = 1"
    assert shown[shown.index("  app/old.py:1") + 1] == "  -OLD = 1"


def test_the_author_comes_from_git(repo: Repo) -> None:
    assert repo.blackstart("review", PAGE, "-m", "read") == 0
    assert record_of(repo.read(PAGE))["by"] == "Ann Author"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("app/backup.py", "app/gone.py", "`app/gone.py` matches nothing"),
        ("owner: platform\n", "", "`owner` is missing"),
        ("app/backup.py", "../etc", "the path must stay inside"),
    ],
)
def test_a_broken_runbook_cannot_be_reviewed(
    repo: Repo, capsys: pytest.CaptureFixture[str], old: str, new: str, says: str
) -> None:
    repo.replace(PAGE, old, new)
    before = repo.read(PAGE)
    assert review(repo) == 2
    assert repo.read(PAGE) == before
    repo.blackstart("check", PAGE)
    captured = capsys.readouterr()
    assert says in captured.err + captured.out


@pytest.mark.parametrize("note", ["", "   ", "x" * 301])
def test_a_review_needs_a_reason(repo: Repo, note: str) -> None:
    assert review(repo, note) == 2
    assert repo.read(PAGE) == RESTORE


def test_without_a_reason_and_a_terminal_it_asks_for_one(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert repo.blackstart("review", PAGE) == 2
    assert "say why the runbook holds" in capsys.readouterr().err


@pytest.mark.parametrize("page", sorted((ROOT / "runbooks").glob("*/*.md")), ids=lambda page: page.stem)
def test_our_own_records_hold_without_history(page: Path) -> None:
    """Whoever raises fingerprint.VERSION records our reviews anew, or a shallow clone cannot build the site."""
    seen = record_of(page.read_text(encoding="utf-8"))["seen"]
    assert isinstance(seen, dict)
    assert all(is_comparable(fingerprint) for fingerprint in seen.values())


def test_only_named_runbooks_are_reviewed(repo: Repo) -> None:
    assert repo.blackstart("review", "runbooks", "-m", "all of them") == 2
    assert repo.blackstart("review", "-m", "all of them") == 2


def test_it_refuses_to_silence_a_contradiction(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.replace(PAGE, "Run the restore.", "Run `take_backup`.").commit("Say how")
    repo.replace("app/backup.py", "take_backup", "take_dump").commit("Rename it")
    before = repo.read(PAGE)
    assert review(repo) == 2
    assert "restore.md:14:9: `take_backup` is no longer in `app/backup.py`, which has `take_dump` instead" in (
        capsys.readouterr().err
    )
    assert repo.read(PAGE) == before
    repo.replace(PAGE, "take_backup", "take_dump")
    assert review(repo) == 0


def test_it_shows_the_lines_that_speak_of_the_change(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.replace(PAGE, "Run the restore.", "Run `take_backup`.\n2. Run `other_thing`.").commit("Say how")
    repo.replace("app/backup.py", "def take_backup():", "def take_backup(to=None):").commit("Add a parameter")
    capsys.readouterr()
    assert review(repo) == 0
    assert "  this runbook names the same things here:\n  runbooks/restore.md:14: 1. Run `take_backup`.\nrecorded" in (
        capsys.readouterr().out
    )


def test_one_anchor_of_two(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("app/other.py", "X = 1\n").replace(PAGE, "  - app/backup.py\n", "  - app/backup.py\n  - app/other.py\n")
    repo.commit("Cover another")
    repo.replace("app/backup.py", "backups", "elsewhere").replace("app/other.py", "1", "2").commit("Change both")
    assert review(repo, "read", "--anchor", "app/other.py") == 0
    seen = record_of(repo.read(PAGE))["seen"]
    assert isinstance(seen, dict)
    assert list(seen) == ["app/other.py"]
    repo.commit("Review")
    capsys.readouterr()
    assert repo.blackstart("check", "--select", "freshness") == 1
    assert "other.py" not in capsys.readouterr().out
    assert review(repo, "read", "--anchor", "app/backup.py") == 0
    assert repo.blackstart("check", "--select", "freshness") == 0
    assert review(repo, "read", "--anchor", "app/bakcup.py") == 2
    assert "covers no `app/bakcup.py`, did you mean `app/backup.py`?" in capsys.readouterr().err


@pytest.mark.slow
@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(note=st.text(min_size=1, max_size=80), by=st.text(min_size=1, max_size=30))
def test_any_reason_is_kept_or_refused_and_never_breaks_the_page(repo: Repo, note: str, by: str) -> None:
    repo.write(PAGE, RESTORE)
    code = repo.blackstart("review", PAGE, "-m", note, "--by", by)
    assert code in (0, 2)
    if code == 2:
        assert repo.read(PAGE) == RESTORE
        return
    assert record_of(repo.read(PAGE))["note"] == " ".join(note.split())
    assert repo.blackstart("check", "--select", "freshness,front-matter") in (0, 1)
    assert without_record(repo.read(PAGE)) == RESTORE
