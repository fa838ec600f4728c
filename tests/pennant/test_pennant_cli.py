"""The command line as an operator meets it."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from pennant import database
from pennant.settings import PennantError, Settings

from .conftest import PENNANT, Cli, all_flags, await_port, free_port


def test_a_deleted_flag_comes_back_from_the_audit_log(pennant: Cli) -> None:
    fields = ("enabled=true", "rollout=70", "description=ash and fire")
    pennant("flag", "create", "phoenix", *fields, "--reason", "first life")
    before = all_flags(pennant).out
    assert "phoenix|ash and fire|t|70" in before
    assert pennant("flag", "delete", "phoenix", "--reason", "burned down").code == 0
    assert "phoenix" not in all_flags(pennant).out
    assert pennant("flag", "recover", "phoenix", "--reason", "rises again").code == 0
    assert all_flags(pennant).out == before
    assert "tester recover phoenix: rises again" in pennant("audit", "--flag", "phoenix").out
    again = pennant("flag", "recover", "phoenix", "--reason", "once more")
    assert (again.code, "already exists" in again.err) == (1, True)
    never = pennant("flag", "recover", "unicorn", "--reason", "a legend")
    assert (never.code, "restore from a backup" in never.err) == (1, True)


def test_a_change_changes_only_what_is_given(pennant: Cli) -> None:
    pennant("flag", "create", "partial", "enabled=true", "rollout=10", "--reason", "begin small")
    changed = pennant("flag", "change", "partial", "rollout=20", "--reason", "grow it")
    assert '"enabled":true,"rollout":20' in changed.out


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["flag", "create", "x"], 2, "--reason"),
        (["flag", "create", "x", "rollout=101", "--reason", "too much"], 1, "rollout: Input should be less"),
        (["flag", "create", "x", "enabled", "--reason", "no value"], 1, "enabled: Input should be a valid boolean"),
        (["flag", "create", "x", "colour=red", "--reason", "no such field"], 1, "colour: Extra inputs"),
        (["flag", "create", "x", "--reason", "no"], 1, "reason: String should have at least 5"),
        (["flag", "change", "absent", "--reason", "not there"], 1, "no flag is called"),
        (["flag", "praise", "x", "--reason", "no such action"], 2, "recover"),
        (["nonsense"], 2, "No such command"),
        (["backup", "verify", "/nowhere.dump"], 1, "never completed"),
        (["token", "revoke"], 2, "actor"),
        (["token", "revoke", "nobody-at-all"], 1, "pennant token list"),
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


def test_unusable_settings_are_named(pennant: Cli) -> None:
    assert "PENNANT_PORT must be a number" in pennant("health", PENNANT_PORT="http").err
    assert "no program psql in /nowhere: set PG_BIN" in pennant("db", "psql", PG_BIN="/nowhere").err
    none = pennant("backup", "list", "--newest", PENNANT_BACKUP_DIR="/nowhere")
    assert (none.code, "pennant backup take" in none.err) == (1, True)


def test_a_port_in_use_is_refused_before_anything_starts(pennant: Cli, elsewhere: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = str(holder.getsockname()[1])
        for command in ("serve", "dev"):
            refused = pennant(command, data=elsewhere, PENNANT_PORT=port)
            assert (refused.code, "Address already in use" in refused.err, port in refused.err) == (1, True, True)
    assert not list(elsewhere.iterdir())


def test_a_long_path_is_refused_with_the_reason(pennant: Cli, elsewhere: Path) -> None:
    (long := elsewhere / ("x" * 90)).mkdir(mode=0o711)
    refused = pennant("db", "start", data=long)
    assert (refused.code, "choose a shorter PENNANT_DATA" in refused.err) == (1, True)


def test_migrating_twice_changes_nothing(pennant: Cli) -> None:
    assert pennant("migrate").out == "nothing to do: the schema is current"


@pytest.mark.usefixtures("home")
def test_an_edited_migration_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "001_flags.sql").write_text("-- edited")
    monkeypatch.setattr(database, "MIGRATIONS", tmp_path)
    with pytest.raises(PennantError, match="001_flags changed after"):
        database.migrate()


def test_an_unmigrated_database_is_explained(home: Settings, pennant: Cli) -> None:
    told = pennant("audit", DATABASE_URL=home.database_url.replace("/pennant?", "/postgres?"))
    assert (told.code, "pennant migrate" in told.err) == (1, True)


@pytest.mark.slow
def test_servers_of_your_own_are_neither_started_nor_stopped(home: Settings, pennant: Cli, elsewhere: Path) -> None:
    port = free_port()
    mine = {"DATABASE_URL": home.database_url, "VALKEY_URL": home.valkey_url, "PENNANT_PORT": str(port)}
    env = os.environ | mine | {"PENNANT_DATA": str(elsewhere)}
    with subprocess.Popen([PENNANT, "dev"], env=env, stdout=subprocess.DEVNULL) as process:
        try:
            await_port(port, process)
            assert httpx.get(f"http://127.0.0.1:{port}/healthz").json()["status"] == "ok"
            process.terminate()
            process.wait(30)
        finally:
            process.kill()
    assert [path.name for path in elsewhere.iterdir()] == ["tokens"]
    assert "already running" in pennant("db", "start").out
    assert "already running" in pennant("cache", "start").out


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_one_command_starts_everything_and_ends_it(elsewhere: Path, end: signal.Signals) -> None:
    port = free_port()
    env = os.environ | {"PENNANT_DATA": str(elsewhere), "PENNANT_PORT": str(port)}
    with subprocess.Popen([PENNANT, "dev"], env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            await_port(port, process)
            said = iter(process.stdout or ())
            token = next(line.strip() for line in said if line.startswith("pnt_"))
            made = httpx.post(
                f"http://127.0.0.1:{port}/flags/hello",
                json={"reason": "first start"},
                headers={"Authorization": f"Bearer {token}"},
            )
            assert made.status_code == 200
            assert httpx.get(f"http://127.0.0.1:{port}/healthz").json()["status"] == "ok"
            process.send_signal(end)
            process.wait(30)
        finally:
            process.kill()
    assert not (elsewhere / "pg" / "postmaster.pid").exists()
    assert not (elsewhere / "run" / ".s.PGSQL.5432").exists()
