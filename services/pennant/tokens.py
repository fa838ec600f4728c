"""Who may change flags: a file of actors and hashes of their tokens, read at every change.

So a token is revoked at once, without a restart, and the file gives no token away.
"""

from secrets import token_urlsafe
from typing import Annotated

import typer

from pennant.database import digest
from pennant.settings import PennantError, Settings, write_atomically


def holders() -> dict[str, str]:
    """Hash to actor; an actor may have several tokens."""
    file = Settings().tokens_file
    lines = file.read_text().splitlines() if file.exists() else []
    return {digest: actor for actor, digest in map(str.split, lines)}


def actor_of(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    actor = holders().get(digest(token.strip()))  # looking up a hash gives nothing away by its timing
    if scheme.lower() != "bearer" or actor is None:
        raise PennantError("send `Authorization: Bearer TOKEN`; `pennant token add ACTOR` issues one", 401)
    return actor


def add(actor: str) -> None:
    """Issue a token for ACTOR; printed once, stored only as a hash."""
    if actor.split() != [actor]:
        raise PennantError("an actor is one word, like ann or ci@example.com")
    token = f"pnt_{token_urlsafe(32)}"
    _save(holders() | {digest(token): actor})
    print(token)


def show() -> None:
    """Show who holds tokens."""
    print("\n".join(f"{actor}  sha256:{digest[:12]}" for digest, actor in holders().items()))


def revoke(
    actor: Annotated[str, typer.Argument()] = "", *, everybody: Annotated[bool, typer.Option("--all")] = False
) -> None:
    """Revoke ACTOR's tokens, or all."""
    before = holders()
    kept = {digest: name for digest, name in before.items() if name != actor and not everybody}
    if kept == before:
        raise PennantError("nobody by that name has a token; `pennant token list` shows who has")
    _save(kept)
    print(f"revoked {len(before) - len(kept)}")


def _save(known: dict[str, str]) -> None:
    file = Settings().tokens_file
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(file, "".join(f"{actor} {digest}\n" for digest, actor in known.items()))
