"""Flags over HTTP: every change says who and why; bad input is refused with a reason."""

import json
from typing import Any

import pytest

from .conftest import Cli, Served

REASON = "asked for in ticket 7"


def make(api: Served, name: str, **fields: object) -> None:
    body = {"name": name, "reason": REASON, **fields}
    assert api.http.post("/flags", json=body, headers=api.headers).status_code == 201


def test_create_read_change_delete(api: Served) -> None:
    make(api, "life", description="a life", enabled=True, rollout=5)
    read = api.http.get("/flags/life").json()
    assert read["flag"] == {"name": "life", "description": "a life", "enabled": True, "rollout": 5}
    changed = api.http.patch("/flags/life", json={"rollout": 50, "reason": REASON}, headers=api.headers)
    assert changed.json()["flag"]["rollout"] == 50
    assert api.http.get("/flags/life").json()["flag"]["rollout"] == 50  # at once, in spite of the cache
    gone = api.http.delete("/flags/life", params={"reason": REASON}, headers=api.headers)
    assert gone.status_code == 200
    assert api.http.get("/flags/life").status_code == 404


def test_the_audit_log_tells_who_what_when_why(api: Served) -> None:
    make(api, "audited")
    api.http.patch("/flags/audited", json={"enabled": True, "reason": "launch day"}, headers=api.headers)
    log = api.http.get("/audit", params={"flag": "audited"}, headers=api.headers).json()["audit"]
    assert [(e["actor"], e["action"], e["reason"]) for e in log] == [
        ("ann", "change", "launch day"),
        ("ann", "create", REASON),
    ]
    assert (log[0]["before"]["enabled"], log[0]["after"]["enabled"]) == (False, True)
    assert log[0]["at"].endswith("+00:00")


def test_the_audit_log_can_not_be_rewritten(api: Served, pennant: Cli) -> None:
    make(api, "kept")
    for statement in ("DELETE FROM audit", "UPDATE audit SET reason = 'nothing'", "TRUNCATE audit"):
        refused = pennant("db", "psql", "--", "-c", statement)
        assert (refused.code != 0, "append-only" in refused.err) == (True, True)


def test_list_and_evaluate(api: Served) -> None:
    make(api, "everyone", enabled=True)
    listed = api.http.get("/flags").json()
    assert "everyone" in [flag["name"] for flag in listed["flags"]]
    verdict = api.http.post("/flags/everyone/evaluate", json={"context": {"key": "user-1"}}).json()
    assert (verdict["on"], verdict["degraded"]) == (True, [])
    assert verdict["why"] == "inside the 100 % roll-out"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "Nope", "reason": REASON}, "name must be"),
        ({"name": 7, "reason": REASON}, "name must be"),
        ({"name": "ok"}, "reason must be text"),
        ({"name": "ok", "reason": "   .   "}, "reason must be text"),
        ({"name": "ok", "reason": "a\u0000bcdef"}, "printable"),
        ({"name": "ok", "reason": REASON, "description": "\ud800"}, "printable"),
        ({"name": "ok", "reason": REASON, "rollout": 101}, "rollout must be"),
        ({"name": "ok", "reason": REASON, "rollout": True}, "rollout must be"),
        ({"name": "ok", "reason": REASON, "enabled": "yes"}, "enabled must be"),
        ({"name": "ok", "reason": REASON, "surprise": 1}, "unknown field 'surprise'"),
    ],
)
def test_bad_fields_are_refused(api: Served, body: dict[str, Any], expected: str) -> None:
    refused = api.http.post("/flags", content=json.dumps(body), headers=api.headers)
    assert refused.status_code == 400
    assert expected in refused.json()["error"]


@pytest.mark.parametrize("raw", [b"{", b"[]", b"[" * 9000, b"1" * 9000, b"\xff", b"null"])
def test_bad_json_is_refused(api: Served, raw: bytes) -> None:
    refused = api.http.post("/flags", content=raw, headers=api.headers)
    assert (refused.status_code, "JSON" in refused.json()["error"]) == (400, True)


def test_a_large_body_is_refused(api: Served) -> None:
    refused = api.http.post("/flags", content=b" " * 20_000, headers=api.headers)
    assert (refused.status_code, "16384 bytes" in refused.json()["error"]) == (413, True)


def test_conflict_and_absence(api: Served) -> None:
    make(api, "twice")
    again = api.http.post("/flags", json={"name": "twice", "reason": REASON}, headers=api.headers)
    assert again.status_code == 409
    absent = api.http.patch("/flags/absent", json={"rollout": 1, "reason": REASON}, headers=api.headers)
    assert absent.status_code == 404
    empty = api.http.patch("/flags/twice", json={"reason": REASON}, headers=api.headers)
    assert empty.status_code == 400
    assert api.http.get("/flags/%27;drop table flags").status_code == 404


def test_a_change_needs_a_token_that_is_still_valid(api: Served, pennant: Cli) -> None:
    body = {"name": "guarded", "reason": REASON}
    assert api.http.post("/flags", json=body).status_code == 401
    assert api.http.get("/audit").status_code == 401
    bob = {"Authorization": f"Bearer {pennant('token', 'add', 'bob').out}"}
    assert api.http.post("/flags", json=body, headers=bob).status_code == 201
    assert "bob" in pennant("token", "list").out
    assert pennant("token", "revoke", "bob").out == "revoked 1"
    refused = api.http.delete("/flags/guarded", params={"reason": REASON}, headers=bob)
    assert (refused.status_code, "pennant token add" in refused.json()["error"]) == (401, True)


@pytest.mark.parametrize("limit", ["0", "1001", "x", "-1", "²", "9" * 5000])
def test_the_audit_limit_is_checked(api: Served, limit: str) -> None:
    assert api.http.get("/audit", params={"limit": limit}, headers=api.headers).status_code == 400


def test_metrics_count_requests(api: Served) -> None:
    text = api.http.get("/metrics").text
    assert "pennant_database_up 1\n" in text
    assert 'pennant_request_seconds_bucket{le="+Inf"}' in text
