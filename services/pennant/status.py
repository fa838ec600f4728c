"""The customers' status feed: two small files, which any web host can serve while we are down."""

import html
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template
from typing import Any

from pennant.backup import write_atomically
from pennant.errors import Conflict, InvalidInput
from pennant.flags import text

STATES = ("investigating", "identified", "monitoring", "resolved")
KEPT_INCIDENTS = 20
PAGE = Template("""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="60"><title>Pennant status: $state</title>
<style>body{font:1rem/1.5 system-ui;max-width:40rem;margin:2rem auto;padding:0 1rem}</style>
<h1>Pennant: $state</h1><p>Updated $updated. $promise</p>
$incidents
</html>
""")


def read(folder: Path) -> dict[str, Any]:
    try:
        feed: dict[str, Any] = json.loads((folder / "status.json").read_text())
    except FileNotFoundError:
        return {"service": "pennant", "state": "operational", "incidents": []}
    except ValueError as error:
        raise InvalidInput(f"{folder}/status.json is not JSON ({error}): move it away and post again") from None
    return feed


def post(
    folder: Path,
    *,
    state: str,
    message: str,
    title: str | None = None,
    next_minutes: int = 20,
    data_loss: str | None = None,
) -> dict[str, Any]:
    """Add an update to the open incident, or open one; write both files; return the feed."""
    now = datetime.now(UTC).replace(microsecond=0)
    _check(state, message, data_loss, next_minutes)
    feed = read(folder)
    incident = _open_incident(feed, state, title, now)
    update = {"at": now.isoformat(), "state": state, "message": message}
    if state == "resolved":
        update["data_loss"] = data_loss or ""
    else:
        update["next_update_by"] = (now + timedelta(minutes=next_minutes)).isoformat()
    incident["updates"].insert(0, update)
    incident["state"] = state
    feed |= {
        "state": "operational" if state == "resolved" else state,
        "updated_at": now.isoformat(),
        "next_update_by": update.get("next_update_by"),
        "incidents": feed["incidents"][:KEPT_INCIDENTS],
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "status.json", json.dumps(feed, indent=2) + "\n", 0o644)
    write_atomically(folder / "index.html", render(feed), 0o644)
    return feed


def _check(state: str, message: str, data_loss: str | None, next_minutes: int) -> None:
    if state not in STATES:
        raise InvalidInput(f"state must be one of {', '.join(STATES)}")
    text(message, "message", 10, 1000)
    if not 1 <= next_minutes <= 1440:
        raise InvalidInput("the next update must be promised within 1 to 1440 minutes")
    if (state == "resolved") != (data_loss is not None):
        raise InvalidInput("say whether data was lost exactly when resolving: --data-loss 'none'")
    text(data_loss or "none", "data loss", 4, 500)


def _open_incident(feed: dict[str, Any], state: str, title: str | None, now: datetime) -> dict[str, Any]:
    """The incident that is open, or a new one."""
    incidents: list[dict[str, Any]] = feed["incidents"]
    if incidents and incidents[0]["state"] != "resolved":
        return incidents[0]
    if state == "resolved":
        raise Conflict("no incident is open, so none can be resolved")
    opened: dict[str, Any] = {
        "id": now.strftime("%Y%m%dT%H%M%SZ"),
        "title": text(title or "Service disruption", "title", 4, 120),
        "state": state,
        "updates": [],
    }
    incidents.insert(0, opened)
    return opened


def render(feed: dict[str, Any]) -> str:
    promise = feed.get("next_update_by")
    return PAGE.substitute(
        state=html.escape(feed["state"]),
        updated=html.escape(feed.get("updated_at", "never")),
        promise=f"Next update by {html.escape(promise)}." if promise else "",
        incidents="\n".join(_incident(incident) for incident in feed["incidents"]),
    )


def _incident(incident: dict[str, Any]) -> str:
    items = "\n".join(
        f"<li><b>{html.escape(u['state'])}</b> {html.escape(u['at'])}: {html.escape(u['message'])}"
        + (f" Data loss: {html.escape(u['data_loss'])}." if "data_loss" in u else "")
        for u in incident["updates"]
    )
    return f"<h2>{html.escape(incident['title'])}</h2><ul>{items}</ul>"
