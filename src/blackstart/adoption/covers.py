"""Which code a page speaks about, guessed from what it names: files, folders, make targets, alerts, symbols."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from urllib.parse import unquote, urlsplit

from blackstart.commands import Script, scripts_of
from blackstart.counted import is_code, own
from blackstart.freshness.anchor import parse_anchor
from blackstart.freshness.identifiers import is_telling
from blackstart.freshness.tree import is_glob, lookup, match
from blackstart.history import FOLDER
from blackstart.inventory import Inventory
from blackstart.library import Library
from blackstart.written.code import Code, present_code
from blackstart.written.markdown import Document

MOST = 20  # a page that names more is an index, and would be stale with every change
_SMALL_FOLDER = 8
_MOST_FRAGMENTS = 5
_MOST_WORDS = 20_000  # of one page
_BREAKS = re.compile(r"[\s\"'`|;&(),=]+")
_LINE_NUMBER = re.compile(r":\d+(?::\d+)?$")
_PATH = re.compile(r"(?:\./)?[\w.@+-]+(?:/[\w.@+-]+)*/?")
_NAME = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)*")
_BLOB = re.compile(r"/(?:-/)?(?:blob|tree|raw|blame|edit)/[^/]+/(.+)")
# What every repository has: a page that does not link to it may mean another one's.
_COMMON = re.compile(r"\.github/workflows/(?:ci|cd|test|build|deploy|release|lint)\.ya?ml|\.github/dependabot\.yml")
_INTERPRETERS = ("bash", "sh", "python", "python3", "source", ".", "node", "ruby")
_ALERT = r"""["']?alert["']?:[[:space:]]*["']?[A-Za-z][A-Za-z0-9_]+"""
_RULES = (".yml", ".yaml")
_PAGE = re.compile(r"\.(?:md|markdown)\.\w+$")  # a page that a template engine reads first


@dataclass(frozen=True, slots=True)
class Named:
    """An entry for `covers`, and the page's lines that name it."""

    anchor: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Guessed:
    """`wide` are the folders that the page names and that hold too much to cover."""

    covers: tuple[Named, ...]
    wide: tuple[str, ...]


class Guesser:
    """What the pages of one repository could speak about; worked out once for all of them."""

    def __init__(self, library: Library) -> None:
        self._library, self._tree = library, library.worktree
        self._inventory = Inventory(library)

    def covers(self, path: str, page: Document) -> Guessed:
        """What the page at `path` names and the repository has."""
        codes, scripts = list(present_code(page)), scripts_of(page)
        lines: dict[str, dict[int, None]] = defaultdict(dict)
        for name, line in [*self._in_code(codes), *self._in_links(path, page), *_targets(self._inventory, scripts)]:
            lines[name][line] = None
        for name, line in [*self._by_name(codes, _folders(lines))]:
            lines[name][line] = None
        wide = [name for name in lines if name.endswith("/**") and self._is_wide(name)]
        ran = self._ran(scripts)
        found = {name: tuple(at) for name, at in lines.items() if name not in wide}
        narrowed = [Named(anchor, at) for name, at in found.items() for anchor in self._narrowed(name, codes, ran)]
        kept = [one for one in narrowed if not _is_held(one.anchor, found)]
        kept.sort(key=lambda one: -len(one.lines))
        chosen = {one.anchor for one in kept[:MOST]}
        return Guessed(tuple(one for one in kept if one.anchor in chosen), tuple(wide))

    def alert(self, name: str) -> tuple[str, ...]:
        """Where the repository's Prometheus rules define an alert: an anchor, or nothing in forms nobody can narrow."""
        return tuple(dict.fromkeys(filter(None, (self._rule(path, name) for path in self.alerts.get(name, ())))))[:MOST]

    @cached_property
    def alerts(self) -> dict[str, dict[str, None]]:
        """The alerts of the repository, with the files that define them."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for path, text in self._library.history.found(_ALERT) if self._library.history else ():
            if is_code(path):
                found[re.split(r"[\s:\"']+", text)[-1]][path] = None
        return found

    # --- paths

    @cached_property
    def _files(self) -> frozenset[str]:
        """The files that a page could cover."""
        everything = self._library.history is None  # without git nobody says which files belong to it
        ours = own(self._library)
        return frozenset(
            path
            for path in self._inventory.files
            if (everything or self._tree.tracked(path))
            and path not in ours
            and is_code(path)
            and not _PAGE.search(path)
        )

    @cached_property
    def _endings(self) -> dict[str, list[str]]:
        """The files by name, for those who write only the end of a path."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in self._files:
            found[path.rpartition("/")[2]].append(path)
        return found

    def _in_code(self, codes: Iterable[Code]) -> Iterator[tuple[str, int]]:
        return ((found, line) for word, line in _words(codes) if (found := self._resolved(word)))

    def _by_name(self, codes: Iterable[Code], folders: Collection[str]) -> Iterator[tuple[str, int]]:
        """A name without its folder means a file of a folder that the page names; elsewhere it may mean any."""
        for word, line in _words(codes):
            homes = self._endings.get(word, ()) if "/" not in word else ()
            near = [path for path in homes if path.rpartition("/")[0] in folders and not _COMMON.fullmatch(path)]
            if len(near) == 1:
                yield near[0], line

    def _in_links(self, path: str, page: Document) -> Iterator[tuple[str, int]]:
        for link in page.links:
            target = self._target(path, link.target)
            found = self._exactly(target) if target and not link.image else ""
            if found:
                yield found, link.line

    def _target(self, path: str, link: str) -> str:
        """The path in the repository that a link leads to; also one to this repository on its host."""
        try:
            parts = urlsplit(link)
        except ValueError:
            return ""
        if not parts.scheme and not parts.netloc:
            folder = "" if parts.path.startswith("/") else posixpath.dirname(path)
            return posixpath.normpath(posixpath.join(folder, unquote(parts.path).lstrip("/"))) if parts.path else ""
        home, blob, _ = parts.path.partition("/blob/") if "/blob/" in parts.path else parts.path.partition("/tree/")
        found = _BLOB.fullmatch(parts.path[len(home.removesuffix("/-")) :]) if blob else None
        return unquote(found[1]) if found and self._is_here(parts.netloc + home.removesuffix("/-")) else ""

    def _is_here(self, address: str) -> bool:
        """Whether the address is that of `origin`, in whatever form git was given it."""
        remote = self._library.history.remote if self._library.history else ""
        return bool(remote) and remote.removesuffix("/").removesuffix(".git").replace(":", "/").endswith(address)

    def _resolved(self, word: str) -> str:
        """From the root, else as the end of a path that only one file has."""
        path = word.removeprefix("./").rstrip("/")
        if "/" not in word.removeprefix("./") or _COMMON.fullmatch(path):
            return ""
        homes = [home for home in self._endings.get(path.rpartition("/")[2], ()) if home.endswith(f"/{path}")]
        return self._exactly(path) or (homes[0] if len(homes) == 1 else "")

    def _exactly(self, path: str) -> str:
        """A file, or all of a folder."""
        if path in self._files:
            return path
        entry = None if ".." in path.split("/") else lookup(self._tree, path)
        return f"{path}/**" if entry and entry.mode == FOLDER and _is_anchor(f"{path}/**") else ""

    def _is_wide(self, pattern: str) -> bool:
        below = [path for path, _ in match(self._tree, pattern)]
        return len(below) > _SMALL_FOLDER or not all(path in self._files for path in below)

    def _ran(self, scripts: Iterable[Script]) -> frozenset[str]:
        """The files that the page tells its reader to run: all that is in them matters."""
        commands = (one for script in scripts for one in script.commands if one[1:] or one[0].text.startswith("./"))
        words = (command[1] if command[0].text in _INTERPRETERS and command[1:] else command[0] for command in commands)
        return frozenset(filter(None, (self._resolved(word.text) for word in words if _PATH.fullmatch(word.text))))

    # --- narrower than a file

    def _narrowed(self, name: str, codes: Iterable[Code], ran: frozenset[str]) -> Iterator[str]:
        """The fragments of a file that the page names, else the file itself."""
        fragments = [] if "#" in name or is_glob(name) or name in ran else self._fragments(name, codes)
        if 0 < len(fragments) <= _MOST_FRAGMENTS:
            yield from (f"{name}#{fragment}" for fragment in fragments)
        elif _is_anchor(name):
            yield name

    def _fragments(self, path: str, codes: Iterable[Code]) -> list[str]:
        from blackstart.freshness.meaning import meaning, names

        entry = lookup(self._tree, path)
        if entry is None or not entry.mode.startswith("100"):
            return []
        content = self._tree.read(path, entry)
        words = dict.fromkeys(word for code in codes for word in _NAME.findall(code.text) if is_telling(word))
        known = names(path, content)
        found = [word for word in words if word in known and _is_anchor(f"{path}#{word}")]
        return [
            word
            for word in found
            if not any(word.startswith(f"{other}.") for other in found)
            and (meaning(path, content, word) or b"").startswith(b"part\0")
        ]

    def _rule(self, path: str, alert: str) -> str:
        from blackstart.freshness.meaning import names

        text = self._inventory.read(path) if path.endswith(_RULES) and path in self._files else ""
        found = [name for name in names(path, text.encode()) if name.endswith(f".{alert}")] if text else []
        by_name = [name for name in found if not any(part.isdigit() for part in name.split("."))]
        anchor = f"{path}#{by_name[0]}" if len(by_name) == 1 else ""
        return anchor if anchor and _is_anchor(anchor) else ""


def _words(codes: Iterable[Code]) -> Iterator[tuple[str, int]]:
    """What could be a path, with its line."""
    words = ((word, code.line) for code in codes for word in _BREAKS.split(code.text))
    for word, line in islice(words, _MOST_WORDS):
        path = _LINE_NUMBER.sub("", word.rstrip(".,:;!?"))
        if _PATH.fullmatch(path):
            yield path, line


def _folders(names: Iterable[str]) -> frozenset[str]:
    """The folders that the page names, and those of the files that it names."""
    return frozenset(name.partition("#")[0].rpartition("/")[0] for name in names if "/" in name)


def _targets(inventory: Inventory, scripts: Iterable[Script]) -> Iterator[tuple[str, int]]:
    """`make restore` in the repository's root."""
    for script in scripts:
        for program, *words in script.commands:
            if program.text == "make" and not any(word.text.startswith("-") for word in words):
                path, known = inventory.targets("")
                yield from ((f"{path}#{word.text}", word.line) for word in words if word.text in known)


def _is_held(anchor: str, found: Iterable[str]) -> bool:
    """Whether a folder that is covered whole holds it."""
    return any(anchor != name and name.endswith("/**") and anchor.startswith(name[:-2]) for name in found)


def _is_anchor(text: str) -> bool:
    """Whether the text, taken from the repository, means as an anchor what it says."""
    try:
        anchor = parse_anchor(text)
    except ValueError:
        return False
    plain = anchor.pattern.removesuffix("/**")
    return not anchor.source and not is_glob(plain) and len(text) <= 300 and text == text.strip()
