"""Real servers, once per session. Each test uses flag names of its own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from pennant import cli, embedded, migrate, tokens
from pennant.settings import Settings, from_environment

FOREIGN = ("DATABASE_URL", "VALKEY_URL", "PG_BIN", "PENNANT_")


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
    settings = from_environment({"PENNANT_DATA": str(folder), "PENNANT_ACTOR": "tester"})
    try:
        with embedded.running(settings):
            migrate.migrate(settings.database_url)
            yield settings
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """An empty data directory; what a test starts in it is stopped."""
    folder = reachable("pennant-else-")
    try:
        yield folder
    finally:
        embedded.stop_postgres(folder / "pg")
        embedded.stop_cache(from_environment({"PENNANT_DATA": str(folder)}))
        shutil.rmtree(folder)


@pytest.fixture
def pennant(home: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Run a command as an operator would."""
    monkeypatch.setenv("PENNANT_DATA", str(home.data))
    monkeypatch.setenv("PENNANT_ACTOR", "tester")

    def run(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = cli.main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Outcome(code, out.strip(), err.strip())

    return run


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

    def health(self) -> dict[str, object]:
        body: dict[str, object] = self.http.get("/healthz").json()
        return body


@pytest.fixture(scope="session")
def api(home: Settings) -> Iterator[Served]:
    """`pennant serve` beside the session's servers, with a cache that is fresh for half a second."""
    port = free_port()
    env = os.environ | {"PENNANT_DATA": str(home.data), "PENNANT_PORT": str(port), "PENNANT_CACHE_TTL": "0.5"}
    token = tokens.add(home.tokens, "ann")
    with subprocess.Popen([sys.executable, "-m", "pennant", "serve"], env=env) as process:
        try:
            await_port(port, process)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as http:
                yield Served(http, {"Authorization": f"Bearer {token}"}, port)
        finally:
            process.kill()


def await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "it exited at once"
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
        except httpx.TransportError:
            process_wait(process, 0.1)
        else:
            return
    raise AssertionError("it never listened")


def process_wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
