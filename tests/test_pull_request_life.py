"""A pull request from its branch to its revert, with real remotes: green and red where a person would expect it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from repo import BACKUP, RESTORE, Repo

PAGE, CODE = "runbooks/restore.md", "app/backup.py"
TARGET = "merge-base:origin/main"
GREEN, RED = 0, 1
APART = "\n2. Look.\n\n3. Look again.\n\n4. Seven are kept.\n"
MORE = BACKUP + '\n\ndef keep():\n    """Keep some."""\n    return ["--keep", "7"]\n'

pytestmark = pytest.mark.slow


@dataclass
class Life:
    """Ann works on branches, Ben keeps main; what they share is a bare repository."""

    ann: Repo
    ben: Repo

    def propose(self, name: str, onto: str = "origin/main") -> Repo:
        """A new branch of Ann's."""
        self.ann.git("fetch", "-q")
        self.ann.git("checkout", "-q", "-b", name, onto)
        return self.ann

    def push(self, subject: str) -> int:
        """Commit and push Ann's work; what the gate says of the pull request."""
        self.ann.commit(subject)
        self.ann.git("push", "-q", "-f", "origin", "HEAD")
        self.ann.git("fetch", "-q")
        return self.gate()

    def gate(self, rev: str = TARGET) -> int:
        return self.ann.blackstart("check", "--since", rev)

    def land(self, branch: str, how: str) -> int:
        """Merge as the host does; what the gate says of main afterwards."""
        ben = self.ben
        ben.git("fetch", "-q")
        ben.git("checkout", "-q", "-B", "main", "origin/main")
        if how == "squash":
            ben.git("merge", "-q", "--squash", f"origin/{branch}")
            ben.commit(f"{branch} (#1)")
        elif how == "merge":
            ben.git("merge", "-q", "--no-ff", "-m", f"Merge {branch}", f"origin/{branch}")
        else:
            ben.git("checkout", "-q", "-B", "rebased", f"origin/{branch}")
            ben.git("rebase", "-q", "main")
            ben.git("checkout", "-q", "main")
            ben.git("merge", "-q", "--ff-only", "rebased")
        return self.publish()

    def publish(self) -> int:
        self.ben.git("push", "-q", "origin", "main")
        return self.ben.blackstart("check")

    def on_main(self) -> Repo:
        """Ben's clone, up to date."""
        self.ben.git("fetch", "-q")
        self.ben.git("checkout", "-q", "-B", "main", "origin/main")
        return self.ben


@pytest.fixture
def life(tmp_path: Path) -> Life:
    seed = Repo(tmp_path / "seed").init()
    seed.write(CODE, MORE).write("app/other.py", "x = 1\n").write(PAGE, RESTORE + APART)
    seed.write("blackstart.yml", "severity: {required-sections: off}\n").commit("Begin")
    bare = Repo(tmp_path / "origin.git", seed.tick)
    seed.git("clone", "-q", "--bare", str(seed.root), str(bare.root))
    return Life(bare.clone(tmp_path / "ann"), bare.clone(tmp_path / "ben"))


def change_code(repo: Repo, old: str = '"backups"', new: str = '"copies"') -> Repo:
    return repo.replace(CODE, old, new)


def change_page(repo: Repo) -> Repo:
    return repo.replace(PAGE, "Run the", "Carefully run the")


def settle(repo: Repo, how: str) -> Repo:
    if how == "edit":
        return change_page(repo)
    assert repo.blackstart("review", PAGE, "-m", "no step names the bucket", "--by", "Ann") == 0
    return repo


@pytest.mark.parametrize(
    ("settled", "landed", "main"),
    [
        ("edit", "squash", GREEN),
        ("edit", "merge", GREEN),
        ("edit", "rebase", RED),  # commit by commit nobody looked: such teams record reviews
        ("review", "squash", GREEN),
        ("review", "merge", GREEN),
        ("review", "rebase", GREEN),
    ],
)
def test_a_pull_request(life: Life, settled: str, landed: str, main: int) -> None:
    ann = life.propose("buckets")
    assert life.gate() == GREEN
    change_code(ann)
    assert life.gate() == RED, "not committed yet"
    assert life.push("Use another bucket") == RED
    ann.replace(CODE, '"""Take one."""', '"""Take one of them."""')
    assert life.push("A comment in between") == RED
    settle(ann, settled)
    assert life.push("Say what it means for a restore") == GREEN

    life.on_main().write("app/other.py", "x = 2\n").commit("Main moves on")
    life.publish()
    ann.git("fetch", "-q")
    assert life.gate() == GREEN

    before = life.ben.git("rev-parse", "HEAD")
    assert life.land("buckets", landed) == main
    life.propose("next")
    assert life.gate() == GREEN, "what main has is not the next branch's"

    ben = life.on_main()
    if landed == "merge":
        ben.git("revert", "--no-edit", "-m", "1", "HEAD")
    else:
        ben.git("revert", "--no-commit", f"{before}..HEAD")
        ben.commit("Revert it all")
    assert life.publish() == GREEN
    change_code(ben).commit("The code once more, without the page")
    assert life.publish() == RED


@pytest.mark.parametrize("landed", ["squash", "merge", "rebase"])
def test_one_commit_needs_nothing_more(life: Life, landed: str) -> None:
    change_page(change_code(life.propose("small")))
    assert life.push("Both at once") == GREEN
    assert life.land("small", landed) == GREEN


@pytest.mark.parametrize(("landed", "main"), [("squash", GREEN), ("merge", RED)])
def test_the_same_code_changes_on_main_meanwhile(life: Life, landed: str, main: int) -> None:
    """A merge commit remembers that nobody saw the page beside both changes; a squashed one shows both at once."""
    ann = change_page(change_code(life.propose("mine")))
    assert life.push("Both at once") == GREEN
    ben = life.on_main().replace(CODE, '"7"', '"9"').replace(PAGE, "Seven", "Nine")
    ben.commit("Keep more, and say so")
    assert life.publish() == GREEN
    ann.git("fetch", "-q")
    assert life.gate() == GREEN
    assert life.land("mine", landed) == main
    if main == RED:
        assert life.ben.blackstart("check", "--since", "HEAD^1") == GREEN, "beside main, it looks like a squash"
        ann.git("fetch", "-q")
        ann.git("checkout", "-q", "-B", "after", "origin/main")
        assert ann.blackstart("review", PAGE, "-m", "both changes fit", "--by", "Ann") == 0
        assert life.push("Look at both") == GREEN
        assert life.land("after", "merge") == GREEN


def test_main_is_merged_into_the_branch(life: Life) -> None:
    ann = change_code(life.propose("long"))
    assert life.push("Code") == RED
    ben = life.on_main().replace(CODE, '"7"', '"9"').replace(PAGE, "Seven", "Nine")
    ben.commit("Main's own change")
    assert life.publish() == GREEN
    ann.git("fetch", "-q")
    ann.git("merge", "-q", "-m", "Merge main", "origin/main")
    assert life.push("Nothing more") == RED, "the page says nothing of what this branch did"
    change_page(ann)
    assert life.push("Say it") == GREEN
    assert life.land("long", "merge") == GREEN


def test_branches_on_branches(life: Life) -> None:
    change_code(life.propose("one"))
    assert life.push("Code of one") == RED
    ann = life.propose("two", "one")
    ann.write("app/other.py", "x = 3\n")
    assert life.push("Code of two") == RED, "against main it brings the first branch along"
    assert life.gate("origin/one") == GREEN, "against the branch below it is innocent"
    ann.git("checkout", "-q", "one")
    change_page(ann)
    assert life.push("Page of one") == GREEN
    assert life.land("one", "squash") == GREEN
    ann.git("fetch", "-q")
    ann.git("checkout", "-q", "two")
    ann.git("rebase", "-q", "--onto", "origin/main", "one~1")
    assert life.push("Nothing more") == GREEN
    change_code(ann, '"7"', '"8"')
    assert life.push("Code again") == RED


def test_a_branch_that_reverts_itself(life: Life) -> None:
    ann = change_code(life.propose("undone"))
    assert life.push("Code") == RED
    ann.git("revert", "--no-edit", "HEAD")
    assert life.push("Nothing more") == GREEN
    assert life.land("undone", "rebase") == GREEN


def test_old_sins_do_not_stop_anybody(life: Life) -> None:
    change_code(life.on_main()).commit("Code without the page")
    assert life.publish() == RED
    ann = life.propose("innocent").write("app/other.py", "x = 4\n")
    assert life.push("Something else") == GREEN
    change_code(ann, '"copies"', '"archive"')
    assert life.push("The same code, stale already") == GREEN
    ann.replace(CODE, "def keep", "def hold")
    ann.replace(PAGE, "Run the restore.", "Run `keep_all`, then the restore.")
    assert life.push("More of it") == GREEN
    settle(ann, "review")
    assert life.push("Settle it") == GREEN
    assert life.land("innocent", "squash") == GREEN
