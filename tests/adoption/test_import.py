"""`blackstart import`: existing pages, in forms that real collections have, come under the gate and lose nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostile import MALFORMED, blackstart
from repo import BACKUP, Repo

CATALOGUE = """\
kind: System
metadata: {name: shop}
spec: {owner: platform}
---
kind: Resource
metadata: {name: db, title: Order database, annotations: {blackstart/source: app/backup.py}}
spec: {owner: dba, type: database}
---
kind: Component
metadata: {name: shop-api}
spec: {owner: dba}
"""
RESTORE = """\
# Restore the orders

Run `scripts/restore.sh` after reading `app/backup.py`; see [the table](../../sql/orders.sql).

## Steps

1. Wait.
"""
ALERTS = """\
groups:
  - name: shop
    rules:
      - alert: ShopQueueStuck
        expr: queue > 5
      - alert: ShopDown
        expr: up == 0
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "shop").init()
    repo.write("blackstart.yml", "runbooks: docs/runbooks\n").write("catalog-info.yaml", CATALOGUE)
    repo.write("app/backup.py", BACKUP).write("scripts/restore.sh", "pg_restore\n").write(
        "sql/orders.sql", "select 1;\n"
    )
    repo.write("deploy/alerts.yml", ALERTS).write("CODEOWNERS", "* @acme/everyone\n/docs/runbooks/ @acme/dba\n")
    repo.write("docs/runbooks/restore.md", RESTORE).commit("What there is")
    return repo


def front(repo: Repo, page: str = "docs/runbooks/restore.md") -> dict[str, object]:
    text = repo.read(page).removeprefix("\ufeff").replace("\r\n", "\n")
    loaded: dict[str, object] = yaml.safe_load(text.split("---\n")[1])
    return loaded


def imported(repo: Repo, text: str, page: str = "docs/runbooks/page.md") -> dict[str, object]:
    """The front matter that the page gets."""
    repo.write(page, text)
    assert repo.blackstart("import", page, "--yes") == 0
    return front(repo, page)


def test_a_page_gets_what_the_repository_tells_and_keeps_every_byte(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert repo.blackstart("import", "--yes") == 0
    assert front(repo) == {
        "title": "Restore the orders",
        "kind": "restore",
        "component": "db",
        "owner": "dba",
        "covers": ["scripts/restore.sh", "app/backup.py", "sql/orders.sql"],
    }
    assert repo.read("docs/runbooks/restore.md").endswith(f"---\n\n{RESTORE}")
    said = capsys.readouterr().out
    assert "  kind       restore  (“restore” in its title)" in said
    assert "  owner      dba  (CODEOWNERS:2)" in said
    assert "  component  db  (its files are named)" in said
    assert "+covers:" in said


def test_what_was_imported_holds_once_committed(repo: Repo) -> None:
    repo.blackstart("import", "--yes")
    assert repo.blackstart("check", "--select", "freshness,front-matter") == 0
    repo.commit("Under the gate")
    assert repo.blackstart("check", "--select", "freshness,front-matter") == 0
    repo.replace("scripts/restore.sh", "pg_restore", "pg_restore --jobs 4").commit("Faster")
    assert repo.blackstart("check", "--select", "stale") == 1


def test_without_a_terminal_it_only_shows(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert repo.blackstart("import") == 0
    assert "Nothing was written" in capsys.readouterr().out
    assert repo.git("status", "--short") == ""


def test_a_second_import_finds_nothing_to_do(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.blackstart("import", "--yes")
    once = repo.read("docs/runbooks/restore.md")
    assert repo.blackstart("import", "--yes") == 0
    assert repo.read("docs/runbooks/restore.md") == once
    assert "1 page under the gate already." in capsys.readouterr().out


def test_a_page_that_names_no_code_is_left_with_the_command_that_settles_it(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write("docs/runbooks/talk.md", "# Talk\n\nSee `/etc/hosts`, `src/gone.py` and [this](restore.md).\n")
    assert repo.blackstart("import", "--yes") == 1
    assert "1 page: names no file that the repository has\n  docs/runbooks/talk.md" in capsys.readouterr().out
    assert repo.read("docs/runbooks/talk.md").startswith("# Talk")
    assert front(repo)["kind"] == "restore"
    assert repo.blackstart("import", "docs/runbooks/talk.md", "--covers", "app/backup.py", "--yes") == 0
    assert front(repo, "docs/runbooks/talk.md")["covers"] == ["app/backup.py"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("head", ["", "---\nweight: 20  # order\nlayout: page\n---\n"])
def test_keys_of_other_tools_stay_and_so_do_line_ends_and_marks(repo: Repo, newline: str, mark: str, head: str) -> None:
    repo.write("docs/runbooks/restore.md", mark + (head + RESTORE).replace("\n", newline))
    assert repo.blackstart("import", "--yes") == 0
    after = repo.read("docs/runbooks/restore.md")
    assert after.startswith(mark + (head.removesuffix("---\n") or "---\n").replace("\n", newline))
    assert after.endswith(
        f"---{newline}{'' if head else newline}{RESTORE}".replace("\n", newline).replace("\r\r", "\r")
    )
    assert after.count("\r\n") == (after.count("\n") if newline == "\r\n" else 0)
    assert ("foreign_keys: [weight, layout]  # of other tools" in repo.read("blackstart.yml")) == bool(head)
    assert repo.blackstart("check", "--select", "front-matter") == 0


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("foreign_keys: [a]\n", "foreign_keys: [weight, a]\n"),
        ("foreign_keys: []\n", "foreign_keys: [weight, a]\n"),
        (
            "foreign_keys:\n  - a\nsite: https://a.example/\n",
            "foreign_keys:\n  - weight\n  - a\nsite: https://a.example/\n",
        ),
    ],
)
def test_keys_are_added_to_those_that_the_policy_allows(repo: Repo, policy: str, expected: str) -> None:
    repo.write("blackstart.yml", f"runbooks: docs/runbooks\n{policy}")
    imported(repo, f"---\nweight: 1\na: 2\n---\n{RESTORE}")
    assert repo.read("blackstart.yml") == f"runbooks: docs/runbooks\n{expected}"


def test_a_typo_is_still_a_finding(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    imported(repo, f"---\nweight: 1\n---\n{RESTORE}")
    repo.replace("docs/runbooks/page.md", "owner:", "ownr:")
    assert repo.blackstart("check", "--select", "front-matter", "docs/runbooks/page.md") == 1
    assert "unknown key `ownr`, did you mean `owner`?" in capsys.readouterr().out


@pytest.mark.parametrize("key", ["last_reviewed_on: 2026-05-06\nreview_in: 6 months", "reviewed: 2026-05-06"])
def test_an_old_date_stays_and_is_no_review(repo: Repo, capsys: pytest.CaptureFixture[str], key: str) -> None:
    written = imported(repo, f"---\n{key}\n---\n{RESTORE}")
    assert "reviewed" not in written
    assert str(written.get("last_reviewed_on", written.get("last_reviewed"))) == "2026-05-06"
    assert "1 page with a date of review from elsewhere: it stays, and proves nothing here" in capsys.readouterr().out
    assert repo.blackstart("check", "--select", "front-matter", "docs/runbooks/page.md") == 0


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("a.md", "# Recreate the cluster\n\n`app/backup.py`\n", "rebuild"),
        ("status-page.md", "# Tell them\n\n`app/backup.py`\n", "comms"),
        ("rebuild/a.md", "# Restore it\n\n`app/backup.py`\n", "rebuild"),
        ("a.md", "# A\n\n`app/backup.py`\n\n## Meaning\n\n## Impact\n\n## Mitigation\n", "component"),
        ("a.md", "# A\n\n`app/backup.py`\n\n## Audiences\n\n## Cadence\n\n## Sign-off\n", "comms"),
        ("a.md", "# A\n\n`app/backup.py`\n", "component"),
        ("a.md", "# Move a tenant\n\n`app/backup.py`\n", "migration"),
    ],
)
def test_the_kind(repo: Repo, path: str, text: str, kind: str) -> None:
    own = "name: migration\ntitle: Move a tenant\npurpose: Move.\nsections:\n  - {title: Steps, hint: Numbered.}\n"
    repo.write("docs/runbooks/_kinds/migration.yml", own)
    assert imported(repo, text, f"docs/runbooks/{path}")["kind"] == kind


@pytest.mark.parametrize(
    ("path", "text", "component"),
    [
        ("shop-api/a.md", "# A\n\n`scripts/restore.sh`\n", "shop-api"),
        ("a.md", "# The order database is slow\n\n`scripts/restore.sh`\n", "db"),
        ("a.md", "# A\n\n`app/backup.py`\n", "db"),
        ("a.md", "# A\n\nThe shop-api runs `scripts/restore.sh`. Restart shop-api.\n", "shop-api"),
        ("a.md", "# A\n\n`scripts/restore.sh`\n", "shop"),
    ],
)
def test_the_component(repo: Repo, path: str, text: str, component: str) -> None:
    assert imported(repo, text, f"docs/runbooks/{path}")["component"] == component


def test_without_a_catalogue_the_place_names_the_component(repo: Repo) -> None:
    (repo.root / "catalog-info.yaml").unlink()
    assert imported(repo, RESTORE, "docs/runbooks/etcd operator/a.md")["component"] == "etcd-operator"
    assert imported(repo, RESTORE, "docs/runbooks/a.md")["component"] == "shop"


def test_the_owner(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported(repo, f"---\nteam: Storage\n---\n{RESTORE}")["owner"] == "Storage"
    (repo.root / "CODEOWNERS").unlink()
    assert imported(repo, f"{RESTORE}two\n", "docs/runbooks/two.md")["owner"] == "dba"  # the component's
    (repo.root / "catalog-info.yaml").unlink()
    assert imported(repo, f"---\nowner_slack: '#dba'\n---\n{RESTORE}", "docs/runbooks/three.md")["owner"] == "#dba"
    repo.write("docs/runbooks/four.md", RESTORE)
    assert repo.blackstart("import", "docs/runbooks/four.md", "--yes") == 1
    assert "nothing tells the owner" in capsys.readouterr().out
    assert repo.blackstart("import", "docs/runbooks/four.md", "--owner", "dba", "--yes") == 0


@pytest.mark.parametrize(
    ("line", "covers"),
    [
        ("`restore.sh` in `scripts/`", ["scripts/**"]),
        ("`app/backup.py`, then `other.py` beside it", ["app/backup.py", "app/other.py"]),
        ("`./scripts/restore.sh:12`", ["scripts/restore.sh"]),
        ("`take_backup` in `app/backup.py`", ["app/backup.py#take_backup"]),
        ("`python app/backup.py` calls `take_backup`", ["app/backup.py"]),
        ("`make restore`", ["Makefile#restore"]),
        ("all in `scripts/`", ["scripts/**"]),
        ("[here](https://github.com/acme/shop/blob/main/sql/orders.sql#L3)", ["sql/orders.sql"]),
        ("[here](/sql/orders.sql)", ["sql/orders.sql"]),
        ("`deploy/compose.yml`, key `services.db`", ["deploy/compose.yml#services.db"]),
        ("```console\n$ psql -f sql/orders.sql\n```", ["sql/orders.sql"]),
        ("# ShopQueueStuck", ["deploy/alerts.yml#groups.shop.rules.ShopQueueStuck"]),
    ],
)
def test_what_it_covers(repo: Repo, line: str, covers: list[str]) -> None:
    repo.write("Makefile", "restore:\n\tscripts/restore.sh\n").write(
        "deploy/compose.yml", "services:\n  db: {image: a}\n"
    )
    repo.write("app/other.py", "").git("remote", "add", "origin", "git@github.com:acme/shop.git")
    repo.commit("More to name")
    assert imported(repo, f"# A\n\n{line}\n")["covers"] == covers


@pytest.mark.parametrize(
    "line",
    [
        "scripts/restore.sh in prose",
        "`other/restore.sh`",
        "`restore.sh` of whatever folder",
        "`.github/workflows/ci.yml` of whatever repository",
        "[there](https://github.com/other/shop/blob/main/sql/orders.sql)",
        "`$HOME/scripts/restore.sh` and `<folder>/restore.sh`",
        "`docs/runbooks/restore.md` and `blackstart.yml`",
        "`../../etc/passwd` and [out](../../../../etc/passwd)",
        "`new.py`, which git does not track",
        "`many/`",
        "<!-- `scripts/restore.sh` -->",
        "It was previously `scripts/restore.sh`.",
    ],
)
def test_what_it_does_not_cover(repo: Repo, line: str) -> None:
    for number in range(9):
        repo.write(f"many/{number}.py", "")
    repo.write(".github/workflows/ci.yml", "on: push\n").write(".gitignore", "new.py\n").write(
        "new.py", "x = 1\n"
    ).commit("Many")
    repo.write("docs/runbooks/page.md", f"# A\n\n{line}\n")
    assert repo.blackstart("import", "docs/runbooks/page.md", "--yes") == 1
    assert repo.read("docs/runbooks/page.md").startswith("# A")


def test_alerts_are_those_of_the_headings(repo: Repo) -> None:
    assert imported(repo, f"# ShopQueueStuck\n\nNot `ShopDown`.\n\n{RESTORE}")["alerts"] == ["ShopQueueStuck"]
    elsewhere = imported(repo, f"# KubePodCrashLooping\n\n{RESTORE}", "docs/runbooks/KubePodCrashLooping.md")
    assert elsewhere["alerts"] == ["KubePodCrashLooping"]
    assert "alerts" not in imported(repo, f"# GitHub\n\n{RESTORE}", "docs/runbooks/GitHub.md")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--kind", "restor"), "no kind `restor`, did you mean `restore`?"),
        (("--component", "dba"), "no component `dba` in the catalogue"),
        (("--covers", "app/gone.py"), "no file of the repository matches"),
        (("--covers", "../app"), "must stay inside the repository"),
        (("app",), "app: not below `docs/runbooks`"),
        (("/etc",), "outside the repository"),
    ],
)
def test_what_cannot_be_is_refused(
    repo: Repo, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    assert repo.blackstart("import", "--yes", *arguments) == 2
    assert says in capsys.readouterr().err
    assert repo.git("status", "--short") == ""


LEFT = {
    "TOML": "+++\ntitle = 'x'\n+++\n",
    "braces": "---\n{title: x}\n---\n",
    "an open end": "---\ntitle: x\n",
    "a list": "---\n- a\n---\n",
    "a bomb": "---\na: &a [x]\nb: [*a, *a]\n---\n",
    "a tag": "---\na: !!python/object/apply:os.system [id]\n---\n",
    "an unknown kind": "---\nkind: article\n---\n",
    "a list of owners": "---\nowner: [a, b]\n---\n",
}


@pytest.mark.parametrize("head", LEFT.values(), ids=LEFT)
def test_front_matter_that_cannot_be_added_to_is_left_with_a_message(repo: Repo, head: str) -> None:
    repo.write("docs/runbooks/page.md", head + RESTORE)
    code, said = blackstart(repo.root, "import", "docs/runbooks/page.md", "--yes")
    assert code == 1
    assert "docs/runbooks/page.md" in said
    assert repo.read("docs/runbooks/page.md") == head + RESTORE


@pytest.mark.parametrize("spoil", MALFORMED.values(), ids=MALFORMED)
def test_a_hostile_page_is_imported_whole_or_left_whole(repo: Repo, spoil: object) -> None:
    assert callable(spoil)
    before = spoil(f"---\nlayout: x\nweight: 2\n---\n{RESTORE}".encode(), 1)
    repo.write("docs/runbooks/page.md", before)
    blackstart(repo.root, "import", "docs/runbooks/page.md", "--yes")
    after = (repo.root / "docs/runbooks/page.md").read_bytes()
    assert after == before or after.endswith(before[before.rfind(b"\n---\n") + 1 :])


def test_a_link_is_never_written_through(repo: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text(RESTORE)
    (repo.root / "docs/runbooks/link.md").symlink_to(outside)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "page.md").write_text(RESTORE)
    (repo.root / "docs/runbooks/folder").symlink_to(folder)
    code, said = blackstart(repo.root, "import", "--yes")
    assert code == 1
    assert "docs/runbooks/link.md" in said
    assert outside.read_text() == (folder / "page.md").read_text() == RESTORE
    assert (repo.root / "docs/runbooks/link.md").is_symlink()


def test_the_output_cannot_steer_a_terminal(repo: Repo) -> None:
    repo.write("docs/runbooks/page.md", f"# Be\x1b[31mware\n\n{RESTORE}")
    _, said = blackstart(repo.root, "import")
    assert "\x1b[31m" not in said.replace("\x1b[31m-", "")


WORDS = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=8)
LINES = st.lists(
    st.sampled_from(
        ["# Title", "---", "`app/backup.py`", "", "title: x", "+++", "```", "- a", "\ttab", "é\u2028x", "a\rb"]
    ),
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=LINES,
    newline=st.sampled_from(["\n", "\r\n"]),
    keys=st.dictionaries(WORDS, WORDS, max_size=3),
)
def test_any_page_keeps_what_it_said(repo: Repo, lines: list[str], newline: str, keys: dict[str, str]) -> None:
    repo.write("blackstart.yml", "runbooks: docs/runbooks\n")
    head = f"---\n{yaml.safe_dump(keys, allow_unicode=True)}---\n" if keys else ""
    body = newline.join(lines)
    before = (head.replace("\n", newline) + body).encode()
    repo.write("docs/runbooks/page.md", before)
    blackstart(repo.root, "import", "docs/runbooks/page.md", "--yes")
    after = (repo.root / "docs/runbooks/page.md").read_bytes()
    if after != before:
        assert after.endswith(body.encode())
        assert repo.blackstart("check", "--select", "front-matter", "docs/runbooks/page.md") == 0
        assert keys.items() <= front(repo, "docs/runbooks/page.md").items()
        blackstart(repo.root, "import", "docs/runbooks/page.md", "--yes")
        assert (repo.root / "docs/runbooks/page.md").read_bytes() == after
