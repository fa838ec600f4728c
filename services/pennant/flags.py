"""Flags and their audit log. A change and its record are one transaction."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from psycopg.types.json import Jsonb

from pennant.database import Connection
from pennant.errors import Conflict, InvalidInput, NotFound

NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
FIELDS = frozenset({"description", "enabled", "rollout"})
COLUMNS = "name, description, enabled, rollout"


@dataclass(frozen=True)
class Flag:
    name: str
    description: str = ""
    enabled: bool = False
    rollout: int = 100

    def __post_init__(self) -> None:
        if not NAME.fullmatch(str(self.name)):  # 7, from JSON, also fails
            raise InvalidInput("name must be 1-63 of a-z, 0-9 and '-', starting with a letter")
        text(self.description, "description", 0, 500)
        if not isinstance(self.enabled, bool):
            raise InvalidInput("enabled must be true or false")
        if type(self.rollout) is not int or not 0 <= self.rollout <= 100:
            raise InvalidInput("rollout must be a whole number from 0 to 100")


@dataclass(frozen=True)
class Because:
    """Who changes something, and why. There is no change without it."""

    actor: str
    reason: str

    def __post_init__(self) -> None:
        text(self.actor, "actor", 1, 100)
        text(self.reason, "reason", 5, 500)


def text(value: object, what: str, shortest: int, longest: int) -> str:
    if not isinstance(value, str) or not shortest <= len(value.strip()) <= len(value) <= longest:
        raise InvalidInput(f"{what} must be text of {shortest} to {longest} characters")
    if not value.isprintable():  # also refuses NUL and lone surrogates, which PostgreSQL can't store
        raise InvalidInput(f"{what} must be one line of printable characters")
    return value


def fields(body: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(body.keys() - FIELDS)
    if unknown:
        raise InvalidInput(f"unknown field {unknown[0]!r}; known: {', '.join(sorted(FIELDS))}")
    return dict(body)


def every(conn: Connection) -> dict[str, Flag]:
    rows = conn.execute(f"SELECT {COLUMNS} FROM flags ORDER BY name")
    return {row["name"]: Flag(**row) for row in rows}


def find(conn: Connection, name: str, *, lock: bool = False) -> Flag:
    query = f"SELECT {COLUMNS} FROM flags WHERE name = %s" + (" FOR UPDATE" if lock else "")
    row = conn.execute(query, [name]).fetchone()
    if row is None:
        raise NotFound(f"no flag is called {name!r}; `pennant flag list` shows those that exist")
    return Flag(**row)


def create(conn: Connection, flag: Flag, because: Because, action: str = "create") -> Flag:
    added = conn.execute(
        f"INSERT INTO flags ({COLUMNS}) VALUES (%(name)s, %(description)s, %(enabled)s,"
        " %(rollout)s) ON CONFLICT DO NOTHING",
        asdict(flag),
    )
    if not added.rowcount:
        raise Conflict(f"the flag {flag.name!r} already exists; change it instead")
    _record(conn, action, None, flag, because)
    return flag


def change(conn: Connection, name: str, wanted: Mapping[str, Any], because: Because) -> Flag:
    before = find(conn, name, lock=True)
    after = replace(before, **wanted)
    conn.execute(
        "UPDATE flags SET description = %(description)s, enabled = %(enabled)s,"
        " rollout = %(rollout)s WHERE name = %(name)s",
        asdict(after),
    )
    _record(conn, "change", before, after, because)
    return after


def delete(conn: Connection, name: str, because: Because) -> Flag:
    before = find(conn, name, lock=True)
    conn.execute("DELETE FROM flags WHERE name = %s", [name])
    _record(conn, "delete", before, None, because)
    return before


def recover(conn: Connection, name: str, because: Because) -> Flag:
    """Create a deleted flag again, as the audit log last saw it."""
    row = conn.execute(
        "SELECT before FROM audit WHERE flag = %s AND action = 'delete' ORDER BY id DESC LIMIT 1", [name]
    ).fetchone()
    if row is None:
        raise NotFound(f"the audit log holds no deletion of {name!r}: restore from a backup")
    return create(conn, Flag(**row["before"]), because, "recover")


def audit(conn: Connection, flag: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
    return conn.execute(
        "SELECT id, at, actor, action, flag, reason, before, after FROM audit"
        " WHERE %(flag)s::text IS NULL OR flag = %(flag)s ORDER BY id DESC LIMIT %(limit)s",
        {"flag": flag, "limit": limit},
    ).fetchall()


def _record(conn: Connection, action: str, before: Flag | None, after: Flag | None, because: Because) -> None:
    subject = after or before
    assert subject is not None
    conn.execute(
        "INSERT INTO audit (actor, action, flag, reason, before, after) VALUES (%s, %s, %s, %s, %s, %s)",
        [
            because.actor,
            action,
            subject.name,
            because.reason,
            Jsonb(asdict(before)) if before else None,
            Jsonb(asdict(after)) if after else None,
        ],
    )
