"""The sample repository with its site, and the real MkDocs to build it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from repo import Repo

SAMPLE = Path(__file__).parent / "site" / "sample"
HOOKS = Path(__file__).parents[1] / "hooks"


class Shop(Repo):
    """The sample repository, with the real `mkdocs build`."""

    def build(self, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.mkdocs("build", *options), cwd=self.root, capture_output=True, text=True, check=False
        )

    def mkdocs(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "mkdocs", *arguments]

    def page(self, address: str) -> str:
        return (self.root / "site" / address / "index.html").read_text()

    def published(self) -> dict[str, bytes]:
        """Every file of the site; equal means untouched."""
        site = self.root / "site"
        return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}
