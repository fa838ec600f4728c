"""Whoever waits at a terminal sees how far it is; nobody else sees anything of it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from blackstart import progress
from repo import sample


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("after", "shown"), [(0.0, True), (3600.0, False)])
def test_a_bar_where_it_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: float, *, shown: bool
) -> None:
    repo = sample(tmp_path)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setattr(progress, "AFTER", after)
    repo.blackstart("check")
    said = terminal.getvalue()
    assert ("judging" in said) is shown
    assert ("100%" in said) is shown


def test_none_in_a_pipe(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "AFTER", 0.0)
    sample(tmp_path).blackstart("check")
    assert "judging" not in capfd.readouterr().err
