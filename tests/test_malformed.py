"""Each way in which input goes wrong, by name: the exact place, and what is said there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from repo import Repo

RUNBOOK = "runbooks/restore/a.md"
HEAD = b"title: T\nkind: restore\ncomponent: db\nowner: o\ncovers: [app/x.py]\n"
CATALOGUE = b"kind: Resource\nmetadata: {name: db}\nspec: {owner: o}\n"


def front(*lines: bytes, end: bytes = b"\n") -> bytes:
    return end.join([b"---", *lines, b"---", b""])


BOMB = b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
DEEP = b"[" * 50 + b"]" * 50
RUNBOOKS = {
    "broken YAML": (front(b"title: T", b"kind: a: b"), 3, 8, "mapping values are not allowed"),
    "an open list": (front(b"title: T", b"covers: [a"), 3, 9, "broken YAML"),
    "a tab": (front(b"title: T", b"\tkind: x"), 3, 1, "broken YAML"),
    "an alias bomb": (front(*BOMB.split(b"\n")), 2, 4, "anchors and aliases are not allowed"),
    "depth": (front(b"covers: " + DEEP), 2, 28, "nested deeper than 20 levels"),
    "a tag": (front(b"title: !!python/name:os.system x"), 2, 8, "is not allowed here"),
    "a wrong type": (front(HEAD.replace(b"[app/x.py]", b"app/x.py").strip()), 6, 9, "`covers` must be a list"),
    "a wrong type inside": (front(HEAD.replace(b"app/x.py", b"app/x.py, 7").strip()), 6, 20, "`covers.1` must be text"),
    "no such day": (front(HEAD.strip(), b"reviewed: {on: 2026-02-30}"), 7, 16, "day is out of range"),
    "a duplicate key": (front(HEAD.strip(), b"title: U"), 7, 1, "the key `title` appears twice"),
    "an unknown key": (front(HEAD.strip(), b"ownr: o"), 7, 1, "did you mean `owner`?"),
    "a list key": (front(b"? [a]", b": b"), 2, 3, "a key must be plain text"),
    "a second document": (b"---\ntitle: T\n---\n---\n", 2, 1, "is missing"),
    "not UTF-8": (front(b"title: T", "owner: é".encode("latin-1")), 3, 8, "byte 0xe9 is not UTF-8"),
    "not UTF-8 below": (front(HEAD.strip()) + b"# T\n\nabc \xff\n", 10, 5, "byte 0xff is not UTF-8"),
    "UTF-16": (front(b"title: T").decode().encode("utf-16"), 1, 1, "byte 0xff is not UTF-8"),
    "NUL": (front("title: é\0".encode()), 2, 9, "NUL"),
    "a control character": (front(b"title: T", b"owner: a\x07b"), 3, 9, "control characters are not allowed"),
    "with a mark of byte order": (b"\xef\xbb\xbf" + front(b"title: T", b"kind: a: b"), 3, 8, "mapping values"),
    "with CRLF": (front(b"title: T", b"kind: a: b", end=b"\r\n"), 3, 8, "mapping values"),
    "letters of two bytes": (front("title: é".encode(), "é: a: b".encode()), 3, 5, "mapping values"),
    "without a final line break": (b"---\ntitle: T\n---", 2, 1, "`kind` is missing"),
    "never closed": (b"---\ntitle: T\n", 1, 1, "never closed"),
    "empty": (b"", 1, 1, "no front matter"),
    "only white space": (b"\n\n", 1, 1, "no front matter"),
    "no front matter": (b"# T\n", 1, 1, "no front matter"),
    "empty front matter": (front(), 2, 1, "must be a mapping"),
    "five megabytes": (front(HEAD.strip()) + b"x" * 5_000_000, 1, 1, "more than 250,000 bytes"),
    "a climbing path": (front(HEAD.replace(b"app/x.py", b"../x.py").strip()), 6, 10, "must stay inside"),
    "an absolute path": (front(HEAD.replace(b"app/x.py", b"/etc/passwd").strip()), 6, 10, "relative to the repository"),
    "a path into git": (front(HEAD.replace(b"app/x.py", b".git/config").strip()), 6, 10, "must stay inside"),
    "a path with an option's dash": (
        front(HEAD.replace(b"app/x.py", b"--output=x").strip()),
        6,
        10,
        "there is no file",
    ),
}


def repository(root: Path) -> Repo:
    repo = Repo(root).write("app/x.py", "x = 1\n").write("catalog-info.yaml", CATALOGUE)
    return repo.write("blackstart.yml", "coverage: {service: [], components: {}}\n").write("runbooks/README.md", "")


def findings(repo: Repo, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    repo.init().commit("Begin")
    capsys.readouterr()
    assert repo.blackstart("check", "--format", "json") == 1
    out, err = capsys.readouterr()
    assert err == ""
    found: list[dict[str, Any]] = json.loads(out)["findings"]
    return found


def at(found: list[dict[str, Any]], path: str, line: int, column: int) -> str:
    places = ((f["path"], f["line"], f["column"], f["message"]) for f in found)
    return "; ".join(message for *place, message in places if tuple(place) == (path, line, column))


@pytest.mark.parametrize("how", RUNBOOKS)
def test_a_runbook(tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str) -> None:
    data, line, column, says = RUNBOOKS[how]
    found = findings(repository(tmp_path).write(RUNBOOK, data), capsys)
    assert says in at(found, RUNBOOK, line, column), found


CATALOGUES = {
    "broken YAML": (CATALOGUE + b"---\na: [\n", 5, 1, "broken YAML"),
    "an alias bomb": (CATALOGUE + b"---\n" + BOMB, 5, 4, "anchors and aliases"),
    "depth": (CATALOGUE + b"---\na: " + DEEP, 5, 23, "nested deeper"),
    "a wrong type": (CATALOGUE.replace(b"owner: o", b"owner: [o]"), 3, 15, "`spec.owner` must be text"),
    "a duplicate key": (CATALOGUE + b"kind: Resource\n", 4, 1, "appears twice"),
    "a name twice": (CATALOGUE + b"---\n" + CATALOGUE, 6, 18, "the name `db` is taken"),
    "text": (b"hello\n", 1, 1, "must be a mapping"),
    "not UTF-8": (b"kind: \xff\n", 1, 7, "not UTF-8"),
    "with CRLF": (CATALOGUE.replace(b"o}", b"[o]}").replace(b"\n", b"\r\n"), 3, 15, "`spec.owner` must be text"),
    "five megabytes": (b"#" * 5_000_000, 1, 1, "more than 1,000,000 bytes"),
    "a climbing name": (CATALOGUE.replace(b"name: db", b"name: ../db"), 2, 18, "a name of letters"),
}


@pytest.mark.parametrize("how", CATALOGUES)
def test_a_catalogue(tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str) -> None:
    data, line, column, says = CATALOGUES[how]
    found = findings(repository(tmp_path).write("catalog-info.yaml", data), capsys)
    assert says in at(found, "catalog-info.yaml", line, column), found


POLICIES = {
    "broken YAML": (b"runbooks: a: b\n", "1:12: broken YAML"),
    "an alias bomb": (BOMB, "1:4: YAML anchors and aliases"),
    "depth": (b"severity: " + DEEP, "1:30: YAML nested deeper"),
    "a wrong type": (b"require_record: 'yes'\n", "1:17: `require_record` must be true or false"),
    "a duplicate key": (b"runbooks: a\nrunbooks: b\n", "2:1: the key `runbooks` appears twice"),
    "an unknown key": (b"# x\nrunboks: a\n", "2:1: unknown key `runboks`, did you mean `runbooks`?"),
    "an unknown level": (b"severity:\n  stale: eror\n", "2:10: `severity.stale` is `eror`, did you mean `error`?"),
    "not UTF-8": (b"runbooks: \xff\n", "1:11: byte 0xff is not UTF-8"),
    "NUL": (b"\nrun\0", "2:4: a NUL"),
    "a climbing path": (b"runbooks: ../x\n", "1:11: `runbooks`: the path must stay inside"),
    "an absolute path": (b"catalogue: /etc/passwd\n", "1:12: `catalogue`: write the path relative"),
    "five megabytes": (b"#" * 5_000_000, "1:1: the file has more than 1,000,000 bytes"),
    "a list": (b"- a\n", "1:1: this must be a mapping"),
    "two documents": (b"runbooks: a\n---\nrunbooks: b\n", "3:1: a second YAML document"),
}


@pytest.mark.parametrize("how", POLICIES)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_the_policy_cannot_be_judged_by(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str, end: bytes
) -> None:
    data, says = POLICIES[how]
    repo = repository(tmp_path).write("blackstart.yml", data.replace(b"\n", end))
    assert repo.blackstart("check") == 2
    assert f"blackstart.yml:{says}" in capsys.readouterr().err


def test_a_kind_cannot_be_judged_by(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = "name: note\ntitle: Note\npurpose: P.\nsections:\n  - title: Why\n    hnt: Because.\n"
    repo = repository(tmp_path).write("runbooks/_kinds/note.yml", own)
    assert repo.blackstart("check") == 2
    said = capsys.readouterr().err
    assert "runbooks/_kinds/note.yml:5:5: `sections.0.hint` is missing" in said
    assert "at least one entry" not in said
    assert "runbooks/_kinds/note.yml:6:5: unknown key `sections.0.hnt`, did you mean `hint`?" in said


def loop(file: Path) -> None:
    file.symlink_to(file.name)


def outside(file: Path) -> None:
    file.symlink_to("/etc/hostname")


ODD: dict[str, Callable[[Path], object]] = {"a loop": loop, "a link out": outside, "a pipe": os.mkfifo}


@pytest.mark.parametrize("how", ODD)
def test_a_runbook_that_is_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str) -> None:
    repo = repository(tmp_path)
    (tmp_path / "runbooks/restore").mkdir()
    ODD[how](tmp_path / RUNBOOK)
    assert "not a regular file" in at(findings(repo, capsys), RUNBOOK, 1, 1)


NAMES = ["-rf.md", "two words.md", "it's.md", 'say "x".md', "new\nline.md", "ü.md", "$(id).md", "日本.md"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_said_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    path = f"runbooks/restore/{name}"
    repo = repository(tmp_path).write(path, front(HEAD.strip()))
    found = findings(repo, capsys)
    assert at(found, path, 8, 1).startswith("the section")
    repo.write("app/x.py", "x = 2\n").commit("Change the code")
    assert "has changed since" in at(findings(repo, capsys), path, 6, 10)
