"""The heir of MkDocs builds the same site: the gate and the pages do not hang on an engine that nobody maintains."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from shop import Shop


def build(shop: Shop) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "properdocs", "build", "--strict", "-f", "mkdocs.yml"]
    return subprocess.run(command, cwd=shop.root, capture_output=True, text=True, check=False)


def same(page: bytes) -> bytes:
    """A page without the name of what built it."""
    return re.sub(rb'<meta name="generator"[^>]*>', b"", page)


@pytest.mark.slow
def test_it_builds_the_same_site_and_keeps_the_gate(shop: Shop) -> None:
    done = build(shop)
    assert done.returncode == 0, done.stdout + done.stderr
    # A build of another day gives the same bytes, so what is left is the engine's own.
    ours = Shop(shop.clone(shop.root.with_name("ours")).root)
    assert ours.build("--strict").returncode == 0
    one, other = shop.published(), ours.published()
    assert sorted(one) == sorted(other)
    assert [name for name in one if name != "sw.js" and same(one[name]) != same(other[name])] == []

    shop.replace("app/backup.py", "custom", "plain").commit("Dump as plain text")
    done = build(shop)
    assert done.returncode == 1
    assert "app/backup.py" in done.stdout + done.stderr
    assert shop.published() == one
