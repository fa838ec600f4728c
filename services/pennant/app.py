"""The HTTP API. Reads survive the loss of the cache or the database, and say so."""

from contextlib import suppress
from typing import Annotated, Any

from anyio.from_thread import run as wait_for
from prometheus_client import Gauge, generate_latest
from pydantic import AliasPath, BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette_exporter import PrometheusMiddleware

from pennant import flags
from pennant.backup import complete
from pennant.database import connect, pending
from pennant.reads import Reads
from pennant.settings import PennantError, Unavailable, explain
from pennant.tokens import actor_of

ACTIONS: dict[str, flags.Action] = {"POST": "create", "PATCH": "change", "DELETE": "delete"}
CHECK = Gauge("pennant_check_ok", "1 when a check of /healthz passes", ["check"])
BACKUP = Gauge("pennant_backup_timestamp_seconds", "Of the newest complete backup; 0 when there is none")
ARCHIVING_FAILS = """SELECT 1 FROM pg_stat_archiver WHERE current_setting('archive_mode') = 'off'
    OR last_failed_time > coalesce(last_archived_time, '-infinity')"""
reads = Reads()


class Change(flags.Fields):
    reason: str


class Question(BaseModel):
    key: Annotated[str, Field(min_length=1, validation_alias=AliasPath("context", "key"))]


def read_flags(request: Request) -> Response:
    found, origin = reads.view()
    if "name" in request.path_params:
        return JSONResponse({"flag": flags.find(found, request.path_params["name"]).model_dump(), **origin})
    return JSONResponse({"flags": [flag.model_dump() for flag in found.values()], **origin})


def evaluate_flag(request: Request) -> Response:
    key = Question.model_validate_json(wait_for(request.body)).key
    found, origin = reads.view()
    return JSONResponse({**flags.evaluate(flags.find(found, request.path_params["name"]), key), **origin})


def write_flag(request: Request) -> Response:
    """Create, change or delete. The cache catches up now, or else when its copy expires."""
    actor = actor_of(request.headers.get("authorization", ""))
    fields = Change.model_validate_json(wait_for(request.body)).model_dump(exclude_unset=True)
    action, reason = ACTIONS[request.method], fields.pop("reason")
    flag = flags.write(action, request.path_params["name"], fields, actor=actor, reason=reason)
    with suppress(Unavailable):
        reads.refresh()
    return JSONResponse({"flag": flag.model_dump()})


def healthz(request: Request) -> Response:
    found = check()
    return JSONResponse(found, 503 if found["status"] == "down" else 200)


def metrics(request: Request) -> Response:
    """The numbers that deploy/alerts.yml asks about."""
    dumps = complete()
    BACKUP.set(dumps[-1].stat().st_mtime if dumps else 0)
    CHECK.clear()
    for name, state in check()["checks"].items():
        CHECK.labels(name).set(state == "ok")
    return PlainTextResponse(generate_latest())


def check() -> dict[str, Any]:
    """The whole picture. `degraded` names the checks that fail; `down` means no answers at all."""
    copy = reads.copy()
    checks = {"cache": "lost: reads come from PostgreSQL, slower" if reads.lost() else "ok"}
    try:
        with connect(seconds=5) as conn:
            missing, failing = ", ".join(pending(conn)), conn.execute(ARCHIVING_FAILS).fetchone()
        checks |= {"database": "ok", "schema": f"run `pennant migrate`: {missing}" if missing else "ok"}
        checks["wal_archive"] = "fails or is off: no recovery to a later point in time" if failing else "ok"
    except PennantError as error:
        checks |= {"database": str(error), "schema": "unknown: no database"}
    serving = f"cached copy, {copy.age:.0f} s old" if copy else "nothing"
    if checks["database"] == checks["schema"] == "ok":
        serving = "database"
    degraded = sorted(name for name, state in checks.items() if state != "ok")
    return {
        "status": "down" if serving == "nothing" else "degraded" if degraded else "ok",
        "degraded": degraded,
        "serving": serving,
        "accepts_changes": serving == "database",
        "checks": checks,
    }


async def refuse(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, PennantError) else 400
    return JSONResponse({"error": explain(error)}, status)


app = Starlette(
    max_body_size=16 * 1024,
    middleware=[Middleware(PrometheusMiddleware, app_name="pennant", prefix="pennant")],
    exception_handlers={PennantError: refuse, ValidationError: refuse},
    routes=[
        Route("/flags", read_flags),
        Route("/flags/{name}", read_flags),
        Route("/flags/{name}", write_flag, methods=[*ACTIONS]),
        Route("/flags/{name}/evaluate", evaluate_flag, methods=["POST"]),
        Route("/healthz", healthz),
        Route("/metrics", metrics),
    ],
)
