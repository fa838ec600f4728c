"""Flags and their audit log. A change and its record are one transaction."""

from hashlib import sha256
from typing import Annotated, Any, Literal

import typer
from psycopg.types.json import Jsonb
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, validate_call

from pennant.database import Connection, connect
from pennant.settings import PennantError, Settings

BUCKETS = 10_000


def _plain(value: str) -> str:
    if not value.isprintable():  # so it holds no NUL either, which PostgreSQL can't store
        raise ValueError("must be one line of printable characters")
    return value


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_plain)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=500), AfterValidator(_plain)]
Action = Literal["create", "change", "delete", "recover"]


class Fields(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    description: Line = ""
    enabled: bool = False
    rollout: Annotated[int, Field(ge=0, le=100)] = 100


class Flag(Fields):
    name: Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,62}$")]


def bucket(flag: str, key: str) -> int:
    """Place a key, for ever. The flag's name counts too, so that no key is always first."""
    return int.from_bytes(sha256(f"{flag}:{key}".encode()).digest()[:8], "big") % BUCKETS


def evaluate(flag: Flag, key: str) -> dict[str, Any]:
    """Is it on for this key? The same answer on every host and after every restart."""
    inside = bucket(flag.name, key) < flag.rollout * BUCKETS // 100
    why = f"{'inside' if inside else 'outside'} the {flag.rollout} % roll-out" if flag.enabled else "the flag is off"
    return {"on": flag.enabled and inside, "why": why}


def every(conn: Connection) -> dict[str, Flag]:
    rows = conn.execute("SELECT name, description, enabled, rollout FROM flags ORDER BY name")
    return {row["name"]: Flag(**row) for row in rows}


def find(flags: dict[str, Flag], name: str) -> Flag:
    if name not in flags:
        raise PennantError(f"no flag is called {name!r}; GET /flags shows those that exist", 404)
    return flags[name]


@validate_call
def write(action: Action, name: str, fields: dict[str, Any], *, actor: Line, reason: Reason) -> Flag:
    """Change flags, and record who did it and why. Returns the flag as it is, or was."""
    with connect(seconds=5) as conn:
        conn.execute("LOCK TABLE flags IN SHARE ROW EXCLUSIVE MODE")  # readers go on, other writers wait
        flags = every(conn)
        before = find(flags, name) if action in {"change", "delete"} else None
        if before is None and name in flags:
            raise PennantError(f"the flag {name!r} already exists; change it instead", 409)
        if action == "recover":
            query = "SELECT before FROM audit WHERE flag = %s AND action = 'delete' ORDER BY id DESC LIMIT 1"
            if not (row := conn.execute(query, [name]).fetchone()):
                raise PennantError(f"the audit log holds no deletion of {name!r}: restore from a backup", 404)
            fields = row["before"]
        after = None if action == "delete" else Flag(**{"name": name} | dict(before or ()) | fields)
        conn.execute("DELETE FROM flags WHERE name = %s", [name])
        if after:
            query = "INSERT INTO flags VALUES (%(name)s, %(description)s, %(enabled)s, %(rollout)s)"
            conn.execute(query, after.model_dump())
        states = [Jsonb(flag.model_dump()) if flag else None for flag in (before, after)]
        query = "INSERT INTO audit (actor, action, flag, reason, before, after) VALUES (%s, %s, %s, %s, %s, %s)"
        conn.execute(query, [actor, action, name, reason, *states])
    return after or flags[name]


def audit(flag: str = "", limit: int = 50) -> None:
    """Who changed what, when and why; newest first."""
    query = "SELECT * FROM audit WHERE %(flag)s IN ('', flag) ORDER BY id DESC LIMIT %(limit)s"
    with connect() as conn:
        for e in conn.execute(query, {"flag": flag, "limit": limit}):
            print(f"{e['at']:%Y-%m-%dT%H:%M:%S.%fZ} {e['actor']} {e['action']} {e['flag']}: {e['reason']}")


def change(
    action: Action,
    name: str,
    reason: Annotated[str, typer.Option(help="Why. It lands in the audit log.")],
    fields: Annotated[list[str] | None, typer.Argument(help="Like enabled=true rollout=20 description=TEXT.")] = None,
) -> None:
    """Create, change or delete a flag, or recover a deleted one, also while the API is down."""
    given = dict(field.partition("=")[::2] for field in fields or [])
    wanted = Fields.model_validate_strings(given, strict=False).model_dump(exclude_unset=True)
    print(write(action, name, wanted, actor=Settings().actor, reason=reason).model_dump_json())
