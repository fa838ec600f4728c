"""The tokens file stays the service's, whoever rewrites it."""

import os
from pathlib import Path

import pytest

from pennant import tokens

NOBODY = 65534


def test_all_can_be_revoked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENNANT_TOKENS_FILE", str(tmp_path / "tokens"))
    for actor in ("ann", "ann", "bob"):
        tokens.add(actor)
    assert sorted(tokens.holders().values()) == ["ann", "ann", "bob"]
    tokens.revoke("everybody")
    assert tokens.holders() == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_does_not_take_the_file_from_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "tokens"
    monkeypatch.setenv("PENNANT_TOKENS_FILE", str(file))
    tokens.add("ann")
    os.chown(file, NOBODY, NOBODY)
    tokens.revoke("ann")
    assert file.stat().st_uid == NOBODY
