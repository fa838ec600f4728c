"""The customers' status feed: two small files, which any web host can serve while we are down."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import typer
from jinja2 import Environment

from pennant.settings import PennantError, Settings, write_atomically

EMPTY = '{"state": "operational", "updates": []}'
PAGE = Environment(autoescape=True).from_string("""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="60"><title>Pennant status: {{ state }}</title>
<style>body{font:1rem/1.5 system-ui;max-width:40rem;margin:2rem auto;padding:0 1rem}</style>
<h1>Pennant: {{ state }}</h1>{% if next_update_by %}<p>Next update by {{ next_update_by }}.</p>{% endif %}
{% for update in updates %}<h2>{{ update.title }}: {{ update.state }}</h2>
<p>{{ update.at }}: {{ update.message }}{% if update.data_loss %} Data loss: {{ update.data_loss }}.{% endif %}</p>
{% endfor %}</html>
""")


def post(
    state: Annotated[Literal["investigating", "identified", "monitoring", "resolved"], typer.Option()],
    message: Annotated[str, typer.Option()],
    title: Annotated[str, typer.Option(help="Of a new incident.")] = "Service disruption",
    next_update: Annotated[int, typer.Option(min=1, max=1440, help="Promised, in minutes.")] = 20,
    data_loss: Annotated[str | None, typer.Option(help="Required when resolving: 'none', or what was lost.")] = None,
) -> None:
    """Publish an update: status.json and index.html in PENNANT_STATUS_DIR."""
    file, now = Settings().status_dir / "status.json", datetime.now(UTC).replace(microsecond=0)
    over = state == "resolved"
    try:
        feed: dict[str, Any] = json.loads(file.read_text() if file.exists() else EMPTY)
    except ValueError:
        raise PennantError(f"{file} is not JSON: move it away, and post again") from None
    if over != (data_loss is not None):
        raise PennantError("say whether data was lost exactly when resolving: --data-loss 'none'")
    if over and feed["state"] == "operational":
        raise PennantError("no incident is open, so none can be resolved")
    if feed["state"] != "operational":
        title = feed["updates"][0]["title"]
    update = {"at": now.isoformat(), "state": state, "title": title, "message": message, "data_loss": data_loss}
    feed = {
        "state": "operational" if over else state,
        "updated_at": now.isoformat(),
        "next_update_by": None if over else (now + timedelta(minutes=next_update)).isoformat(),
        "updates": [update, *feed["updates"][:99]],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, json.dumps(feed, indent=2) + "\n", 0o644)
    write_atomically(file.with_name("index.html"), PAGE.render(feed), 0o644)
    print(f"published: {feed['state']}" + ("" if over else f"; next update by {feed['next_update_by']}"))
