"""Commands for flags, their audit log, tokens and the status feed.

Flags are changed in PostgreSQL directly, so these work while the API is down.
"""

import json
from dataclasses import asdict
from typing import Any

import click

from pennant import flags, status, tokens
from pennant.database import connect
from pennant.errors import InvalidInput
from pennant.flags import Flag
from pennant.options import as_json, because, reason, refresh_cache, say
from pennant.settings import Settings


@click.group()
def flag() -> None:
    """Read and change flags in PostgreSQL, without the API."""


def _line(f: Flag) -> str:
    state = f"on for {f.rollout} %" if f.enabled else "off"
    return f"{f.name:<30} {state:<12} {f.description}".rstrip()


@flag.command("list")
@as_json
@click.pass_obj
def flag_list(settings: Settings, as_json: bool) -> None:
    """Show all flags."""
    with connect(settings.database_url) as conn:
        found = flags.every(conn).values()
    say(json.dumps([asdict(f) for f in found]) if as_json else "\n".join(map(_line, found)))


@flag.command("show")
@click.argument("name")
@click.pass_obj
def flag_show(settings: Settings, name: str) -> None:
    """Show one flag, as JSON."""
    with connect(settings.database_url) as conn:
        say(json.dumps(asdict(flags.find(conn, name)), indent=2))


@flag.command("set")
@click.argument("name")
@click.option("--on/--off", "enabled", default=None)
@click.option("--rollout", type=int, help="Per cent of keys, 0 to 100.")
@click.option("--description")
@reason
@click.pass_obj
def flag_set(settings: Settings, /, name: str, reason: str, **given: Any) -> None:
    """Create a flag, or change the given fields of it."""
    wanted = {key: value for key, value in given.items() if value is not None}
    with connect(settings.database_url) as conn:
        if name in flags.every(conn):
            done = flags.change(conn, name, wanted, because(reason))
        else:
            done = flags.create(conn, Flag(name, **wanted), because(reason))
    refresh_cache(settings)
    say(_line(done))


@flag.command("delete")
@click.argument("name")
@reason
@click.pass_obj
def flag_delete(settings: Settings, name: str, reason: str) -> None:
    """Delete a flag; `flag recover` brings it back."""
    with connect(settings.database_url) as conn:
        flags.delete(conn, name, because(reason))
    refresh_cache(settings)
    say(f"deleted {name}; undo: pennant flag recover {name} --reason '...'")


@flag.command("recover")
@click.argument("name")
@reason
@click.pass_obj
def flag_recover(settings: Settings, name: str, reason: str) -> None:
    """Create a deleted flag again, as the audit log last saw it."""
    with connect(settings.database_url) as conn:
        done = flags.recover(conn, name, because(reason))
    refresh_cache(settings)
    say(_line(done))


@click.command()
@click.option("--flag", help="Only this flag.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50)
@as_json
@click.pass_obj
def audit(settings: Settings, flag: str | None, limit: int, as_json: bool) -> None:
    """Who changed what, when and why; newest first."""
    with connect(settings.database_url) as conn:
        entries = flags.audit(conn, flag, limit)
    if as_json:
        say(json.dumps([{**e, "at": e["at"].isoformat()} for e in entries], indent=2))
        return
    for e in entries:
        say(f"{e['at']:%Y-%m-%dT%H:%M:%S.%fZ} {e['actor']} {e['action']} {e['flag']}: {e['reason']}")


@click.group("status")
def status_group() -> None:
    """The customers' status feed."""


@status_group.command("post")
@click.option("--state", type=click.Choice(status.STATES), required=True)
@click.option("--message", required=True)
@click.option("--title", help="Of a new incident.")
@click.option("--next-update", "next_minutes", type=int, default=20, help="Promised, in minutes.")
@click.option("--data-loss", help="Required when resolving: 'none', or what was lost.")
@click.pass_obj
def status_post(settings: Settings, /, **update: Any) -> None:
    """Publish an update: status.json and index.html in PENNANT_STATUS_DIR."""
    feed = status.post(settings.status, **update)
    promise = f"; next update by {feed['next_update_by']}" if feed["next_update_by"] else ""
    say(f"published: {feed['state']}{promise}")


@status_group.command("show")
@click.pass_obj
def status_show(settings: Settings) -> None:
    """Print the feed."""
    say(json.dumps(status.read(settings.status), indent=2))


@click.group()
def token() -> None:
    """Who may change flags over HTTP. Changes take effect at once."""


@token.command("add")
@click.argument("actor")
@click.pass_obj
def token_add(settings: Settings, actor: str) -> None:
    """Issue a token for ACTOR; printed once, stored only as a hash."""
    say(tokens.add(settings.tokens, actor))


@token.command("list")
@click.pass_obj
def token_list(settings: Settings) -> None:
    """Show who holds tokens."""
    for actor, digest in tokens.load(settings.tokens):
        say(f"{actor}  sha256:{digest[:12]}")


@token.command("revoke")
@click.argument("actor", required=False)
@click.option("--all", "everybody", is_flag=True)
@click.pass_obj
def token_revoke(settings: Settings, actor: str | None, everybody: bool) -> None:
    """Revoke ACTOR's tokens, or all."""
    if everybody == bool(actor):
        raise InvalidInput("say either an ACTOR or --all")
    say(f"revoked {tokens.revoke(settings.tokens, actor)}")
