"""The baseline: findings that were there when the gate was switched on. They do not fail it and only get fewer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from blackstart.errors import ConfigurationError
from blackstart.model import Problem
from blackstart.written.text import decode, read_bytes

FILE_NAME = "blackstart-baseline.json"
VERSION = 1
MAX_BYTES = 10_000_000  # some sixty thousand findings
_CONFLICT = re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_ENTRY = re.compile(r'[{,]\s*"fingerprint"\s*:')  # within a text the quotes would have backslashes
_RESTORE = "Take the last good version from git, then run `blackstart baseline`."


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding as it was when it was recorded: the fingerprint decides, the rest is for the reader."""

    fingerprint: str
    rule: str
    path: str
    message: str


_KEYS = tuple(field.name for field in fields(Entry))


@dataclass(frozen=True)
class Baseline:
    """`entries` are as they stand in `text`."""

    entries: tuple[Entry, ...]
    text: str

    @cached_property
    def fingerprints(self) -> frozenset[str]:
        return frozenset(entry.fingerprint for entry in self.entries)

    def numbered(self) -> Iterator[tuple[int, Entry]]:
        """Every entry with its line in the file."""
        return zip(chain(_lines(self.text), repeat(1)), self.entries, strict=False)


def load_baseline(root: Path) -> Baseline | None:
    """Read the baseline; None where there is none. Raises ConfigurationError with the line of what is wrong."""
    data = read_bytes(root, FILE_NAME, MAX_BYTES)
    if data is None:
        return None
    decoded = decode(FILE_NAME, data, MAX_BYTES)
    if decoded.problems:
        raise ConfigurationError.at(decoded.problems)
    return Baseline(tuple(_entries(decoded.text)), decoded.text)


def render(entries: Iterable[Entry]) -> str:
    """The file: one entry a line, sorted, so that a difference is short and merges are easy."""
    listed = sorted(set(entries), key=lambda entry: (entry.path, entry.rule, entry.fingerprint))
    lines = ",".join(f"\n    {json.dumps(asdict(entry))}" for entry in listed)
    return f'{{\n  "version": {VERSION},\n  "findings": [{lines}\n  ]\n}}\n'


# --- reading


def _entries(text: str) -> Iterator[Entry]:
    if conflict := _CONFLICT.search(text):
        fix = "Keep the entries of both sides, then let `blackstart baseline` remove what is resolved."
        raise _broken(text, conflict.start(), "a merge conflict is not resolved", fix)
    document = _parsed(text)
    if not isinstance(document, dict) or document.keys() != {"version", "findings"}:
        raise _broken(text, 0, 'the baseline must be an object with `"version"` and `"findings"`', _RESTORE)
    if document["version"] != VERSION:
        raise _broken(text, 0, f'`"version"` must be {VERSION}', "Use the version of blackstart that wrote it.")
    if not isinstance(document["findings"], list):
        raise _broken(text, 0, '`"findings"` must be a list', _RESTORE)
    for index, entry in enumerate(document["findings"]):
        if not _is_entry(entry):
            places = [found.start() for found in _ENTRY.finditer(text)]
            message = f"entry {index + 1} must be an object of the texts {', '.join(_KEYS)}"
            raise _broken(text, places[index] if index < len(places) else len(text.rstrip()) - 1, message, _RESTORE)
        yield Entry(**entry)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refused, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise _broken(text, error.pos, f"broken JSON: {error.msg}", _RESTORE) from None
    except RecursionError:
        raise _broken(text, 0, "broken JSON: nested too deeply", _RESTORE) from None
    except ValueError as error:
        raise _broken(text, 0, f"broken JSON: {error}", _RESTORE) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object has the same key twice")
    return found


def _refused(name: str) -> Any:
    raise ValueError(f"`{name}` is not a JSON value")


def _integer(digits: str) -> int:
    return int(digits) if len(digits) < 20 else -1


def _is_entry(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == set(_KEYS)
        and all(isinstance(text, str) for text in value.values())
        and _FINGERPRINT.fullmatch(value["fingerprint"]) is not None
    )


def _lines(text: str) -> Iterator[int]:
    line, last = 1, 0
    for found in _ENTRY.finditer(text):
        line += text.count("\n", last, found.start())
        last = found.start()
        yield line


def _broken(text: str, at: int, message: str, fix: str) -> ConfigurationError:
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return ConfigurationError.at([Problem(FILE_NAME, line, column, message, fix)])
