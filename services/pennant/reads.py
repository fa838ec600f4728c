"""Where an answer comes from: a fresh cached copy, else PostgreSQL, else the last copy we have."""

import time
from dataclasses import dataclass

from pennant import flags
from pennant.cache import Cache, Pause, Snapshot
from pennant.database import connect
from pennant.errors import DatabaseUnavailable
from pennant.settings import Settings


@dataclass(frozen=True)
class View:
    flags: dict[str, flags.Flag]
    source: str
    """cache, database or stale-cache"""
    age_seconds: float
    degraded: list[str]


class Reads:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.cache = Cache(settings.valkey_url)
        self.pause = Pause()

    def view(self) -> View:
        copy = self.cache.load()
        if copy and copy.age < self.settings.cache_ttl:
            return View(copy.flags, "cache", round(copy.age, 1), [])
        lost = [] if self.cache.up else ["cache"]
        try:
            return View(self.refresh().flags, "database", 0.0, lost)
        except DatabaseUnavailable:
            if copy is None:
                raise
            return View(copy.flags, "stale-cache", round(copy.age, 1), ["database"])

    def refresh(self) -> Snapshot:
        """Read all flags from PostgreSQL and put them into the cache."""
        if self.pause:
            raise DatabaseUnavailable("PostgreSQL did not answer a moment ago; trying again soon")
        try:
            with connect(self.settings.database_url, statement_seconds=5) as conn:
                taken_at = time.time()
                snapshot = Snapshot(flags.every(conn), taken_at)
        except DatabaseUnavailable:
            self.pause.begin()
            raise
        self.cache.store(snapshot)
        return snapshot
