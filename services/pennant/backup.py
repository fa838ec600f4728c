"""Full backups: take, list, verify, restore. Each has a manifest that says what must come back."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, LiteralString

from psycopg import sql

from pennant import __version__
from pennant.database import Connection, connect, run_tool
from pennant.errors import Conflict, InvalidInput, NotFound, PennantError

TABLES = ("flags", "audit", "schema_migrations")
FORMAT = 1


@dataclass(frozen=True)
class Proof:
    """What a table holds: enough to tell that a restored one is the same."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Backup:
    file: Path
    taken_at: str
    sha256: str
    bytes: int
    tables: dict[str, Proof]


def take_backup(url: str, folder: Path) -> Backup:
    """Dump to a file of `folder`. The manifest is written last: with it, the backup is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    final = folder / f"pennant-{stamp(now)}.dump"
    partial = final.with_suffix(".partial")
    try:
        with connect(url) as conn:
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            tables = prove(conn)
            snapshot = conn.execute("SELECT pg_export_snapshot() AS id").fetchone()
            assert snapshot is not None
            options = ["--format=custom", "--no-owner", f"--snapshot={snapshot['id']}"]
            run_tool("pg_dump", *options, f"--file={partial}", url=url)
        partial.chmod(0o600)
        _sync(partial)
        backup = Backup(final, now.isoformat(), _sha256(partial), partial.stat().st_size, tables)
        partial.rename(final)
    finally:
        partial.unlink(missing_ok=True)
    body = {**asdict(backup), "file": final.name, "format": FORMAT, "pennant": __version__}
    write_atomically(manifest_of(final), json.dumps(body, indent=2) + "\n", 0o644)
    return backup


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%S.") + f"{moment.microsecond // 1000:03}Z"


def list_backups(folder: Path) -> list[Path]:
    """Complete dumps, oldest first."""
    return sorted(d for d in folder.glob("pennant-*.dump") if manifest_of(d).exists())


def newest(folder: Path) -> Backup:
    dumps = list_backups(folder)
    if not dumps:
        raise NotFound(f"{folder} holds no complete backup: take one with `pennant backup take`")
    return read_manifest(dumps[-1])


def manifest_of(dump: Path) -> Path:
    return dump.with_suffix(".json")


def read_manifest(dump: Path) -> Backup:
    if not dump.is_file():
        raise NotFound(f"{dump} does not exist; `pennant backup list` shows what does")
    path = manifest_of(dump)
    try:
        body = json.loads(path.read_text())
        if body["format"] != FORMAT:
            raise InvalidInput(f"{path} has format {body['format']}; this version reads {FORMAT}")
        tables = {name: Proof(**proof) for name, proof in body["tables"].items()}
        return Backup(dump, body["taken_at"], body["sha256"], body["bytes"], tables)
    except FileNotFoundError:
        raise NotFound(f"{path} is missing: the backup was never completed, use another") from None
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"{path} is not a manifest ({error!r}): use another backup") from None


def verify_backup(dump: Path) -> Backup:
    """Is the file what was written, and can PostgreSQL read it to its end?"""
    backup = read_manifest(dump)
    size = dump.stat().st_size
    if size != backup.bytes:
        raise PennantError(f"{dump} has {size} bytes, its manifest says {backup.bytes}: not usable")
    if _sha256(dump) != backup.sha256:
        raise PennantError(f"{dump} does not match its SHA-256 in the manifest: not usable")
    run_tool("pg_restore", f"--file={os.devnull}", str(dump))  # --list would not read the data
    return backup


def restore_backup(dump: Path, url: str) -> Backup:
    """Restore into an empty database, all or nothing, and prove that everything came back."""
    backup = verify_backup(dump)
    with connect(url) as conn:
        refuse_unless_empty(conn)
    flags = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    run_tool("pg_restore", *flags, str(dump), url=url)
    with connect(url) as conn:
        restored = prove(conn)
    if restored != backup.tables:
        wrong = sorted(t for t in backup.tables if restored.get(t) != backup.tables[t])
        raise PennantError(f"restored, but {', '.join(wrong)} differ from the manifest: do not use")
    return backup


def refuse_unless_empty(conn: Connection) -> None:
    found = conn.execute(
        "SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')"
        " AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' ORDER BY 1"
    ).fetchall()
    if found:
        names = ", ".join(row["name"] for row in found[:3])
        raise Conflict(
            f"the target database {conn.info.dbname!r} is not empty ({len(found)} relations:"
            f" {names}...). Nothing was touched. Restore into a fresh one: `pennant db create NAME`, then"
            " `pennant backup restore FILE --database NAME`"
        )


def prove(conn: Connection) -> dict[str, Proof]:
    return {table: _prove(conn, table) for table in TABLES}


def _prove(conn: Connection, table: str) -> Proof:
    query: LiteralString = (
        "SELECT count(*) AS rows, encode(sha256(convert_to(coalesce(string_agg(t::text, E'\\n'"
        " ORDER BY t::text COLLATE \"C\"), ''), 'UTF8')), 'hex') AS sha256 FROM {} t"
    )
    row: dict[str, Any] | None = conn.execute(sql.SQL(query).format(sql.Identifier(table))).fetchone()
    assert row is not None
    return Proof(**row)


def write_atomically(path: Path, content: str, mode: int = 0o600) -> None:
    """Readers see the old file or the new one, also after a power cut. Its owner keeps it when root writes."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(content, encoding="utf-8")
    partial.chmod(mode)
    if path.exists() and os.geteuid() == 0:
        os.chown(partial, path.stat().st_uid, path.stat().st_gid)
    _sync(partial)
    partial.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
