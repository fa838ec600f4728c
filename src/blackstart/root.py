"""Where a repository begins; light, because nothing can start before it is known."""

from __future__ import annotations

from pathlib import Path

POLICY_FILE = "blackstart.yml"


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that holds blackstart.yml, else git's top folder, else `start`."""
    start = start.resolve()
    above = [start, *start.parents]
    for marker in (POLICY_FILE, ".git"):
        for folder in above:
            if (folder / marker).exists():
                return folder
    return start
