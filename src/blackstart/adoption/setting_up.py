"""`blackstart init`: the files that put the gate into a repository, worked out from what is there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from blackstart.adoption.guess import repository_name
from blackstart.adoption.importing import Change
from blackstart.adoption.owners import Owners
from blackstart.adoption.requirement import requirement
from blackstart.errors import UsageError
from blackstart.freshness.tree import WorkTree, match
from blackstart.history import History, open_history
from blackstart.library import PAGES
from blackstart.policy import FILE_NAME, Policy, load_policy
from blackstart.written.names import inside
from blackstart.written.reading import Disk
from blackstart.written.text import read_bytes

_TEMPLATES = Path(__file__).parents[1] / "data/init"
# What folders with runbooks are called, the surest first.
_HOMES = (
    *("runbooks", "runbook", "playbooks", "playbook", "sops", "sop", "procedures"),
    *("disaster-recovery", "oncall", "on-call", "incidents", "alerts", "sre-guide", "operations", "ops"),
)
_NOT_OURS = re.compile(r"(?:^|/)(?:\.[^/]*|node_modules|vendor|third_party|tests?|testdata|fixtures)/")
_HOOK = "hooks/runbooks.py"  # `blackstart.py` would stand before the package of that name
_HOOKS_KEY = re.compile(r"^(?:[\"']?(?:hooks|INHERIT)[\"']?[ \t]*:|\.\.\.|\{)|(?<=\n)---", re.MULTILINE)
_PLAIN = re.compile(r"[\w./-]*")
_GITLAB = ".gitlab-ci.yml"
_MARK = " # below\n"  # in a template: the line is for a folder below git's top


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user said; empty where the repository decides."""

    runbooks: str = ""
    ci: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Paths begin at git's top folder, `top`. `notes` are for the user to do or to know."""

    top: Path
    root: Path
    changes: tuple[Change, ...]
    notes: tuple[str, ...]


def plan(root: Path, asked: Asked) -> Plan:
    """What would be written. Raises UsageError."""
    history = open_history(root)
    if history is None:
        raise UsageError(
            f"{root}: not in a git repository. The gate reads in git's history what vouches for a page: "
            "`git init`, then try again."
        )
    try:
        return _Setup(root, history, asked).plan()
    finally:
        history.close()


class _Setup:
    def __init__(self, root: Path, history: History, asked: Asked) -> None:
        self._root, self._history, self._asked = root, history, asked
        self._tree = WorkTree(root, history)
        self._notes: list[str] = []

    def plan(self) -> Plan:
        changes = (one for one in self._changes() if one.before or not os.path.lexists(self._history.top / one.path))
        return Plan(self._history.top, self._root, tuple(changes), tuple(self._notes))

    def _changes(self) -> Iterator[Change]:
        yield self._new(FILE_NAME, "blackstart.yml", RUNBOOKS=_quoted(self._home))
        yield from self._catalogue()
        if not self._pages(self._home) and not any(self._has(f"{self._home}/{name}") for name in PAGES):
            yield self._new(f"{self._home}/README.md", "README.md", NAME=self._name)
        yield from self._site()
        yield from self._ci()
        self._pre_commit()

    # --- what is there

    @cached_property
    def _policy(self) -> Policy:
        return load_policy(Disk(self._root))

    @cached_property
    def _home(self) -> str:
        """The runbooks' folder: said, written down, or the one that looks like it."""
        asked = self._asked.runbooks.removeprefix("./").rstrip("/")
        if self._has(FILE_NAME):
            if asked not in ("", self._policy.runbooks):
                raise UsageError(f"{FILE_NAME} says `runbooks: {self._policy.runbooks}`. Change it there.")
            return self._policy.runbooks
        try:
            return inside(asked) if asked else self._likely
        except ValueError as error:
            raise UsageError(f"--runbooks {asked}: {error}.") from None

    @property
    def _likely(self) -> str:
        found: dict[str, int] = {}
        for path, _ in match(self._tree, "**"):
            if path.endswith(".md") and path.rpartition("/")[2] not in PAGES and not _NOT_OURS.search(path):
                folders = path.split("/")[:-1]
                home = next((at for at, name in enumerate(folders, 1) if name.lower() in _HOMES), None)
                if home:
                    found["/".join(folders[:home])] = found.get("/".join(folders[:home]), 0) + 1
        ranked = sorted(found, key=lambda home: (_HOMES.index(home.rpartition("/")[2].lower()), -found[home]))
        if ranked[1:]:
            self._notes.append(f"Other folders that look like runbooks: {', '.join(ranked[1:6])}. Choose: --runbooks")
        return ranked[0] if ranked else Policy().runbooks

    def _pages(self, folder: str) -> list[str]:
        return [path for path, _ in match(self._tree, f"{folder}/**/*.md")]

    @cached_property
    def _name(self) -> str:
        return repository_name(self._root, self._history)

    @cached_property
    def _requirement(self) -> str:
        return requirement()

    def _has(self, path: str) -> bool:
        return os.path.lexists(self._root / path)

    def _here(self, path: str) -> str:
        return f"{self._history.prefix}/{path}" if self._history.prefix else path

    # --- what is written

    def _catalogue(self) -> Iterator[Change]:
        path = self._policy.catalogue
        said = Owners(self._root, self._history).of(path)
        owner = self._asked.owner or (said.name if said else "")
        if owner and not self._has(path):
            yield self._new(path, "catalog-info.yaml", NAME=self._name, OWNER=_quoted(owner))
        elif not self._has(path):
            self._notes.append(
                f"No {path}: nothing here says who owns the service. Say it with --owner TEAM, and the gate can "
                "also tell what has no runbook."
            )

    def _site(self) -> Iterator[Change]:
        """The hook, and its line in mkdocs.yml where one can be added without touching another."""
        path = "mkdocs.yml"
        before = read_bytes(self._root, path) if self._has(path) else None
        if before is None or _HOOK.encode() in before:
            return
        yield self._new(_HOOK, "hook.txt")
        self._notes.append(f"Where the site is built, blackstart must be installed: pip install '{self._requirement}'")
        if b"superfences" not in before:
            self._notes.append(f"A command within a numbered step needs `pymdownx.superfences` in {path}.")
        text = before.decode("utf-8", "surrogateescape")
        if _HOOKS_KEY.search(text):
            self._notes.append(f"{path} has hooks already, or takes them from elsewhere. Add there:\n  - {_HOOK}")
            return
        newline = "\r\n" if "\r\n" in text else "\n"
        gap = "" if text.endswith("\n") else newline
        added = f"{gap}{newline}hooks:{newline}  - {_HOOK}{newline}"
        yield Change(self._here(path), before, before + added.encode())

    def _ci(self) -> Iterator[Change]:
        """At git's top, for there alone the hosts look."""
        below, host = self._history.prefix, self._asked.ci or _host(self._history.top, self._history.remote)
        if not _PLAIN.fullmatch(below) or not _PLAIN.fullmatch(self._history.main_branch):
            self._notes.append("The name of this folder or branch is too unusual to be put into a CI file unseen.")
            return
        name = "-".join(["runbooks", *below.split("/")]) if below else "runbooks"
        if host == "github":
            yield self._for_ci(f".github/workflows/{name}.yml", "github.yml")
        elif host == "gitlab" and os.path.lexists(self._history.top / _GITLAB):
            included = f".gitlab/{name}.yml"
            yield self._for_ci(included, "gitlab.yml")
            if included.encode() not in (read_bytes(self._history.top, _GITLAB) or b""):
                self._notes.append(f"{_GITLAB} is yours. Add there:\ninclude:\n  - local: {included}")
        elif host == "gitlab":
            yield self._for_ci(_GITLAB, "gitlab.yml")

    def _pre_commit(self) -> None:
        path = ".pre-commit-config.yaml"
        if self._has(path) and b"blackstart" not in (read_bytes(self._root, path) or b""):
            lines = (_TEMPLATES / "pre-commit.yml").read_text(encoding="utf-8").rstrip("\n")
            self._notes.append(f"{path} is yours. To check what is committed, add below `repos:`\n{lines}")

    def _for_ci(self, path: str, template: str) -> Change:
        values = {"BRANCH": self._history.main_branch, "FOLDER": self._history.prefix, "REQUIREMENT": self._requirement}
        return self._filled(path, template, **values)

    def _new(self, path: str, template: str, **values: str) -> Change:
        return self._filled(self._here(path), template, **values)

    def _filled(self, path: str, template: str, **values: str) -> Change:
        text = (_TEMPLATES / template).read_text(encoding="utf-8")
        text = "".join(_lines(text, below=bool(self._history.prefix)))
        return Change(path, b"", _replaced(text, values).encode())


def _host(top: Path, remote: str) -> str:
    if os.path.lexists(top / _GITLAB) or "gitlab" in remote:
        return "gitlab"
    return "github" if "github.com" in remote or (top / ".github").is_dir() else "none"


def _lines(text: str, *, below: bool) -> Iterator[str]:
    for line in text.splitlines(keepends=True):
        if not line.endswith(_MARK):
            yield line
        elif below:
            yield line.replace(_MARK, "\n")


def _replaced(text: str, values: Mapping[str, str]) -> str:
    """Each name once, so that a value is never taken for a name."""
    return re.sub("|".join(values) or r"(?!)", lambda found: values[found[0]], text)


def _quoted(text: str) -> str:
    """Text as YAML takes it: `@acme/dba` needs quotes."""
    return text if re.fullmatch(r"[A-Za-z][\w./-]*", text) else "'" + text.replace("'", "''") + "'"
