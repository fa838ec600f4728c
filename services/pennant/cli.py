"""The `pennant` command: everything that a runbook asks for. Flags are changed in PostgreSQL
directly, so these commands work while the API is down.
"""

import getpass
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import uvicorn
from psycopg.conninfo import make_conninfo

from pennant import __version__, backup, database, embedded, flags, migrate, status, tokens, wal
from pennant.app import create_app
from pennant.cache import Cache
from pennant.database import connect, connection, tool
from pennant.errors import InvalidInput, PennantError
from pennant.flags import Because, Flag
from pennant.reads import Reads
from pennant.settings import Settings, from_environment

say = click.echo
reason = click.option("--reason", required=True, help="Why. It lands in the audit log.")
as_json = click.option("--json", "as_json", is_flag=True, help="For programs.")
PATH = click.Path(path_type=Path)


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


def _because(why: str) -> Because:
    return Because(os.environ.get("PENNANT_ACTOR") or getpass.getuser(), why)


def _refresh_cache(settings: Settings) -> None:
    try:
        Reads(settings).refresh()
    except PennantError as error:
        say(f"note: the cache was not refreshed: {error}", err=True)


# ── run ──────────────────────────────────────────────────────────────────────


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


# ── servers ──────────────────────────────────────────────────────────────────


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
    _refresh_cache(settings)
    say(f"{name} is live; the former database is kept as {kept}" if kept else f"{name} is live")


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


# ── flags ────────────────────────────────────────────────────────────────────


@cli.group()
def flag() -> None:
    """Read and change flags in PostgreSQL, without the API."""


def _line(f: Flag) -> str:
    state = f"on for {f.rollout} %" if f.enabled else "off"
    return f"{f.name:<30} {state:<12} {f.description}".rstrip()


@flag.command("list")
@as_json
@click.pass_obj
def flag_list(settings: Settings, as_json: bool) -> None:
    """Show all flags."""
    with connect(settings.database_url) as conn:
        found = flags.every(conn).values()
    say(json.dumps([asdict(f) for f in found]) if as_json else "\n".join(map(_line, found)))


@flag.command("show")
@click.argument("name")
@click.pass_obj
def flag_show(settings: Settings, name: str) -> None:
    """Show one flag, as JSON."""
    with connect(settings.database_url) as conn:
        say(json.dumps(asdict(flags.find(conn, name)), indent=2))


@flag.command("set")
@click.argument("name")
@click.option("--on/--off", "enabled", default=None)
@click.option("--rollout", type=int, help="Per cent of keys, 0 to 100.")
@click.option("--description")
@reason
@click.pass_obj
def flag_set(settings: Settings, /, name: str, reason: str, **given: Any) -> None:
    """Create a flag, or change the given fields of it."""
    wanted = {key: value for key, value in given.items() if value is not None}
    with connect(settings.database_url) as conn:
        if name in flags.every(conn):
            done = flags.change(conn, name, wanted, _because(reason))
        else:
            done = flags.create(conn, Flag(name, **wanted), _because(reason))
    _refresh_cache(settings)
    say(_line(done))


@flag.command("delete")
@click.argument("name")
@reason
@click.pass_obj
def flag_delete(settings: Settings, name: str, reason: str) -> None:
    """Delete a flag; `flag recover` brings it back."""
    with connect(settings.database_url) as conn:
        flags.delete(conn, name, _because(reason))
    _refresh_cache(settings)
    say(f"deleted {name}; undo: pennant flag recover {name} --reason '...'")


@flag.command("recover")
@click.argument("name")
@reason
@click.pass_obj
def flag_recover(settings: Settings, name: str, reason: str) -> None:
    """Create a deleted flag again, as the audit log last saw it."""
    with connect(settings.database_url) as conn:
        done = flags.recover(conn, name, _because(reason))
    _refresh_cache(settings)
    say(_line(done))


@cli.command()
@click.option("--flag", help="Only this flag.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50)
@as_json
@click.pass_obj
def audit(settings: Settings, flag: str | None, limit: int, as_json: bool) -> None:
    """Who changed what, when and why; newest first."""
    with connect(settings.database_url) as conn:
        entries = flags.audit(conn, flag, limit)
    if as_json:
        say(json.dumps([{**e, "at": e["at"].isoformat()} for e in entries], indent=2))
        return
    for e in entries:
        say(f"{e['at']:%Y-%m-%dT%H:%M:%S.%fZ} {e['actor']} {e['action']} {e['flag']}: {e['reason']}")


# ── backup ───────────────────────────────────────────────────────────────────


@cli.group("backup")
def backup_group() -> None:
    """Full dumps with manifests."""


def _rows(tables: dict[str, backup.Proof]) -> str:
    return ", ".join(f"{name} {proof.rows}" for name, proof in tables.items())


@backup_group.command("take")
@click.option("--to", "folder", type=PATH, help="Default: PENNANT_BACKUP_DIR")
@click.pass_obj
def backup_take(settings: Settings, folder: Path | None) -> None:
    """Dump the database; prints the file."""
    taken = backup.take_backup(settings.database_url, folder or settings.backups)
    say(f"rows: {_rows(taken.tables)}", err=True)
    say(str(taken.file))


@backup_group.command("list")
@click.option("--from", "folder", type=PATH, help="Default: PENNANT_BACKUP_DIR")
@click.option("--newest", is_flag=True, help="Only the newest one's file name; fails without one.")
@click.pass_obj
def backup_list(settings: Settings, folder: Path | None, newest: bool) -> None:
    """Show complete dumps, oldest first."""
    if newest:
        say(str(backup.newest(folder or settings.backups).file))
        return
    for dump in backup.list_backups(folder or settings.backups):
        b = backup.read_manifest(dump)
        say(f"{b.file}  {b.bytes} bytes  rows: {_rows(b.tables)}")


@backup_group.command("verify")
@click.argument("file", type=PATH)
def backup_verify(file: Path) -> None:
    """Check size, SHA-256 and readability to the end."""
    say(f"ok: {_rows(backup.verify_backup(file).tables)}")


@backup_group.command("restore")
@click.argument("file", type=PATH)
@click.option("--database", "name", help="Another database on the same server (`pennant db create`).")
@click.pass_obj
def backup_restore(settings: Settings, file: Path, name: str | None) -> None:
    """Restore FILE into an empty database and prove that the data is equal."""
    url = settings.database_url
    restored = backup.restore_backup(file, make_conninfo(url, dbname=name) if name else url)
    if not name:
        _refresh_cache(settings)
    say(f"restored and equal to the manifest: {_rows(restored.tables)}")


@cli.group("wal")
def wal_group() -> None:
    """Base backups, the write-ahead log's archive, recovery to a point in time."""


@wal_group.command("base")
@click.option("--to", "folder", type=PATH, help="Default: PENNANT_BACKUP_DIR")
@click.pass_obj
def wal_base(settings: Settings, folder: Path | None) -> None:
    """Copy the whole cluster, verified; prints the directory."""
    say(str(wal.base_backup(settings.database_url, folder or settings.backups)))


@wal_group.command("switch")
@click.pass_obj
def wal_switch(settings: Settings) -> None:
    """Archive what was written so far, now; waits until that is done."""
    say(f"archived up to {wal.switch(settings.database_url)}")


@wal_group.command("status")
@click.pass_obj
def wal_status(settings: Settings) -> int:
    """Does PostgreSQL manage to archive? Exit 1 when not."""
    with connect(settings.database_url) as conn:
        row = conn.execute("SELECT * FROM pg_stat_archiver").fetchone() or {}
    for name, value in row.items():
        say(f"{name}: {value}")
    failed, archived = row["last_failed_time"], row["last_archived_time"]
    return 1 if failed and (archived is None or failed > archived) else 0


@wal_group.command("verify")
@click.option("--base", type=PATH, help="Default: the newest one")
@click.pass_obj
def wal_verify(settings: Settings, base: Path | None) -> None:
    """Check the base backup, and that the archive continues it without gap or damage."""
    chosen = base or wal.choose_base(settings.backups, None)
    count = wal.verify_archive(chosen, settings.wal_archive)
    say(f"ok: {chosen.name} and {count} segments")


@wal_group.command("restore")
@click.option("--to-time", help="With an offset, like 2026-11-23T14:05:00Z")
@click.option("--latest", is_flag=True, help="To the end of the archive")
@click.option("--into", type=PATH, required=True, help="A new data directory")
@click.option("--base", type=PATH, help="Default: the newest one from before that time")
@click.option("--timeline", default="latest", help="After a wrong recovery: the one to follow")
@click.pass_obj
def wal_restore(
    settings: Settings, to_time: str | None, latest: bool, into: Path, base: Path | None, timeline: str
) -> None:
    """Recover the cluster as it was at a time, into a new data directory, stopped."""
    if latest == bool(to_time):
        raise InvalidInput("say either --to-time TIME or --latest")
    target = _moment(to_time) if to_time else None
    chosen = base or wal.choose_base(settings.backups, target)
    done = wal.restore_to_time(
        chosen, settings.wal_archive, target, into.absolute(),
        login=settings.database_url, timeline=timeline,
    )  # fmt: skip
    say(f"recovered {done.data} from {chosen.name}: {_rows(done.tables)}")
    say(f"last change in it: {done.last_change.isoformat() if done.last_change else 'none'}")


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise InvalidInput(f"{value!r} is not a time like 2026-11-23T14:05:00Z") from None
    if moment.tzinfo is None:
        raise InvalidInput(f"{value!r} names no zone: add Z or an offset like +01:00")
    return moment


# ── status feed and tokens ───────────────────────────────────────────────────


@cli.group("status")
def status_group() -> None:
    """The customers' status feed."""


@status_group.command("post")
@click.option("--state", type=click.Choice(status.STATES), required=True)
@click.option("--message", required=True)
@click.option("--title", help="Of a new incident.")
@click.option("--next-update", "next_minutes", type=int, default=20, help="Promised, in minutes.")
@click.option("--data-loss", help="Required when resolving: 'none', or what was lost.")
@click.pass_obj
def status_post(settings: Settings, /, **update: Any) -> None:
    """Publish an update: status.json and index.html in PENNANT_STATUS_DIR."""
    feed = status.post(settings.status, actor=_because("status post").actor, **update)
    say(f"published: {feed['state']}; next update by {feed['next_update_by'] or 'no one expects it'}")


@status_group.command("show")
@click.pass_obj
def status_show(settings: Settings) -> None:
    """Print the feed."""
    say(json.dumps(status.read(settings.status), indent=2))


@cli.group()
def token() -> None:
    """Who may change flags over HTTP. Changes take effect at once."""


@token.command("add")
@click.argument("actor")
@click.pass_obj
def token_add(settings: Settings, actor: str) -> None:
    """Issue a token for ACTOR; printed once, stored only as a hash."""
    say(tokens.add(settings.tokens, actor))


@token.command("list")
@click.pass_obj
def token_list(settings: Settings) -> None:
    """Show who holds tokens."""
    for actor, digest in tokens.load(settings.tokens):
        say(f"{actor}  sha256:{digest[:12]}")


@token.command("revoke")
@click.argument("actor", required=False)
@click.option("--all", "everybody", is_flag=True)
@click.pass_obj
def token_revoke(settings: Settings, actor: str | None, everybody: bool) -> None:
    """Revoke ACTOR's tokens, or all."""
    if everybody == bool(actor):
        raise InvalidInput("say either an ACTOR or --all")
    say(f"revoked {tokens.revoke(settings.tokens, actor)}")


if __name__ == "__main__":
    sys.exit(main())
