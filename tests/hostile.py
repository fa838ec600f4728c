"""A good repository, ways to spoil its files, and blackstart run over it so that nothing goes unnoticed."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

from blackstart.cli import main

RUNBOOK = "runbooks/note/shop.md"
FILES = {
    "blackstart.yml": (
        "runbooks: runbooks\ncatalogue: catalog-info.yaml\nrequire_record: false\n"
        "coverage:\n  service: [note]\n  components: {service: [note], default: []}\n"
        "severity:\n  placeholder: warning\n  dead-link: {'runbooks/**': error}\n"
        "waivers: []\nwaiver_days: 90\nreview: {days: 3650, tiers: {1: 90}}\nexercise: {tiers: {9: 90}}\n"
    ),
    "catalog-info.yaml": (
        "kind: Component\nmetadata:\n  name: shop\n  description: Sells\n  annotations: {blackstart/tier: '1'}\n"
        "spec:\n  type: service\n  owner: platform\n"
        "  dependsOn: [resource:db]\n---\nkind: Resource\nmetadata: {name: db}\nspec: {owner: platform, type: none}\n"
    ),
    "runbooks/_kinds/note.yml": (
        "name: note\ntitle: Note\npurpose: Remember.\norder: 9\nrequires: [alerts]\nsections:\n"
        "  - title: Steps\n    aliases: [Procedure]\n    hint: Numbered.\n"
    ),
    RUNBOOK: (
        "---\ntitle: Open the shop\nkind: note\ncomponent: shop\nowner: platform\ncovers:\n  - app/shop.py\n"
        "alerts: [ShopDown]\n---\n\n# Open the shop\n\n## Steps\n\n1. Look at [the code](../../app/shop.py), "
        "![plan](../plan.png) and [here](#steps).\n\n    ```bash\n    echo open\n    ```\n\n"
        "    !!! note\n        | a | b |\n        |---|---|\n        | 1 | 2 |\n\n<!-- a comment -->\n"
    ),
    "runbooks/plan.png": "x",
    "app/shop.py": "OPEN = True\n",
}
WRITTEN = [RUNBOOK, "blackstart.yml", "catalog-info.yaml", "runbooks/_kinds/note.yml"]
SECONDS = 30  # far above what any input takes, far below for ever


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def blackstart(root: Path, *arguments: str, quiet: bool = False) -> tuple[int, str]:
    """The exit code and all output, through streams as strict as a terminal's. A bug of ours fails the test.

    Only a command that may be `quiet` may say nothing.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    begun = time.monotonic()
    with chdir(root), redirect_stdout(out), redirect_stderr(err):
        code = main(list(arguments))
    said = [_text(stream) for stream in (out, err)]
    assert code in (0, 1, 2), said[1]
    assert "Traceback" not in said[1]
    assert time.monotonic() - begun < SECONDS
    if "json" in arguments and said[0]:
        json.loads(said[0])
    assert quiet or "".join(said)
    return code, "".join(said)


Spoil = Callable[[bytes, int], bytes]


def keys(data: bytes) -> list[re.Match[bytes]]:
    """The lines `key: value` at the top of the first document."""
    head = data.split(b"\n---", 1)[0] if data.startswith(b"---") else data
    return list(re.finditer(rb"^(\w+):(.*)$", head, re.MULTILINE))


def with_value(value: bytes) -> Spoil:
    def spoil(data: bytes, at: int) -> bytes:
        found = [key for key in keys(data) if key[2]]
        key = found[at % len(found)]
        return data[: key.start(2)] + b" " + value + data[key.end(2) :]

    return spoil


def with_line(line: bytes) -> Spoil:
    def spoil(data: bytes, at: int) -> bytes:
        found = keys(data)
        start = found[at % len(found)].start()
        return data[:start] + line + b"\n" + data[start:]

    return spoil


def with_byte(byte: bytes) -> Spoil:
    def spoil(data: bytes, at: int) -> bytes:
        places = [index for index in range(len(data) + 1) if not 0x80 <= (data + b" ")[index] < 0xC0]
        place = places[at % len(places)]
        return data[:place] + byte + data[place:]

    return spoil


def twice(data: bytes, at: int) -> bytes:
    found = keys(data)
    key = found[at % len(found)]
    return data[: key.start()] + key[1] + b": x\n" + data[key.start() :]


MALFORMED: dict[str, Spoil] = {
    "a mapping": with_value(b"{a: {b: c}}"),
    "a list of lists": with_value(b"[[1], [2]]"),
    "a number": with_value(b"3.5"),
    "not a number": with_value(b".nan"),
    "a huge number": with_value(b"9" * 5000),
    "no such day": with_value(b"2026-02-30"),
    "an open list": with_value(b"[a"),
    "an open quote": with_value(b'"a'),
    "an alias": with_value(b"*a"),
    "an anchor": with_value(b"&a x"),
    "a bomb": with_value(b"&a [" + b"*a," * 50 + b"]"),
    "a tag": with_value(b"!!python/object/apply:os.system [id]"),
    "a tag that is no time": with_value(b"!!timestamp x"),
    "depth": with_value(b"[" * 10_000 + b"]" * 10_000),
    "depth of mappings": with_value(b"{a: " * 2_000 + b"}" * 2_000),
    "very long": with_value(b"x" * 200_000),
    "two lines": with_value(b'"a\\nb"'),
    "a climbing path": with_value(b"../../etc/passwd"),
    "an unknown list": with_line(b"nobody: [knows, this]"),
    "a tab": with_line(b"\tx: y"),
    "no key": with_line(b"just text"),
    "a list": with_line(b"- item"),
    "a strange key": with_line(b"? [a, b]\n: c"),
    "a merge": with_line(b"<<: {a: b}"),
    "a directive": with_line(b"%YAML 9.9"),
    "a key twice": twice,
    "not UTF-8": with_byte(b"\xff"),
    "half a letter": with_byte(b"\xe2\x82"),
    "a surrogate": with_byte(b"\xed\xa0\x80"),
    "a NUL": with_byte(b"\0"),
    "UTF-16": lambda data, _: data.decode().encode("utf-16"),
    "five megabytes": lambda data, _: data + b"x\n" * 2_600_000,
    "five megabytes in a line": lambda data, _: data + b"x" * 5_000_000,
    "bytes without meaning": lambda _, at: bytes((at * 7 + index * index) % 256 for index in range(at % 900)) + b"\xfe",
}
FORMS: dict[str, Spoil] = {
    "a byte order mark": lambda data, _: b"\xef\xbb\xbf" + data,
    "CRLF": lambda data, _: data.replace(b"\n", b"\r\n"),
    "no final line break": lambda data, _: data.rstrip(b"\n"),
    "all of them": lambda data, _: b"\xef\xbb\xbf" + data.rstrip(b"\n").replace(b"\n", b"\r\n"),
}
