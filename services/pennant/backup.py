"""Full backups, each with a manifest that says what must come back."""

import os
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Annotated

import typer
from psycopg.conninfo import make_conninfo
from pydantic import BaseModel

from pennant.database import Connection, connect, run_tool
from pennant.settings import PennantError, Settings

TABLES = ("flags", "audit", "schema_migrations")
PROOF = (
    """SELECT count(*) || ' (md5 ' || md5(string_agg(t::text, ' ' ORDER BY t::text COLLATE "C")) || ')' AS rows FROM"""
)


class Manifest(BaseModel):
    taken_at: datetime
    bytes: int
    sha256: str
    tables: str


def take(to: Annotated[Path | None, typer.Option(help="Default: PENNANT_BACKUP_DIR")] = None) -> None:
    """Dump the database; prints the file. Its manifest is written last: with it, the backup is complete."""
    folder, now = to or Settings().backup_dir, datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    dump = folder / f"pennant-{stamp(now)}.dump"
    with connect() as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        tables = prove(conn)
        snapshot = conn.execute("SELECT '--snapshot=' || pg_export_snapshot() AS option").fetchone() or {}
        run_tool("pg_dump", "--format=custom", "--no-owner", snapshot["option"], f"--file={dump}")
    dump.chmod(0o600)
    manifest = Manifest(taken_at=now, bytes=dump.stat().st_size, sha256=_sha256(dump), tables=tables)
    write_atomically(dump.with_suffix(".json"), manifest.model_dump_json(indent=2) + "\n", 0o644)
    print(dump)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def complete() -> list[Path]:
    """Dumps with a manifest, oldest first."""
    return sorted(d for d in Settings().backup_dir.glob("pennant-*.dump") if d.with_suffix(".json").exists())


def show(*, newest: bool = False) -> None:
    """Print the complete dumps, oldest first, or only the newest one."""
    dumps = complete()
    if not dumps:
        raise PennantError(f"{Settings().backup_dir} holds no complete backup: take one with `pennant backup take`")
    print("\n".join(map(str, dumps[-1:] if newest else dumps)))


def verify(file: Path) -> Manifest:
    """Is it what was written, by size and SHA-256, and can PostgreSQL read it to its end?"""
    if not file.with_suffix(".json").exists():
        raise PennantError(f"{file} has no manifest, so it was never completed: see `pennant backup list`")
    manifest = Manifest.model_validate_json(file.with_suffix(".json").read_bytes())
    if file.stat().st_size != manifest.bytes:
        raise PennantError(f"{file} has {file.stat().st_size} bytes, its manifest says {manifest.bytes}: not usable")
    if _sha256(file) != manifest.sha256:
        raise PennantError(f"{file} does not match its SHA-256 in the manifest: not usable")
    run_tool("pg_restore", f"--file={os.devnull}", str(file))  # --list would not read the data
    print(f"ok: {manifest.tables}")
    return manifest


def restore(file: Path, database: Annotated[str, typer.Option(help="A new one, which is created first.")] = "") -> None:
    """Restore FILE into an empty database, all or nothing, and prove that the data is equal."""
    manifest = verify(file)
    if database:
        run_tool("createdb", "--template=template0", database)
    url = make_conninfo(Settings().database_url, **({"dbname": database} if database else {}))
    with connect(url) as conn:
        if conn.execute("SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchone():
            advice = "Nothing was touched. Restore into a new one: --database NAME"
            raise PennantError(f"the database {conn.info.dbname!r} is not empty. {advice}")
        options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
        run_tool("pg_restore", *options, f"--dbname={conn.info.dbname}", str(file))
        if (restored := prove(conn)) != manifest.tables:
            raise PennantError(f"restored, but not equal to the manifest, do not use it: {restored}")
    print("restored and equal to the manifest")


def prove(conn: Connection) -> str:
    """Count and hash the rows of every table."""
    found = [(table, conn.execute(f"{PROOF} {table} t".encode()).fetchone() or {}) for table in TABLES]
    return ", ".join(f"{table} {row['rows']}" for table, row in found)


def write_atomically(path: Path, content: str, mode: int = 0o600) -> None:
    """Readers see the old file or the new one. Its owner keeps it when root writes."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(content, encoding="utf-8")
    partial.chmod(mode)
    if path.exists() and os.geteuid() == 0:
        os.chown(partial, path.stat().st_uid, path.stat().st_gid)
    partial.replace(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
