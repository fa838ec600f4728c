"""Each format as its reader takes it: from real repositories, through the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from attacks import CODE_QUALITY, JUNIT, SARIF, SITE, Command, assert_plain, runner
from blackstart.model import Family, Report, Severity, Since
from blackstart.report import markdown, render
from blackstart.rules import all_rules
from hostile import blackstart
from repo import Repo
from reports import CODE, PAGE, finding, full, judged, stale_repo


@pytest.fixture(scope="module")
def stale(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Not to be changed."""
    return stale_repo(Repo(tmp_path_factory.mktemp("stale")))


@pytest.fixture(scope="module")
def shallow(stale: Repo, tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A clone without the history that would tell."""
    return stale.clone(tmp_path_factory.mktemp("clone") / "shallow", "--depth", "1")


@pytest.fixture(scope="module")
def report(stale: Repo) -> Report:
    return judged(stale, "stale")


def rendered(repo: Repo, format_: str) -> str:
    return blackstart(repo.root, "check", "--select", "stale", "--format", format_)[1]


# --- SARIF


def sarif(text: str) -> dict[str, Any]:
    log = json.loads(text)
    SARIF.validate(log)
    run: dict[str, Any] = log["runs"][0]
    return run


def test_sarif_places_a_finding_and_the_code_it_is_about(stale: Repo) -> None:
    run = sarif(rendered(stale, "sarif"))
    (result,) = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": PAGE, "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 7, "startColumn": 5}
    code = result["relatedLocations"][0]["physicalLocation"]
    assert (code["artifactLocation"]["uri"], code["region"]["startLine"]) == (CODE, 6)
    assert "blackstart review runbooks/restore.md" in result["message"]["text"]
    assert (run["invocations"][0]["executionSuccessful"], run["invocations"][0]["exitCode"]) == (True, 1)


def test_sarif_explains_every_rule(stale: Repo) -> None:
    run = sarif(rendered(stale, "sarif"))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(all_rules())
    rule = rules[run["results"][0]["ruleIndex"]]
    assert (rule["id"], rule["helpUri"]) == ("stale", f"{SITE}rules/stale/")
    assert rule["defaultConfiguration"]["level"] == "error"
    assert "**Options:**" in rule["help"]["markdown"]


def test_sarif_alerts_do_not_duplicate(tmp_path: Path) -> None:
    """Lines move, the code changes once more: the same alert."""
    repo = stale_repo(Repo(tmp_path))
    (first,) = sarif(rendered(repo, "sarif"))["results"]
    repo.replace(PAGE, "owner: platform", "owner: platform\nalerts: [DatabaseDown]").commit("Name an alert")
    repo.replace(CODE, "--tar", "--format=tar").commit("Say it in full")
    (second,) = sarif(rendered(repo, "sarif"))["results"]
    assert first["partialFingerprints"] == second["partialFingerprints"]
    assert first["locations"] != second["locations"]


def test_sarif_says_what_does_not_decide(report: Report) -> None:
    run = sarif(render("sarif", full(report, "ann")))
    kinds = [
        (one.get("baselineState"), [s["justification"] for s in one.get("suppressions", ())]) for one in run["results"]
    ]
    waived, baselined, before = kinds[-3:]
    assert waived == (None, ["waived by ann until 2026-03-01: ann"])
    assert baselined == (None, ["in the baseline"])
    assert before == ("unchanged", [])
    assert {state for state, _ in kinds[:-3]} == {"new"}
    assert run["properties"]["resolved"] == 1
    assert [note["level"] for note in run["invocations"][0]["toolExecutionNotifications"]] == [
        "error",
        "warning",
        "note",
    ]


def test_sarif_of_what_could_not_be_judged_is_no_success(shallow: Repo) -> None:
    run = sarif(rendered(shallow, "sarif"))
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    (note,) = invocation["toolExecutionNotifications"]
    assert note["level"] == "error"
    assert note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == PAGE


def test_sarif_addresses_are_encoded(report: Report) -> None:
    odd = replace(report.findings[0], path="runbooks/a b#c?:ü%\udcff.md", details={"code": "../api/x.py:3"})
    (result,) = sarif(render("sarif", replace(report, findings=(odd,))))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "runbooks/a%20b%23c%3F%3A%C3%BC%25%FF.md"
    assert result["relatedLocations"] == []  # another repository


# --- GitHub


def commands(text: str) -> list[Command]:
    return list(runner(text))


def test_github_annotates_the_runbook(stale: Repo) -> None:
    (command,) = commands(rendered(stale, "github"))
    assert command.name == "error"
    assert command.properties == {"file": PAGE, "line": "7", "col": "5", "title": "stale"}
    assert "\nblackstart review runbooks/restore.md -m 'what you found'\n" in command.data


def test_github_annotates_the_changed_code_of_a_pull_request(report: Report) -> None:
    """Lines outside of the diff are not shown on it."""
    on_branch = replace(report, since=Since("main", "1c0ffee", (), (), (PAGE,)))
    (command,) = commands(render("github", on_branch))
    assert command.properties == {"file": CODE, "line": "6", "title": "stale runbook"}
    assert command.data.startswith(f"{PAGE} speaks of this code. `{CODE}` has changed")
    assert "blackstart review runbooks/restore.md" in command.data


def test_github_has_room_for_ten(report: Report) -> None:
    many = [finding("x", number, list(Severity)[number % 3]) for number in range(12)]
    ten = commands(render("github", replace(report, findings=tuple(many[:10]))))
    assert [command.name for command in ten] == ["error"] * 4 + ["warning"] * 3 + ["notice"] * 3
    twelve = commands(render("github", replace(report, findings=tuple(many))))
    assert len(twelve) == 10
    assert twelve[-1].data.startswith("3 more findings not shown here: see the job summary")


def test_github_says_what_could_not_be_judged(shallow: Repo) -> None:
    (command,) = commands(rendered(shallow, "github"))
    assert (command.name, command.properties["title"]) == ("error", "could not judge")
    assert "git fetch --unshallow" in command.data


def test_github_gets_a_job_summary(stale: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "summary.md"
    page.write_text("# Of another command\n\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    rendered(stale, "text")
    assert page.read_text() == "# Of another command\n\n"
    rendered(stale, "github")
    assert page.read_text().startswith("# Of another command\n\n### Runbooks: 1 error\n")
    page.write_bytes(b"x" * (1024 * 1024 - 1500))
    rendered(stale, "github")
    assert page.stat().st_size <= 1024 * 1024


# --- GitLab and JUnit


def test_gitlab_places_a_finding(stale: Repo) -> None:
    entries = json.loads(rendered(stale, "gitlab"))
    CODE_QUALITY.validate(entries)
    (entry,) = entries
    assert (entry["check_name"], entry["severity"]) == ("stale", "major")
    assert entry["location"] == {"path": PAGE, "lines": {"begin": 7}}


def test_gitlab_lists_what_does_not_decide_so_that_it_is_not_taken_for_fixed(report: Report) -> None:
    entries = json.loads(render("gitlab", full(report)))
    assert [entry["severity"] for entry in entries] == ["blocker", *["minor", "major", "major", "minor"], *["info"] * 4]
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)


@pytest.mark.parametrize(("name", "levels"), [("stale", "failure"), ("shallow", "error")])
def test_junit_of_a_repository(name: str, levels: str, request: pytest.FixtureRequest) -> None:
    text = rendered(request.getfixturevalue(name), "junit")
    JUNIT.validate(text)
    suites: Any = JUNIT.to_dict(text)
    gate, page = suites["testsuite"]
    assert (gate["@name"], gate["testcase"][0]["@name"]) == ("blackstart", "gate")
    assert page["@name"] == PAGE
    (case,) = page["testcase"]
    assert PAGE in case[levels][0]["$"]
    assert case[levels][0]["@message"]


def test_junit_skips_what_does_not_fail(report: Report) -> None:
    text = render("junit", full(report))
    suites: Any = JUNIT.to_dict(text)
    assert (suites["@failures"], suites["@errors"]) == ("2", "1")
    cases = [case for suite in suites["testsuite"] for case in suite["testcase"]]
    assert sum("skipped" in case for case in cases) == 6
    names = [(case["@classname"], case["@name"]) for case in cases]
    assert len(set(names)) == len(names)  # GitLab drops the second of a name


def test_junit_without_findings_has_a_case(report: Report) -> None:
    suites: Any = JUNIT.to_dict(render("junit", replace(report, findings=())))
    assert (suites["@tests"], suites["@failures"]) == ("1", "0")


# --- the comment


def headings(text: str) -> list[str]:
    tokens = MarkdownIt().parse(text)
    return [tokens[index + 1].content for index, token in enumerate(tokens) if token.type == "heading_open"]


def test_the_comment_tells_what_why_and_how(stale: Repo) -> None:
    text = rendered(stale, "markdown")
    assert text.startswith("<!-- blackstart -->\n")
    assert_plain(text)
    assert headings(text) == ["Runbooks: 1 error"]
    assert f"**error** `{PAGE}` line 7: `{CODE}` has changed since" in text
    assert f"([stale]({SITE}rules/stale/))" in text
    assert "2026-01-05 by `Ben`: `Write dumps as tar`" in text
    assert f"`{CODE}:6` +1 -1 lines" in text
    assert "```bash\nblackstart review runbooks/restore.md -m 'what you found'\n```" in text


def test_the_comment_is_short_when_all_is_well(report: Report) -> None:
    good = replace(report, findings=(), since=Since("main", "1c0ffee", (), (finding("x"), finding("y")), (PAGE,)))
    text = render("markdown", good)
    assert "**Runbooks hold** since `main` ✅\n\nThis branch resolved 2 findings 🎉\n" in text
    assert len(text.splitlines()) < 20
    assert_plain(text)


def test_the_comment_counts_what_does_not_decide(report: Report) -> None:
    text = render("markdown", full(report))
    assert "<summary>Not counted: 1 waived, 1 in the baseline, 1 there before</summary>" in text
    assert "<summary>2 runbooks about what changed</summary>" in text


def test_the_comment_is_cut_honestly(report: Report) -> None:
    many = tuple(finding("é" * 300, number) for number in range(500))
    since = Since("main", "1c0ffee", many, (), ("é" * 300,) * 500)
    text = render("markdown", replace(report, findings=many, baselined=many, since=since))
    assert 50_000 < len(text.encode()) <= 65_536
    assert "\n- and 487 more\n" in text
    shown = text.count("**error**")
    assert f"… and {500 - shown} more that do not fit here" in text
    assert_plain(text)
    assert markdown.summary(replace(report, findings=many), 1024 * 1024).count("**error**") > shown


def test_what_a_change_breaks_comes_first(report: Report) -> None:
    other = replace(finding("a"), rule="dead-link", family=Family.COMMANDS, path="runbooks/a.md", message="dead")
    mixed = replace(report, findings=(other, *report.findings))
    text = render("markdown", mixed)
    assert text.index("stale") < text.index("dead-link")
    assert [one.properties["title"] for one in commands(render("github", mixed))] == ["stale", "dead-link"]


# --- text and JSON


def test_text_says_where_each_rule_is_explained_once(stale: Repo, report: Report) -> None:
    told = f"what a rule wants: blackstart rules stale  {SITE}rules/stale/\n"
    assert rendered(stale, "text").count("blackstart rules stale") == 1
    assert told in render("text", full(report))


def test_text_counts_what_does_not_decide(report: Report) -> None:
    said = render("text", full(report))
    assert "not counted: 1 waived, 1 in the baseline, 1 there before\n" in said
    assert "resolved 1 finding 🎉 " in said


def test_json_has_the_pages_of_the_rules(stale: Repo) -> None:
    rules = json.loads(rendered(stale, "json"))["rules"]
    assert rules == {"stale": {"summary": all_rules()["stale"].summary, "url": f"{SITE}rules/stale/"}}
