"""CODEOWNERS as GitHub documents it, and the OWNERS files of Kubernetes."""

from __future__ import annotations

from pathlib import Path

import pytest

from blackstart.adoption.owners import Owners, matches, rules
from blackstart.history import open_history
from repo import Repo

# After the example on GitHub's page about code owners, rule by rule.
DOCUMENTED = """\
# the last line that matches decides
*       @global-one @global-two
*.js    @acme/javascript # not @someone
*.go docs@example.com
*.txt @acme/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @writer
/scripts/ @writer @octocat
**/logs @logger
/apps/ @octocat
/apps/github
"""


def owners_of(path: str) -> tuple[str, ...] | None:
    found = [rule.owners for rule in rules(DOCUMENTED) if matches(rule.pattern, path)]
    return found[-1] if found else None


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("lib/deep/file.rb", ("@global-one", "@global-two")),
        ("web/app.js", ("@acme/javascript",)),
        ("main.go", ("docs@example.com",)),
        ("notes/a.txt", ("@acme/octocats",)),
        ("build/logs/today/a.log", ("@logger",)),  # a later line names every folder of that name
        ("lib/docs/a.md", ("@global-one", "@global-two")),  # `docs/*` stands for the one at the top
        ("lib/apps/a.rb", ("@octocat",)),  # `apps/` for any
        ("docs/deep/a.md", ("@writer",)),
        ("scripts/a.sh", ("@writer", "@octocat")),
        ("deep/logs/a", ("@logger",)),
        ("apps/web/a.rb", ("@octocat",)),
        ("apps/github/a.rb", ()),  # owned by nobody
    ],
)
def test_the_documented_example(path: str, owners: tuple[str, ...]) -> None:
    assert owners_of(path) == owners


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("docs/*", "docs/getting-started.md", True),
        ("docs/*", "docs/build-app/troubleshooting.md", False),
        ("/*", "a.md", True),
        ("/*", "a/b.md", False),
        ("*", "a/b.md", True),
        ("apps/", "apps", False),
        ("/docs", "docs/deep/a.md", True),
        ("docs", "lib/docs/a.md", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z/x.md", True),
        ("a/**", "a/b/c", True),
        ("a/**", "a", False),
        ("/a/*.md", "a/x.md", True),
        ("/a/*.md", "a/b/x.md", False),
        ("run[12].md", "run1.md", False),  # no ranges
        ("run[12].md", "run[12].md", True),
        ("a?.md", "ab.md", True),
        ("a?.md", "a/.md", False),
        ("A.md", "a.md", False),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert matches(pattern, path) is expected


def test_what_github_does_not_know_is_passed_over() -> None:
    text = "!docs/ @nobody\nspaced\\ name.md @acme/team\n"
    assert [(rule.pattern, rule.owners, rule.line) for rule in rules(text)] == [("spaced name.md", ("@acme/team",), 2)]


def test_sections_of_gitlab_hand_their_owners_down() -> None:
    text = "[Docs][2] @acme/writers\ndocs/\n*.rb @ruby\n^[Optional]\nlib/\n"
    assert [rule.owners for rule in rules(text)] == [("@acme/writers",), ("@ruby",), ()]


def test_a_pattern_of_nothing_but_stars_takes_no_time() -> None:
    assert not matches("/".join(["**", "*a*a*a*a*a*"] * 40) + "/z", "/".join(["a" * 60] * 60))


def found(repo: Repo, path: str) -> tuple[str, str] | None:
    history = open_history(repo.root)
    owner = Owners(repo.root, history).of(path)
    if history:
        history.close()
    return (owner.name, owner.place) if owner else None


def test_the_first_codeowners_file_counts_and_a_team_comes_before_people(tmp_path: Path) -> None:
    repo = Repo(tmp_path).init()
    repo.write("docs/CODEOWNERS", "* @docs\n").write(".github/CODEOWNERS", "* @ann @acme/dba\n/x/ @ann @ben\n")
    assert found(repo, "runbooks/a.md") == ("@acme/dba", ".github/CODEOWNERS:1")
    assert found(repo, "x/a.md") == ("@ann, @ben", ".github/CODEOWNERS:2")


def test_the_nearest_owners_file_counts_and_an_alias_comes_before_people(tmp_path: Path) -> None:
    repo = Repo(tmp_path).init()
    repo.write("OWNERS", 'filters:\n  ".*":\n    approvers: [ann, approvers]\n')
    repo.write("OWNERS_ALIASES", "aliases:\n  approvers: [ann, ben]\n")
    repo.write("alerts/db/OWNERS", "approvers:\n- cy\n- dee\n").write("alerts/web/OWNERS", "reviewers: [eve]\n")
    assert found(repo, "alerts/db/a.md") == ("cy, dee", "alerts/db/OWNERS")
    assert found(repo, "alerts/web/a.md") == ("approvers", "OWNERS")


@pytest.mark.parametrize("text", ["approvers: &a [*a]\n", "- a\n", "approvers: 7\n", "\xff", "approvers: [[a]]\n"])
def test_a_broken_owners_file_names_nobody(tmp_path: Path, text: str) -> None:
    assert found(Repo(tmp_path).init().write("OWNERS", text.encode("latin-1")), "a.md") is None
