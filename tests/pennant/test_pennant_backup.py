"""A backup is proved before and after it is restored."""

import itertools
import json
from pathlib import Path

import pytest

from pennant import backup
from pennant.database import connect
from pennant.settings import Settings

from .conftest import Cli, all_flags

numbers = itertools.count()


@pytest.fixture
def dump(pennant: Cli, tmp_path: Path) -> Path:
    pennant("flag", "create", f"saved-{next(numbers)}", "enabled=true", "--reason", "something to save")
    taken = pennant("backup", "take", "--to", tmp_path)
    assert taken.code == 0, taken.err
    return Path(taken.out)


@pytest.fixture
def fresh() -> str:
    """The name of a database that does not exist yet."""
    return f"fresh_{next(numbers)}"


def test_round_trip(home: Settings, pennant: Cli, dump: Path, fresh: str) -> None:
    restored = pennant("backup", "restore", dump, "--database", fresh)
    assert (restored.code, "equal to the manifest" in restored.out) == (0, True), restored.err
    with connect() as source, connect(home.database_url.replace("/pennant?", f"/{fresh}?")) as copy:
        for table in backup.TABLES:
            query = f"SELECT * FROM {table} ORDER BY 1"  # noqa: S608 a constant
            assert copy.execute(query).fetchall() == source.execute(query).fetchall()
        with pytest.raises(Exception, match="append-only"):
            copy.execute("DELETE FROM audit")


def test_the_manifest_tells_what_must_come_back(dump: Path) -> None:
    manifest = json.loads(dump.with_suffix(".json").read_text())
    assert "schema_migrations 3 (md5 " in manifest["tables"]
    assert manifest["file"]["bytes"] == dump.stat().st_size
    assert dump.stat().st_mode & 0o777 == 0o600
    assert not list(dump.parent.glob("*partial*"))


def test_list_and_verify(pennant: Cli, dump: Path) -> None:
    assert pennant("backup", "verify", dump).out.startswith("ok: flags ")
    assert pennant("backup", "list", "--newest", PENNANT_BACKUP_DIR=str(dump.parent)).out == str(dump)
    assert str(dump) in pennant("backup", "list", PENNANT_BACKUP_DIR=str(dump.parent)).out


@pytest.mark.parametrize("damage", ["truncate", "flip", "orphan", "manifest"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    pennant: Cli, dump: Path, fresh: str, damage: str
) -> None:
    raw = dump.read_bytes()
    expected = {
        "truncate": "not what its manifest says",
        "flip": "not what its manifest says",
        "orphan": "never completed",
        "manifest": "taken_at: Field required",
    }[damage]
    if damage == "truncate":
        dump.write_bytes(raw[: len(raw) // 2])
    elif damage == "flip":
        dump.write_bytes(raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:])
    elif damage == "orphan":
        dump.with_suffix(".json").unlink()
    else:
        dump.with_suffix(".json").write_text("{}")
    for command in (["verify", dump], ["restore", dump, "--database", fresh]):
        refused = pennant("backup", *command)
        assert (refused.code, expected in refused.err) == (1, True), refused.err
    with connect() as conn:
        assert not conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [fresh]).fetchone()


def test_a_truncated_dump_is_refused_even_if_its_manifest_agrees(pennant: Cli, dump: Path) -> None:
    dump.write_bytes(dump.read_bytes()[:-200])
    manifest = json.loads(dump.with_suffix(".json").read_text())
    manifest["file"] = backup._fingerprint(dump)
    dump.with_suffix(".json").write_text(json.dumps(manifest))
    refused = pennant("backup", "verify", dump)
    assert (refused.code, "pg_restore failed" in refused.err) == (1, True), refused.err


def test_a_manifest_that_promises_more_fails_the_restore(pennant: Cli, dump: Path, fresh: str) -> None:
    manifest = json.loads(dump.with_suffix(".json").read_text())
    manifest["tables"] = manifest["tables"].replace("flags ", "flags 1")
    dump.with_suffix(".json").write_text(json.dumps(manifest))
    refused = pennant("backup", "restore", dump, "--database", fresh)
    assert (refused.code, "not equal to the manifest" in refused.err) == (1, True)


def test_a_target_that_is_not_empty_is_refused(pennant: Cli, dump: Path) -> None:
    before = all_flags(pennant).out
    refused = pennant("backup", "restore", dump)
    assert refused.code == 1
    assert "is not empty" in refused.err
    assert "--database NAME" in refused.err
    existing = pennant("backup", "restore", dump, "--database", "pennant")
    assert (existing.code, "already exists" in existing.err) == (1, True)
    assert all_flags(pennant).out == before


def test_a_restored_database_takes_the_place_of_a_spoilt_one(pennant: Cli, dump: Path, fresh: str) -> None:
    """As restore/database-from-dump.md does it."""
    saved = all_flags(pennant).out
    pennant("flag", "create", "spoilt", "--reason", "written by mistake")
    pennant("backup", "restore", dump, "--database", fresh)
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('pennant', '{fresh}')"  # noqa: S608 ours
    rename = f"ALTER DATABASE pennant RENAME TO kept_{fresh}; ALTER DATABASE {fresh} RENAME TO pennant"
    swapped = pennant("db", "psql", "--", "-c", r"\c postgres", "-c", end, "-c", rename)
    assert swapped.code == 0, swapped.err
    assert all_flags(pennant).out == saved


def test_a_dropped_database_is_made_and_filled_again(pennant: Cli, dump: Path) -> None:
    saved = all_flags(pennant).out
    assert pennant("db", "psql", "--", "-c", r"\c postgres", "-c", "DROP DATABASE pennant WITH (FORCE)").code == 0
    assert "does not exist" in all_flags(pennant).err
    assert pennant("backup", "restore", dump, "--database", "pennant").code == 0
    assert all_flags(pennant).out == saved


def test_no_database_leaves_no_backup(pennant: Cli, tmp_path: Path) -> None:
    refused = pennant("backup", "take", "--to", tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (refused.code, "PostgreSQL does not answer" in refused.err) == (1, True)
    assert list(tmp_path.iterdir()) == []
