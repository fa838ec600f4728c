"""Recovery to a moment, and every way in which it must refuse."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pennant import embedded
from pennant.database import tool
from pennant.settings import Settings

from .conftest import Cli

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Disaster:
    base: Path
    before: str


@pytest.fixture(scope="module")
def disaster(home: Settings) -> Iterator[list[Disaster]]:
    yield []
    shutil.rmtree(home.backups, ignore_errors=True)


@pytest.fixture
def lost(disaster: list[Disaster], pennant: Cli) -> Disaster:
    """A base backup, a precious flag, a moment, and then its deletion."""
    if not disaster:
        base = pennant("wal", "base")
        assert base.code == 0, base.err
        pennant("flag", "set", "precious", "--on", "--rollout", "33", "--reason", "do not lose this")
        time.sleep(0.05)
        moment = datetime.now(UTC).isoformat()
        time.sleep(0.05)
        pennant("flag", "delete", "precious", "--reason", "a mistake, made fast")
        assert pennant("wal", "switch").code == 0
        disaster.append(Disaster(Path(base.out), moment))
    return disaster[0]


def test_recover_to_the_moment_before(lost: Disaster, pennant: Cli, elsewhere: Path) -> None:
    target = elsewhere / "pg"
    done = pennant("wal", "restore", "--to-time", lost.before, "--into", target)
    assert done.code == 0, done.err
    last_change = datetime.fromisoformat(done.out.rsplit(" ", 1)[1])
    assert last_change <= datetime.fromisoformat(lost.before)
    assert not (target / "postmaster.pid").exists()
    assert pennant("flag", "show", "precious").code == 1
    assert pennant("--data", elsewhere, "db", "start").code == 0
    assert '"rollout": 33' in pennant("--data", elsewhere, "flag", "show", "precious").out
    pennant("--data", elsewhere, "wal", "switch")
    assert (elsewhere / "wal" / "00000002.history").exists()  # the next recovery needs it


def test_recover_to_the_end_of_the_archive(lost: Disaster, pennant: Cli, elsewhere: Path) -> None:
    done = pennant("wal", "restore", "--latest", "--base", lost.base, "--into", elsewhere / "pg")
    assert done.code == 0, done.err
    assert pennant("--data", elsewhere, "db", "start").code == 0
    assert "a mistake, made fast" in pennant("--data", elsewhere, "audit", "--flag", "precious").out


def test_a_rehearsal_leaves_no_trace_in_the_archive(
    home: Settings, lost: Disaster, pennant: Cli, elsewhere: Path
) -> None:
    pennant("wal", "restore", "--to-time", lost.before, "--into", elsewhere / "pg")
    assert not list(home.wal_archive.glob("*.history"))


def test_a_missing_segment_is_noticed(home: Settings, lost: Disaster, pennant: Cli, elsewhere: Path) -> None:
    pennant("flag", "set", "later", "--reason", "one more segment")
    pennant("wal", "switch")
    segments = sorted(path for path in home.wal_archive.iterdir() if len(path.name) == 24)
    hidden = elsewhere / "hidden"
    segments[-2].rename(hidden)
    try:
        refused = pennant("wal", "restore", "--latest", "--into", elsewhere / "pg", "--base", lost.base)
        assert (refused.code, "pg_waldump failed" in refused.err) == (1, True)
        assert not (elsewhere / "pg").exists()
    finally:
        hidden.rename(segments[-2])
    assert pennant("wal", "verify", "--base", lost.base).code == 0


def test_a_damaged_base_is_noticed(lost: Disaster, pennant: Cli, elsewhere: Path) -> None:
    copy = elsewhere / lost.base.name
    shutil.copytree(lost.base, copy)
    (copy / "PG_VERSION").write_text("17\n")
    refused = pennant("wal", "restore", "--latest", "--base", copy, "--into", elsewhere / "pg")
    assert (refused.code, "pg_verifybackup failed" in refused.err) == (1, True)


@pytest.mark.usefixtures("lost")
def test_a_time_that_the_archive_does_not_reach(pennant: Cli, elsewhere: Path) -> None:
    refused = pennant("wal", "restore", "--to-time", "2099-01-01T00:00:00Z", "--into", elsewhere / "pg")
    assert refused.code == 1
    assert "take all there is with --latest" in refused.err
    assert not list(elsewhere.iterdir())


@pytest.mark.usefixtures("lost")
def test_a_time_before_every_base(pennant: Cli, elsewhere: Path) -> None:
    refused = pennant("wal", "restore", "--to-time", "2001-01-01T00:00:00Z", "--into", elsewhere / "pg")
    assert (refused.code, "restore a dump instead" in refused.err) == (1, True)


@pytest.mark.usefixtures("lost")
def test_a_target_that_is_not_empty(home: Settings, pennant: Cli) -> None:
    refused = pennant("wal", "restore", "--latest", "--into", home.data / "pg")
    assert (refused.code, "nothing was touched" in refused.err) == (1, True)


@pytest.mark.parametrize("arguments", [["--to-time", "yesterday"], ["--to-time", "2026-11-23T10:00:00"], []])
def test_the_time_must_be_exact(pennant: Cli, elsewhere: Path, arguments: list[str]) -> None:
    assert pennant("wal", "restore", *arguments, "--into", elsewhere / "pg").code == 1


def test_a_new_cluster_does_not_mix_into_an_old_archive(pennant: Cli, elsewhere: Path) -> None:
    (elsewhere / "wal").mkdir()
    (elsewhere / "wal" / "000000010000000000000001").touch()
    refused = pennant("--data", elsewhere, "db", "start")
    assert (refused.code, "an earlier cluster" in refused.err) == (1, True)


def test_without_user_namespaces_it_runs_as_nobody(
    pennant: Cli, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reaches = subprocess.run([*embedded.AS_NOBODY, tool("initdb"), "--version"], capture_output=True, check=False)
    if os.geteuid() != 0 or reaches.returncode != 0:
        pytest.skip("needs root, and a checkout that `nobody` may enter")
    monkeypatch.setattr(embedded, "namespaces_work", lambda: False)
    started = pennant("--data", elsewhere, "db", "start")
    assert started.code == 0, started.err
    assert pennant("--data", elsewhere, "db", "stop").code == 0
