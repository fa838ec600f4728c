"""Who may change flags: a file of actors and hashes of tokens, read at every change, so revoking works at once."""

from secrets import token_urlsafe

from pennant.database import digest
from pennant.settings import PennantError, Settings, write_atomically


def holders() -> dict[str, str]:
    """Hash to actor; an actor may have several tokens."""
    file = Settings().tokens_file
    lines = file.read_text().splitlines() if file.exists() else []
    return {hashed: actor for actor, hashed in map(str.split, lines)}


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
    print("\n".join(f"{actor}  sha256:{hashed[:12]}" for hashed, actor in holders().items()))


def revoke(actor: str) -> None:
    """Revoke ACTOR's tokens; `everybody` revokes all."""
    before = holders()
    kept = {hashed: name for hashed, name in before.items() if actor not in {name, "everybody"}}
    if kept == before:
        raise PennantError(f"no token of {actor!r} is known; `pennant token list` shows whose are")
    _save(kept)
    print(f"revoked {len(before) - len(kept)}")


def _save(known: dict[str, str]) -> None:
    file = Settings().tokens_file
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(file, "".join(f"{actor} {hashed}\n" for hashed, actor in known.items()))
