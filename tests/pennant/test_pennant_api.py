"""Flags over HTTP: every change says who and why; bad input is refused with a reason."""

import json
from typing import Any

import pytest

from pennant.database import connect

from .conftest import REASON, Cli, Served


def make(api: Served, name: str, **fields: object) -> None:
    assert api.write("POST", name, fields).status_code == 200


def test_create_read_change_delete(api: Served) -> None:
    make(api, "life", description="a life", enabled=True, rollout=5)
    read = api.http.get("/flags/life").json()
    assert read["flag"] == {"name": "life", "description": "a life", "enabled": True, "rollout": 5}
    assert api.write("PATCH", "life", {"rollout": 50}).json()["flag"]["rollout"] == 50
    assert api.http.get("/flags/life").json()["flag"]["rollout"] == 50  # at once, in spite of the cache
    assert api.write("DELETE", "life", {}).status_code == 200
    assert api.http.get("/flags/life").status_code == 404


def test_the_audit_log_tells_who_what_when_why(api: Served) -> None:
    make(api, "audited")
    api.write("PATCH", "audited", {"enabled": True}, "launch day")
    with connect() as conn:
        log = conn.execute("SELECT * FROM audit WHERE flag = 'audited' ORDER BY id DESC").fetchall()
    assert [(e["actor"], e["action"], e["reason"]) for e in log] == [
        ("ann", "change", "launch day"),
        ("ann", "create", REASON),
    ]
    assert (log[0]["before"]["enabled"], log[0]["after"]["enabled"]) == (False, True)
    assert log[0]["at"].isoformat().endswith("+00:00")


def test_the_audit_log_can_not_be_rewritten(api: Served, pennant: Cli) -> None:
    make(api, "kept")
    for statement in ("DELETE FROM audit", "UPDATE audit SET reason = 'nothing'", "TRUNCATE audit"):
        refused = pennant("db", "psql", "--", "-c", statement)
        assert (refused.code != 0, "append-only" in refused.err) == (True, True)


def test_list_and_evaluate(api: Served) -> None:
    make(api, "everyone", enabled=True)
    listed = api.http.get("/flags").json()
    assert "everyone" in [flag["name"] for flag in listed["flags"]]
    verdict = api.http.post("/flags/everyone/evaluate", json={"context": {"key": "user-1", "plan": "free"}}).json()
    assert (verdict["on"], verdict["degraded"]) == (True, [])
    assert verdict["why"] == "inside the 100 % roll-out"
    assert api.http.post("/flags/everyone/evaluate", json={"context": {}}).status_code == 400


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("Nope", {"reason": REASON}, "name: "),
        ("ok", {}, "reason: Field required"),
        ("ok", {"reason": "   .   "}, "reason: String should have at least 5"),
        ("ok", {"reason": "a\u0000bcdef"}, "printable"),
        ("ok", {"reason": REASON, "description": "\ud800"}, "Invalid JSON"),
        ("ok", {"reason": REASON, "rollout": 101}, "rollout: Input should be"),
        ("ok", {"reason": REASON, "rollout": True}, "rollout: Input should be"),
        ("ok", {"reason": REASON, "enabled": "yes"}, "enabled: Input should be"),
        ("ok", {"reason": REASON, "surprise": 1}, "surprise: Extra inputs are not permitted"),
        ("ok", {"reason": REASON, "name": "other"}, "name: Extra inputs are not permitted"),
    ],
)
def test_bad_fields_are_refused(api: Served, name: str, body: dict[str, Any], expected: str) -> None:
    refused = api.http.post(f"/flags/{name}", content=json.dumps(body), headers=api.headers)
    assert refused.status_code == 400
    assert expected in refused.json()["error"]


@pytest.mark.parametrize("raw", [b"{", b"[]", b"[" * 9000, b"1" * 9000, b"\xff", b"null", b""])
def test_bad_json_is_refused(api: Served, raw: bytes) -> None:
    refused = api.http.post("/flags/ok", content=raw, headers=api.headers)
    assert refused.status_code == 400
    assert refused.json()["error"].startswith(("Invalid JSON", "Input should be an object"))


def test_a_large_body_is_refused(api: Served) -> None:
    assert api.http.post("/flags/ok", content=b" " * 20_000, headers=api.headers).status_code == 413
    assert api.http.post("/flags/ok", content=iter([b" " * 9_000] * 3), headers=api.headers).status_code == 413


def test_conflict_and_absence(api: Served) -> None:
    make(api, "twice")
    assert api.write("POST", "twice", {}).status_code == 409
    assert api.write("PATCH", "absent", {"rollout": 1}).status_code == 404
    assert api.write("DELETE", "absent", {}).status_code == 404
    assert api.http.get("/flags/%27;drop table flags").status_code == 404


def test_a_change_needs_a_token_that_is_still_valid(api: Served, pennant: Cli) -> None:
    assert api.http.post("/flags/guarded", json={"reason": REASON}).status_code == 401
    bob = {"Authorization": f"Bearer {pennant('token', 'add', 'bob').out}"}
    assert api.http.post("/flags/guarded", json={"reason": REASON}, headers=bob).status_code == 200
    assert "bob" in pennant("token", "list").out
    assert pennant("token", "revoke", "bob").out == "revoked 1"
    refused = api.http.request("DELETE", "/flags/guarded", json={"reason": REASON}, headers=bob)
    assert (refused.status_code, "pennant token add" in refused.json()["error"]) == (401, True)


def test_metrics_count_requests(api: Served) -> None:
    text = api.http.get("/metrics").text
    assert 'pennant_check_ok{check="database"} 1.0\n' in text
    assert 'le="+Inf"' in text
