"""The HTTP API. Reads survive the loss of the cache or the database, and say so."""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pennant import flags, health, metrics, tokens
from pennant.database import Connection, connect
from pennant.errors import DatabaseUnavailable, InvalidInput, NotFound, PennantError, TooLarge
from pennant.evaluate import evaluate
from pennant.flags import Because, Flag
from pennant.reads import Reads, View
from pennant.settings import Settings

MAX_BODY = 16 * 1024
Body = dict[str, Any]
Handler = Callable[["Api", Request, Body], Response]


class Api:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.reads = Reads(settings)
        self.requests = metrics.Requests()

    def writing(self) -> AbstractContextManager[Connection]:
        return connect(self.settings.database_url, statement_seconds=5)

    def actor(self, request: Request) -> str:
        return tokens.actor_of(self.settings.tokens, request.headers.get("authorization"))

    def changed(self, flag: Flag, status: int = 200) -> Response:
        """Answer a committed change. The cache catches up now, or else when its copy expires."""
        with suppress(DatabaseUnavailable):
            self.reads.refresh()
        return JSONResponse({"flag": asdict(flag)}, status)


def list_flags(api: Api, request: Request, body: Body) -> Response:
    view = api.reads.view()
    return JSONResponse({"flags": [asdict(f) for f in view.flags.values()], **_origin(view)})


def read_flag(api: Api, request: Request, body: Body) -> Response:
    view = api.reads.view()
    return JSONResponse({"flag": asdict(_named(view, request)), **_origin(view)})


def evaluate_flag(api: Api, request: Request, body: Body) -> Response:
    context = body.get("context")
    key = context.get("key") if isinstance(context, dict) else None
    flags.text(key, 'context.key, as in {"context": {"key": "user-42"}},', 1, 200)
    view = api.reads.view()
    verdict = evaluate(_named(view, request), str(key))
    return JSONResponse({**asdict(verdict), **_origin(view)})


def create_flag(api: Api, request: Request, body: Body) -> Response:
    because = _because(api, request, body)
    flag = Flag(body.pop("name", ""), **flags.fields(body))
    with api.writing() as conn:
        flags.create(conn, flag, because)
    return api.changed(flag, 201)


def change_flag(api: Api, request: Request, body: Body) -> Response:
    because = _because(api, request, body)
    wanted = flags.fields(body)
    if not wanted:
        raise InvalidInput(f"name at least one of {', '.join(sorted(flags.FIELDS))}")
    with api.writing() as conn:
        flag = flags.change(conn, request.path_params["name"], wanted, because)
    return api.changed(flag)


def delete_flag(api: Api, request: Request, body: Body) -> Response:
    because = _because(api, request, body or dict(request.query_params))
    with api.writing() as conn:
        flag = flags.delete(conn, request.path_params["name"], because)
    return api.changed(flag)


def read_audit(api: Api, request: Request, body: Body) -> Response:
    api.actor(request)
    limit = request.query_params.get("limit", "50")
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:5]) <= 1000:
        raise InvalidInput("limit must be a whole number from 1 to 1000")
    with api.writing() as conn:
        entries = flags.audit(conn, request.query_params.get("flag"), int(limit))
    return JSONResponse({"audit": [{**e, "at": e["at"].isoformat()} for e in entries]})


def healthz(api: Api, request: Request, body: Body) -> Response:
    found = health.check(api.reads)
    return JSONResponse(found, 503 if found["status"] == "down" else 200)


def show_metrics(api: Api, request: Request, body: Body) -> Response:
    return PlainTextResponse(metrics.render(api.requests, health.check(api.reads)))


ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "/flags", list_flags),
    ("POST", "/flags", create_flag),
    ("GET", "/flags/{name}", read_flag),
    ("PATCH", "/flags/{name}", change_flag),
    ("DELETE", "/flags/{name}", delete_flag),
    ("POST", "/flags/{name}/evaluate", evaluate_flag),
    ("GET", "/audit", read_audit),
    ("GET", "/healthz", healthz),
    ("GET", "/metrics", show_metrics),
]


def create_app(settings: Settings) -> Starlette:
    api = Api(settings)
    return Starlette(
        routes=[Route(p, _endpoint(api, handler), methods=[m]) for m, p, handler in ROUTES],
        middleware=[Middleware(Measure, requests=api.requests)],
        exception_handlers={PennantError: _explain},
    )


def _endpoint(api: Api, handler: Handler) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        body = await _json(request)
        return await run_in_threadpool(handler, api, request, body)

    return endpoint


async def _json(request: Request) -> Body:
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY:
            raise TooLarge(f"the body may have up to {MAX_BODY} bytes")
    try:
        body = json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        raise InvalidInput("the body must be JSON") from None
    if not isinstance(body, dict):
        raise InvalidInput("the body must be a JSON object")
    return body


def _because(api: Api, request: Request, body: Body) -> Because:
    actor = api.actor(request)
    return Because(actor, body.pop("reason", ""))


def _named(view: View, request: Request) -> Flag:
    name = request.path_params["name"]
    if name not in view.flags:
        raise NotFound(f"no flag is called {name!r}")
    return view.flags[name]


def _origin(view: View) -> dict[str, Any]:
    return {"source": view.source, "age_seconds": view.age_seconds, "degraded": view.degraded}


async def _explain(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, PennantError) else 500
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "5"}}.get(status)
    return JSONResponse({"error": str(error)}, status, headers)


class Measure:
    """Counts and times every request."""

    def __init__(self, app: ASGIApp, requests: metrics.Requests) -> None:
        self.app, self.requests = app, requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, status = time.perf_counter(), 500

        async def observe(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, observe)
        finally:
            if scope["type"] == "http":
                self.requests.observe(status, time.perf_counter() - started)
