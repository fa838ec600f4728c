"""The feed that customers read while everything else is down."""

import json
from pathlib import Path

import pytest

from pennant import status
from pennant.errors import PennantError


def post(folder: Path, state: str, message: str = "Flags can't be changed.", **more: str) -> None:
    status.post(folder, state=state, message=message, **more)  # type: ignore[arg-type]


def test_an_incident_from_first_post_to_resolution(tmp_path: Path) -> None:
    post(tmp_path, "investigating", title="Flag changes fail")
    post(tmp_path, "identified")
    feed = json.loads((tmp_path / "status.json").read_text())
    assert (feed["state"], len(feed["incidents"]), len(feed["incidents"][0]["updates"])) == ("identified", 1, 2)
    assert feed["next_update_by"] > feed["updated_at"]
    post(tmp_path, "resolved", data_loss="none")
    feed = status.read(tmp_path)
    assert (feed["state"], feed["next_update_by"]) == ("operational", None)
    assert feed["incidents"][0]["updates"][0]["data_loss"] == "none"
    post(tmp_path, "investigating")
    assert [i["state"] for i in status.read(tmp_path)["incidents"]] == ["investigating", "resolved"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.html", "status.json"]


def test_the_page_escapes_what_it_is_told(tmp_path: Path) -> None:
    post(tmp_path, "investigating", "<script>alert(1)</script>", title="<b>&")
    page = (tmp_path / "index.html").read_text()
    assert "<script>" not in page
    assert "&lt;b&gt;&amp;" in page
    assert (tmp_path / "index.html").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("state", "more"),
    [("resolved", {}), ("resolved", {"data_loss": "none"}), ("fine", {}), ("identified", {"data_loss": "none"})],
)
def test_refusals(tmp_path: Path, state: str, more: dict[str, str]) -> None:
    with pytest.raises(PennantError):
        post(tmp_path, state, **more)
    assert not list(tmp_path.iterdir())


def test_a_broken_feed_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "status.json").write_text("{")
    with pytest.raises(PennantError, match="is not JSON"):
        post(tmp_path, "investigating")
    assert (tmp_path / "status.json").read_text() == "{"
