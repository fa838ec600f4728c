"""Who may change flags: a file of actors and hashes of their tokens, read at every change.

So a token is revoked at once, without a restart, and the file gives no token away.
"""

import hashlib
import hmac
import re
import secrets
from pathlib import Path

from pennant.backup import write_atomically
from pennant.errors import InvalidInput, NotFound, PennantError, Unauthorized

ACTOR = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


def load(file: Path) -> list[tuple[str, str]]:
    """(actor, SHA-256 of a token), in the file's order; an actor may have several."""
    try:
        lines = file.read_text().splitlines()
    except FileNotFoundError:
        return []
    except PermissionError:
        raise PennantError(f"{file} cannot be read: give it to the user that the service runs as") from None
    pairs = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    if any(len(pair) != 2 for pair in pairs):
        raise InvalidInput(f"{file}: every line must be `ACTOR SHA256`")
    return [(actor, digest) for actor, digest in pairs]


def add(file: Path, actor: str) -> str:
    """Issue a token. It is shown once and stored nowhere."""
    if not ACTOR.fullmatch(actor):
        raise InvalidInput("an actor is 1-64 of a-z, 0-9 and . _ @ -, like ann or ci@example.com")
    token = f"pnt_{secrets.token_urlsafe(32)}"
    _save(file, [*load(file), (actor, _digest(token))])
    return token


def revoke(file: Path, actor: str | None) -> int:
    """Revoke all tokens of an actor, or of everybody; returns how many."""
    before = load(file)
    kept = [pair for pair in before if actor is not None and pair[0] != actor]
    if len(kept) == len(before):
        raise NotFound("nobody by that name has a token; `pennant token list` shows who has")
    _save(file, kept)
    return len(before) - len(kept)


def actor_of(file: Path, authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    digest = _digest(token.strip())
    if scheme.lower() == "bearer":
        for actor, known in load(file):
            if hmac.compare_digest(digest, known):
                return actor
    raise Unauthorized("send `Authorization: Bearer TOKEN`; an operator issues one with `pennant token add ACTOR`")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _save(file: Path, pairs: list[tuple[str, str]]) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(file, "".join(f"{actor} {digest}\n" for actor, digest in pairs))
