"""Every rule is what its file name says, documented, and shown by fixtures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import blackstart.rules
from blackstart.model import Family, Severity
from blackstart.rules import Rule, all_rules

FIXTURES = Path(__file__).parents[1] / "fixtures" / "rules"
DATA = Path(blackstart.__file__).parent / "data"
FILES = list(Path(blackstart.rules.__file__).parent.glob("*/[!_]*.py"))
each_rule = pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.slug)


def test_one_name_everywhere() -> None:
    slugs = {path.stem.replace("_", "-") for path in FILES}
    assert set(all_rules()) == slugs == {path.name for path in FIXTURES.iterdir()}


def test_the_rules_of_the_gate_are_there() -> None:
    assert set(all_rules()) >= {
        "catalogue",
        "code-fence-language",
        "contradicted",
        "dead-link",
        "dead-reference",
        "empty-section",
        "front-matter",
        "missing-anchor",
        "missing-runbook",
        "placeholder",
        "required-sections",
        "shell-syntax",
        "stale",
        "unrecorded-review",
    }


@each_rule
def test_slug_family_and_severity(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.slug)
    assert isinstance(rule.family, Family)
    assert isinstance(rule.severity, Severity)


@each_rule
def test_the_documentation_says_what_why_and_how(rule: Rule) -> None:
    """One sentence first, then Why, Bad and Good with indented examples, Fix and Options, in this order."""
    summary, blank, *rest = rule.documentation.split("\n")
    body = "\n".join(rest)
    assert re.fullmatch(r"[A-Z].{1,118}\.", summary)
    assert blank == ""
    places = [re.search(rf"^{word}:", body, re.MULTILINE) for word in ("Why", "Bad", "Good", "Fix", "Options")]
    assert all(places)
    starts = [place.start() for place in places if place]
    assert starts == sorted(starts)
    for start, end in ((starts[1], starts[2]), (starts[2], starts[3])):
        assert re.search(r"^    \S", body[start:end], re.MULTILINE)


@each_rule
def test_its_options_are_keys_that_exist(rule: Rule) -> None:
    options = rule.documentation.partition("\nOptions:")[2]
    named = set(re.findall(r"`([a-z_]+)`", options)) - {"_kinds"}
    schemas = (json.loads(path.read_text()) for path in DATA.glob("*.schema.json"))
    assert "severity" in named
    assert named <= {key for schema in schemas for key in _keys(schema)}


def _keys(schema: object) -> Iterator[str]:
    """The names of all properties in a JSON Schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _keys(part)


@each_rule
def test_a_folder_holds_both_sides(rule: Rule) -> None:
    names = {path.name for path in (FIXTURES / rule.slug).iterdir()}
    assert {"good", "bad", "bad.txt"} <= names <= {"good", "bad", "bad.txt", "good-then", "bad-then"}
