"""The command line as an operator meets it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from pennant import migrate
from pennant.errors import Conflict
from pennant.settings import Settings

from .conftest import Cli, await_port, free_port


def test_a_deleted_flag_comes_back_from_the_audit_log(pennant: Cli) -> None:
    pennant("flag", "set", "phoenix", "--on", "--rollout", "70", "--description", "ash", "--reason", "first life")
    before = pennant("flag", "show", "phoenix").out
    assert pennant("flag", "delete", "phoenix", "--reason", "burned down").code == 0
    assert pennant("flag", "show", "phoenix").code == 1
    assert pennant("flag", "recover", "phoenix", "--reason", "rises again").code == 0
    assert pennant("flag", "show", "phoenix").out == before
    assert "tester recover phoenix: rises again" in pennant("audit", "--flag", "phoenix").out
    again = pennant("flag", "recover", "phoenix", "--reason", "once more")
    assert (again.code, "already exists" in again.err) == (1, True)
    never = pennant("flag", "recover", "unicorn", "--reason", "a legend")
    assert (never.code, "restore from a backup" in never.err) == (1, True)


def test_set_changes_only_what_is_given(pennant: Cli) -> None:
    pennant("flag", "set", "partial", "--on", "--rollout", "10", "--reason", "begin small")
    assert pennant("flag", "set", "partial", "--rollout", "20", "--reason", "grow it").out.startswith("partial")
    assert '"enabled": true,\n  "rollout": 20' in pennant("flag", "show", "partial").out


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["flag", "set", "x"], 2, "--reason"),
        (["flag", "set", "x", "--rollout", "101", "--reason", "too much"], 1, "0 to 100"),
        (["flag", "set", "x", "--reason", "no"], 1, "5 to 500"),
        (["flag", "show", "absent"], 1, "pennant flag list"),
        (["nonsense"], 2, "No such command"),
        (["backup", "verify", "/nowhere.dump"], 1, "does not exist"),
        (["backup", "list", "--newest", "--from", "/nowhere"], 1, "pennant backup take"),
        (["token", "revoke"], 1, "--all"),
        (["token", "add", "Not Ok"], 1, "an actor is"),
        (["db", "psql", "--", "-c", "SELECT 1/0"], 1, "division by zero"),
        (["status", "post", "--state", "fine", "--message", "all is well"], 2, "investigating"),
        (["health"], 1, ""),
    ],
)
def test_errors_say_what_to_do(pennant: Cli, arguments: list[str], code: int, expected: str) -> None:
    outcome = pennant(*arguments)
    assert (outcome.code, expected in outcome.err) == (code, True), outcome
    assert "Traceback" not in outcome.err


def test_unusable_settings_are_named(pennant: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENNANT_PORT", "http")
    assert "PENNANT_PORT must be a number" in pennant("flag", "list").err
    monkeypatch.delenv("PENNANT_PORT")
    monkeypatch.setenv("PG_BIN", "/nowhere")
    assert "PG_BIN=/nowhere" in pennant("db", "psql").err


def test_a_long_path_is_refused_with_the_reason(pennant: Cli, elsewhere: Path) -> None:
    (long := elsewhere / ("x" * 90)).mkdir(mode=0o711)
    refused = pennant("--data", long, "db", "start")
    assert (refused.code, "choose a shorter PENNANT_DATA" in refused.err) == (1, True)


def test_migrating_twice_changes_nothing(pennant: Cli) -> None:
    assert pennant("migrate").out == "nothing to do: the schema is current"


def test_an_edited_migration_is_refused(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    edited = [migrate.Migration(m.name, m.sql + "-- edited") for m in migrate.known()]
    monkeypatch.setattr(migrate, "known", lambda: edited)
    with pytest.raises(Conflict, match="001_flags changed after"):
        migrate.migrate(home.database_url)


def test_an_unmigrated_database_is_explained(home: Settings, pennant: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", home.database_url.replace("/pennant?", "/postgres?"))
    told = pennant("flag", "list")
    assert (told.code, "pennant migrate" in told.err) == (1, True)


def test_cache_flush_and_wal_status(pennant: Cli) -> None:
    assert pennant("cache", "flush").out == "flushed"
    assert "archived_count" in pennant("wal", "status").out


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_one_command_starts_everything_and_ends_it(elsewhere: Path, end: signal.Signals) -> None:
    port = free_port()
    env = os.environ | {"PENNANT_DATA": str(elsewhere), "PENNANT_PORT": str(port)}
    with subprocess.Popen([sys.executable, "-m", "pennant", "dev"], env=env, stdout=subprocess.PIPE) as process:
        try:
            await_port(port, process)
            token = (elsewhere / "dev-token").read_text().strip()
            made = httpx.post(
                f"http://127.0.0.1:{port}/flags",
                json={"name": "hello", "reason": "first start"},
                headers={"Authorization": f"Bearer {token}"},
            )
            assert made.status_code == 201
            assert httpx.get(f"http://127.0.0.1:{port}/healthz").json()["status"] == "ok"
            process.send_signal(end)
            process.wait(30)
        finally:
            process.kill()
    assert not (elsewhere / "pg" / "postmaster.pid").exists()
    assert not (elsewhere / "run" / ".s.PGSQL.5432").exists()
