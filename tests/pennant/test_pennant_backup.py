"""A backup is proved before and after it is restored."""

import itertools
import json
from pathlib import Path

import pytest

from pennant import backup
from pennant.database import connect
from pennant.settings import Settings

from .conftest import Cli

numbers = itertools.count()


@pytest.fixture
def dump(pennant: Cli, tmp_path: Path) -> Path:
    pennant("flag", "set", f"saved-{next(numbers)}", "--on", "--reason", "something to save")
    taken = pennant("backup", "take", "--to", tmp_path)
    assert taken.code == 0, taken.err
    return Path(taken.out)


@pytest.fixture
def fresh(pennant: Cli) -> str:
    name = f"fresh_{next(numbers)}"
    assert pennant("db", "create", name).code == 0
    return name


def test_round_trip(home: Settings, pennant: Cli, dump: Path, fresh: str) -> None:
    restored = pennant("backup", "restore", dump, "--database", fresh)
    assert (restored.code, "equal to the manifest" in restored.out) == (0, True), restored.err
    with connect(home.database_url) as source, connect(home.database_url.replace("/pennant?", f"/{fresh}?")) as copy:
        for table in backup.TABLES:
            query = f"SELECT * FROM {table} ORDER BY 1"  # noqa: S608 a constant
            assert copy.execute(query).fetchall() == source.execute(query).fetchall()
        with pytest.raises(Exception, match="append-only"):
            copy.execute("DELETE FROM audit")


def test_the_manifest_tells_what_must_come_back(dump: Path) -> None:
    manifest = json.loads(dump.with_suffix(".json").read_text())
    assert manifest["tables"]["schema_migrations"]["rows"] == 3
    assert manifest["bytes"] == dump.stat().st_size
    assert dump.stat().st_mode & 0o777 == 0o600
    assert not list(dump.parent.glob("*partial*"))


def test_list_and_verify(pennant: Cli, dump: Path) -> None:
    assert pennant("backup", "verify", dump).out.startswith("ok: flags ")
    assert pennant("backup", "list", "--from", dump.parent, "--newest").out == str(dump)
    assert str(dump) in pennant("backup", "list", "--from", dump.parent).out


@pytest.mark.parametrize("damage", ["truncate", "flip", "orphan", "manifest"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    pennant: Cli, dump: Path, fresh: str, damage: str, home: Settings
) -> None:
    raw = dump.read_bytes()
    expected = {
        "truncate": "its manifest says",
        "flip": "does not match its SHA-256",
        "orphan": "never completed",
        "manifest": "is not a manifest",
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
    with connect(home.database_url.replace("/pennant?", f"/{fresh}?")) as conn:
        backup.refuse_unless_empty(conn)


def test_a_truncated_dump_is_refused_even_if_its_manifest_agrees(pennant: Cli, dump: Path) -> None:
    dump.write_bytes(dump.read_bytes()[:-200])
    manifest = json.loads(dump.with_suffix(".json").read_text())
    manifest |= {"bytes": dump.stat().st_size, "sha256": backup._sha256(dump)}
    dump.with_suffix(".json").write_text(json.dumps(manifest))
    refused = pennant("backup", "verify", dump)
    assert (refused.code, "pg_restore failed" in refused.err) == (1, True), refused.err


def test_a_manifest_that_promises_more_fails_the_restore(pennant: Cli, dump: Path, fresh: str) -> None:
    manifest = json.loads(dump.with_suffix(".json").read_text())
    manifest["tables"]["flags"]["rows"] += 1
    dump.with_suffix(".json").write_text(json.dumps(manifest))
    refused = pennant("backup", "restore", dump, "--database", fresh)
    assert (refused.code, "flags differ from the manifest" in refused.err) == (1, True)


def test_a_target_that_is_not_empty_is_refused(pennant: Cli, dump: Path) -> None:
    before = pennant("flag", "list").out
    refused = pennant("backup", "restore", dump)
    assert refused.code == 1
    assert "is not empty" in refused.err
    assert "pennant db create NAME" in refused.err
    assert pennant("flag", "list").out == before


def test_a_restored_database_takes_the_place_of_a_spoilt_one(pennant: Cli, dump: Path, fresh: str) -> None:
    saved = pennant("flag", "list").out
    pennant("flag", "set", "spoilt", "--reason", "written by mistake")
    pennant("backup", "restore", dump, "--database", fresh)
    swapped = pennant("db", "swap", fresh)
    assert (swapped.code, "kept as pennant_until_" in swapped.out) == (0, True), swapped.err
    assert pennant("flag", "list").out == saved
    again = pennant("db", "swap", fresh)
    assert (again.code, "restore into it first" in again.err) == (1, True)


def test_a_dropped_database_is_made_and_filled_again(
    home: Settings, pennant: Cli, dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = pennant("flag", "list").out
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", home.database_url.replace("/pennant?", "/postgres?"))
        assert pennant("db", "psql", "--", "-c", "DROP DATABASE pennant WITH (FORCE)").code == 0
    assert "does not exist" in pennant("flag", "list").err
    assert pennant("db", "create", "pennant").code == 0
    assert pennant("backup", "restore", dump).code == 0
    assert pennant("flag", "list").out == saved


def test_no_database_leaves_no_backup(pennant: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    refused = pennant("backup", "take", "--to", tmp_path)
    assert (refused.code, "PostgreSQL does not answer" in refused.err) == (1, True)
    assert list(tmp_path.iterdir()) == []
