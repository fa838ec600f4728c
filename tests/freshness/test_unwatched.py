"""Which names of a file its fragments leave unwatched."""

from __future__ import annotations

import time

import pytest

from blackstart.freshness.unwatched import unwatched

MODULE = b'''\
"""Backups."""
import os
from shop.names import BUCKET, host as where

LIMIT = 3
PLACE = os.environ["PLACE"]


class Store:
    """Kept."""

    depth = 2

    def put(self):
        return self._open(LIMIT)

    def _open(self, limit):
        return limit

    def drop(self):
        return PLACE


def take():
    return dump(BUCKET)


def dump(bucket):
    return bucket


def host():
    return where
'''
COMPOSE = b"""\
name: shop
x-log: &log {driver: local}
services:
  db: {image: "postgres:16", volumes: ["data:/db"], ports: ["5432:5432"]}
  api: {image: shop, logging: *log, ports: ["80:80"]}
volumes: {data: {}, cache: {}}
"""
ALERTS = b"""\
groups:
  - name: shop
    rules:
      - {alert: Down, expr: up == 0}
      - {alert: Slow, expr: p99 > 1}
  - name: node
    rules: []
"""


@pytest.mark.parametrize(
    ("fragments", "left"),
    [
        (["take"], ["LIMIT", "PLACE", "Store", "host"]),
        (["take", "dump"], ["LIMIT", "PLACE", "Store", "host"]),
        (["dump"], ["LIMIT", "PLACE", "Store", "host", "take"]),
        (["Store"], ["dump", "host", "take"]),
        (["Store.put"], ["PLACE", "Store.depth", "Store.drop", "dump", "host", "take"]),
        (["Store.drop", "LIMIT"], ["Store._open", "Store.depth", "Store.put", "dump", "host", "take"]),
        (["Store", "take", "host"], []),
        (["gone", "take"], ["LIMIT", "PLACE", "Store", "host"]),
    ],
)
def test_python(fragments: list[str], left: list[str]) -> None:
    assert list(unwatched("app/backup.py", MODULE, fragments)) == left


@pytest.mark.parametrize(
    ("fragments", "left"),
    [
        (["services.db"], ["services.api", "volumes.cache"]),
        (["services"], ["volumes"]),
        (["services.db.image"], ["services.api", "services.db.ports", "services.db.volumes", "volumes"]),
        (["services.db", "services.api.ports.0"], ["services.api.image", "services.api.logging", "volumes.cache"]),
    ],
)
def test_keys(fragments: list[str], left: list[str]) -> None:
    assert list(unwatched("compose.yml", COMPOSE, fragments)) == left


@pytest.mark.parametrize(
    ("fragments", "left"),
    [
        (["groups.shop"], ["groups.node"]),
        (["groups.0"], ["groups.1"]),
        (["groups.shop.rules.Down"], ["groups.node", "groups.shop.name", "groups.shop.rules.Slow"]),
    ],
)
def test_items_of_a_list_are_named_as_the_fragments_name_them(fragments: list[str], left: list[str]) -> None:
    assert list(unwatched("alerts.yml", ALERTS, fragments)) == left


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("notes.conf", b"port 1\nhost 2\n"),
        ("broken.py", b"def port(:\n    host\n"),
        ("bytes.py", b"port\0host"),
        ("empty.py", b""),
    ],
)
def test_a_fragment_that_cannot_be_narrowed_stands_for_the_file(path: str, content: bytes) -> None:
    assert unwatched(path, content, ["port"]) == ()


@pytest.mark.parametrize(
    ("path", "content", "fragment", "left"),
    [
        ("a.go", b'package a\nimport "fmt"\nfunc f() { g() }\nfunc g() { fmt.Print() }\nfunc h() {}\n', "f", ["h"]),
        ("a.ts", b'import {a} from "x";\nclass T { run() { this.stop() } stop() {} go() {} }\n', "T.run", ["T.go"]),
        ("a.sh", b"A=1\nB=2\nf() { g; }\ng() { echo $A; }\nh() { echo $B; }\n", "f", ["B", "h"]),
        (
            "Makefile",
            b"A = 1\nB = 2\nall: build\n\techo $(A)\nbuild:\n\techo\nclean:\n\trm $(B)\n",
            "all",
            ["B", "clean"],
        ),
        ("a.tf", b'variable "x" {}\nvariable "y" {}\nresource "db" "p" {\n  size = var.x\n}\n', "db.p", ["var.y"]),
    ],
)
def test_other_languages(path: str, content: bytes, fragment: str, left: list[str]) -> None:
    assert list(unwatched(path, content, [fragment])) == left


def test_a_long_file_takes_no_more_than_moments() -> None:
    text = "".join(f"V{n} = {n}\n\n\ndef f{n}(x):\n    return V{n} + f{max(0, n - 1)}(x)\n\n\n" for n in range(400))
    start = time.monotonic()
    assert len(unwatched("a.py", text.encode(), ["f200"])) == 398
    assert time.monotonic() - start < 10
