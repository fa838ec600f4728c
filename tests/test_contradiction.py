"""What a change removed and the page still names; what only looks like it stays silent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from repo import RESTORE, Repo

PAGE = "runbooks/restore.md"
COMPOSE = "services:\n  db:\n    image: postgres:18\n    ports: ['5432:5432']\n    environment: {PGDATA: /var/lib/pg}\n"
UNIT = "[Unit]\nAfter=shop-db.service\n[Service]\nExecStart=/usr/bin/shop --workers 4\nUser=shop\n"
SQL = "CREATE TABLE orders (id int, email_address text);\n"
SHELL = (
    'take_backup() {\n  pg_dump "$BACKUP_URL" --jobs 4 > "$SNAPSHOT/x"\n}\ncurl https://db1.example.com:8443/health\n'
)
MAKE = "DUMP_DIR = /srv/dumps\n\nrestore:\n\tpg_restore $(DUMP_DIR)\n"
HCL = 'resource "aws_db_instance" "primary" {\n  instance_class = "db.t3.small"\n  identifier = var.db_name\n}\n'
ALERT = "groups:\n  - name: shop\n    rules:\n      - alert: DatabaseDown\n        expr: up == 0\n"

FILES = {
    "deploy/compose.yml": COMPOSE,
    "deploy/shop.service": UNIT,
    "sql/1.sql": SQL,
    "bin/backup.sh": SHELL,
    "Makefile": MAKE,
    "main.tf": HCL,
    "alerts.yml": ALERT,
}
GONE = [
    ("deploy/compose.yml", "db:", "postgres:", "Run `docker compose up -d db`."),
    ("deploy/compose.yml", "postgres:18", "postgres:19", "Run `docker run postgres:18`."),
    ("deploy/compose.yml", "/var/lib/pg", "/var/lib/db", "Look into `/var/lib/pg`."),
    ("deploy/shop.service", "shop-db.service", "shop-pg.service", "Run `systemctl restart shop-db.service`."),
    ("deploy/shop.service", "--workers", "--threads", "Start it with `shop --workers 8`."),
    ("sql/1.sql", "orders", "purchases", "Run `psql -c 'select count(*) from orders'`."),
    ("sql/1.sql", "email_address", "email", "Run `psql -c 'select email_address from orders'`."),
    ("bin/backup.sh", "take_backup", "make_dump", "Call `take_backup`."),
    ("bin/backup.sh", "BACKUP_URL", "DUMP_URL", "Run `export BACKUP_URL=postgres://x`."),
    ("bin/backup.sh", "SNAPSHOT", "FOLDER", "Run `ls $SNAPSHOT`."),
    ("bin/backup.sh", "db1.example.com", "db2.example.com", "Run `ssh db1.example.com`."),
    ("Makefile", "restore:", "recover:", "Run `make restore`."),
    ("Makefile", "/srv/dumps", "/srv/backups", "Look into `/srv/dumps`."),
    ("main.tf", "db.t3.small", "db.t3.large", "It runs on `db.t3.small`."),
    ("alerts.yml", "DatabaseDown", "DatabaseGone", "Silence `DatabaseDown`."),
]


def found(repo: Repo, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    repo.blackstart("check", "--select", "contradicted", "--format", "json")
    findings: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["findings"]
    return findings


def shop(root: Path, path: str, step: str) -> Repo:
    repo = Repo(root).init()
    repo.write("blackstart.yml", "runbooks: runbooks\n").write(path, FILES[path])
    repo.write(PAGE, RESTORE.replace("app/backup.py", path).replace("Run the restore.", step)).commit("Begin")
    return repo


@pytest.mark.parametrize("case", GONE, ids="{0[0]}-{0[1]}".format)
def test_a_removed_name_is_found_where_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: tuple[str, str, str, str]
) -> None:
    path, old, new, step = case
    repo = shop(tmp_path, path, step)
    repo.replace(path, old, new).commit("Rename it")
    (finding,) = found(repo, capsys)
    assert (finding["details"]["old"], finding["details"]["new"]) == (old.removesuffix(":"), new.removesuffix(":"))
    assert repo.read(PAGE).split("\n")[finding["line"] - 1][finding["column"] - 1 :].startswith(old.removesuffix(":"))


def test_a_port_is_gone_when_nothing_uses_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = shop(tmp_path, "deploy/compose.yml", "Run `psql -p 5432`.")
    repo.replace("deploy/compose.yml", "5432:5432", "5433:5432").commit("Publish another port")
    assert found(repo, capsys) == []
    repo.replace("deploy/compose.yml", "5433:5432", "5433:5433").commit("Listen there, too")
    assert [finding["details"]["old"] for finding in found(repo, capsys)] == ["5432"]


def test_an_address_in_terraform(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = shop(tmp_path, "main.tf", "Run `terraform state show aws_db_instance.primary`.")
    repo.replace("main.tf", '"primary"', '"main"').commit("Rename it")
    assert [finding["details"]["old"] for finding in found(repo, capsys)] == ["aws_db_instance.primary"]


SILENT = [
    "The backup is taken by take_backup.",
    "<!-- call `take_backup` -->Call it.",
    "Previously this was `take_backup`.",
    "`take_backup` is no longer there.",
    "Call `retake_backup` and `take_backups`.",
    "Call it.\n\n## Changelog\n\n- `take_backup` came.",
    "Call it.\n\n<!-- begin generated -->\n`take_backup`\n<!-- end generated -->",
]


@pytest.mark.parametrize("step", SILENT)
def test_what_is_not_meant_for_today_is_silent(tmp_path: Path, capsys: pytest.CaptureFixture[str], step: str) -> None:
    repo = shop(tmp_path, "bin/backup.sh", step)
    repo.replace("bin/backup.sh", "take_backup", "make_dump").commit("Rename it")
    assert found(repo, capsys) == []


def test_a_deleted_file_contradicts_its_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = shop(tmp_path, "bin/backup.sh", "Run `bin/backup.sh` as in [the script](../bin/backup.sh).")
    repo.write("bin/other.sh", "true\n").replace(PAGE, "  - bin/backup.sh", "  - bin/*.sh").commit("Cover all scripts")
    repo.git("rm", "-q", "bin/backup.sh")
    repo.commit("Remove it")
    findings = found(repo, capsys)
    assert {finding["details"]["old"] for finding in findings} == {"bin/backup.sh"}
    assert findings[0]["details"]["commits"][0]["subject"] == "Remove it"


def test_a_name_that_moved_to_another_covered_file_is_still_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = shop(tmp_path, "bin/backup.sh", "Call `take_backup`.")
    repo.replace(PAGE, "  - bin/backup.sh", "  - bin/*.sh").commit("Cover all")
    repo.replace("bin/backup.sh", "take_backup", "make_dump").write("bin/lib.sh", SHELL).commit("Move it")
    assert repo.blackstart("check", "--select", "stale") == 1
    assert found(repo, capsys) == []
