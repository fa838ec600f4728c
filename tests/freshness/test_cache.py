"""The cache makes the next run quick and changes no verdict, whatever state its file is in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from blackstart.freshness.cache import Cache
from blackstart.runbook import parse_runbook
from repo import Repo, sample


def cached(repo: Repo) -> Path:
    return repo.root / ".git/blackstart/past"


def verdict(repo: Repo, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = repo.blackstart("check", "--select", "freshness", "--format", "json")
    return code, capsys.readouterr().out


@pytest.fixture
def stale(tmp_path: Path) -> Repo:
    repo = sample(tmp_path)
    repo.replace("app/backup.py", "backups", "elsewhere").commit("Move")
    return repo


def test_a_second_run_says_the_same(stale: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    first = verdict(stale, capsys)
    assert cached(stale).exists()
    assert verdict(stale, capsys) == first


@pytest.mark.parametrize("damage", [b"", b"\0", b"{}", b"x 0\n{}", b"\xff\xfe\n[]"])
def test_a_damaged_file_is_made_anew(stale: Repo, damage: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    first = verdict(stale, capsys)
    whole = cached(stale).read_bytes()
    cached(stale).write_bytes(damage)
    assert verdict(stale, capsys) == first
    assert cached(stale).read_bytes() == whole


def test_a_changed_answer_is_noticed(stale: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    first = verdict(stale, capsys)
    file = cached(stale)
    file.write_bytes(file.read_bytes().replace(b"creation", b"review  "))
    assert verdict(stale, capsys) == first


def test_no_cache_can_be_written(stale: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    cached(stale).parent.write_text("in the way")
    assert verdict(stale, capsys)[0] == 1


def test_a_checkout_brings_no_cache(stale: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    verdict(stale, capsys)
    stale.write("blackstart/past", cached(stale).read_bytes()).commit("Smuggle")
    copy = stale.clone(stale.root.parent / f"{stale.root.name}-copy")
    assert not cached(copy).exists()
    assert verdict(copy, capsys)[0] == 1


def test_two_roots_of_one_repository_do_not_mix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Repo(tmp_path).init()
    for name in ("one", "two"):
        inner = sample(tmp_path / "scratch" / name)
        for path in ("app/backup.py", "runbooks/restore.md", "blackstart.yml"):
            repo.write(f"{name}/{path}", inner.read(path))
    repo.write(".gitignore", "scratch\n").commit("Both")
    repo.replace("two/app/backup.py", "backups", "elsewhere").commit("Change two")
    one, two = Repo(tmp_path / "one"), Repo(tmp_path / "two")
    assert [verdict(one, capsys)[0], verdict(two, capsys)[0], verdict(one, capsys)[0]] == [0, 1, 0]


def test_old_entries_go(tmp_path: Path) -> None:
    for number in range(9):
        cache = Cache(tmp_path / "cache", kept=2)
        cache.put(f"key {number}", "value")
        cache.save()
    last = Cache(tmp_path / "cache")
    assert [number for number in range(9) if last.get(f"key {number}")] == [6, 7, 8]


def test_a_narrow_run_knows_who_covers_a_file_now(stale: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    def concerned(path: str) -> int:
        stale.blackstart("check", "--format", "json", path)
        count: int = json.loads(capsys.readouterr().out)["checked"]["runbooks"]
        return count

    stale.write("app/other.py", "x = 1\n")
    assert [concerned("app/backup.py"), concerned("app/backup.py"), concerned("app/other.py")] == [1, 1, 0]
    stale.replace("runbooks/restore.md", "app/backup.py", "app/other.py")
    assert [concerned("app/backup.py"), concerned("app/other.py")] == [0, 1]
    stale.git("checkout", "-q", "runbooks/restore.md")
    assert [concerned("app/backup.py"), concerned("app/other.py")] == [1, 0]


def test_a_full_run_judges_the_front_matter_as_it_is_now(
    stale: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blackstart.library._FEW", 0)
    first = verdict(stale, capsys)
    assert (cached(stale).parent / "front").exists()
    assert verdict(stale, capsys) == first
    stale.replace("runbooks/restore.md", "  - app/backup.py", "  - app/gone.py")
    assert "app/gone.py" in verdict(stale, capsys)[1]


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-01",
        "2026-01-01 10:00:00",
        '{"\\0date": 2026-01-01}',
        '{"\\0date": "2026-01-01"}',
        "[.nan, .inf, 1e3, 1.0, 1, -0.0, true, ~, 0x1F, 1:30]",
        "{1: ü, on: '1', 'x y': [[], {}]}",
    ],
)
def test_front_matter_comes_back_as_it_was(value: str) -> None:
    cache, text = Cache(), f"---\nx: {value}\n---\n".encode()
    for _ in range(2):
        runbook = parse_runbook("a.md", text)
        runbook.recall(cache)
        assert repr(runbook.yaml.data) == repr(parse_runbook("a.md", text).yaml.data)
        assert runbook.yaml.mark(("x",)) == parse_runbook("a.md", text).yaml.mark(("x",))
