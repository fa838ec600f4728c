"""The customers' status feed: two small files, which any web host can serve while we are down."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import typer
from jinja2 import Environment
from pydantic import BaseModel, Field

from pennant.backup import write_atomically
from pennant.flags import Line
from pennant.settings import PennantError, Settings

State = Literal["investigating", "identified", "monitoring", "resolved"]
PAGE = Environment(autoescape=True).from_string("""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="60"><title>Pennant status: {{ state }}</title>
<style>body{font:1rem/1.5 system-ui;max-width:40rem;margin:2rem auto;padding:0 1rem}</style>
<h1>Pennant: {{ state }}</h1>{% if next_update_by %}<p>Next update by {{ next_update_by }}.</p>{% endif %}
{% for update in updates %}<h2>{{ update.title }}: {{ update.state }}</h2>
<p>{{ update.at }}: {{ update.message }}{% if update.data_loss %} Data loss: {{ update.data_loss }}.{% endif %}</p>
{% endfor %}</html>
""")


class Update(BaseModel):
    at: str
    state: State
    title: Line
    message: Annotated[Line, Field(min_length=10)]
    data_loss: Annotated[Line, Field(min_length=4)] | None


class Feed(BaseModel):
    state: str = "operational"
    updated_at: str = "never"
    next_update_by: str | None = None
    updates: list[Update] = []


def post(
    state: Annotated[State, typer.Option()],
    message: Annotated[str, typer.Option()],
    title: Annotated[str, typer.Option(help="Of a new incident.")] = "Service disruption",
    next_update: Annotated[int, typer.Option(min=1, max=1440, help="Promised, in minutes.")] = 20,
    data_loss: Annotated[str | None, typer.Option(help="Required when resolving: 'none', or what was lost.")] = None,
) -> None:
    """Publish an update: status.json and index.html in PENNANT_STATUS_DIR."""
    now, over, folder = datetime.now(UTC).replace(microsecond=0), state == "resolved", Settings().status_dir
    file = folder / "status.json"
    feed = Feed.model_validate_json(file.read_bytes()) if file.exists() else Feed()
    if over != (data_loss is not None):
        raise PennantError("say whether data was lost exactly when resolving: --data-loss 'none'")
    if feed.state != "operational":
        title = feed.updates[0].title
    elif over:
        raise PennantError("no incident is open, so none can be resolved")
    update = Update(at=now.isoformat(), state=state, title=title, message=message, data_loss=data_loss)
    promise = None if over else (now + timedelta(minutes=next_update)).isoformat()
    shown, updates = "operational" if over else state, [update, *feed.updates[:99]]
    feed = Feed(state=shown, updated_at=update.at, next_update_by=promise, updates=updates)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(file, feed.model_dump_json(indent=2) + "\n", 0o644)
    write_atomically(folder / "index.html", PAGE.render(feed), 0o644)
    print(f"published: {shown}" + (f"; next update by {promise}" if promise else ""))
