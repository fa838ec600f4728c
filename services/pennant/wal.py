"""Base backups, the archive of the write-ahead log, and recovery to a point in time."""

import shutil
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from psycopg.conninfo import make_conninfo
from pydantic import AwareDatetime, TypeAdapter

from pennant import embedded
from pennant.backup import prove, stamp
from pennant.database import connect, run_tool
from pennant.settings import PennantError, Settings

MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)
Base = Annotated[Path | None, typer.Option(help="Default: the newest one that fits.")]


def base() -> None:
    """Copy the whole cluster; wait until the log that goes with it is archived, and verify both."""
    folder = Settings().backup_dir
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".base-", dir=folder) as work:
        options = ["--checkpoint=fast", "--wal-method=none", "--manifest-checksums=SHA256"]
        run_tool("pg_basebackup", f"--pgdata={work}/pg", *options)
        done = Path(work, "pg").rename(folder / f"base-{stamp(datetime.now(UTC))}")
    verify(done)
    print(done)


def verify(base: Base = None) -> None:
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
    last = f"base-{stamp(before)}" if before else "base-Z"
    bases = [path for path in sorted(Settings().backup_dir.glob("base-*")) if path.name < last]
    if not bases:
        raise PennantError(f"no base backup from before is in {Settings().backup_dir}: restore a dump instead")
    return bases[-1]


def restore(
    into: Annotated[Path, typer.Option(help="A new data directory.")],
    to_time: Annotated[str, typer.Option(help="Like 2026-11-23T14:05:00Z, or `latest`.")],
    base: Base = None,
    timeline: Annotated[str, typer.Option(help="After a wrong recovery: the one to follow.")] = "latest",
) -> None:
    """Recover the cluster as it was at a time, into a new data directory, stopped.

    The directory gets its name once it has proved to be readable. The archive is only read.
    """
    if into.exists() and any(into.iterdir()):
        raise PennantError(f"{into} is not empty, nothing was touched: name a new directory")
    target = None if to_time == "latest" else MOMENT.validate_python(to_time)
    base = base or _newest_base(target)
    verify(base)
    options = {
        "restore_command": f'cp {embedded.in_command(Settings().wal_dir)}/%f "%p"',
        "recovery_target_time": target.isoformat() if target else "",
        "recovery_target_timeline": timeline,
        "recovery_target_action": "promote",
    }
    into.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".recovering-", dir=into.parent) as work, TemporaryDirectory() as run:
        data = Path(shutil.copytree(base, Path(work, "pg"), symlinks=True))
        (data / "recovery.signal").touch()
        embedded.give(Path(work), Path(run))
        try:
            embedded.start_postgres(data, Path(run), **options)
            with connect(make_conninfo(Settings().database_url, host=run, port=5432)) as conn:
                last = conn.execute("SELECT max(at)::text AS change FROM audit").fetchone() or {}
                print(f"recovered: {prove(conn)}\nlast change: {last['change']}")
        finally:
            embedded.stop_postgres(data)
        data.rename(into)
