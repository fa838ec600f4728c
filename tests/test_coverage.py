"""What counts, what is covered, whose it is, and what the command says about it."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from blackstart.coverage import Coverage, measure
from blackstart.library import load
from repo import RESTORE, TODAY, Repo, sample

CATALOGUE = """\
kind: System
metadata: {name: shop, annotations: {blackstart/source: "app, jobs/*.sh"}}
spec: {owner: platform}
---
kind: Resource
metadata: {name: db, title: Database, annotations: {blackstart/source: app/migrations}}
spec: {owner: platform}
---
kind: Resource
metadata: {name: dns}
spec: {owner: platform}
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return sample(tmp_path)


def measured(repo: Repo) -> Coverage:
    with closing(load(repo.root, TODAY)) as library:
        return measure(library)


def covering(repo: Repo, *covers: str, name: str = "restore") -> Repo:
    entries = "\n".join(f"  - {json.dumps(entry)}" for entry in covers)
    return repo.write(f"runbooks/{name}.md", RESTORE.replace("  - app/backup.py", entries))


def uncovered(repo: Repo) -> list[str]:
    return [file.path for file in measured(repo).uncovered]


def says(repo: Repo, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    code = repo.blackstart("coverage", *arguments)
    return code, capsys.readouterr().out


# --- what counts


def test_a_file_that_no_runbook_covers_is_uncovered(repo: Repo) -> None:
    repo.write("app/other.py", "x = 1\n").commit("Add a file")
    coverage = measured(repo)
    assert [file.path for file in coverage.files] == ["app/backup.py", "app/other.py"]
    assert uncovered(repo) == ["app/other.py"]
    assert coverage.percent == 50


@pytest.mark.parametrize(
    "path",
    [
        "README.md", "docs/guide.rst", "LICENSE", "app/NOTICE.txt", "poetry.lock", "web/package-lock.json", "go.sum",
        "tests/helper.py", "app/test_backup.py", "app/web.spec.ts", "docs/plan.png", "vendor/lib/a.go", ".gitignore",
        "runbooks/_kinds/own.yml", "runbooks/plan.sh", "catalog-info.yaml",
    ],
)  # fmt: skip
def test_what_no_runbook_needs_does_not_count(repo: Repo, path: str) -> None:
    repo.write(path, CATALOGUE if path == "catalog-info.yaml" else "name: own\n")
    if "_kinds" in path:
        repo.write(path, "name: own\ntitle: Own\npurpose: Own.\nsections: [{title: Steps, hint: What to do.}]\n")
    repo.commit("Add it")
    assert uncovered(repo) == []


def test_neither_binary_nor_empty_files_nor_links_count(repo: Repo) -> None:
    repo.write("app/data", b"a\0b").write("app/__init__.py", "")
    (repo.root / "app/link.py").symlink_to("backup.py")
    repo.commit("Add them")
    assert uncovered(repo) == []


def test_only_tracked_files_count_as_they_stand(repo: Repo) -> None:
    repo.write("app/old.py", "x = 1\n").commit("Add a file")
    repo.write("app/new.py", "x = 1\n")
    (repo.root / "app/old.py").unlink()
    assert uncovered(repo) == []
    repo.git("add", "app/new.py")
    assert uncovered(repo) == ["app/new.py"]


def test_a_submodule_counts_as_one(repo: Repo, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other").init().write("a.py", "x = 1\n")
    other.commit("Begin")
    repo.write(".gitignore", "/other/\n")
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", f"file://{other.root}", "lib")
    repo.commit("Add a submodule")
    assert uncovered(repo) == ["lib"]
    assert uncovered(covering(repo, "app/**", "lib")) == []


def test_without_git_the_files_on_disk_count(tmp_path: Path) -> None:
    repo = covering(Repo(tmp_path), "a.py").write("a.py", "x = 1\n").write("b.py", "x = 1\n")
    assert uncovered(repo) == ["b.py"]


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        ("{}", ["app/a.py", "jobs/b.sh", "jobs/deep/c.sh"]),
        ("{include: [jobs]}", ["jobs/b.sh", "jobs/deep/c.sh"]),
        ("{include: [jobs/]}", ["jobs/b.sh", "jobs/deep/c.sh"]),
        ("{include: ['jobs/*']}", ["jobs/b.sh"]),
        ("{include: [app, 'jobs/**/c.sh']}", ["app/a.py", "jobs/deep/c.sh"]),
        ("{exclude: [jobs]}", ["app/a.py"]),
        ("{exclude: ['**/*.sh', '!jobs/b.sh']}", ["app/a.py", "jobs/b.sh"]),
        ("{include: [jobs], exclude: ['!jobs/test_*', '!app/**']}", ["jobs/b.sh", "jobs/deep/c.sh", "jobs/test_d.py"]),
    ],
)
def test_the_policy_includes_and_excludes(repo: Repo, policy: str, left: list[str]) -> None:
    for path in ("app/a.py", "jobs/b.sh", "jobs/deep/c.sh", "jobs/test_d.py"):
        repo.write(path, "x = 1\n")
    repo.write("blackstart.yml", f"coverage: {policy}\n").commit("Add files")
    assert uncovered(repo) == left


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("threshold: 101", "`coverage.threshold` must be a number of at most 100; it is `101`"),
        ("threshold: -1", "`coverage.threshold` must be a number of at least 0; it is `-1`"),
        ("threshold: most", "`coverage.threshold` must be a whole number; it is `most`"),
        ("threshhold: 80", "unknown key `coverage.threshhold`, did you mean `threshold`?"),
        ("include: app", "`coverage.include` must be a list"),
        ("include: [/etc]", "write the path relative to the repository's root"),
        ("exclude: ['!../x']", "the path must stay inside the repository"),
        ("exclude: ['app**']", "`**` stands for whole folders"),
    ],
)
def test_a_broken_policy_is_explained(repo: Repo, capsys: pytest.CaptureFixture[str], policy: str, says: str) -> None:
    repo.write("blackstart.yml", f"coverage:\n  {policy}\n")
    assert repo.blackstart("coverage") == 2
    err = capsys.readouterr().err
    assert err.startswith("blackstart: blackstart.yml:2:")
    assert says in err


# --- who covers it


def test_a_fragment_covers_in_part_and_leaves_names(repo: Repo) -> None:
    repo.write("app/backup.py", "A = 1\n\n\ndef take():\n    return A\n\n\ndef drop():\n    return 2\n").commit("Grow")
    covering(repo, "app/backup.py#take")
    covering(repo, "app/*.py#A", name="other")
    (file,) = measured(repo).files
    assert file.extent == "part"
    assert file.runbooks == ("runbooks/other.md", "runbooks/restore.md")
    assert file.fragments == ("A", "take")
    assert file.unwatched == ("drop",)
    covering(repo, "app/backup.py", name="other")
    (file,) = measured(repo).files
    assert (file.extent, file.fragments, file.unwatched) == ("whole", (), ())


def test_a_fragment_that_is_not_there_covers_nothing(repo: Repo) -> None:
    repo.write("app/other.py", "x = 1\n").commit("Add a file")
    assert uncovered(covering(repo, "app/*.py#BUCKET")) == ["app/other.py"]
    assert uncovered(covering(repo, "app/backup.py#gone")) == ["app/backup.py", "app/other.py"]


def test_code_in_another_repository_is_not_measured_here(repo: Repo, tmp_path: Path) -> None:
    Repo(tmp_path / "api").write("app/backup.py", "x = 1\n")
    repo.write("blackstart.yml", "sources: {api: {path: api}}\n").write(".gitignore", "/api/\n")
    assert uncovered(covering(repo, "api:app/backup.py")) == ["app/backup.py"]


# --- whose it is


def test_files_go_to_the_component_that_names_their_place_most_exactly(repo: Repo) -> None:
    repo.write("catalog-info.yaml", CATALOGUE)
    for path in ("app/migrations/1.sql", "jobs/a.sh", "jobs/a.py", "Makefile"):
        repo.write(path, "x = 1\n")
    repo.commit("Add files")
    coverage = measured(repo)
    found = {group.name: [file.path for file in group.files] for group in coverage.groups}
    assert found == {
        "shop": ["app/backup.py", "jobs/a.sh"],
        "db": ["app/migrations/1.sql"],
        ".": ["Makefile"],
        "jobs": ["jobs/a.py"],
    }
    assert [(group.title, group.is_component) for group in coverage.groups[:2]] == [("shop", True), ("Database", True)]


@pytest.mark.parametrize("source", ["../x", "/etc", "a**", "[a]", "3"])
def test_a_source_that_is_no_path_is_a_finding_at_its_line(
    repo: Repo, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    repo.write("catalog-info.yaml", CATALOGUE.replace('"app, jobs/*.sh"', source))
    assert repo.blackstart("check", "--select", "catalogue") == 1
    assert "2:57" in capsys.readouterr().out
    assert repo.blackstart("coverage") == 0


def test_a_folder_without_anything_covered_stands_for_all_below_it(repo: Repo) -> None:
    for path in ("app/x.py", "app/sub/y.py", "jobs/a/1.sh", "jobs/b/c/2.sh"):
        repo.write(path, "x = 1\n")
    repo.commit("Add files")
    gaps = [(gap.path, len(gap.uncovered)) for gap in measured(repo).gaps]
    assert gaps == [("jobs", 2), ("app", 1), ("app/sub", 1)]
    directories = [(d.path, d.covered, len(d.files)) for group in measured(repo).groups for d in group.directories]
    assert directories == [("app", 1, 2), ("app/sub", 0, 1), ("jobs/a", 0, 1), ("jobs/b/c", 0, 1)]


# --- the threshold


@pytest.mark.parametrize(("threshold", "code"), [(0, 0), (66, 0), (67, 1), (100, 1)])
def test_the_command_fails_below_the_threshold(
    repo: Repo, capsys: pytest.CaptureFixture[str], threshold: int, code: int
) -> None:
    covering(repo, "app/*.py").write("app/b.py", "x = 1\n").write("jobs/c.sh", "echo\n").commit("Two thirds")
    assert says(repo, capsys)[0] == 0
    repo.write("blackstart.yml", f"coverage: {{threshold: {threshold}}}\n")
    found, out = says(repo, capsys)
    assert found == code
    assert out.endswith(
        f"66.6 %: runbooks cover 2 of 3 files; {'1 more needed for' if code else 'at least'} {threshold} %\n"
    )
    assert repo.blackstart("check", "--select", "uncovered-code") == code


def test_a_check_of_other_paths_says_nothing_about_the_threshold(repo: Repo) -> None:
    repo.write("blackstart.yml", "coverage: {threshold: 100}\n").write("app/b.py", "x = 1\n").commit("Add a file")
    select = ("check", "--select", "uncovered-code")
    assert repo.blackstart(*select, "app") == 0
    assert repo.blackstart(*select, "blackstart.yml") == 1


def test_an_include_that_finds_nothing_is_no_success(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("blackstart.yml", "coverage: {threshold: 0, include: [app, aap]}\n")
    code, out = says(repo, capsys)
    assert code == 1
    assert "include: aap finds no file that counts" in out
    assert json.loads(says(repo, capsys, "--format", "json")[1])["idle"] == ["aap"]


def test_where_nothing_counts_there_is_no_per_cent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Repo(tmp_path).init().write("runbooks/README.md", "")
    assert says(repo, capsys) == (0, "include: ** finds no file that counts\nno files: runbooks cover 0 of 0 files\n")


# --- what the command says


def test_text_is_for_people(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("catalog-info.yaml", CATALOGUE).write("app/api.py", "x = 1\n").write("Makefile", "all:\n")
    covering(repo, "app/backup.py#BUCKET").commit("Add files")
    assert says(repo, capsys)[1].splitlines() == [
        "shop  50 %  1 of 2 files",
        "  app/  1 of 2 files not covered",
        "    app/api.py",
        "  app/backup.py  nobody watches  take_backup",
        "",
        "db  Database  no files",
        "",
        ".  0 %  0 of 1 file",
        "  ./  1 of 1 file not covered",
        "    Makefile",
        "",
        "33.3 %: runbooks cover 1 of 3 files, 1 of them in part",
    ]


def test_a_path_narrows_the_list_and_shows_all_of_it(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(30):
        repo.write(f"my jobs/{number}.sh", "echo\n")
    repo.commit("Add jobs")
    out = says(repo, capsys)[1]
    assert "    … and 20 more: blackstart coverage 'my jobs'\n" in out
    out = says(repo, capsys, "my jobs")[1]
    assert out.count(".sh\n") == 30
    assert "app" not in out
    assert out.endswith("3.2 %: runbooks cover 1 of 31 files\n")


def test_json_is_for_programs(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    head = covering(repo, "app/backup.py#BUCKET").commit("Cover less")
    repo.write("jobs/a.sh", "echo\n").git("add", "jobs")
    repo.replace("app/backup.py", "Take one", "Take a dump")
    code, out = says(repo, capsys, "--format", "json", "app")
    read: dict[str, Any] = json.loads(out)
    (group,) = read.pop("groups")
    share = {"total": 1, "covered": 1, "percent": 100.0}
    assert code == 0
    assert read == {
        "version": 1,
        "commit": head,
        "dirty": True,
        "verdict": "pass",
        "threshold": None,
        "total": 2,
        "covered": 1,
        "percent": 50.0,
        "idle": [],
    }
    assert group == {
        "name": "app",
        "title": "app",
        "component": False,
        **share,
        "directories": [{"path": "app", **share}],
        "files": [
            {
                "path": "app/backup.py",
                "covered": "part",
                "runbooks": ["runbooks/restore.md"],
                "fragments": ["BUCKET"],
                "unwatched": ["take_backup"],
            }
        ],
    }


def test_names_of_files_do_not_steer_the_terminal(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["evil\x1b[2J.py", "two\nlines.py", "left\u202eright.py", "<script>.py", "a[1].py", "#x.py"]
    for name in names:
        repo.write(f"app/{name}", "x = 1\n")
    repo.commit("Add names")
    out = says(repo, capsys)[1]
    assert not {"\x1b", "\u202e"} & set(out)
    assert "    app/evil\\x1b[2J.py\n" in out
    assert "    app/two\\x0alines.py\n" in out
    (group,) = json.loads(says(repo, capsys, "--format", "json")[1])["groups"]
    assert {file["path"] for file in group["files"]} == {"app/backup.py", *(f"app/{name}" for name in names)}


def test_a_name_that_is_no_text_is_shown_all_the_same(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    (repo.root / "app" / b"\xff.py".decode("utf-8", "surrogateescape")).write_text("x = 1\n")
    repo.commit("Add a name")
    assert "    app/\\xdcff.py\n" in says(repo, capsys)[1]


@pytest.mark.slow
def test_twenty_thousand_files_take_seconds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Repo(tmp_path).init().write("blackstart.yml", "coverage: {threshold: 10}\n")
    for number in range(20_000):
        folder = tmp_path / f"app/{number % 100}"
        if number < 100:
            folder.mkdir(parents=True)
        (folder / f"{number}.py").write_text(f"def take():\n    return {number}\n\n\ndef drop():\n    return 1\n")
    covering(repo, "app/1*/**", *(f"app/{number % 100}/{number}.py#take" for number in range(20, 100)))
    repo.commit("Begin")
    start = time.monotonic()
    code, out = says(repo, capsys)
    assert code == 0
    assert "11.4 %: runbooks cover 2280 of 20000 files, 80 of them in part; at least 10 %" in out
    assert time.monotonic() - start < 20
