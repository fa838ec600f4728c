"""The `pennant` command: everything that a runbook asks for."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import uvicorn

from pennant import __version__, backup, database, embedded, migrate, tokens
from pennant.app import create_app
from pennant.cache import Cache
from pennant.database import connection, tool
from pennant.errors import PennantError
from pennant.operate_commands import audit, flag, status_group, token
from pennant.options import PATH, as_json, refresh_cache, say
from pennant.recover_commands import backup_group, wal_group
from pennant.settings import Settings, from_environment


def main(argv: Sequence[str] | None = None) -> int:
    try:
        code = cli.main(args=argv, prog_name="pennant", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (PennantError, OSError) as error:
        say(f"pennant: {error}", err=True)
        return 1
    except (KeyboardInterrupt, click.Abort):
        return 130
    except Exception as error:
        if os.environ.get("PENNANT_DEBUG"):
            raise
        say(f"pennant: a bug of ours: {error!r}; PENNANT_DEBUG=1 shows where", err=True)
        return 3


@click.group()
@click.option("--data", type=PATH, help="Like PENNANT_DATA; default: ./pennant-data")
@click.version_option(__version__)
@click.pass_context
def cli(ctx: click.Context, data: Path | None) -> None:
    """Feature flags on PostgreSQL and Valkey, easy to recover."""
    ctx.obj = from_environment({**os.environ, **({"PENNANT_DATA": str(data)} if data else {})})


@cli.command()
@click.pass_obj
def dev(settings: Settings) -> None:
    """Start everything: PostgreSQL, Valkey, schema, API. Ctrl-C stops it all."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # its default would skip the cleaning up
    with embedded.running(settings):
        migrate.migrate(settings.database_url)
        token_file = settings.data / "dev-token"
        if not tokens.load(settings.tokens):
            backup.write_atomically(token_file, tokens.add(settings.tokens, "dev") + "\n")
        say(f"API           {settings.url}  (token: {token_file})")
        say(f"DATABASE_URL  {settings.database_url}\nVALKEY_URL    {settings.valkey_url}")
        _serve(settings)


@cli.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Serve the API. It starts, and says what is degraded, even when the database is away."""
    _serve(settings)


def _serve(settings: Settings) -> None:
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port, log_level="warning")


@cli.command("migrate")
@click.pass_obj
def migrate_command(settings: Settings) -> None:
    """Bring the schema up to date."""
    done = migrate.migrate(settings.database_url)
    say("\n".join(f"applied {name}" for name in done) or "nothing to do: the schema is current")


@cli.command()
@click.option("--wait", type=float, default=0, help="Seconds to wait for an acceptable state.")
@click.option("--allow-degraded", is_flag=True, help="Exit 0 also when degraded.")
@as_json
@click.pass_obj
def health(settings: Settings, wait: float, allow_degraded: bool, as_json: bool) -> int:
    """Ask the running service how it is. Exit 0: ok, 1: degraded, down or unreachable."""
    deadline = time.monotonic() + wait
    while True:
        found = _ask_health(settings.url)
        good = found["status"] in (("ok", "degraded") if allow_degraded else ("ok",))
        if good or time.monotonic() >= deadline:
            break
        time.sleep(0.2)
    say(json.dumps(found, indent=2) if as_json else _describe(found))
    return 0 if good else 1


def _ask_health(url: str) -> dict[str, Any]:
    try:
        try:
            answer = urllib.request.urlopen(f"{url}/healthz", timeout=5)  # noqa: S310 our own URL
        except urllib.error.HTTPError as error:
            answer = error
        found: dict[str, Any] = json.load(answer)
        return found
    except (OSError, ValueError) as error:
        return {"status": "unreachable", "serving": f"nothing at {url}: {error}", "checks": {}}


def _describe(found: dict[str, Any]) -> str:
    lines = [f"status: {found['status']}", f"serving: {found['serving']}"]
    for name, check in found["checks"].items():
        detail = f"  {check.get('error', '')} {check.get('effect', '')}".rstrip()
        lines.append(f"{'ok  ' if check['ok'] else 'FAIL'} {name}{detail}")
    return "\n".join(lines)


@cli.group()
def db() -> None:
    """The database: the embedded server's start and stop, new databases, psql."""


@db.command("start")
@click.pass_obj
def db_start(settings: Settings) -> None:
    """Start the embedded PostgreSQL in the background."""
    started = embedded.start_database(settings)
    say(f"{'started' if started else 'already running'}: {settings.database_url}")


@db.command("stop")
@click.pass_obj
def db_stop(settings: Settings) -> None:
    """Stop the embedded PostgreSQL."""
    embedded.stop_postgres(settings.data / "pg")
    say("stopped")


@db.command("create")
@click.argument("name")
@click.pass_obj
def db_create(settings: Settings, name: str) -> None:
    """Create the empty database NAME on our server, to restore into."""
    database.create(settings.database_url, name)
    say(f"created {name}")


@db.command("swap")
@click.argument("name")
@click.pass_obj
def db_swap(settings: Settings, name: str) -> None:
    """Put the restored database NAME in the place of ours, which is kept."""
    kept = database.swap(settings.database_url, name)
    refresh_cache(settings)
    say(f"{name} is live" + (f"; the former database is kept as {kept}" if kept else ""))


@db.command("psql", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def db_psql(settings: Settings, arguments: tuple[str, ...]) -> int:
    """Run psql on our database; a failing statement fails the command."""
    target, env = connection(settings.database_url)
    command = [tool("psql"), *target, "--no-psqlrc", "--set=ON_ERROR_STOP=1", *arguments]
    return subprocess.run(command, env=env, check=False).returncode


@cli.group()
def cache() -> None:
    """The read cache, which may be lost at any time."""


@cache.command("start")
@click.pass_obj
def cache_start(settings: Settings) -> None:
    """Start the embedded Valkey in the background."""
    started = embedded.start_cache(settings)
    say(f"{'started' if started else 'already running'}: {settings.valkey_url}")


@cache.command("stop")
@click.pass_obj
def cache_stop(settings: Settings) -> None:
    """Stop the embedded Valkey."""
    embedded.stop_cache(settings)
    say("stopped")


@cache.command("flush")
@click.pass_obj
def cache_flush(settings: Settings) -> None:
    """Forget the cached copy; the next read fetches it from PostgreSQL."""
    Cache(settings.valkey_url).flush()
    say("flushed")


for command in (flag, audit, token, status_group, backup_group, wal_group):
    cli.add_command(command)


if __name__ == "__main__":
    sys.exit(main())
