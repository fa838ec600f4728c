"""`--since` looks at few runbooks and says the same as looking at all of them, twice, each in a checkout of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from blackstart.engine import run
from blackstart.library import load
from blackstart.model import Finding, Report
from blackstart.since import check_since
from repo import TODAY, Repo

FILES = {
    "blackstart.yml": "runbooks: runbooks\nseverity: {required-sections: off, missing-runbook: warning}\n",
    "catalog-info.yaml": "kind: Component\nmetadata: {name: db}\nspec: {owner: platform}\n",
    "Makefile": "restore:\n\techo restore\n\ncheck:\n\techo check\n",
    "compose.yml": "services:\n  shop-db:\n    image: postgres:16\n  shop-api:\n    image: api:1\n",
    "app/backup.py": 'BUCKET = "backups"\n\n\ndef take_backup(shop_url="SHOP_URL"):\n    return ["pg_dump", BUCKET]\n',
    "app/other.py": "def give_back():\n    take_backup = None\n    return take_backup, 'SHOP_KEY', 'old-bucket'\n",
    "scripts/restore.sh": '#!/bin/sh\ncase "$1" in --from) echo "$SHOP_URL" ;; --jobs) echo old-bucket ;; esac\n',
    "deploy/shop-db.service": "[Service]\nExecStart=/bin/true\n",
    "tool/pyproject.toml": '[project]\nname = "shopctl"\n[project.scripts]\nshopctl = "shopcode.cli:main"\n',
    "tool/shopcode/__init__.py": "",
    "tool/shopcode/cli.py": 'FLAGS = ["--fast", "--slow"]\n',
    "notes/old.txt": "old-bucket\n",
}
COVERS = (
    "app/backup.py",
    "app/*.py",
    "scripts/restore.sh",
    "compose.yml#services.shop-db",
    "app/backup.py#take_backup",
)
LINES = (
    "Run `make restore` first.",
    "Run `cd app && make check`.",
    "`docker compose restart shop-api`",
    "`scripts/restore.sh --from x --jobs 2`",
    "`app/backup.py` and `deploy/gone.sh`",
    "`take_backup` writes to `old-bucket`.",
    "`systemctl restart shop-worker`",
    "`shopctl --fast`",
    "`SHOP_URL=x SHOP_KEY=y app/run`",
    "[The other](p0.md#steps)",
    "[The third](../runbooks/p1.md)",
    "[The code](../app/other%2Epy)",
    "[The folder](../deploy/)",
    "TODO",
)
WORDS = (
    *("restore", "check", "shop-db", "shop-api", "--from", "--jobs", "take_backup", "old-bucket", "SHOP_URL", "--fast"),
    *("backups", "SHOP_KEY", "Steps", "make", "shopcode"),
)
ADDED = ("deploy/gone.sh", "app/Makefile", "app/run", "app/__init__.py")
POLICIES = (
    "severity: {stale: warning}\n",
    "require_record: true\n",
    "coverage: {threshold: 50}\n",
    "severity: {stale: off}\n",
)


def page(number: int, covers: list[str], lines: list[str]) -> str:
    entries = "".join(f"  - {entry}\n" for entry in dict.fromkeys(covers))
    text = "\n\n".join(lines)
    head = f"---\ntitle: Page {number}\nkind: component\ncomponent: db\nowner: platform\ncovers:\n{entries}---\n"
    return f"{head}\n# Page {number}\n\n## Steps\n\nOnly on page {number}.\n\n{text}\n"


covers = st.lists(st.sampled_from(COVERS), min_size=1, max_size=2)
lines = st.lists(st.sampled_from(LINES), max_size=4)
pages = st.lists(st.tuples(covers, lines), min_size=2, max_size=4)
paths = st.sampled_from([*FILES, "runbooks/p0.md", "runbooks/p1.md"])
steps = st.one_of(
    st.tuples(st.just("replace"), paths, st.sampled_from(WORDS)),
    st.tuples(st.just("append"), paths, st.sampled_from(WORDS)),
    st.tuples(st.just("delete"), paths, st.just("")),
    st.tuples(st.just("move"), paths, st.sampled_from(["moved", "app", "deploy"])),
    st.tuples(st.just("add"), st.sampled_from(ADDED), st.sampled_from(WORDS)),
    st.tuples(st.just("write"), st.sampled_from(["runbooks/p0.md", "runbooks/p1.md"]), st.sampled_from(LINES)),
    st.tuples(st.just("policy"), st.just("blackstart.yml"), st.sampled_from(POLICIES)),
    st.tuples(st.just("write"), st.just(".gitignore"), st.sampled_from(["deploy/gone.sh", "app/run"])),
    st.tuples(st.just("commit"), st.just(""), st.just("")),
)  # fmt: skip


def take(repo: Repo, step: tuple[str, str, str]) -> None:
    kind, path, word = step
    file = repo.root / path
    there = file.is_file()
    if kind == "commit":
        repo.commit("Go on")
    elif kind in ("add", "policy"):
        repo.write(path, f"{word}\n")
    elif kind == "replace" and there:
        repo.write(path, repo.read(path).replace(word, f"{word[:-1]}X"))
    elif kind in ("append", "write"):
        comment = "# " if kind == "append" and not path.endswith(".md") else ""
        repo.write(path, f"{repo.read(path) if there else ''}\n{comment}{word}\n")
    elif kind == "delete" and there:
        file.unlink()
    elif kind == "move" and there:
        to = "runbooks/sub" if path.endswith(".md") else word
        repo.write(f"{to}/{file.name}", file.read_bytes())
        file.unlink()


def identity(finding: Finding) -> tuple[str, str, str]:
    return finding.fingerprint, finding.rule, finding.path


def weight(finding: Finding | None) -> int:
    """Nothing weighs least."""
    return ["note", "warning", "error"].index(finding.severity) if finding else -1


def found(report: Report) -> dict[str, Finding]:
    return {finding.fingerprint: finding for finding in report.findings}


def plain(root: Path) -> Report:
    with closing(load(root, TODAY)) as library:
        return run(library)


def since(root: Path, base: str, *, everything: bool = False) -> Report:
    with closing(load(root, TODAY)) as library:
        return check_since(library, base, everything=everything)


def in_checkouts(repo: Repo, base: str, to: Path) -> Iterator[Report]:
    """What `check` says of the base, and of all that was done since, laid over it without a commit."""
    repo.git("worktree", "add", "-q", "--detach", str(to), base)
    yield plain(to)
    for path in [path for path in to.iterdir() if path.name != ".git"]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(repo.root, to, ignore=shutil.ignore_patterns(".git"), dirs_exist_ok=True)
    Repo(to, repo.tick).git("add", "-A", "--intent-to-add")
    yield plain(to)


@pytest.mark.slow
@settings(max_examples=15)
@given(pages, st.lists(steps, max_size=4), st.lists(steps, min_size=1, max_size=5))
def test_a_narrow_look_finds_what_a_whole_one_does(
    written: list[tuple[list[str], list[str]]],
    past: list[tuple[str, str, str]],
    work: list[tuple[str, str, str]],
) -> None:
    with TemporaryDirectory() as folder:
        repo = Repo(Path(folder, "repo")).init()
        for path, text in FILES.items():
            repo.write(path, text)
        for number, (entries, said) in enumerate(written):
            repo.write(f"runbooks/p{number}.md", page(number, entries, said))
        repo.commit("Begin")
        for step in past:
            take(repo, step)
        base = repo.commit("Base")
        for step in work:
            take(repo, step)
        (repo.root / "runbooks").mkdir(exist_ok=True)
        compare(repo, base, Path(folder, "checkout"))


def compare(repo: Repo, base: str, checkout: Path) -> None:
    narrow, whole = since(repo.root, base), since(repo.root, base, everything=True)
    assert narrow.since
    assert whole.since
    note(f"looked at {narrow.checked.runbooks} of {whole.checked.runbooks} runbooks")
    assert set(map(identity, narrow.findings)) == set(map(identity, whole.findings))
    assert set(map(identity, narrow.since.resolved)) == set(map(identity, whole.since.resolved))
    assert set(map(identity, narrow.since.before)) <= set(map(identity, whole.since.before))
    assert narrow.since.affected == whole.since.affected
    if any("sub/" in path for path in _pages(repo)):
        return  # pages moved, which takes more than a comparison to see
    then, now = map(found, in_checkouts(repo, base, checkout))
    new = [finding for key, finding in now.items() if weight(then.get(key)) < weight(finding)]
    assert set(map(identity, narrow.findings)) == {identity(finding) for finding in new}


def _pages(repo: Repo) -> list[str]:
    return [path.relative_to(repo.root).as_posix() for path in repo.root.glob("runbooks/**/*.md")]
