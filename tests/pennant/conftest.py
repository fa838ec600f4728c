"""Real servers, once per session. Each test uses flag names of its own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from pennant import cli, database, embedded
from pennant.settings import Settings

REASON = "asked for in ticket 7"
FOREIGN = ("DATABASE_URL", "VALKEY_URL", "PG_BIN", "PENNANT_")
PENNANT = Path(sys.executable).with_name("pennant")


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> None:
    for name in [n for n in os.environ if n.startswith(FOREIGN)]:
        del os.environ[name]


def reachable(prefix: str) -> Path:
    """A short path (sockets) that `nobody` may enter, who runs the servers where root has no user namespaces."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o711)
    return folder


@pytest.fixture(scope="session")
def home() -> Iterator[Settings]:
    """A data directory with PostgreSQL and Valkey running in it; nothing outlives the session."""
    folder = reachable("pennant-test-")
    os.environ.update(PENNANT_DATA=str(folder), PENNANT_ACTOR="tester")
    try:
        embedded.start_database()
        embedded.start_cache()
        database.migrate()
        yield Settings()
    finally:
        embedded.stop_cache()
        embedded.stop_database()
        shutil.rmtree(folder)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data directory; what a test starts in it is stopped."""
    folder = reachable("pennant-else-")
    try:
        yield folder
    finally:
        monkeypatch.setenv("PENNANT_DATA", str(folder))
        embedded.stop_database()
        embedded.stop_cache()
        shutil.rmtree(folder)


@pytest.fixture
def pennant(home: Settings, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Run a command as an operator would, on the session's servers or on those of another data directory."""

    def run(*arguments: object, data: Path = home.data, **settings: str) -> Outcome:
        capfd.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {"PENNANT_DATA": str(data), **settings}.items():
                patch.setenv(name, value)
            code = cli.main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Outcome(code, out.strip(), err.strip())

    return run


def all_flags(pennant: Cli, **settings: Any) -> Outcome:
    return pennant("db", "psql", "--", "-Atc", "TABLE flags ORDER BY name", **settings)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Served:
    http: httpx.Client
    headers: dict[str, str]
    port: int

    def write(self, method: str, name: str, fields: dict[str, Any], reason: str = REASON) -> httpx.Response:
        """Create (POST), change (PATCH) or delete (DELETE) a flag."""
        body = json.dumps({"reason": reason, **fields})
        return self.http.request(method, f"/flags/{name}", content=body, headers=self.headers)

    def health(self) -> dict[str, object]:
        body: dict[str, object] = self.http.get("/healthz").json()
        return body


@pytest.fixture(scope="session")
def api(home: Settings) -> Iterator[Served]:
    """`pennant serve` beside the session's servers, with a cache that is fresh for half a second."""
    port = free_port()
    env = os.environ | {"PENNANT_DATA": str(home.data), "PENNANT_PORT": str(port), "PENNANT_CACHE_TTL": "0.5"}
    token = subprocess.run([PENNANT, "token", "add", "ann"], env=env, check=True, capture_output=True, text=True).stdout
    with subprocess.Popen([PENNANT, "serve"], env=env) as process:
        try:
            await_port(port, process)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as http:
                yield Served(http, {"Authorization": f"Bearer {token.strip()}"}, port)
        finally:
            process.kill()


def await_port(port: int, process: subprocess.Popen[Any]) -> None:
    for _ in range(200):
        assert process.poll() is None, "it exited at once"
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
        except httpx.TransportError:
            process_wait(process, 0.1)
        else:
            return
    raise AssertionError("it never listened")


def process_wait(process: subprocess.Popen[Any], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
