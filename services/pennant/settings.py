"""Every setting of the service, from the environment (README.md says what each is for), and what all share."""

import os
from pathlib import Path
from urllib.parse import quote

from pydantic import ValidationError


class PennantError(Exception):
    """Pennant could not do what it was asked. The message tells how to go on; `status` is HTTP's."""

    def __init__(self, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.status = status


class Unavailable(PennantError):
    """PostgreSQL or Valkey does not answer, or PostgreSQL has no tables of ours."""


class Settings:
    def __init__(self) -> None:
        self.data = _path("PENNANT_DATA", Path("pennant-data"))
        self.backup_dir = _path("PENNANT_BACKUP_DIR", self.data / "backups")
        self.wal_dir = _path("PENNANT_WAL_DIR", self.data / "wal")
        self.status_dir = _path("PENNANT_STATUS_DIR", self.data / "status")
        self.tokens_file = _path("PENNANT_TOKENS_FILE", self.data / "tokens")
        self.run = self.data / "run"
        embedded = f"postgresql://pennant@/pennant?host={quote(str(self.run), safe='')}"
        self.database_url = os.environ.get("DATABASE_URL") or embedded
        self.valkey_url = os.environ.get("VALKEY_URL") or f"unix://{self.run}/valkey.sock"
        self.host = os.environ.get("PENNANT_HOST") or "127.0.0.1"
        self.port = int(_number("PENNANT_PORT", "8080"))
        self.url = os.environ.get("PENNANT_URL") or f"http://{self.host}:{self.port}"
        self.cache_ttl = _number("PENNANT_CACHE_TTL", "30")
        self.actor = os.environ.get("PENNANT_ACTOR") or os.environ.get("USER") or f"uid-{os.getuid()}"


def _path(name: str, default: Path) -> Path:
    return Path(os.environ.get(name) or default).absolute()


def _number(name: str, default: str) -> float:
    try:
        return float(os.environ.get(name) or default)
    except ValueError:
        raise PennantError(f"{name} must be a number, not {os.environ[name]!r}") from None


def explain(error: Exception) -> str:
    """What to tell people; of unacceptable input the first problem."""
    if not isinstance(error, ValidationError):
        return str(error)
    problem = error.errors()[0]
    return ": ".join([*map(str, problem["loc"]), problem["msg"]])


def write_atomically(path: Path, content: str, mode: int = 0o600) -> None:
    """Readers see the old file or the new one. Its owner keeps it when root writes."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(content, encoding="utf-8")
    partial.chmod(mode)
    if path.exists() and os.geteuid() == 0:
        os.chown(partial, path.stat().st_uid, path.stat().st_gid)
    partial.replace(path)
