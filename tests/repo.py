"""A real git repository to play with: small verbs, its own identity, a clock that only it moves."""

from __future__ import annotations

import os
import subprocess
from contextlib import chdir
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from blackstart.cli import main

TODAY = date(2026, 1, 10)
RESTORE = """\
---
title: Restore the database
kind: restore
component: db
owner: platform
covers:
  - app/backup.py
---

# Restore the database

## Steps

1. Run the restore.
"""
CONFIG = "[user]\nname = Ann Author\nemail = ann@example.com\n[protocol.file]\nallow = always\n"
BACKUP = 'BUCKET = "backups"\n\n\ndef take_backup():\n    """Take one."""\n    return ["pg_dump", BUCKET]\n'


@dataclass
class Repo:
    """`tick` is the hour of the next commit."""

    root: Path
    tick: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def git(self, *arguments: str) -> str:
        """Run git; its output without the last line break. A failure fails the test."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        identity = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_EDITOR": "true"}
        self.tick += 1
        when = f"{1767600000 + 3600 * self.tick} +0000"
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env=clean | identity | dates | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"git {arguments}: {done.stderr}"
        return done.stdout.removesuffix("\n")

    def init(self) -> Repo:
        self.root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")
        return self._configured()

    def write(self, path: str, text: str | bytes) -> Repo:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def read(self, path: str) -> str:
        return (self.root / path).read_bytes().decode()

    def replace(self, path: str, old: str, new: str) -> Repo:
        text = self.read(path)
        assert old in text, f"{old!r} is not in {path}"
        return self.write(path, text.replace(old, new))

    def commit(self, subject: str) -> str:
        """Commit everything; the new commit's id."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")

    def clone(self, to: Path, *options: str) -> Repo:
        self.git("clone", "-q", "--no-local", *options, f"file://{self.root}", str(to))
        return Repo(to, self.tick)._configured()

    def _configured(self) -> Repo:
        with (self.root / ".git/config").open("a") as file:
            file.write(CONFIG)
        return self

    def blackstart(self, *arguments: str) -> int:
        """Run the command line in the repository; the exit code."""
        with chdir(self.root):
            return main(list(arguments))


def on_one_core() -> None:
    """For `preexec_fn`."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def sample(root: Path) -> Repo:
    """One service file and one runbook that covers it, in two commits."""
    repo = Repo(root).init()
    repo.write("app/backup.py", BACKUP).write("blackstart.yml", "runbooks: runbooks\n").commit("Add the service")
    repo.write("runbooks/restore.md", RESTORE).commit("Write the restore runbook")
    return repo
