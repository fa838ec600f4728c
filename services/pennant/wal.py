"""Continuous archiving: base backups, the archive's health, and recovery to a point in time."""

import re
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from pennant.backup import Proof, prove, stamp
from pennant.database import connect, run_tool
from pennant.embedded import give, scratch_postgres
from pennant.errors import Conflict, InvalidInput, NotFound, PennantError

SEGMENT = re.compile(r"[0-9A-F]{24}")
BASE = re.compile(r"base-(\d{8}T\d{6}\.\d{3}Z)")


@dataclass(frozen=True)
class Recovered:
    data: Path
    base: Path
    last_change: datetime | None
    tables: dict[str, Proof]


def base_backup(url: str, folder: Path) -> Path:
    """Copy the whole cluster, verified; complete once it has its name, which is its end time."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".base-{stamp(datetime.now(UTC))}.partial"
    options = ["--checkpoint=fast", "--wal-method=stream", "--manifest-checksums=SHA256"]
    try:
        run_tool("pg_basebackup", f"--pgdata={partial}", *options, url=url)
        run_tool("pg_verifybackup", "--quiet", str(partial))
        return partial.rename(folder / f"base-{stamp(datetime.now(UTC))}")
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def bases(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("base-*") if BASE.fullmatch(path.name))


def choose_base(folder: Path, target: datetime | None) -> Path:
    """The newest base backup that was complete before the target."""
    fitting = [b for b in bases(folder) if target is None or b.name < f"base-{stamp(target)}"]
    if not fitting:
        when = f" from before {target.isoformat()}" if target else ""
        raise NotFound(f"{folder} holds no base backup{when}: restore a dump instead")
    return fitting[-1]


def switch(url: str, timeout: float = 60) -> str:
    """Close the current segment and wait until it is archived; returns its name."""
    with connect(url, autocommit=True) as conn:
        row = conn.execute("SELECT pg_walfile_name(pg_switch_wal()) AS name").fetchone()
        assert row is not None
        name: str = row["name"]
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            archiver = conn.execute("SELECT last_archived_wal AS last FROM pg_stat_archiver")
            last = archiver.fetchone()
            if last and last["last"] and last["last"][:24] >= name:
                return name
            time.sleep(0.1)
    raise PennantError(
        f"{name} was not archived within {timeout:.0f} s: see `pennant wal status`, the server's"
        " log, and the free space of the archive"
    )


def verify_archive(base: Path, archive: Path) -> int:
    """Every segment since the base is there and its checksums hold; returns how many."""
    run_tool("pg_verifybackup", "--quiet", str(base))
    label = (base / "backup_label").read_text()
    first = label.split("(file ")[1][:24]
    segments = sorted(path.name for path in archive.glob("*") if SEGMENT.fullmatch(path.name) and path.name >= first)
    if segments[:1] != [first]:
        raise PennantError(f"segment {first}, where {base.name} begins, is not in {archive}")
    for _, group in groupby(segments, key=lambda name: name[:8]):
        timeline = list(group)
        run_tool("pg_waldump", "--quiet", f"--path={archive}", timeline[0], timeline[-1])
    return len(segments)


def restore_to_time(
    base: Path,
    archive: Path,
    target: datetime | None,
    into: Path,
    *,
    login: str = "user=pennant dbname=pennant",
    timeline: str = "latest",
) -> Recovered:
    """Recover a cluster into a new data directory, to `target` or to the archive's end, and leave
    it stopped. It takes its final name once it has proved to be readable.
    """
    if into.exists() and any(into.iterdir()):
        raise Conflict(f"{into} is not empty, nothing was touched: name a new directory")
    verify_archive(base, archive)
    partial = into.with_name(f".{into.name}.partial")
    if partial.exists():
        raise Conflict(f"{partial} is left from a failed recovery: look at it, then remove it")
    try:
        shutil.copytree(base, partial, symlinks=True)
        (partial / "recovery.signal").touch()
        give(partial)
        options = _recovery_options(archive, target, timeline)
        with scratch_postgres(partial, login, options) as url, connect(url) as conn:
            row = conn.execute("SELECT max(at) AS last FROM audit").fetchone()
            last = row["last"] if row else None
            recovered = Recovered(into, base, last, prove(conn))
        _archive_history_later(partial)
        if into.exists():
            into.rmdir()
        partial.rename(into)
        return recovered
    except PennantError as error:
        if "before configured recovery target" not in str(error):
            raise
        raise PennantError(
            f"{archive} does not reach {target}: on a living source run `pennant wal switch` and try again; else name"
            " an earlier time, or take all there is with --latest"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _recovery_options(archive: Path, target: datetime | None, timeline: str) -> dict[str, str]:
    if "'" in str(archive) or "%" in str(archive):
        raise InvalidInput(f"{archive}: quotes and % can't be in the archive's path")
    options = {
        "restore_command": f"cp '{archive}/%f' '%p'",
        "recovery_target_timeline": timeline,
        "recovery_target_action": "promote",
        "hot_standby": "off",  # answer only when recovery is over
    }
    return options | ({"recovery_target_time": target.isoformat()} if target else {})


def _archive_history_later(data: Path) -> None:
    """A recovery opens a new timeline. A rehearsal must not put it into the real archive, yet it
    has to be there once this cluster goes live: leave the note that its archiver looks for.
    """
    for history in (data / "pg_wal").glob("*.history"):
        done = data / "pg_wal" / "archive_status" / f"{history.name}.done"
        if not done.exists():
            done.with_suffix(".ready").touch()
            give(done.parent)
