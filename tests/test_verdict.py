"""What vouches for an anchor and what does not, on real histories; then random ones against a slow oracle."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repo import Repo, sample

CODE, PAGE = "app/backup.py", "runbooks/restore.md"
REVIEW = ("review", PAGE, "-m", "read it")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return sample(tmp_path)


def is_fresh(repo: Repo) -> bool:
    code = repo.blackstart("check", "--select", "freshness")
    assert code in (0, 1)
    return code == 0


def change_code(repo: Repo, value: str = "elsewhere") -> Repo:
    return repo.write(CODE, re.sub(r'BUCKET = ".*"', f'BUCKET = "{value}"', repo.read(CODE)))


def change_page(repo: Repo, word: str = "Carefully run") -> Repo:
    return repo.replace(PAGE, "1. Run", f"1. {word}")


def test_the_creation_vouches(repo: Repo) -> None:
    assert is_fresh(repo)


def test_changed_code_is_stale(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    sha = change_code(repo).commit("Move the bucket to the new account")
    assert not is_fresh(repo)
    text = capsys.readouterr().out
    assert f"{PAGE}\n" in text
    assert "7:5  error  `app/backup.py` has changed since this runbook was written" in text
    assert f"{sha[:7]}  2026-01-05  Ann Author: Move the bucket to the new account" in text
    assert "app/backup.py:1  +1 -1 lines" in text
    assert f"blackstart review {PAGE} -m" in text


def test_uncommitted_code_is_stale_and_named(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    change_code(repo)
    assert not is_fresh(repo)
    assert "not committed yet: app/backup.py" in capsys.readouterr().out
    repo.git("add", CODE)
    assert not is_fresh(repo)
    shown = capsys.readouterr().out
    assert "not committed yet: app/backup.py" in shown
    assert "with uncommitted edits" in shown


def test_a_revert_is_quiet_again(repo: Repo) -> None:
    change_code(repo).commit("Change")
    repo.git("revert", "--no-edit", "HEAD")
    assert is_fresh(repo)


def test_page_and_code_in_one_commit_vouch(repo: Repo) -> None:
    change_page(change_code(repo)).commit("Both")
    assert is_fresh(repo)


def test_page_and_code_uncommitted_together_vouch(repo: Repo) -> None:
    change_page(change_code(repo))
    assert is_fresh(repo)


def test_a_later_edit_of_the_page_vouches_for_nothing(repo: Repo) -> None:
    change_code(repo).commit("Code")
    change_page(repo).commit("Typo")
    assert not is_fresh(repo)


@pytest.mark.parametrize("noise", ["\n\n", "<!-- seen -->\n", "   \n"])
def test_white_space_and_comments_in_the_page_vouch_for_nothing(repo: Repo, noise: str) -> None:
    change_code(repo).write(PAGE, repo.read(PAGE) + noise).commit("Both, it seems")
    assert not is_fresh(repo)


def test_front_matter_alone_vouches_for_nothing(repo: Repo) -> None:
    change_code(repo).replace(PAGE, "owner: platform", "owner: someone").commit("Both, it seems")
    assert not is_fresh(repo)


def test_a_formatter_run_beside_an_edit_does_not_hide_older_drift(repo: Repo) -> None:
    change_code(repo).commit("Code")
    change_page(repo).write(CODE, repo.read(CODE) + "# a comment\n").commit("Both, it seems")
    assert not is_fresh(repo)


def test_a_merged_branch_is_one_unit_whatever_its_order(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "feature")
    change_page(repo).commit("Page first")
    change_code(repo).commit("Code second")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge feature", "feature")
    assert is_fresh(repo)


def test_code_merged_meanwhile_on_the_other_side_is_unseen(repo: Repo) -> None:
    repo.write(CODE, repo.read(CODE) + "\n\nLIMIT = 1\n").commit("Add a limit")
    assert repo.blackstart(*REVIEW) == 0
    repo.commit("Review")
    repo.git("checkout", "-q", "-b", "feature")
    change_page(change_code(repo)).commit("Both")
    repo.git("checkout", "-q", "main")
    repo.replace(CODE, "LIMIT = 1", "LIMIT = 2").commit("Meanwhile")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge feature", "feature")
    assert not is_fresh(repo)


def test_a_squashed_branch_vouches(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "feature")
    change_code(repo).commit("Code")
    change_page(repo).commit("Page")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--squash", "feature")
    repo.commit("Feature (#1)")
    assert is_fresh(repo)


def test_a_moved_page_takes_its_past_along(repo: Repo) -> None:
    change_code(repo).commit("Code")
    repo.git("mv", PAGE, "runbooks/db.md")
    assert not is_fresh(repo)
    repo.commit("Move")
    assert not is_fresh(repo)


def test_a_page_moved_and_edited_takes_its_past_along(repo: Repo) -> None:
    change_code(repo).commit("Code")
    change_page(repo)
    repo.git("mv", PAGE, "runbooks/db.md")
    repo.commit("Move and edit")
    assert not is_fresh(repo)


def test_an_added_anchor_is_vouched_for_from_then_on(repo: Repo) -> None:
    repo.write("app/other.py", "x = 1\n").commit("Other")
    repo.replace(PAGE, "  - app/backup.py\n", "  - app/backup.py\n  - app/other.py\n").commit("Cover it")
    assert is_fresh(repo)
    repo.write("app/other.py", "x = 2\n").commit("Change it")
    assert not is_fresh(repo)


def test_a_glob_sees_new_and_lost_files(repo: Repo) -> None:
    repo.replace(PAGE, "app/backup.py", "app/*.py").commit("Cover all")
    repo.write("app/new.py", "").commit("New file")
    assert not is_fresh(repo)
    repo.git("rm", "-q", "app/new.py")
    repo.commit("Remove it")
    assert is_fresh(repo)


def test_the_exec_bit_counts(repo: Repo) -> None:
    (repo.root / CODE).chmod(0o755)
    repo.commit("chmod")
    assert not is_fresh(repo)


def test_a_review_settles_it_until_the_next_change(repo: Repo) -> None:
    change_code(repo).commit("Code")
    assert repo.blackstart(*REVIEW) == 0
    assert is_fresh(repo)
    repo.commit("Review")
    assert is_fresh(repo)
    change_code(repo, "again").commit("Again")
    assert not is_fresh(repo)


def test_a_record_that_is_taken_back_vouches_for_nothing(repo: Repo) -> None:
    change_code(repo).commit("Change")
    page = repo.read("runbooks/restore.md")
    repo.blackstart("review", "runbooks/restore.md", "-m", "looked")
    repo.commit("Review")
    assert is_fresh(repo)
    repo.write("runbooks/restore.md", page)
    assert not is_fresh(repo)
    repo.git("restore", "--source", "HEAD~2", "app/backup.py")
    assert is_fresh(repo)  # as it was written


def test_squashing_all_history_does_not_launder_a_mismatch(repo: Repo) -> None:
    repo.blackstart(*REVIEW)
    change_code(repo).commit("Code")
    repo.git("checkout", "-q", "--orphan", "fresh-start")
    repo.commit("Import")
    assert not is_fresh(repo)


def test_a_policy_can_demand_the_record(repo: Repo) -> None:
    repo.write("blackstart.yml", "require_record: true\n").commit("Demand records")
    assert repo.blackstart("check", "--select", "stale") == 0
    assert repo.blackstart("check", "--select", "unrecorded-review") == 1
    repo.blackstart(*REVIEW)
    assert is_fresh(repo)
    change_code(repo).commit("Code")
    assert repo.blackstart("check", "--select", "stale") == 1
    assert repo.blackstart("check", "--select", "unrecorded-review") == 0


def test_a_date_in_the_wrong_order_changes_nothing(repo: Repo) -> None:
    repo.tick = -10_000
    change_code(repo).commit("From a machine with a slow clock")
    assert not is_fresh(repo)


# --- records of another version of the normalisers


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.setattr("blackstart.freshness.fingerprint.VERSION", 99)


def test_an_upgrade_works_a_record_out_anew(repo: Repo, upgrade: Callable[[], None]) -> None:
    change_code(repo).commit("Code")
    repo.blackstart(*REVIEW)
    repo.commit("Review")
    upgrade()
    assert is_fresh(repo)
    repo.blackstart(*REVIEW)
    assert "99." in repo.read(PAGE)
    change_code(repo, "again")
    assert not is_fresh(repo)


def test_an_upgrade_hides_no_change_after_the_review(repo: Repo, upgrade: Callable[[], None]) -> None:
    repo.git("checkout", "-q", "-b", "work")
    change_code(repo).commit("Code")
    repo.blackstart(*REVIEW)
    repo.commit("Review")
    change_code(repo, "again").commit("Code again, on the same branch")
    finish(repo, "work", "merge")
    upgrade()
    assert not is_fresh(repo)


def test_an_upgrade_without_history_cannot_judge(
    repo: Repo, tmp_path: Path, upgrade: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    repo.blackstart(*REVIEW)
    repo.commit("Review")
    repo.commit("Later")
    shallow = repo.clone(tmp_path / "shallow", "--depth=1")
    assert is_fresh(shallow)
    upgrade()
    capsys.readouterr()
    assert shallow.blackstart("check", "--select", "freshness") == 2
    assert "this clone is shallow" in capsys.readouterr().out


# --- random histories

EDITS = ["code1", "code2", "page1", "page2", "both1", "format", "review", "revert", "move"]
SHAPES = ["branch", "mainline", "merge", "squash", "rebase", "pick", "clock"]
STEPS = st.lists(st.sampled_from(EDITS + SHAPES), min_size=2, max_size=14)


def play(repo: Repo, steps: list[str]) -> dict[str, str]:
    """Play steps that make sense at their place; the rest does nothing. Gives the code by the record of its review."""
    reviews: dict[str, str] = {}
    for number, step in enumerate(steps):
        if step in EDITS:
            edit(repo, step, number)
        else:
            shape(repo, step, number)
        repo.commit(f"{number} {step}")
        if step == "review":
            _, record, code = state_at(repo, "HEAD")
            reviews[record] = code
    return reviews


def edit(repo: Repo, step: str, number: int) -> None:
    if step.startswith(("code", "both")):
        change_code(repo, step[-1])
    if step.startswith(("page", "both")):
        page = page_of(repo)
        repo.write(page, re.sub(r"1\. .*", f"1. Step {step[-1]}{number}.", repo.read(page)))
    if step == "format":
        repo.write(CODE, repo.read(CODE) + f"# {number}\n")
    elif step == "review":
        assert repo.blackstart("review", page_of(repo), "-m", f"read at {number}") == 0
    elif step == "revert" and number:
        undo(repo)
    elif step == "move":
        repo.git("mv", page_of(repo), f"runbooks/moved{number}.md")


def shape(repo: Repo, step: str, number: int) -> None:
    branch = repo.git("branch", "--show-current")
    if step == "clock":
        repo.tick -= 1_000 * (number % 5 - 1)
    elif step == "branch" and branch == "main":
        repo.git("checkout", "-q", "-b", f"b{number}")
    elif branch == "main":
        return
    elif step == "mainline":
        repo.git("checkout", "-q", "main")
        repo.write(CODE, re.sub(r"return .*", f"return [{number}]", repo.read(CODE))).commit("Meanwhile, more code")
        repo.git("checkout", "-q", branch)
    else:
        finish(repo, branch, step)


def page_of(repo: Repo) -> str:
    return next(path.relative_to(repo.root).as_posix() for path in sorted((repo.root / "runbooks").glob("*.md")))


def finish(repo: Repo, branch: str, how: str) -> None:
    """Bring the branch to main, on which one unrelated commit has landed meanwhile."""
    repo.git("checkout", "-q", "main")
    repo.write("unrelated", branch).commit("Meanwhile")
    if how == "pick":
        repo.git("cherry-pick", "--allow-empty", "--keep-redundant-commits", f"main..{branch}")
    elif how == "rebase":
        repo.git("checkout", "-q", branch)
        repo.git("rebase", "-q", "main")
        repo.git("checkout", "-q", "main")
        repo.git("merge", "-q", "--ff-only", branch)
    else:
        repo.git("merge", "-q", *(["--squash"] if how == "squash" else ["--no-ff", "-m", "Merge"]), branch)


def undo(repo: Repo) -> None:
    """Put the code back as it was one commit ago."""
    repo.write(CODE, repo.git("show", f"HEAD~1:{CODE}") + "\n")


def oracle(repo: Repo, reviews: dict[str, str]) -> bool:
    """Read every change unit from the oldest on, and note the value that was last vouched for."""
    vouched, state = "", cache(partial(state_at, repo))
    for commit in repo.git("rev-list", "--first-parent", "--reverse", "HEAD").split():
        first, *tips = repo.git("log", "-1", "--format=%P", commit).split() or [""]
        for tip in tips or [commit]:
            base = repo.git("merge-base", first, tip) if tips else first
            (old_step, old_record, old_code), (step, record, code) = state(base), state(tip)
            if record != old_record:
                vouched = reviews[record]
            elif not old_step or (step != old_step and code != old_code):
                vouched = code
    _, record, code = state("HEAD")
    return code in (vouched, reviews.get(record))


def state_at(repo: Repo, commit: str) -> tuple[str, str, str]:
    """The page's step, its record and the code's value at a commit; there is one page, whatever its name."""
    pages = repo.git("ls-tree", "--name-only", commit, "runbooks/").split() if commit else []
    if not pages:
        return "", "", ""
    page, code = repo.git("show", f"{commit}:{pages[0]}"), repo.git("show", f"{commit}:{CODE}")
    step, record = re.search(r"1\. .*", page), re.search(r"\d\.[0-9a-f]{10}", page)
    assert step
    return step[0], record[0] if record else "", re.sub(r"(?m)^#.*\n?", "", code).strip()


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_random_histories_are_judged_as_the_slow_oracle_judges(steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = sample(Path(folder))
        reviews = play(repo, steps)
        if repo.git("branch", "--show-current") != "main":
            finish(repo, repo.git("branch", "--show-current"), "merge")
        assert is_fresh(repo) == oracle(repo, reviews), repo.git("log", "--graph", "--oneline")
