"""What is lost is named, what is left still serves."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
import valkey

from pennant import embedded
from pennant.reads import KEY, Snapshot
from pennant.settings import Settings

from .conftest import Cli, Served, all_flags

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _everything_comes_back(api: Served, pennant: Cli) -> Iterator[None]:
    pennant("flag", "create", "steady", "enabled=true", "--reason", "for these tests")  # or it exists
    assert api.http.get("/flags/steady").status_code == 200
    yield
    embedded.start_database()
    embedded.start_cache()
    time.sleep(1.1)  # the service asks again after a second
    assert api.http.get("/flags/steady").status_code == 200


def test_without_the_cache_postgres_serves(api: Served, pennant: Cli) -> None:
    assert pennant("cache", "stop").code == 0
    read = api.http.get("/flags/steady").json()
    assert (read["source"], read["degraded"]) == ("database", ["cache"])
    health = api.health()
    assert (health["status"], health["degraded"], health["serving"]) == ("degraded", ["cache"], "database")
    assert 'pennant_check_ok{check="cache"} 0.0' in api.http.get("/metrics").text
    assert api.write("PATCH", "steady", {"rollout": 42}).status_code == 200

    assert pennant("cache", "start").code == 0
    time.sleep(1.1)
    assert api.http.get("/flags/steady").json()["source"] == "database"  # and fills the cache
    assert api.http.get("/flags/steady").json()["source"] == "cache"
    assert api.health()["status"] == "ok"


def test_a_copy_from_the_future_does_not_count_as_fresh(home: Settings, api: Served) -> None:
    with valkey.Valkey.from_url(home.valkey_url) as client:
        ahead = Snapshot(taken_at=time.time() + 3600, flags={})
        client.set(KEY, ahead.model_dump_json())
        read = api.http.get("/flags/steady").json()
        assert (read["source"], read["degraded"]) == ("database", [])
        assert Snapshot.model_validate_json(client.get(KEY)).age < 60


def test_without_the_database_the_cache_serves_and_says_how_old(api: Served, pennant: Cli) -> None:
    assert pennant("db", "stop").code == 0
    time.sleep(0.6)
    read = api.http.get("/flags/steady").json()
    assert (read["source"], read["degraded"]) == ("stale-cache", ["database"])
    assert read["age_seconds"] >= 0.6
    health = api.health()
    assert (health["status"], health["accepts_changes"]) == ("degraded", False)
    assert str(health["serving"]).startswith("cached copy, ")
    refused = api.write("PATCH", "steady", {"rollout": 1})
    assert refused.status_code == 503
    assert "PostgreSQL does not answer" in refused.json()["error"]


def test_without_both_it_is_down_and_says_so(api: Served, pennant: Cli) -> None:
    port = str(api.port)
    pennant("db", "stop")
    pennant("cache", "stop")
    assert api.http.get("/flags/steady").status_code == 503
    assert api.http.get("/healthz").status_code == 503
    told = pennant("health", "--allow-degraded", PENNANT_PORT=port)
    assert told.code == 1
    assert told.out.startswith("status: down\nserving: nothing\nFAIL cache: ")
    assert "FAIL database: PostgreSQL does not answer" in told.out
    assert pennant("db", "start").code == 0
    assert pennant("health", "--allow-degraded", "--wait", "5", PENNANT_PORT=port).code == 0
    assert pennant("health", PENNANT_PORT=port).code == 1


def test_a_killed_postgres_recovers_by_itself(home: Settings, pennant: Cli) -> None:
    pid = int((home.data / "pg" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.5)
    assert pennant("audit").code == 1
    assert pennant("db", "start").code == 0
    assert "steady" in all_flags(pennant).out
