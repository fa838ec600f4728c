"""What a repository offers to the commands of its runbooks: files, targets, services, units, programs, variables."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from pathlib import PurePosixPath

from blackstart.freshness.tree import lookup
from blackstart.history import FOLDER
from blackstart.library import Library

UNIT = re.compile(r"([a-z][\w-]*)(@[\w.-]*)?(?:\.(?:service|timer|socket|mount|target|path))?")
MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_OPEN_ENDED = re.compile(r"^[^#\t\n]*(?:%|\$[({]).*:(?!=)|^-?include\b", re.MULTILINE)  # targets nobody can list
COMPOSE_FILES = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml")
_TAKES_ANYTHING = ('"$@"', "$*", "${@", "parse_known_args", "ignore_unknown_options", "REMAINDER")
_KEPT = 1_000  # texts in memory


class Inventory:
    """Everything is worked out when first asked for, and kept for the next page."""

    def __init__(self, library: Library) -> None:
        self._tree, self._history, self._outside = library.worktree, library.history, library.outside_code
        self._cache = library.caches.names
        self.read = lru_cache(_KEPT)(self._read)
        self.targets = cache(self._targets)
        self.variables = cache(self._variables)
        self.implementation = cache(self._implementation)
        self._code = cache(self._without_comments)
        self._services = cache(self._services_of)

    @property
    def files(self) -> tuple[str, ...]:
        return self._tree.paths

    @cached_property
    def _listed(self) -> str:
        """All files as one text: to search it is quicker than to look at each."""
        return "".join(f"/{path}/\n" for path in self.files)

    def is_folder(self, path: str) -> bool:
        entry = lookup(self._tree, path) if path else None
        return entry is not None and entry.mode == FOLDER

    def has(self, path: str) -> bool:
        """Whether a file or folder, anywhere below the root, ends in this path."""
        return bool(lookup(self._tree, path)) or f"/{path}/" in self._listed

    def called(self, name: str) -> list[str]:
        """The files of that name, wherever they are."""
        return [path for path in self.files if path.endswith(name) and path.removesuffix(name)[-1:] in ("", "/")]

    def _read(self, path: str) -> str:
        """The text of a file, empty where there is none."""
        entry = lookup(self._tree, path)
        if entry is None or not entry.mode.startswith("100"):
            return ""
        return self._tree.read(path, entry).decode("utf-8", "replace")

    def _without_comments(self, path: str) -> str:
        """The text of a file without its comments."""
        entry = lookup(self._tree, path)
        if entry is None:
            return ""
        key = f"code {entry.id} {path}"
        text = self._cache.get(key)
        if text is None:
            from blackstart.freshness.meaning import without_comments  # parsers take long to load

            text = without_comments(path, self.read(path).encode())
            self._cache.put(key, text)
        return text

    def ignored(self, paths: frozenset[str]) -> frozenset[str]:
        """Which paths git is told to ignore: a build makes them."""
        return self._history.ignored(sorted(paths)) if self._history and paths else frozenset()

    def _targets(self, folder: str, file: str = "") -> tuple[str, frozenset[str]]:
        """The makefile of a folder and its targets; no targets where nobody can list them all."""
        paths = [joined(folder, name) for name in ([file] if file else MAKEFILES)]
        path = next((path for path in paths if self.read(path)), "")
        text = self.read(path) if path else ""
        return path, frozenset() if _OPEN_ENDED.search(text) or not text else _names(path, text)

    def services(self, files: list[str]) -> frozenset[str]:
        """The services of compose files."""
        return frozenset().union(*map(self._services, files))

    def _services_of(self, file: str) -> frozenset[str]:
        keys = _names(file, self.read(file))
        return frozenset(key[9:] for key in keys if key.startswith("services.") and "." not in key[9:])

    @cached_property
    def compose_files(self) -> list[str]:
        return [path for path in self.files if COMPOSE_FILES.fullmatch(_name(path))]

    @cached_property
    def units(self) -> frozenset[str]:
        """The names of systemd units, without type and instance."""
        found = (UNIT.fullmatch(name) for path in self.files if "." in (name := _name(path)))
        return frozenset(unit[1] for unit in found if unit)

    def _implementation(self, program: str, folder: str) -> tuple[str, str]:
        """The script or package of this repository behind a command, and its text.

        Both are empty where the program is not ours, or hands its arguments on to another one.
        """
        path = joined(folder, program.removeprefix("./"))
        text = self._code(path) if "/" in program else ""
        if not text:
            path = self.packages.get(PurePosixPath(program).name, "")
            text = "\n".join(self._code(file) for file in self.files if path and file.startswith(f"{path}/"))
        return ("", "") if any(sign in text for sign in _TAKES_ANYTHING) else (path, text)

    @cached_property
    def packages(self) -> dict[str, str]:
        """The package folder of every command that a pyproject.toml of the repository installs."""
        projects = self.called("pyproject.toml")
        scripts = {name: target for path in projects for name, target in _installed(self.read(path))}
        return {name: self._package(target.split(":")[0].split(".")[0]) for name, target in scripts.items()}

    def _package(self, module: str) -> str:
        homes = (path for path in self.called("__init__.py") if f"/{path}".endswith(f"/{module}/__init__.py"))
        return next((home.rpartition("/")[0] for home in homes), "")

    def _variables(self, family: str) -> frozenset[str]:
        """The names in capitals that begin with `family_`, wherever git finds them in code."""
        if self._history is None:
            return frozenset()
        return self._history.words(f"{family}_[A-Z0-9_]*", self._outside)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _names(path: str, text: str) -> frozenset[str]:
    from blackstart.freshness.meaning import names  # parsers take long to load, and often nothing needs them

    return names(path, text.encode())


def joined(folder: str, path: str) -> str:
    """`path` as seen from the root, when it was written in `folder`."""
    return PurePosixPath(folder, path).as_posix()


def _installed(pyproject: str) -> Iterator[tuple[str, str]]:
    try:
        project = tomllib.loads(pyproject).get("project", {})
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    scripts = project.get("scripts", {}) if isinstance(project, dict) else {}
    if isinstance(scripts, dict):
        yield from ((name, target) for name, target in scripts.items() if isinstance(target, str))
