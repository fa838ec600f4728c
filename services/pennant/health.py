"""What works, what is degraded and what is down: for /healthz, /metrics and the on-call."""

from datetime import UTC, datetime
from typing import Any

from pennant import backup, migrate
from pennant.database import connect
from pennant.errors import CacheUnavailable, PennantError
from pennant.reads import Reads
from pennant.settings import Settings

Check = dict[str, Any]


def check(reads: Reads) -> dict[str, Any]:
    """The whole picture. `degraded` names the checks that fail; `down` means no answers at all."""
    checks = {**_database(reads.settings), "cache": _cache(reads)}
    copy = reads.cache.load() if checks["cache"]["ok"] else None
    if checks["database"]["ok"] and checks["schema"]["ok"]:
        serving = "database"
    else:
        serving = f"cached copy, {copy.age:.0f} s old" if copy else "nothing"
    degraded = sorted(name for name, result in checks.items() if not result["ok"])
    status = "down" if serving == "nothing" else "degraded" if degraded else "ok"
    return {
        "status": status,
        "degraded": degraded,
        "serving": serving,
        "accepts_changes": serving == "database",
        "checks": checks,
        "newest_backup": backup_age(reads.settings),
    }


def _cache(reads: Reads) -> Check:
    try:
        reads.cache.ask("PING")
    except CacheUnavailable as error:
        return {"ok": False, "error": str(error), "effect": "slower: reads come from PostgreSQL"}
    return {"ok": True}


def _database(settings: Settings) -> dict[str, Check]:
    try:
        with connect(settings.database_url, statement_seconds=5) as conn:
            schema: Check = {"ok": True}
            if missing := [migration.name for migration in migrate.pending(conn)]:
                schema = {"ok": False, "error": f"run `pennant migrate`: {', '.join(missing)}"}
            archiver = conn.execute(
                "SELECT last_archived_wal, last_archived_time, failed_count, coalesce("
                "last_failed_time > coalesce(last_archived_time, '-infinity'), false) AS failing,"
                " current_setting('archive_mode') AS mode FROM pg_stat_archiver"
            ).fetchone()
    except PennantError as error:
        lost = {"ok": False, "error": str(error), "effect": "changes are refused, reads grow stale"}
        return {"database": lost, "schema": {"ok": False, "error": "unknown: no database"}}
    assert archiver is not None
    at = archiver["last_archived_time"]
    wal = {
        "ok": not archiver["failing"] and archiver["mode"] != "off",
        "mode": archiver["mode"],
        "last_archived": archiver["last_archived_wal"],
        "last_archived_at": at.isoformat() if at else None,
        "failed_count": archiver["failed_count"],
    }
    if not wal["ok"]:
        wal["effect"] = "no recovery to a point in time beyond the last archived segment"
    return {"database": {"ok": True}, "schema": schema, "wal_archive": wal}


def backup_age(settings: Settings) -> dict[str, Any] | None:
    """Of the newest complete dump, if the backups can be seen from here."""
    try:
        newest = backup.newest(settings.backups)
        taken = datetime.fromisoformat(newest.taken_at)
    except (PennantError, OSError, ValueError):
        return None
    age = (datetime.now(UTC) - taken).total_seconds()
    return {"file": str(newest.file), "taken_at": newest.taken_at, "age_seconds": round(age)}
