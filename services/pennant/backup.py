"""Full backups with their manifests, base backups with the archived log, and recovery from both."""

import os
import shutil
from datetime import UTC, datetime
from hashlib import file_digest
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from psycopg.conninfo import make_conninfo
from pydantic import AwareDatetime, BaseModel, TypeAdapter

from pennant.database import Connection, connect, run_tool
from pennant.embedded import give, start_postgres, stop_database
from pennant.settings import PennantError, Settings, write_atomically

TABLES = ("flags", "audit", "schema_migrations")
PROOF = """SELECT count(*) || coalesce(' (md5 ' || md5(string_agg(t::text, ' ' ORDER BY t::text COLLATE "C")) || ')',
    '') AS rows FROM"""
STAMP = "%Y%m%dT%H%M%S.%fZ"


class Manifest(BaseModel):
    taken_at: datetime
    file: dict[str, Any]
    tables: str


def take(to: Path | None = None) -> None:
    """Dump the database; prints the file. Its manifest is written last: with it, the backup is complete."""
    folder, now = to or Settings().backup_dir, datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    dump = folder / f"pennant-{now:{STAMP}}.dump"
    with connect() as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        tables = _prove(conn)
        snapshot = conn.execute("SELECT '--snapshot=' || pg_export_snapshot() AS option").fetchone() or {}
        run_tool("pg_dump", "--format=custom", "--no-owner", snapshot["option"], f"--file={dump}")
    dump.chmod(0o600)
    manifest = Manifest(taken_at=now, file=_fingerprint(dump), tables=tables)
    write_atomically(dump.with_suffix(".json"), manifest.model_dump_json(indent=2) + "\n", 0o644)
    print(dump)


def show(*, newest: bool = False) -> None:
    """Print the complete dumps, oldest first, or only the newest one."""
    if not (dumps := complete()):
        raise PennantError(f"{Settings().backup_dir} holds no complete backup: take one with `pennant backup take`")
    print("\n".join(map(str, dumps[-1:] if newest else dumps)))


def complete() -> list[Path]:
    return sorted(d for d in Settings().backup_dir.glob("pennant-*.dump") if d.with_suffix(".json").exists())


def verify(file: Path) -> Manifest:
    """Is it what was written, by size and SHA-256, and can PostgreSQL read it to its end?"""
    if not file.with_suffix(".json").exists():
        raise PennantError(f"{file} has no manifest, so it was never completed: see `pennant backup list`")
    manifest = Manifest.model_validate_json(file.with_suffix(".json").read_bytes())
    if (found := _fingerprint(file)) != manifest.file:
        raise PennantError(f"{file} is not what its manifest says, do not use it: {found}, not {manifest.file}")
    run_tool("pg_restore", f"--file={os.devnull}", str(file))  # --list would not read the data
    print(f"ok: {manifest.tables}")
    return manifest


def restore(file: Path, database: str = "") -> None:
    """Restore FILE into an empty database, or into a new one called --database, and prove that the data is equal."""
    manifest = verify(file)
    if database:
        run_tool("createdb", "--template=template0", database)
    with connect(make_conninfo(Settings().database_url, **({"dbname": database} if database else {}))) as conn:
        name = conn.info.dbname
        if conn.execute("SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchone():
            raise PennantError(f"{name} is not empty. Nothing was touched. Restore into a new one: --database NAME")
        run_tool("pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", f"--dbname={name}", str(file))
        if (restored := _prove(conn)) != manifest.tables:
            raise PennantError(f"restored, but not equal to the manifest, do not use it: {restored}")
    print("restored and equal to the manifest")


def take_base() -> None:
    """Copy the whole cluster; wait until the log that goes with it is archived, and verify both."""
    folder = Settings().backup_dir
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".base-", dir=folder) as work:
        options = ["--checkpoint=fast", "--wal-method=none", "--manifest-checksums=SHA256"]
        run_tool("pg_basebackup", f"--pgdata={work}/pg", *options)
        base = Path(work, "pg").rename(folder / f"base-{datetime.now(UTC):{STAMP}}")
    verify_base(base)
    print(base)


def verify_base(base: Path | None = None) -> None:
    """Check a base backup, and that the archive continues it without gap or damage."""
    base, archive = base or _newest_base(), Settings().wal_dir
    run_tool("pg_verifybackup", "--quiet", f"--wal-directory={archive}", str(base))
    first = (base / "backup_label").read_text().split("(file ")[1][:24]
    segments = [name for name in sorted(path.name for path in archive.glob("?" * 24)) if name >= first]
    for _, group in groupby(segments, key=lambda name: name[:8]):
        timeline = list(group)
        run_tool("pg_waldump", "--quiet", f"--path={archive}", timeline[0], timeline[-1])
    print(f"ok: {base.name} and {len(segments)} segments, the last is {segments[-1]}")


def _newest_base(before: datetime | None = None) -> Path:
    last = f"base-{before.astimezone(UTC):{STAMP}}" if before else "base-Z"
    bases = [path for path in sorted(Settings().backup_dir.glob("base-*")) if path.name < last]
    if not bases:
        raise PennantError(f"no base backup from before is in {Settings().backup_dir}: restore a dump instead")
    return bases[-1]


def recover(
    into: Annotated[Path, typer.Option(help="A new data directory.")],
    to_time: Annotated[str, typer.Option(help="Like 2026-11-23T14:05:00Z, or `latest`.")],
    base: Path | None = None,
    timeline: Annotated[str, typer.Option(help="After a wrong recovery: the one to follow.")] = "latest",
) -> None:
    """Recover the cluster as it was at a time, into a new data directory, stopped; the archive is only read."""
    if into.exists() and any(into.iterdir()):
        raise PennantError(f"{into} is not empty, nothing was touched: name a new directory")
    target = None if to_time == "latest" else TypeAdapter(AwareDatetime).validate_python(to_time)
    base = base or _newest_base(target)
    verify_base(base)
    options = {"recovery_target_time": target.isoformat()} if target else {}
    options |= {"recovery_target_timeline": timeline, "recovery_target_action": "promote"}
    into.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".recovering-", dir=into.parent) as work, TemporaryDirectory() as run:
        data = Path(shutil.copytree(base, Path(work, "pg"), symlinks=True))
        (data / "recovery.signal").touch()
        give(Path(work), Path(run))
        try:
            start_postgres(data, Path(run), restore_command='cp "$PENNANT_WAL_DIR/%f" "%p"', **options)
            with connect(make_conninfo(Settings().database_url, host=run, port=5432)) as conn:
                last = conn.execute("SELECT max(at)::text AS change FROM audit").fetchone() or {}
                print(f"recovered: {_prove(conn)}\nlast change: {last['change']}")
        finally:
            stop_database(data)
        data.rename(into)


def _prove(conn: Connection) -> str:
    """Count and hash the rows of every table."""
    found = [(table, conn.execute(f"{PROOF} {table} t".encode()).fetchone() or {}) for table in TABLES]
    return ", ".join(f"{table} {row['rows']}" for table, row in found)


def _fingerprint(file: Path) -> dict[str, Any]:
    with file.open("rb") as opened:
        return {"bytes": file.stat().st_size, "sha256": file_digest(opened, "sha256").hexdigest()}
