"""`check --since` judges what a branch makes worse, and `affected` says which pages speak about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from repo import BACKUP, RESTORE, Repo

DATA = Path(__file__).parents[1] / "src/blackstart/data"
PAGE, CODE = "runbooks/restore.md", "app/backup.py"
POLICY = "severity: {required-sections: off}\n"
REVIEW = ("review", PAGE, "-m", "read it", "--by", "Ann")
Since = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """One page that covers one file, on main, and a branch that is checked out."""
    repo = Repo(tmp_path / "repo").init()
    repo.write(CODE, BACKUP).write("blackstart.yml", POLICY).write(PAGE, RESTORE).commit("Begin")
    repo.git("checkout", "-q", "-b", "work")
    return repo


@pytest.fixture
def since(capsys: pytest.CaptureFixture[str]) -> Since:
    def ask(repo: Repo, rev: str = "main", *options: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = repo.blackstart("check", "--since", rev, "--format", "json", *options)
        captured = capsys.readouterr()
        return code, fitting("report", captured.out) | {"error": captured.err}

    return ask


def fitting(schema: str, document: str) -> dict[str, Any]:
    """The document, which has the form that its schema describes."""
    read: dict[str, Any] = json.loads(document)
    Draft202012Validator(json.loads((DATA / f"{schema}.schema.json").read_text())).validate(read)
    return read


def rules(findings: list[dict[str, Any]]) -> list[str]:
    return [finding["rule"] for finding in findings]


def change_code(repo: Repo, value: str = "elsewhere") -> Repo:
    return repo.replace(CODE, "BUCKET =", f"LIMIT = '{value}'\nBUCKET =")


def change_page(repo: Repo, path: str = PAGE) -> Repo:
    return repo.replace(path, "Run the", "Carefully run the")


# --- one change


def test_code_and_page_in_different_commits_vouch_for_each_other(repo: Repo, since: Since) -> None:
    change_code(repo).commit("Code")
    assert since(repo)[0] == 1
    repo.write("other", "x").commit("Something else")
    change_page(repo).commit("Page")
    assert since(repo)[0] == 0
    assert repo.blackstart("check") == 1  # commit by commit, as after a rebase, they do not


def test_uncommitted_work_belongs_to_it(repo: Repo, since: Since) -> None:
    change_page(repo).commit("Page")
    change_code(repo)
    assert since(repo)[0] == 0
    assert since(repo, "HEAD")[0] == 1


def test_each_anchor_tells_what_became_of_its_own_files(repo: Repo, since: Since) -> None:
    odd = 'app/it "is" ä.sql'
    repo.write(odd, "-- one\nselect 1;\n").write("app/gone.py", "x = 1\n").write("app/some/a.py", "a = 1\n")
    entries = f"  - app/gone.*\n  - '{odd}'\n  - app/some/*.py\n"
    repo.write("app/gone.sh", "true\n").replace(PAGE, f"  - {CODE}\n", f"  - {CODE}\n{entries}").commit("Cover more")
    repo.git("branch", "-q", "-f", "main")
    change_code(repo).write(odd, "-- one\n++ x;\n").write("app/some/b.py", "b = 1\n")
    (repo.root / "app/gone.py").unlink()
    repo.commit("Change them all")
    told = {one["details"]["anchor"]: one["details"] for one in since(repo)[1]["findings"] if one["rule"] == "stale"}
    assert {anchor: (one["added"], one["removed"], one["code"]) for anchor, one in told.items()} == {
        CODE: (1, 0, f"{CODE}:1"),
        "app/gone.*": (0, 1, "app/gone.py:1"),
        odd: (1, 1, f"{odd}:2"),
        "app/some/*.py": (1, 0, "app/some/b.py:1"),
    }


def test_what_main_saw_before_counts_as_ever(repo: Repo, since: Since) -> None:
    change_code(repo).commit("Code")
    repo.git("checkout", "-q", "-B", "main")
    repo.git("checkout", "-q", "-b", "later")
    change_page(repo).commit("A typo")
    code, report = since(repo)
    assert code == 0
    assert rules(report["since"]["before"]) == ["stale"]


def test_the_story_tells_the_commits_of_the_branch(repo: Repo, since: Since) -> None:
    change_code(repo).commit("First")
    change_code(repo, "again").commit("Second")
    (stale,) = since(repo)[1]["findings"]
    assert [commit["subject"] for commit in stale["details"]["commits"]] == ["Second", "First"]


def test_code_changed_after_the_review_on_the_branch_is_stale(repo: Repo, since: Since) -> None:
    change_code(repo).commit("Code")
    repo.blackstart(*REVIEW)
    repo.commit("Review")
    assert since(repo)[0] == 0
    change_code(repo, "again").commit("Once more")
    code, report = since(repo)
    assert code == 1
    assert [commit["subject"] for commit in report["findings"][0]["details"]["commits"]] == ["Once more"]


def test_a_new_page_is_one_with_the_code_it_came_with(repo: Repo, since: Since) -> None:
    repo.write("app/new.py", "x = 1\n").write("runbooks/new.md", RESTORE.replace(CODE, "app/new.py")).commit("Both")
    repo.write("app/new.py", "x = 2\n").commit("Go on")
    assert since(repo)[0] == 0


# --- before, new, resolved


def test_what_was_there_is_counted_and_what_is_gone_celebrated(
    repo: Repo, since: Since, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write("runbooks/old.md", RESTORE + "\nTODO\n\nFIXME\n").commit("Old")
    repo.git("branch", "-q", "-f", "main")
    repo.replace("runbooks/old.md", "TODO", "XXX and text")
    code, report = since(repo)
    assert code == 1
    assert [finding["message"] for finding in report["findings"]] == ["`XXX` is a placeholder"]
    assert [finding["message"] for finding in report["since"]["before"]] == ["`FIXME` is a placeholder"]
    assert [finding["message"] for finding in report["since"]["resolved"]] == ["`TODO` is a placeholder"]
    repo.replace("runbooks/old.md", "XXX and ", "")
    capsys.readouterr()
    assert repo.blackstart("check", "--since", "main") == 0
    said = capsys.readouterr().out
    assert "nothing new" in said
    assert "resolved 1 finding 🎉 runbooks/old.md (placeholder)" in said
    assert "1 there before" in said


def test_a_review_alone_has_no_text_judged_again(repo: Repo, since: Since) -> None:
    repo.write(PAGE, f"{RESTORE}\nTODO\n\n```\nmake\n```\n").commit("Old faults")
    repo.git("branch", "-q", "-f", "main")
    change_code(repo).commit("Code")
    repo.blackstart(*REVIEW)
    code, report = since(repo)
    assert code == 0
    assert report["checked"]["runbooks"] == 1
    assert "code-fence-language" not in rules(report["since"]["before"])
    repo.replace(PAGE, "note: read it", "note: FIXME").replace(PAGE, "on': 20", "on': 29")
    code, report = since(repo)
    assert (code, rules(report["findings"])) == (1, ["front-matter", "placeholder"])
    repo.replace(PAGE, "owner: platform", "owner: other")
    assert "code-fence-language" in rules(since(repo)[1]["since"]["before"])


def test_stale_code_that_changes_again_was_there_before(repo: Repo, since: Since) -> None:
    change_code(repo).commit("Code")
    repo.git("branch", "-q", "-f", "main")
    change_code(repo, "again").commit("Again")
    code, report = since(repo)
    assert (code, rules(report["since"]["before"])) == (0, ["stale"])


def test_a_name_that_it_takes_from_a_stale_page_is_new(repo: Repo, since: Since) -> None:
    repo.replace(PAGE, "Run the restore.", "Run `take_backup`.").commit("Name it")
    change_code(repo).commit("Code")
    repo.git("branch", "-q", "-f", "main")
    repo.replace(CODE, "take_backup", "make_backup").commit("Rename")
    code, report = since(repo)
    assert (code, rules(report["findings"])) == (1, ["contradicted"])


def test_a_page_that_moved_keeps_its_findings(repo: Repo, since: Since) -> None:
    repo.write(PAGE, RESTORE + "\nTODO\n\nMore text so that it is known again.\n").commit("Page")
    change_code(repo).commit("Code")
    repo.git("branch", "-q", "-f", "main")
    repo.git("mv", PAGE, "runbooks/renamed.md")
    repo.commit("Move")
    code, report = since(repo)
    assert (code, report["findings"], report["since"]["resolved"]) == (0, [], [])
    assert {finding["path"] for finding in report["since"]["before"]} == {"runbooks/renamed.md"}
    assert sorted(rules(report["since"]["before"])) == ["placeholder", "stale"]


def test_a_finding_that_the_branch_lets_weigh_more_is_new(repo: Repo, since: Since) -> None:
    repo.write("blackstart.yml", POLICY.replace("off", "warning")).commit("Warn")
    repo.git("branch", "-q", "-f", "main")
    repo.write("blackstart.yml", POLICY.replace("off", "error")).commit("Be strict")
    code, report = since(repo)
    assert code == 1
    assert set(rules(report["findings"])) == {"required-sections"}
    assert report["since"]["rules"] == ["blackstart.yml"]


def test_a_rule_switched_off_resolves_nothing_and_a_reader_is_told(
    repo: Repo, since: Since, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write("runbooks/old.md", RESTORE + "\nTODO\n").commit("Old")
    repo.git("branch", "-q", "-f", "main")
    repo.write("blackstart.yml", POLICY.replace("}", ", placeholder: off}")).commit("Cheat")
    code, report = since(repo)
    assert (code, report["since"]["resolved"]) == (0, [])
    repo.blackstart("check", "--since", "main")
    assert "judged by rules that the change sets: blackstart.yml" in capsys.readouterr().out


def test_a_base_without_blackstart_counts_for_nothing(repo: Repo, since: Since) -> None:
    repo.write(PAGE, RESTORE + "\nTODO\n").commit("Adopt")
    repo.git("checkout", "-q", "--orphan", "before")
    repo.git("rm", "-rfq", ".")
    repo.write(CODE, BACKUP).commit("Code only")
    repo.git("checkout", "-q", "work")
    assert rules(since(repo, "before")[1]["findings"]) == ["placeholder"]


def test_a_base_that_cannot_be_judged_counts_for_nothing_and_is_named(repo: Repo, since: Since) -> None:
    repo.write("blackstart.yml", "rumbooks: x\n").write(PAGE, RESTORE + "\nTODO\n").commit("Break")
    repo.git("branch", "-q", "-f", "main")
    repo.write("blackstart.yml", POLICY).commit("Mend")
    code, report = since(repo)
    assert (code, rules(report["findings"])) == (1, ["placeholder"])
    assert any("cannot be judged (blackstart.yml:1:1" in line for line in report["not_checked"])


def test_only_what_it_concerns_is_looked_at(repo: Repo, since: Since) -> None:
    repo.write("app/far.py", "far = 1\n").write("runbooks/far.md", RESTORE.replace(CODE, "app/far.py")).commit("Far")
    repo.git("branch", "-q", "-f", "main")
    change_code(repo)
    report = since(repo)[1]
    assert report["checked"]["runbooks"] == 1
    assert "what the branch does not concern: 1 of 2 runbooks" in report["not_checked"]
    assert report["since"]["affected"] == [PAGE]


def test_a_page_that_only_names_what_is_gone_is_looked_at(repo: Repo, since: Since) -> None:
    repo.write("tool.sh", "x\n").write(
        "runbooks/other.md", RESTORE.replace(CODE, "tool.sh") + "\n[It](../app/backup.py)\n"
    )
    repo.commit("Link")
    repo.git("branch", "-q", "-f", "main")
    repo.git("mv", CODE, "app/new.py")
    report = since(repo)[1]
    assert sorted(rules(report["findings"])) == ["dead-link", "missing-anchor"]


def test_paths_narrow_both_sides(repo: Repo, since: Since) -> None:
    repo.write("runbooks/old.md", RESTORE + "\nTODO\n").commit("Old")
    repo.git("branch", "-q", "-f", "main")
    change_code(repo)
    assert since(repo, "main", "runbooks/old.md")[0] == 1
    report = since(repo, "main", "--select", "placeholder", "runbooks/restore.md")[1]
    assert (report["findings"], report["since"]["resolved"]) == ([], [])


# --- what cannot be judged


def test_in_a_shallow_clone_what_the_branch_did_not_touch_does_not_fail(
    repo: Repo, since: Since, tmp_path: Path
) -> None:
    repo.git("checkout", "-q", "main")
    repo.replace(PAGE, f"  - {CODE}", f"  - {CODE}\n  - app/other.py").write("app/other.py", "x = 1\n").commit(
        "Cover more"
    )
    repo.commit("Nothing")
    repo.git("checkout", "-q", "-B", "work")
    repo.write("app/other.py", "x = 2\n").commit("Code")
    shallow = repo.clone(tmp_path / "shallow", "--depth", "2", "--branch", "work")
    code, report = since(shallow, "HEAD^")
    assert code == 2
    assert {item["subject"]: item["tolerated"] for item in report["not_judged"]} == {CODE: True, "app/other.py": False}
    change_page(shallow)
    code, report = since(shallow, "HEAD^")
    assert (code, [item["tolerated"] for item in report["not_judged"]]) == (0, [True])


def test_a_shallow_clone_judges_what_is_recorded(repo: Repo, since: Since, tmp_path: Path) -> None:
    repo.blackstart(*REVIEW)
    repo.commit("Review")
    change_code(repo).commit("Code")
    shallow = repo.clone(tmp_path / "shallow", "--depth", "2", "--branch", "work")
    assert rules(since(shallow, "HEAD^")[1]["findings"]) == ["stale"]


def test_a_shallow_clone_that_lacks_the_commit_says_what_to_fetch(repo: Repo, since: Since, tmp_path: Path) -> None:
    base = repo.git("rev-parse", "HEAD")
    repo.commit("One")
    repo.commit("Two")
    shallow = repo.clone(tmp_path / "shallow", "--depth", "1", "--branch", "work")
    code, report = since(shallow, base)
    assert code == 2
    assert "fetch-depth: 0" in report["error"]


def test_no_common_ancestor(repo: Repo, since: Since) -> None:
    repo.git("checkout", "-q", "--orphan", "island")
    repo.commit("Alone")
    code, report = since(repo, "merge-base:main")
    assert code == 2
    assert "no common ancestor" in report["error"]


@pytest.mark.parametrize(
    "rev",
    [
        *(
            "--output=x",
            "-1",
            "--all",
            "HEAD..HEAD",
            "main...work",
            "^main",
            "nope",
            "",
            "merge-base:",
            "merge-base:-1",
        ),
        *("HEAD^{tree}", "HEAD:app", "main\n", "main work", "HEAD@{99}", "merge-base:merge-base:main"),
    ],
)
def test_what_is_no_commit_is_refused(repo: Repo, since: Since, rev: str) -> None:
    files = sorted(repo.root.iterdir())
    code, report = since(repo, rev)
    assert code == 2
    assert report["error"].startswith("blackstart: ")
    assert sorted(repo.root.iterdir()) == files


@pytest.mark.parametrize("name", ["merge-base", "a'b", "ü", "x;id", "$(id)", "HEAD@x", "refs/heads/refs"])
def test_odd_names_of_branches(repo: Repo, since: Since, name: str) -> None:
    repo.git("update-ref", f"refs/heads/{name}", "main")
    change_code(repo).commit("Code")
    assert since(repo, f"refs/heads/{name}")[0] == 1
    assert since(repo, f"merge-base:refs/heads/{name}")[0] == 1


def test_the_branch_before(repo: Repo, since: Since) -> None:
    change_code(repo).commit("Code")
    repo.git("checkout", "-q", "main")
    repo.git("checkout", "-q", "work")
    assert since(repo, "@{-1}")[0] == 1


def test_without_git_there_is_no_since(tmp_path: Path, since: Since) -> None:
    code, report = since(Repo(tmp_path).write(PAGE, RESTORE), "main")
    assert code == 2
    assert "no git repository" in report["error"]


# --- affected


def affected(repo: Repo, capsys: pytest.CaptureFixture[str], *revs: str) -> list[str]:
    capsys.readouterr()
    assert repo.blackstart("affected", *revs) == 0
    return capsys.readouterr().out.splitlines()


def test_affected_since_when(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert affected(repo, capsys) == []
    change_code(repo)
    assert affected(repo, capsys) == [PAGE]
    repo.commit("Code")
    assert affected(repo, capsys) == []
    assert affected(repo, capsys, "main") == affected(repo, capsys, "merge-base:main") == [PAGE]
    repo.write("other", "x").commit("Other")
    assert affected(repo, capsys, "HEAD^", "HEAD") == []
    assert affected(repo, capsys, "main", "HEAD^") == [PAGE]
    assert repo.blackstart("affected", "a", "b", "c") == 2


def test_affected_is_a_matter_of_meaning(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write(CODE, BACKUP + "# a comment\n")
    assert affected(repo, capsys) == []
    (repo.root / CODE).unlink()
    assert affected(repo, capsys) == [PAGE]


def test_affected_as_json(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    change_page(change_code(repo)).write("untracked", "x")
    assert repo.blackstart("affected", "--format", "json") == 0
    document = fitting("affected", capsys.readouterr().out)
    assert document["changed"] == [CODE, PAGE, "untracked"]
    assert document["runbooks"] == [
        {
            "path": PAGE,
            "title": "Restore the database",
            "owner": "platform",
            "alerts": [],
            "edited": True,
            "anchors": [{"anchor": CODE, "files": [CODE]}],
        }
    ]


def test_a_page_that_cannot_be_read_any_more_resolves_nothing(repo: Repo, since: Since) -> None:
    repo.write("blackstart.yml", "").commit("Demand sections")
    repo.git("branch", "-f", "main")
    repo.replace(PAGE, "owner: platform", "owner: [").commit("Break it")
    code, report = since(repo)
    assert code == 1
    assert rules(report["findings"]) == ["front-matter"]
    assert report["since"]["resolved"] == []
