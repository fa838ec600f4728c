"""Every rule is what its file name says, documented, and shown by fixtures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import blackstart.rules
from blackstart.model import Family, Severity
from blackstart.rules import Rule, all_rules

FIXTURES = Path(__file__).parents[1] / "fixtures" / "rules"
FILES = list(Path(blackstart.rules.__file__).parent.glob("[!_]*.py"))
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
    """One sentence first, then Why, Bad and Good with indented examples, and Fix, in this order."""
    summary, blank, *rest = rule.documentation.split("\n")
    body = "\n".join(rest)
    assert re.fullmatch(r"[A-Z].{1,118}\.", summary)
    assert blank == ""
    places = [re.search(rf"^{word}:", body, re.MULTILINE) for word in ("Why", "Bad", "Good", "Fix")]
    assert all(places)
    starts = [place.start() for place in places if place]
    assert starts == sorted(starts)
    for start, end in ((starts[1], starts[2]), (starts[2], starts[3])):
        assert re.search(r"^    \S", body[start:end], re.MULTILINE)


@each_rule
def test_a_folder_holds_both_sides(rule: Rule) -> None:
    names = {path.name for path in (FIXTURES / rule.slug).iterdir()}
    assert {"good", "bad", "bad.txt"} <= names <= {"good", "bad", "bad.txt", "good-then", "bad-then"}
