"""The feed that customers read while everything else is down."""

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Cli, Outcome


@pytest.fixture
def feed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PENNANT_STATUS_DIR", str(tmp_path))
    return tmp_path / "status.json"


def post(pennant: Cli, state: str, *more: str, message: str = "Flags can't be changed.") -> Outcome:
    return pennant("status", "post", "--state", state, "--message", message, *more)


def read(feed: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(feed.read_text())
    return found


def test_an_incident_from_first_post_to_resolution(pennant: Cli, feed: Path) -> None:
    post(pennant, "investigating", "--title", "Flag changes fail")
    assert "published: identified; next update by " in post(pennant, "identified").out
    found = read(feed)
    assert (found["state"], [u["title"] for u in found["updates"]]) == ("identified", ["Flag changes fail"] * 2)
    assert found["next_update_by"] > found["updated_at"]
    assert post(pennant, "resolved", "--data-loss", "none").out == "published: operational"
    found = read(feed)
    assert (found["state"], found["next_update_by"], found["updates"][0]["data_loss"]) == ("operational", None, "none")
    post(pennant, "investigating")
    assert [u["state"] for u in read(feed)["updates"]] == ["investigating", "resolved", "identified", "investigating"]
    assert sorted(path.name for path in feed.parent.iterdir()) == ["index.html", "status.json"]


def test_the_page_escapes_what_it_is_told(pennant: Cli, feed: Path) -> None:
    post(pennant, "investigating", "--title", "<b>&", message="<script>alert(1)</script>")
    page = feed.with_name("index.html")
    assert "<script>" not in page.read_text()
    assert "&lt;b&gt;&amp;" in page.read_text()
    assert page.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("state", "more"),
    [("resolved", []), ("resolved", ["--data-loss", "none"]), ("fine", []), ("identified", ["--data-loss", "none"])],
)
def test_refusals(pennant: Cli, feed: Path, state: str, more: list[str]) -> None:
    assert post(pennant, state, *more).code != 0
    assert not list(feed.parent.iterdir())


def test_a_broken_feed_is_not_overwritten(pennant: Cli, feed: Path) -> None:
    feed.write_text("{")
    refused = post(pennant, "investigating")
    assert (refused.code, "status.json is not JSON" in refused.err) == (1, True)
    assert feed.read_text() == "{"
