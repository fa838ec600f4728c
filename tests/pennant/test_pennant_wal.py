"""Recovery to a moment, and every way in which it must refuse."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pennant import embedded
from pennant.database import tool
from pennant.settings import Settings

from .conftest import Cli, all_flags

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Disaster:
    base: Path
    before: str


def archive_now(pennant: Cli, archive: Path, **settings: Any) -> None:
    """Close the current segment, and wait until it is archived."""
    closed = pennant("db", "psql", "--", "-Atc", "SELECT pg_walfile_name(pg_switch_wal())", **settings)
    assert closed.code == 0, closed.err
    for _ in range(300):
        if (archive / closed.out).exists():
            return
        time.sleep(0.1)
    raise AssertionError(f"{closed.out} was not archived")


@pytest.fixture(scope="module")
def disaster(home: Settings) -> Iterator[list[Disaster]]:
    yield []
    shutil.rmtree(home.backup_dir, ignore_errors=True)


@pytest.fixture
def lost(disaster: list[Disaster], home: Settings, pennant: Cli) -> Disaster:
    """A base backup, a precious flag, a moment, and then its deletion."""
    if not disaster:
        base = pennant("wal", "base")
        assert base.code == 0, base.err
        pennant("flag", "create", "precious", "enabled=true", "rollout=33", "--reason", "do not lose this")
        time.sleep(0.05)
        moment = datetime.now(UTC).isoformat()
        time.sleep(0.05)
        pennant("flag", "delete", "precious", "--reason", "a mistake, made fast")
        archive_now(pennant, home.wal_dir)
        disaster.append(Disaster(Path(base.out.splitlines()[-1]), moment))
    return disaster[0]


def test_recover_to_the_moment_before(lost: Disaster, pennant: Cli, elsewhere: Path) -> None:
    target = elsewhere / "pg"
    done = pennant("wal", "restore", "--to-time", lost.before, "--into", target)
    assert done.code == 0, done.err
    last_change = datetime.fromisoformat(done.out.split("last change: ")[1].splitlines()[0])
    assert last_change <= datetime.fromisoformat(lost.before)
    assert not (target / "postmaster.pid").exists()
    assert "precious" not in all_flags(pennant).out
    assert pennant("db", "start", data=elsewhere).code == 0
    assert "precious||t|33" in all_flags(pennant, data=elsewhere).out
    archive_now(pennant, elsewhere / "wal", data=elsewhere)
    assert (elsewhere / "wal" / "00000002.history").exists()  # the next recovery needs it


def test_recover_to_the_end_of_the_archive(lost: Disaster, pennant: Cli, elsewhere: Path) -> None:
    done = pennant("wal", "restore", "--to-time", "latest", "--base", lost.base, "--into", elsewhere / "pg")
    assert done.code == 0, done.err
    assert pennant("db", "start", data=elsewhere).code == 0
    assert "a mistake, made fast" in pennant("audit", "--flag", "precious", data=elsewhere).out


def test_a_rehearsal_leaves_no_trace_in_the_archive(
    home: Settings, lost: Disaster, pennant: Cli, elsewhere: Path
) -> None:
    pennant("wal", "restore", "--to-time", lost.before, "--into", elsewhere / "pg")
    assert not list(home.wal_dir.glob("*.history"))


def test_a_missing_segment_is_noticed(home: Settings, lost: Disaster, pennant: Cli, elsewhere: Path) -> None:
    pennant("flag", "create", "later", "--reason", "one more segment")
    archive_now(pennant, home.wal_dir)
    segments = sorted(path for path in home.wal_dir.iterdir() if len(path.name) == 24)
    hidden = elsewhere / "hidden"
    segments[-2].rename(hidden)
    try:
        refused = pennant("wal", "restore", "--to-time", "latest", "--into", elsewhere / "pg", "--base", lost.base)
        assert (refused.code, "pg_waldump failed" in refused.err) == (1, True)
        assert not (elsewhere / "pg").exists()
    finally:
        hidden.rename(segments[-2])
    assert pennant("wal", "verify", "--base", lost.base).code == 0


def test_a_damaged_base_is_noticed(lost: Disaster, pennant: Cli, elsewhere: Path) -> None:
    copy = elsewhere / lost.base.name
    shutil.copytree(lost.base, copy)
    (copy / "PG_VERSION").write_text("17\n")
    refused = pennant("wal", "restore", "--to-time", "latest", "--base", copy, "--into", elsewhere / "pg")
    assert (refused.code, "pg_verifybackup failed" in refused.err) == (1, True)


@pytest.mark.usefixtures("lost")
def test_a_time_that_the_archive_does_not_reach(pennant: Cli, elsewhere: Path) -> None:
    refused = pennant("wal", "restore", "--to-time", "2099-01-01T00:00:00Z", "--into", elsewhere / "pg")
    assert refused.code == 1
    assert "before configured recovery target" in refused.err
    assert not list(elsewhere.iterdir())


@pytest.mark.usefixtures("lost")
def test_a_time_before_every_base(pennant: Cli, elsewhere: Path) -> None:
    refused = pennant("wal", "restore", "--to-time", "2001-01-01T00:00:00Z", "--into", elsewhere / "pg")
    assert (refused.code, "restore a dump instead" in refused.err) == (1, True)


@pytest.mark.usefixtures("lost")
def test_a_target_that_is_not_empty(home: Settings, pennant: Cli) -> None:
    refused = pennant("wal", "restore", "--to-time", "latest", "--into", home.data / "pg")
    assert (refused.code, "nothing was touched" in refused.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [(["--to-time", "yesterday"], "valid"), (["--to-time", "2026-11-23T10:00:00"], "timezone"), ([], "--to-time")],
)
def test_the_time_must_be_exact(pennant: Cli, elsewhere: Path, arguments: list[str], expected: str) -> None:
    refused = pennant("wal", "restore", *arguments, "--into", elsewhere / "pg")
    assert (refused.code != 0, expected in refused.err) == (True, True)


def test_a_new_cluster_does_not_mix_into_an_old_archive(pennant: Cli, elsewhere: Path) -> None:
    (elsewhere / "wal").mkdir()
    (elsewhere / "wal" / "000000010000000000000001").touch()
    refused = pennant("db", "start", data=elsewhere)
    assert (refused.code, "an earlier cluster" in refused.err) == (1, True)


def test_without_user_namespaces_it_runs_as_nobody(
    pennant: Cli, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reaches = subprocess.run([*embedded.AS_NOBODY, tool("initdb"), "--version"], capture_output=True, check=False)
    if os.geteuid() != 0 or reaches.returncode != 0:
        pytest.skip("needs root, and a checkout that `nobody` may enter")
    monkeypatch.setattr(embedded, "unprivileged", lambda: embedded.AS_NOBODY)
    started = pennant("db", "start", data=elsewhere)
    assert started.code == 0, started.err
    assert pennant("db", "stop", data=elsewhere).code == 0
