"""The committed JSON Schemas are those of the models, and what blackstart reads and writes fits them."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from blackstart.engine import run
from blackstart.library import load
from repo import TODAY, Repo, sample

ROOT = Path(__file__).parents[1]
DATA = ROOT / "src/blackstart/data"
FRONT = {"title": "T", "kind": "restore", "component": "db", "owner": "o", "covers": ["a.py"]}


def schema(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((DATA / f"{name}.schema.json").read_text())
    return read


def valid(name: str, document: object) -> bool:
    return Draft202012Validator(schema(name)).is_valid(document)


def test_the_committed_schemas_are_those_of_the_models() -> None:
    schemas: Callable[[], dict[str, str]] = runpy.run_path(str(ROOT / "scripts/schemas"))["schemas"]
    committed = {path.name: path.read_text() for path in DATA.glob("*.schema.json")}
    assert committed == schemas(), "Run .venv/bin/python scripts/schemas and commit what changed."


@pytest.mark.parametrize("name", ["break-glass", "coverage", "front-matter", "kind", "policy", "report"])
def test_each_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"alerts": ["DatabaseDown"]}, True),
        ({"titel": "T"}, False),
        ({"covers": []}, False),
        ({"covers": "a.py"}, False),
        ({"title": "two\nlines"}, False),
        ({"reviewed": {"on": "2026-11-23", "by": "ann", "note": "n", "seen": {"a.py": "1.6f2c01d9a4"}}}, True),
        ({"reviewed": {"on": "2026-11-23", "by": "ann", "note": "n", "seen": {"a.py": "soon"}}}, False),
    ],
)
def test_front_matter(change: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert valid("front-matter", FRONT | change) is expected


@pytest.mark.parametrize("path", sorted((DATA / "kinds").glob("*.yml")), ids=lambda path: path.name)
def test_the_built_in_kinds_fit(path: Path) -> None:
    assert valid("kind", yaml.safe_load(path.read_text()))


@pytest.mark.parametrize("path", sorted((ROOT / "runbooks").glob("*/*.md")), ids=lambda path: path.stem)
def test_our_own_runbooks_fit(path: Path) -> None:
    """Read as an editor reads them: dates are text there, and `on` is a word."""
    front = yaml.load(path.read_text().split("---\n")[1], Loader=yaml.BaseLoader)  # noqa: S506 - builds only text
    assert valid("front-matter", front)


REFUSED: dict[str, dict[str, Any]] = {
    "an unknown key": {"titel": "T"},
    "nothing covered": {"covers": []},
    "text for a list": {"covers": "a.py"},
    "a number for text": {"title": 7},
    "two lines": {"owner": "a\nb"},
    "nothing": {"owner": ""},
    "spaces around": {"title": " T "},
    "not a name": {"component": "the database"},
    "a list of lists": {"access": [["a"]]},
    "too long": {"title": "x" * 301},
    "half a review": {"reviewed": {"on": "2026-11-23"}},
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_what_the_schema_refuses_the_gate_refuses(tmp_path: Path, change: dict[str, Any]) -> None:
    front = FRONT | change
    Repo(tmp_path).write("runbooks/a.md", f"---\n{yaml.safe_dump(front)}---\n")
    with closing(load(tmp_path, TODAY)) as library:
        findings = run(library, ["front-matter"]).findings
    assert not valid("front-matter", front)
    assert any(f"`{'.'.join(change)}" in finding.message for finding in findings)


def test_our_own_policy_fits() -> None:
    assert valid("policy", yaml.safe_load((ROOT / "blackstart.yml").read_text()))


def report(repo: Repo, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    repo.blackstart("check", "--format", "json")
    read: dict[str, Any] = json.loads(capsys.readouterr().out)
    Draft202012Validator(schema("report")).validate(read)
    return read


def test_a_report_with_findings_fits_and_has_nothing_undescribed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = sample(tmp_path)
    repo.replace("app/backup.py", "backups", "elsewhere")
    read, described = report(repo, capsys), schema("report")
    assert {finding["rule"] for finding in read["findings"]} >= {"stale", "required-sections"}
    assert set(read) == set(described["properties"])
    assert set(read["findings"][0]) == set(described["$defs"]["Finding"]["properties"])
    assert set(read["checked"]) == set(described["$defs"]["Checked"]["properties"])


def test_a_report_of_what_could_not_be_judged_fits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = sample(tmp_path / "full")
    repo.replace("runbooks/restore.md", "Run the", "Run this").commit("Word")
    repo.write("app/backup.py", "x = 1\n").commit("Change the code")
    read = report(repo.clone(tmp_path / "shallow", "--depth", "1"), capsys)
    assert read["verdict"] == "fail"
    assert read["not_judged"]


def test_a_report_without_git_fits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Repo(tmp_path).write("runbooks/a.md", "no front matter")
    assert report(repo, capsys)["commit"] is None


def test_a_report_of_coverage_fits_and_has_nothing_undescribed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = sample(tmp_path).write("app/other.py", "x = 1\n")
    repo.replace("runbooks/restore.md", "backup.py", "backup.py#BUCKET").commit("Cover less")
    repo.blackstart("coverage", "--format", "json")
    read, described = json.loads(capsys.readouterr().out), schema("coverage")
    Draft202012Validator(described).validate(read)
    assert set(read) == set(described["properties"])
    assert read["groups"][0]["files"][0]["unwatched"]
    Repo(tmp_path / "empty").write("runbooks/README.md", "").blackstart("coverage", "--format", "json")
    Draft202012Validator(described).validate(json.loads(capsys.readouterr().out))
