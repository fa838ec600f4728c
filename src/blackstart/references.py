"""Names in a runbook's commands that nothing in the repository answers to: paths, targets, services, units, flags.

Only what belongs to the repository is judged: another program's flags, a machine's own units and files that a page
makes itself are none of its business.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice, pairwise, takewhile
from pathlib import PurePosixPath

from blackstart.commands import Script, Word, scripts_of
from blackstart.inventory import UNIT, Inventory, joined
from blackstart.runbook import Runbook
from blackstart.written.code import is_of_the_past

_PATH = re.compile(r"(?:\./)?[\w.@+-]+(?:/[\w.@+-]+)+/?")
_PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_-]+(?:\.[\w.]+)?")
_NAME = re.compile(r"[A-Za-z][\w.-]*")
_FLAG = re.compile(r"(--[a-z][\w-]+)(?:=.*)?", re.DOTALL)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]")
_COMPOSE_VERBS = re.compile(r"up|(?:re)?start|stop|exec|run|logs|kill|rm|build|pull|create|(?:un)?pause|top|port")
_ONE_SERVICE = ("exec", "run", "port")
_UNIT_VERBS = re.compile(r"(?:re)?start|stop|reload|status|enable|disable|is-active|is-enabled|cat|show|mask")
_VALUED = re.compile(
    r"-[euwntpvs]|--(?:env(?:-file)?|user|workdir|tail|timeout|since|until|index|scale|publish|volume|name|entrypoint"
    r"|pull|progress|signal)"
)
_MAKERS = re.compile(
    r"mkdir|touch|tee|install|cp|mv|ln|curl|wget|tar|unzip|git|rsync|scp|rm|python3?|pip|uv|virtualenv"
)
_FEW = 8
_MOST = 300  # of one page; a hostile one could keep us busy for hours
_MOST_CANDIDATES = 1_000
_MOST_FAMILIES = 20
_ELSEWHERE = ("ssh", "chroot")
_CLUSTER = ("kubectl", "oc", "k9s", "stern")
_FILES = ("-f", "--filename", "-k", "--kustomize", "--from-file", "--from-env-file")
_INTERPRETERS = ("python", "python3", "bash", "sh")


@dataclass(frozen=True, slots=True, order=True)
class Dead:
    """`what` is the kind of name, `home` where it was looked for; `near` is empty or a name that exists there.

    `others` are what there is, where that is only a few.
    """

    line: int
    column: int
    what: str
    name: str
    home: str
    near: str
    others: tuple[str, ...] = ()


def dead_references(inventory: Inventory, runbook: Runbook, covered: Collection[str]) -> list[Dead]:
    """Every name in the page's commands that is dead, in the page's order. `covered` are the files it covers."""
    if is_of_the_past(PurePosixPath(runbook.path).stem):
        return []
    page = _Page(inventory, scripts_of(runbook.document), covered)
    found = set(islice(page.dead(), _MOST))
    ignored = inventory.ignored(frozenset(one.name for one in found if one.what == "path"))
    return sorted(one for one in found if one.what != "path" or one.name not in ignored)


class _Page:
    def __init__(self, inventory: Inventory, scripts: Sequence[Script], covered: Collection[str]) -> None:
        self._inventory, self._scripts, self._covered = inventory, scripts, covered
        self._made = _made(scripts)

    def dead(self) -> Iterator[Dead]:
        for script in self._scripts:
            yield from self._of_script(script)
        yield from self._variables()

    def _of_script(self, script: Script) -> Iterator[Dead]:
        folder = ""
        for program, *words in script.commands:
            if program.text in _ELSEWHERE:
                return
            if program.text == "cd":
                folder = joined(folder, words[0].text) if words and words[0].whole else ""
                if not self._inventory.is_folder(folder):
                    return  # nobody knows where the rest is typed
                continue
            yield from self._paths([program, *words], folder)
            yield from self._flags(program, words, folder)
            yield from self._managed(program.text, words, folder)

    # --- paths

    def _paths(self, words: list[Word], folder: str) -> Iterator[Dead]:
        """A path is ours when its first folder is."""
        before = ""
        for word in words:
            option, before = before, word.text
            if words[0].text in _CLUSTER and option not in _FILES:
                continue  # `deploy/api` is a resource
            path = word.text.removeprefix("./").rstrip("/")
            if not word.whole or not _PATH.fullmatch(word.text) or "/" not in path:
                continue
            if any(part == ".." or _PLACEHOLDER.fullmatch(part) for part in path.split("/")):
                continue
            begins = path.split("/")[0]
            home = next((base for base in (folder, "") if self._inventory.is_folder(joined(base, begins))), None)
            if home is not None and not self._is_made(path) and not self._inventory.has(path):
                yield Dead(word.line, word.column, "path", joined(home, path), "the repository", self._similar(path))

    def _is_made(self, path: str) -> bool:
        parents = PurePosixPath(path).parents
        return path in self._made or any(parent.as_posix() in self._made for parent in parents)

    def _similar(self, path: str) -> str:
        """A file of the same name elsewhere, else one with a similar path."""
        same = self._inventory.called(PurePosixPath(path).name)
        return _near(path, same or self._inventory.files, cutoff=0.0 if same else 0.75)

    # --- make, compose, systemd

    def _managed(self, program: str, words: list[Word], folder: str) -> Iterator[Dead]:
        match program:
            case "make":
                yield from self._targets(words, folder)
            case "docker-compose":
                yield from self._services(words, folder)
            case "docker" | "podman" if words and words[0].text == "compose":
                yield from self._services(words[1:], folder)
            case "systemctl" if any(_UNIT_VERBS.fullmatch(word.text) for word in words):
                yield from self._units(word for word in _positional(words) if not _UNIT_VERBS.fullmatch(word.text))
            case "journalctl":
                yield from self._units(word for before, word in pairwise(words) if before.text in ("-u", "--unit"))

    def _targets(self, words: list[Word], folder: str) -> Iterator[Dead]:
        options = {word.text: value.text for word, value in pairwise(words)}
        folder = joined(folder, options["-C"]) if "-C" in options else folder
        path, known = self._inventory.targets(folder, options.get("-f", ""))
        values = [options[name] for name in ("-C", "-f", "-j") if name in options]
        targets = [word for word in words if word.text not in values and word.text[:1] != "-" and "=" not in word.text]
        if known:
            yield from _unknown("make target", targets, known, f"`{path}`")

    def _services(self, words: list[Word], folder: str) -> Iterator[Dead]:
        verb = next((index for index, word in enumerate(words) if _COMPOSE_VERBS.fullmatch(word.text)), len(words))
        files = [
            joined(folder, words[index + 1].text)
            for index, word in enumerate(words[: max(verb - 1, 0)])
            if word.text in ("-f", "--file")
        ] or self._inventory.compose_files
        known = self._inventory.services(files)
        if not known or verb == len(words):
            return
        named = list(_positional(words[verb + 1 :]))
        chosen = named[:1] if words[verb].text in _ONE_SERVICE else named
        yield from _unknown("compose service", chosen, known, ", ".join(f"`{file}`" for file in files[:3]))

    def _units(self, words: Iterable[Word]) -> Iterator[Dead]:
        """A unit of the machine's own is none of ours, so only names of a family of ours are judged."""
        known = self._inventory.units
        families = {family for name in known if len(family := name.split("-")[0]) > 3}
        for word in words:
            found = UNIT.fullmatch(word.text) if word.whole else None
            if found and found[1] not in known and found[1].split("-")[0] in families:
                near = _near(found[1], known)
                yield Dead(word.line, word.column, "unit", found[1], "the repository", near)

    # --- flags and variables

    def _flags(self, program: Word, words: list[Word], folder: str) -> Iterator[Dead]:
        ours = takewhile(lambda word: word.text != "--", words)
        flags = [(word, found[1]) for word in ours if (found := _FLAG.fullmatch(word.text))]
        if not flags:
            return  # to find a program's text and to read it takes long
        called = words[0] if program.text in _INTERPRETERS else program
        home, text = self._inventory.implementation(called.text, folder)
        for word, flag in flags if text else ():
            if not _offers(text, flag):
                near = _near(flag, re.findall(r"--[a-z][\w-]+", text))
                yield Dead(word.line, word.column, "flag", flag, f"`{home}`", near)

    def _variables(self) -> Iterator[Dead]:
        """Variables that the page sets for a program or expects, of a family that the covered code uses."""
        sets = [word for script in self._scripts for word in script.sets]
        reads = [word for script in self._scripts for word in script.reads]
        own = {word.text for word in sets} & {word.text for word in reads}
        words = [word for word in (*sets, *reads) if word.text not in own and _VARIABLE.fullmatch(word.text)]
        families = list(dict.fromkeys(word.text.split("_")[0] for word in words))[:_MOST_FAMILIES]
        code = [self._inventory.read(path) for path in self._covered] if families else []
        ours = {family for family in families if any(f"{family}_" in text for text in code)}
        for word in words:
            family = word.text.split("_")[0]
            if family not in ours:
                continue
            known = self._inventory.variables(family)
            if known and word.text not in known:
                near = _near(word.text, known)
                yield Dead(word.line, word.column, "variable", word.text, "the repository", near)


def _made(scripts: Sequence[Script]) -> frozenset[str]:
    """The paths that the page itself tells its reader to make, to fetch or to write."""
    made = {word.text for script in scripts for word in script.writes}
    for script in scripts:
        for command in script.commands:
            for before, word in pairwise(command):
                if _MAKERS.fullmatch(command[0].text) or before.text in ("-o", "--output", "--to", "--into"):
                    made.add(word.text)
    return frozenset(path.removeprefix("./").rstrip("/") for path in made)


def _unknown(what: str, words: Iterable[Word], known: Collection[str], home: str) -> Iterator[Dead]:
    for word in words:
        if word.whole and _NAME.fullmatch(word.text) and word.text not in known:
            others = tuple(sorted(known)) if len(known) <= _FEW else ()
            yield Dead(word.line, word.column, what, word.text, home, _near(word.text, known), others)


def _positional(words: list[Word]) -> Iterator[Word]:
    """The words that are neither options nor their values."""
    before = ""
    for word in words:
        if not word.text.startswith("-") and not _VALUED.fullmatch(before):
            yield word
        before = word.text


def _offers(text: str, flag: str) -> bool:
    """Whether a program's text knows a flag: written out, as a switch's other side, or as a parameter's name."""
    plain = flag.removeprefix("--no-").removeprefix("--")
    ways = "|".join(re.escape(way) for way in (flag, f"--{plain}", plain.replace("-", "_")))
    return flag in ("--help", "--version") or bool(re.search(rf"(?<![\w-])(?:{ways})(?![\w-])", text))


def _near(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    return next(iter(get_close_matches(name[:100], sorted(set(known))[:_MOST_CANDIDATES], n=1, cutoff=cutoff)), "")
