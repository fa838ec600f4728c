#!/usr/bin/env python3
"""Write a repository for the benchmark with `git fast-import`: the same options give the same commit ids.

A tenth of the commits touch covered code: half of these change comments only, the others edit the runbooks' text too,
so that git proves every anchor. The last commits break that for a few runbooks, which are stale.
"""

from __future__ import annotations

import argparse
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

START = 1_420_070_400
MODULE = 20  # files a folder
KINDS = ("component", "restore", "rebuild", "comms")


@dataclass(frozen=True)
class Size:
    """What the repository holds; part of the name of its folder."""

    runbooks: int = 1000
    anchors: int = 20
    commits: int = 100_000
    files: int = 20_000

    def __str__(self) -> str:
        return f"{self.runbooks}x{self.anchors}-{self.commits}-{self.files}"


def file_name(number: int) -> str:
    suffix = ("py", "py", "py", "yml", "sh")[number % 5]
    folder = number // MODULE
    return f"services/svc-{folder // 25:02}/mod-{folder % 25:02}/part_{number % MODULE:02}.{suffix}"


def code(path: str, change: int, comment: int) -> str:
    if path.endswith(".py"):
        return f'"""Part."""\n# note {comment}\nimport os\n\nLIMIT = {change}\n\n' + "".join(
            f'def step_{n}(value, limit=LIMIT):\n    """Do step {n}."""\n    total = value * {n + 3} + {change}\n'
            f'    if total > limit:\n        return os.path.join(str(total), "k{n}")\n    return total\n\n\n'
            for n in range(6)
        )
    if path.endswith(".yml"):
        return f"# note {comment}\nname: part\nservices:\n" + "".join(
            f"  s{n}:\n    image: shop/app-{n}:{change}\n    ports: ['80{n}0:80']\n    restart: always\n"
            for n in range(6)
        )
    return f"#!/bin/sh\n# note {comment}\nset -eu\n" + "".join(
        f"step_{n}() {{\n  echo step {n} {change}\n  test -f /var/lib/part_{n} || exit 1\n}}\n" for n in range(6)
    )


def fragment(path: str, number: int) -> str:
    if path.endswith(".py"):
        return f"#step_{number % 6}"
    return f"#services.s{number % 6}" if path.endswith(".yml") else ""


def runbook(name: str, covers: list[str], edition: int) -> str:
    entries = "".join(f"  - {entry}\n" for entry in covers)
    steps = "".join(
        f"{n + 1}. Look at part {n} and run step {n}.\n\n"
        f"    ```bash\n    ./part_{n:02}.sh --step {n} | tee log-{n}\n    ```\n\n"
        for n in range(8)
    )
    return (
        f"---\ntitle: Runbook {name}\nkind: {name.partition('/')[0]}\ncomponent: shop\nowner: platform\n"
        f"covers:\n{entries}alerts: [Alert{name[-5:]}]\n---\n\n# Runbook {name}\n\n"
        f"## When to use\n\nWhen **part** of the shop is down. Edition {edition}.\n\n## Steps\n\n{steps}"
        "## Verify\n\nThe [board](https://example.com/board) is green; `queue_depth` falls.\n"
    )


def chosen_covers(size: Size, dice: random.Random) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What each runbook covers, and who covers each file. Covered is the first half of the files."""
    covers: dict[str, list[str]] = {}
    watchers: dict[str, list[str]] = {}
    for number in range(size.runbooks):
        page = f"runbooks/{KINDS[number % 4]}/rb-{number:05}.md"
        entries: dict[str, None] = {}
        while len(entries) < size.anchors:
            at = dice.randrange(size.files // 2)
            path, pick = file_name(at), dice.random()
            glob = f"{path.rpartition('/')[0]}/*.sh"
            entry = glob if pick < 0.05 else path + (fragment(path, at) if pick < 0.35 else "")
            first = at - at % MODULE
            for file in [file_name(first + n) for n in range(4, MODULE, 5)] if entry == glob else [path]:
                watchers.setdefault(file, []).append(page)
            entries[entry] = None
        covers[page] = list(entries)
    return covers, watchers


class Writer:
    """Feeds fast-import; `versions` are the change and comment numbers of files, the edition of runbooks."""

    def __init__(self, stream: IO[bytes], size: Size, seed: int = 1) -> None:
        self.stream, self.size = stream, size
        self.dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.covers, self.watchers = chosen_covers(size, self.dice)
        self.covered = sorted(self.watchers)
        self.loose = [file_name(n) for n in range(size.files // 2, size.files)]
        self.versions = {file_name(n): (0, 0) for n in range(size.files)} | {"blackstart.yml": (0, 0)}
        self.births = sorted(
            ((int(self.dice.random() * 0.8 * size.commits), page) for page in self.covers), reverse=True
        )
        self.alive: set[str] = set()
        self.mark, self.revision, self.clock = 0, 0, START

    def write(self) -> None:
        tip = self.commit([], dict(self.versions), "Import")
        while self.mark < self.size.commits:
            tip = self.branch(tip) if self.dice.random() < 0.03 else self.advance(tip, self.edit(set()) | self.born())
        self.stream.write(f"reset refs/heads/main\nfrom :{tip}\n\ndone\n".encode())

    def branch(self, tip: int) -> int:
        """One to four commits beside the main line, which meanwhile goes on with other files; then the merge."""
        side: dict[str, tuple[int, int]] = {}
        topic = tip
        for _ in range(1 + int(self.dice.random() * 4)):
            work = self.edit(set(side))
            side |= work
            topic = self.commit([topic], work, f"Topic {self.mark}")
        for _ in range(2):
            tip = self.advance(tip, self.edit(set(side)))
        self.versions.update(side)
        return self.commit([tip, topic], side, f"Merge topic {self.mark}")

    def advance(self, tip: int, changed: dict[str, tuple[int, int]]) -> int:
        self.versions.update(changed)
        return self.commit([tip], changed, f"Change {self.mark}")

    def born(self) -> dict[str, tuple[int, int]]:
        """The runbooks whose time has come."""
        pages = []
        while self.births and self.births[-1][0] <= self.mark:
            pages.append(self.births.pop()[1])
        self.alive.update(pages)
        return dict.fromkeys(pages, (0, 0))

    def edit(self, busy: set[str]) -> dict[str, tuple[int, int]]:
        """The changes of one commit, none of them to what is `busy`."""
        changed: dict[str, tuple[int, int]] = {}
        neglect = self.mark >= self.size.commits - max(2, self.size.runbooks // 50)
        for _ in range(1 + int(self.dice.expovariate(0.8))):
            self.revision += 1
            path = self.drawn(covered=neglect or self.dice.random() < 0.1)
            pages = [page for page in self.watchers.get(path, []) if page in self.alive]
            change, comment = self.versions[path]
            if path in busy or any(page in busy for page in pages):
                continue
            if pages and not neglect and self.dice.random() < 0.5:
                changed[path] = (change, self.revision)
                continue
            changed[path] = (self.revision, comment)
            changed |= dict.fromkeys([] if neglect else pages, (self.revision, 0))
        return changed

    def drawn(self, *, covered: bool) -> str:
        """A file; of those that nobody covers, some are changed much more often than others."""
        share = self.dice.random()
        return self.covered[int(len(self.covered) * share)] if covered else self.loose[int(len(self.loose) * share**2)]

    def commit(self, parents: list[int], changed: dict[str, tuple[int, int]], subject: str) -> int:
        self.mark += 1
        self.clock += self.dice.randrange(300, 900)
        skewed = self.clock - self.dice.randrange(31_536_000) if self.dice.random() < 0.01 else self.clock
        who = f"Dev {self.mark % 211} <dev{self.mark % 211}@example.com> {skewed} +0000"
        head = (
            f"commit refs/heads/work\nmark :{self.mark}\nauthor {who}\ncommitter {who}\ndata {len(subject)}\n{subject}"
        )
        lines = [head, *(f"{'merge' if at else 'from'} :{parent}" for at, parent in enumerate(parents))]
        self.stream.write(("\n".join(lines) + "\n").encode())
        for path, version in changed.items():
            data = self.content(path, version).encode()
            self.stream.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
        self.stream.write(b"\n")
        return self.mark

    def content(self, path: str, version: tuple[int, int]) -> str:
        if path == "blackstart.yml":
            return "runbooks: runbooks\n"
        if path in self.covers:
            return runbook(path.removeprefix("runbooks/").removesuffix(".md"), self.covers[path], version[0])
        return code(path, *version)


def make(target: Path, size: Size) -> None:
    """A work tree with the history at `target`."""
    git = ["git", "-C", str(target)]
    subprocess.run(["git", "init", "-q", "-b", "main", str(target)], check=True)
    with subprocess.Popen([*git, "fast-import", "--quiet", "--done"], stdin=subprocess.PIPE) as importer:
        assert importer.stdin
        Writer(importer.stdin, size).write()
        importer.stdin.close()
    if importer.returncode:
        raise SystemExit("git fast-import failed")
    subprocess.run([*git, "branch", "-q", "-D", "work"], check=True)
    subprocess.run([*git, "reset", "-q", "--hard"], check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    for name, default in vars(Size()).items():
        parser.add_argument(f"--{name}", type=int, default=default)
    options = vars(parser.parse_args())
    make(options.pop("target"), Size(**options))
