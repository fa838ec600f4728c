"""The committed JSON Schemas are those of the models, and what blackstart reads and writes fits them."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from blackstart.engine import run
from blackstart.kinds import Kind
from blackstart.library import load
from blackstart.policy import Policy
from blackstart.runbook import FrontMatter
from blackstart.written.schema import validate
from blackstart.written.yaml import Yaml
from repo import TODAY, Repo, sample

ROOT = Path(__file__).parents[1]
DATA = ROOT / "src/blackstart/data"
DAY = date(2026, 11, 23)
FORMAT_CHECKER = Draft202012Validator.FORMAT_CHECKER
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


# Documents with one entry replaced, left out or added; a strange one finds every branch sooner or later.
ODD = st.one_of(
    st.sampled_from(
        [None, True, 0, 7, 9999, "", "x", " x ", "a b", "x" * 150, "x" * 301, "1", "1.6f2c01d9a4", "error"]
    ),
    st.sampled_from([[], ["x"], [["x"]], ["x", ""], ["x"] * 101, ["alerts"]]),
    st.sampled_from([{}, {"x": "error"}, {"x": 7}, {"x": "y"}, {"a b": ["x"]}, {"**": "error"}, {"title": "T"}]),
)
REVIEW = {"on": DAY, "by": "ann", "note": "n", "seen": {"a.py": "1.6f2c01d9a4"}}
WHOLE: list[tuple[str, type[FrontMatter | Kind | Policy], dict[str, Any]]] = [
    ("front-matter", FrontMatter, FRONT | {"alerts": ["Down"], "access": ["root"], "reviewed": REVIEW}),
    ("kind", Kind, {"name": "k", "title": "T", "purpose": "p", "order": 1, "sections": [{"title": "S", "hint": "h"}]}),
    ("policy", Policy, {"severity": {"stale": {"a/**": "note"}, "dead-link": "off"}, "coverage": {"threshold": 5}}),
    ("policy", Policy, {"sources": {"api": {"path": "../api"}}, "waivers": [], "review": {"kinds": {"restore": 90}}}),
]


def places(value: Any) -> list[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, inner in entries for place in [(key,), *((key, *rest) for rest in places(inner))]]


def changed(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    copy = value.copy()
    copy[place[0]] = changed(value[place[0]], place[1:], new)
    return copy


@given(st.sampled_from(WHOLE), st.data())
@settings(max_examples=400)
def test_what_an_editor_says_of_an_entry_the_gate_says(
    whole: tuple[str, type[FrontMatter | Kind | Policy], dict[str, Any]], data: st.DataObject
) -> None:
    name, model, document = whole
    document = changed(document, data.draw(st.sampled_from(places(document))), data.draw(ODD))
    if data.draw(st.booleans()):
        document |= {data.draw(st.sampled_from(["titel", *schema(name)["properties"]])): data.draw(ODD)}
    built, problems = validate(model, Yaml("a.yml", document))
    as_text = json.loads(json.dumps(document, default=str))  # an editor sees a date as text
    fits = Draft202012Validator(schema(name), format_checker=FORMAT_CHECKER).is_valid(as_text)
    assert (built is None) is bool(problems)
    # What a path or an address must be has no words in a schema, so that the gate may refuse more.
    assert fits or problems
    assert not fits or not problems or any(word in problems[0].message for word in (": write ", ": the path "))


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
