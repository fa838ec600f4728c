"""Apply the SQL files in migrations/, in order, each once and in a transaction."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import psycopg

from pennant.database import Connection, connect
from pennant.errors import Conflict, PennantError

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x70656E6E  # any constant: two migrations must not run at once


@dataclass(frozen=True)
class Migration:
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def known() -> list[Migration]:
    return [Migration(path.stem, path.read_text()) for path in sorted(FOLDER.glob("*.sql"))]


def applied(conn: Connection) -> dict[str, str]:
    """Name to checksum of what this database has; empty for a fresh one."""
    row = conn.execute("SELECT to_regclass('schema_migrations') IS NOT NULL AS there").fetchone()
    if not row or not row["there"]:
        return {}
    return {r["name"]: r["sha256"] for r in conn.execute("SELECT * FROM schema_migrations")}


def pending(conn: Connection) -> list[Migration]:
    done = applied(conn)
    for migration in known():
        if done.get(migration.name, migration.sha256) != migration.sha256:
            raise Conflict(
                f"migration {migration.name} changed after it was applied here: put the file back"
                " as it was, and write the change as a new migration"
            )
    return [migration for migration in known() if migration.name not in done]


def migrate(url: str) -> list[str]:
    """Bring the schema up to date; returns the names applied."""
    with connect(url) as conn:
        conn.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        todo = pending(conn)
        for migration in todo:
            _apply(conn, migration)
    return [migration.name for migration in todo]


def _apply(conn: Connection, migration: Migration) -> None:
    try:
        conn.execute(migration.sql.encode())
        conn.execute("INSERT INTO schema_migrations (name, sha256) VALUES (%s, %s)", [migration.name, migration.sha256])
    except psycopg.Error as error:
        raise PennantError(f"migration {migration.name} failed, nothing was changed: {error}") from error
