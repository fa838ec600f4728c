"""Is a flag on for this context? Pure, and stable across hosts, versions and restarts."""

import hashlib
from dataclasses import dataclass

from pennant.flags import Flag

BUCKETS = 10_000


@dataclass(frozen=True)
class Verdict:
    on: bool
    why: str


def bucket(flag: str, key: str) -> int:
    """Place a key, for ever. The flag's name counts too, so that no key is always first."""
    digest = hashlib.sha256(f"{flag}:{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def evaluate(flag: Flag, key: str) -> Verdict:
    if not flag.enabled:
        return Verdict(False, "the flag is off")
    on = bucket(flag.name, key) < flag.rollout * BUCKETS // 100
    return Verdict(on, f"{'inside' if on else 'outside'} the {flag.rollout} % roll-out")
