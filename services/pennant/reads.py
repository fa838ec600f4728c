"""Where an answer comes from: a fresh cached copy, else PostgreSQL, else the last copy there is."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import valkey
from pydantic import BaseModel

from pennant.database import connect
from pennant.flags import Flag, every
from pennant.settings import Settings, Unavailable

KEY = "pennant:snapshot:1"
KEEP_SECONDS = 7 * 24 * 3600  # how long a copy stays of use when PostgreSQL is lost
PAUSE_SECONDS = 1.0


class Snapshot(BaseModel):
    """All flags as they were at a moment. Losing it costs speed, nothing else."""

    taken_at: float
    flags: dict[str, Flag]

    @property
    def age(self) -> float:
        return time.time() - self.taken_at


class Reads:
    def __init__(self) -> None:
        self.client = valkey.Valkey.from_url(Settings().valkey_url, socket_connect_timeout=0.3, socket_timeout=0.5)
        self.paused_until: dict[str, float] = defaultdict(float)

    def view(self) -> tuple[dict[str, Flag], dict[str, Any]]:
        """All flags, and what an answer says about where they come from."""
        copy, source, lost = self.copy(), "cache", self.lost()
        if not copy or not 0 <= copy.age < Settings().cache_ttl:  # a copy from the future: some clock was wrong
            try:
                copy, source = self.refresh(), "database"
            except Unavailable:
                if copy is None:
                    raise
                source, lost = "stale-cache", ["database"]
        return copy.flags, {"source": source, "age_seconds": round(copy.age, 1), "degraded": lost}

    def copy(self) -> Snapshot | None:
        """The cached copy, if there is one that this version can read."""
        with suppress(Unavailable, ValueError):
            if raw := self._ask("GET", KEY):
                return Snapshot.model_validate_json(raw)
        return None

    def refresh(self) -> Snapshot:
        """Read all flags from PostgreSQL and put them into the cache."""
        with self._pausing("database"), connect(seconds=5) as conn:
            snapshot = Snapshot(taken_at=time.time(), flags=every(conn))
        with suppress(Unavailable):
            self._ask("SET", KEY, snapshot.model_dump_json(), "EX", KEEP_SECONDS)
        return snapshot

    def lost(self) -> list[str]:
        return ["cache"] if time.monotonic() < self.paused_until["cache"] else []

    def _ask(self, *command: str | int) -> Any:
        with self._pausing("cache"):
            try:
                return self.client.execute_command(*command)  # type: ignore[no-untyped-call]
            except (valkey.ValkeyError, OSError) as error:
                raise Unavailable(f"Valkey does not answer: {error}", 503) from error

    @contextmanager
    def _pausing(self, server: str) -> Iterator[None]:
        """After a failure, ask again only a second later, so that requests don't queue on time-outs."""
        if time.monotonic() < self.paused_until[server]:
            raise Unavailable(f"the {server} did not answer a moment ago; trying again soon", 503)
        try:
            yield
        except Unavailable:
            self.paused_until[server] = time.monotonic() + PAUSE_SECONDS
            raise
