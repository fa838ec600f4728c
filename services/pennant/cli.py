"""Feature flags on PostgreSQL and Valkey, easy to recover."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from typing import Annotated

import httpx
import typer
import uvicorn

from pennant import backup, database, embedded, flags, status, tokens
from pennant.settings import PennantError, Settings, explain


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command. 0: done, 1: refused or failed, 2: wrong usage."""
    try:
        cli(argv, prog_name="pennant")
    except SystemExit as end:
        return int(end.code or 0)
    except (PennantError, ValueError, OSError) as error:
        print(f"pennant: {explain(error)}", file=sys.stderr)
    return 1


def dev() -> None:
    """Start everything: PostgreSQL, Valkey, schema, API. Ctrl-C stops it all."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # its default would skip the cleaning up
    socket.create_server((Settings().host, Settings().port)).close()  # a port in use is refused before anything starts
    try:
        if not os.environ.get("DATABASE_URL"):
            embedded.start_database()
        if not os.environ.get("VALKEY_URL"):
            embedded.start_cache()
        database.migrate()
        if not tokens.holders():
            tokens.add("dev")
        serve()
    finally:
        embedded.stop_cache()
        embedded.stop_database()


def serve() -> None:
    """Serve the API. It starts, and says what is degraded, even when the database is away."""
    with socket.create_server((Settings().host, Settings().port)) as listener:
        print(f"serving on {Settings().url}", flush=True)
        uvicorn.Server(uvicorn.Config("pennant.app:app", log_level="warning")).run([listener])


def health(
    *,
    wait: Annotated[float, typer.Option("--wait", help="Seconds to wait for an acceptable state.")] = 0,
    allow_degraded: Annotated[bool, typer.Option("--allow-degraded", help="Exit 0 also when degraded.")] = False,
) -> None:
    """Ask the running service how it is. Exit 0: ok, 1: degraded, down or unreachable."""
    url, deadline, good = Settings().url, time.monotonic() + wait, {"ok", "degraded" if allow_degraded else "ok"}
    while True:
        try:
            found = httpx.get(f"{url}/healthz").json()
        except (httpx.HTTPError, ValueError) as error:
            found = {"status": "unreachable", "serving": f"nothing at {url}: {error}", "checks": {}}
        if found["status"] in good or time.monotonic() >= deadline:
            break
        time.sleep(0.2)
    print(f"status: {found['status']}\nserving: {found['serving']}")
    for name, state in found["checks"].items():
        print(f"ok   {name}" if state == "ok" else f"FAIL {name}: {state}")
    raise typer.Exit(found["status"] not in good)


COMMANDS: dict[str, dict[str, Callable[..., object]]] = {
    "": {"dev": dev, "serve": serve, "health": health, "migrate": database.migrate}
    | {"flag": flags.change, "audit": flags.audit},
    "db": {"start": embedded.start_database, "stop": embedded.stop_database, "psql": database.psql},
    "cache": {"start": embedded.start_cache, "stop": embedded.stop_cache},
    "backup": {"take": backup.take, "list": backup.show, "verify": backup.verify, "restore": backup.restore},
    "wal": {"base": backup.take_base, "verify": backup.verify_base, "restore": backup.recover},
    "status": {"post": status.post},
    "token": {"add": tokens.add, "list": tokens.show, "revoke": tokens.revoke},
}
cli = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None)
for group_name, commands in COMMANDS.items():
    group = typer.Typer(help=", ".join(commands))
    for name, command in commands.items():
        group.command(name)(command)
    cli.add_typer(group, name=group_name or None)
