"""Commands to back up and to recover."""

from datetime import datetime
from pathlib import Path

import click
from psycopg.conninfo import make_conninfo

from pennant import backup, wal
from pennant.database import connect
from pennant.errors import InvalidInput
from pennant.options import PATH, refresh_cache, say
from pennant.settings import Settings


@click.group("backup")
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
        refresh_cache(settings)
    say(f"restored and equal to the manifest: {_rows(restored.tables)}")


@click.group("wal")
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
