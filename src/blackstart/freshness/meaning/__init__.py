"""What a file means: comments, white space, docstrings, quoting and key order taken away.

A language gives the canonical form of a whole file and, where it can, of a fragment. One that cannot parse gives None
and a coarser one is asked; the coarsest is the text itself, so that a parser failure never hides a change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from blackstart.freshness.meaning import lines, tokens
from blackstart.freshness.meaning.bash import SHELL
from blackstart.freshness.meaning.data import JSON, TOML, YAML
from blackstart.freshness.meaning.docker import DOCKER
from blackstart.freshness.meaning.ecmascript import ECMASCRIPT
from blackstart.freshness.meaning.go import GO
from blackstart.freshness.meaning.hcl import HCL, TFVARS
from blackstart.freshness.meaning.ini import INI, SYSTEMD
from blackstart.freshness.meaning.language import Language
from blackstart.freshness.meaning.make import MAKE
from blackstart.freshness.meaning.prose import MARKDOWN
from blackstart.freshness.meaning.python import PYTHON
from blackstart.freshness.meaning.settings import ENVIRONMENT, LISTED, NGINX, PROPERTIES, WORDS, WORDS_AND_COMMENTS
from blackstart.freshness.meaning.sql import SQL

MAX_PARSED = 2_000_000  # bytes; beyond it a file is compared as it is

_ENDINGS: tuple[tuple[Language, tuple[str, ...]], ...] = (
    (DOCKER, (".dockerfile", ".Dockerfile")),
    (ENVIRONMENT, (".env",)),
    (GO, (".go",)),
    (HCL, (".tf", ".tofu", ".hcl")),
    (INI, (".ini", ".cfg", ".conf")),
    (JSON, (".json", ".jsonc")),
    (MAKE, (".mk",)),
    (MARKDOWN, (".md", ".markdown")),
    (PROPERTIES, (".properties",)),
    (PYTHON, (".py",)),
    (SHELL, (".sh", ".bash")),
    (SQL, (".sql",)),
    (SYSTEMD, (".service", ".timer", ".socket", ".mount", ".automount", ".path", ".target", ".slice", ".swap")),
    (SYSTEMD, (".scope", ".network", ".netdev", ".link", ".container")),
    (TFVARS, (".tfvars",)),
    (TOML, (".toml",)),
    (WORDS, (".cron", ".crontab")),
    (YAML, (".yaml", ".yml")),
)
_BY_SUFFIX = {ending: language for language, endings in _ENDINGS for ending in endings} | ECMASCRIPT
_NAMES: tuple[tuple[Language, tuple[str, ...]], ...] = (
    (DOCKER, ("Dockerfile", "Containerfile")),
    (ENVIRONMENT, (".env",)),
    (LISTED, (".gitignore", ".dockerignore", ".gitattributes", "Procfile")),
    (MAKE, ("Makefile", "makefile", "GNUmakefile")),
    (WORDS, ("crontab", "fstab", "sysctl.conf", "limits.conf", "redis.conf", "valkey.conf", "sentinel.conf")),
    (WORDS_AND_COMMENTS, ("haproxy.cfg", "pg_hba.conf", "pg_ident.conf", "postgresql.conf", "hosts", "CODEOWNERS")),
    (WORDS_AND_COMMENTS, ("sshd_config", "ssh_config")),
)
_BY_NAME = {name: language for language, called in _NAMES for name in called}
PROSE = (".md", ".markdown", ".rst", ".txt", ".csv")  # every word counts; a lexer has nothing to take away
_SHELL = re.compile(r"#!\s*\S*/(?:env\s+(?:-S\s+)?)?(?:ba|da|k)?sh\b")
_NGINX = re.compile(r"(?:^|/)(?:[^/]*nginx[^/]*|sites-(?:available|enabled))(?:/|\Z)")
_BLOCK = re.compile(
    r"^\s*(?:http|events|stream|server|upstream\s+\S+|location\s[^\n{]+|map\s[^\n{]+)\s*\{", re.MULTILINE
)
_DROP_IN = re.compile(r"\.(?:service|timer|socket|mount|path|target|slice)\.d/[^/]+\.conf\Z")
_REQUIREMENTS = re.compile(r"(?:^|/)requirements[^/]*(?:/[^/]+)?\.(?:txt|in)\Z")
_COMMENTED = (".conf", ".cfg", ".cnf")  # `#` begins a comment there, whatever else they are
_LISTS = re.compile(r"(?:^|/)(?:cron\.d|logrotate\.d)/[^/.]+\Z")
_WORD = re.compile(r"[A-Za-z_][\w-]*")


def meaning(path: str, content: bytes, fragment: str = "") -> bytes | None:
    """The canonical form of a file or of a fragment of it; None where the fragment is not there.

    Equal forms mean the same to whoever runs the file.
    """
    text = _text(content)
    if text is None:
        return None if fragment else b"bytes\0" + content
    shebang = text.split("\n", 1)[0].encode() if text.startswith("#!") else b""
    language = _language(path, text)
    if fragment and language and (narrow := language.part(text, fragment)) is not None:
        return b"\0".join((b"part", shebang, narrow))
    if fragment and not _resolves(language, text, fragment):
        return None
    name, canonical = next(_forms(path, text))
    return b"\0".join((name.encode(), shebang, canonical))


def names(path: str, content: bytes) -> frozenset[str]:
    """Every fragment that resolves: definitions, key paths, or for other languages the words of the file."""
    text = _text(content) or ""
    language = _language(path, text)
    known = language.names(text) if language else None
    return frozenset(_WORD.findall(text)) if known is None else known


def without_comments(path: str, content: bytes) -> str:
    """The text of a file, comments and docstrings blanked where they are known; empty where it is no text."""
    text = content.decode("utf-8", "replace") if b"\0" not in content else ""
    language = _language(path, text)
    readable = language is None or not (language.whole(text) or lines.UNREAD).startswith(lines.UNREAD)
    return tokens.without_comments(path, text) if readable else text  # lexers take hours over what does not parse


def _language(path: str, text: str) -> Language | None:
    if _DROP_IN.search(path):
        return SYSTEMD
    if _NGINX.search(path) and _BLOCK.search(text):
        return NGINX
    return _BY_NAME.get(PurePosixPath(path).name) or _BY_SUFFIX.get(_suffix(path)) or _by_shape(path, text)


def _by_shape(path: str, text: str) -> Language | None:
    """What no fixed name or suffix tells: `Dockerfile.api`, `.env.production`, scripts by their first line."""
    name = PurePosixPath(path).name
    if name.startswith(("Dockerfile.", "Dockerfile-", "Containerfile.")):
        return DOCKER
    if name.startswith(".env.") or ".env." in name:
        return ENVIRONMENT
    if not _suffix(path) and _SHELL.match(text):
        return SHELL
    return WORDS if _LISTS.search(path) else None


def _forms(path: str, text: str) -> Iterator[tuple[str, bytes]]:
    """The canonical forms that languages can give, the finest first; the text itself is always the last."""
    language, form = _language(path, text), None
    if language:
        form = language.whole(text)
    elif _REQUIREMENTS.search(path):
        form = lines.requirements(text)
    if form is not None:
        yield _suffix(path), form
    if _suffix(path) not in PROSE and (form := tokens.whole(path, text)) is not None:
        yield "tokens", form
    if _suffix(path) in _COMMENTED:
        yield "listed", lines.listed(text)
    yield "lines", lines.plain(text)


def _resolves(language: Language | None, text: str, fragment: str) -> bool:
    """Whether a fragment that cannot be narrowed is there; `table orders` and `type.name` need each of their words."""
    if language and language.names(text) is not None:
        return False  # it parses, so the language has already said no
    known = frozenset(_WORD.findall(text))
    return all(word in known for word in _WORD.findall(fragment))


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix


def _text(content: bytes) -> str | None:
    if len(content) > MAX_PARSED or b"\0" in content:
        return None
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None
