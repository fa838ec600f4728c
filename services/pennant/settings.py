"""Every setting of the service, read from the environment once and in one place.

Besides: PG_BIN in database.py, PENNANT_ACTOR and PENNANT_DEBUG in cli.py.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pennant.errors import InvalidInput


@dataclass(frozen=True)
class Settings:
    data: Path
    """PENNANT_DATA: everything embedded lives here."""
    database_url: str
    """DATABASE_URL: your own PostgreSQL; by default the embedded one under `data`."""
    valkey_url: str
    """VALKEY_URL: your own Valkey; by default the embedded one under `data`."""
    embedded_database: bool
    embedded_cache: bool
    backups: Path
    """PENNANT_BACKUP_DIR: dumps and base backups. In production: another host's disk."""
    wal_archive: Path
    """PENNANT_WAL_DIR: archived write-ahead log, for recovery to a point in time."""
    status: Path
    """PENNANT_STATUS_DIR: the customers' status feed. In production: another provider."""
    tokens: Path
    """PENNANT_TOKENS_FILE: who may change flags; hashes only."""
    host: str
    """PENNANT_HOST: the address that `pennant serve` binds."""
    port: int
    """PENNANT_PORT: the port that `pennant serve` binds."""
    url: str
    """PENNANT_URL: where `pennant health` finds the service."""
    cache_ttl: float
    """PENNANT_CACHE_TTL: seconds for which a cached copy counts as fresh."""

    @property
    def run(self) -> Path:
        return self.data / "run"

    @property
    def logs(self) -> Path:
        return self.data / "log"


def from_environment(env: Mapping[str, str] = os.environ) -> Settings:
    data = Path(env.get("PENNANT_DATA") or "pennant-data").absolute()
    host, port = env.get("PENNANT_HOST") or "127.0.0.1", int(_number(env, "PENNANT_PORT", "8080"))
    embedded_url = f"postgresql://pennant@/pennant?host={quote(str(data / 'run'), safe='')}"
    return Settings(
        data=data,
        database_url=env.get("DATABASE_URL") or embedded_url,
        valkey_url=env.get("VALKEY_URL") or f"unix://{data / 'run' / 'valkey.sock'}",
        embedded_database=not env.get("DATABASE_URL"),
        embedded_cache=not env.get("VALKEY_URL"),
        backups=Path(env.get("PENNANT_BACKUP_DIR") or data / "backups").absolute(),
        wal_archive=Path(env.get("PENNANT_WAL_DIR") or data / "wal").absolute(),
        status=Path(env.get("PENNANT_STATUS_DIR") or data / "status").absolute(),
        tokens=Path(env.get("PENNANT_TOKENS_FILE") or data / "tokens").absolute(),
        host=host,
        port=port,
        url=env.get("PENNANT_URL") or f"http://{host}:{port}",
        cache_ttl=_number(env, "PENNANT_CACHE_TTL", "30"),
    )


def _number(env: Mapping[str, str], name: str, default: str) -> float:
    try:
        return float(env.get(name) or default)
    except ValueError:
        raise InvalidInput(f"{name} must be a number, not {env[name]!r}") from None
