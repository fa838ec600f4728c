"""The read cache: one snapshot of all flags in Valkey. Losing it costs speed, nothing else."""

import json
import time
from dataclasses import asdict, dataclass

import valkey

from pennant.errors import CacheUnavailable, PennantError
from pennant.flags import Flag

KEY = "pennant:snapshot:1"
KEEP_SECONDS = 7 * 24 * 3600  # how long a copy stays of use when PostgreSQL is lost
PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Snapshot:
    flags: dict[str, Flag]
    taken_at: float

    @property
    def age(self) -> float:
        return max(0.0, time.time() - self.taken_at)


class Pause:
    """After a failure, ask again only a second later, so that requests don't queue on time-outs."""

    def __init__(self) -> None:
        self._until = 0.0

    def __bool__(self) -> bool:
        return time.monotonic() < self._until

    def begin(self) -> None:
        self._until = time.monotonic() + PAUSE_SECONDS


class Cache:
    def __init__(self, url: str) -> None:
        self.client = valkey.Valkey.from_url(url, socket_connect_timeout=0.3, socket_timeout=0.5)
        self.pause = Pause()
        self.up = True

    def load(self) -> Snapshot | None:
        """The cached copy; None when there is none, or no cache. See `up` for which."""
        raw = self._try("GET", KEY)
        try:
            stored = json.loads(raw) if isinstance(raw, bytes) else None
            flags = [Flag(**flag) for flag in stored["flags"]] if stored else []
            return Snapshot({f.name: f for f in flags}, float(stored["taken_at"])) if stored else None
        except (ValueError, TypeError, KeyError, PennantError):
            return None  # written by another version: as good as absent

    def store(self, snapshot: Snapshot) -> None:
        flags = [asdict(flag) for flag in snapshot.flags.values()]
        body = json.dumps({"taken_at": snapshot.taken_at, "flags": flags})
        self._try("SET", KEY, body, "EX", str(KEEP_SECONDS))

    def _try(self, *command: str) -> object:
        if self.pause:
            return None
        try:
            return self.ask(*command)
        except CacheUnavailable:
            self.pause.begin()
            return None

    def ask(self, *command: str) -> object:
        """One command; unlike load and store it complains when there is no cache."""
        try:
            answer: object = self.client.execute_command(*command)  # type: ignore[no-untyped-call]
            self.up = True
            return answer
        except (valkey.ValkeyError, OSError) as error:
            self.up = False
            raise CacheUnavailable(f"Valkey does not answer: {error} (check that it runs, and VALKEY_URL)") from error

    def flush(self) -> None:
        self.ask("DEL", KEY)
