"""Existing pages under the gate: what their front matter would be, and which ones need a person first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from blackstart.adoption.composing import MARK, MOVED, composed, is_bare_date
from blackstart.adoption.guess import Guess, Guesses, Said
from blackstart.errors import UsageError
from blackstart.freshness.anchor import parse_anchor
from blackstart.freshness.tree import match
from blackstart.library import Library
from blackstart.policy import FILE_NAME, Policy
from blackstart.runbook import FrontMatter, Runbook, parse_runbook
from blackstart.written.files import create
from blackstart.written.names import is_below
from blackstart.written.near import suggest
from blackstart.written.schema import fields_of, validate
from blackstart.written.text import read_bytes, replace_file
from blackstart.written.yaml import parse

_DATES = re.compile(
    r"(?:last[_-]?)?(?:review(?:ed)?|verified|checked)(?:[_-]?(?:on|in|by|at|date|due))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Change:
    """A file as it is and as it would be, and why."""

    path: str
    before: bytes
    after: bytes
    guesses: tuple[Guess, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """A page that stays as it is: what is wrong, and what a person can do. `detail` is this page's alone."""

    path: str
    reason: str
    fix: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """What an import would do. `dated` are the pages that carry a date of review from elsewhere."""

    changes: tuple[Change, ...]
    left: tuple[Left, ...]
    done: tuple[str, ...]
    dated: tuple[str, ...]

    @property
    def pages(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.path != FILE_NAME)


def propose(library: Library, paths: Iterable[str], said: Said) -> Import:
    """What bringing the pages at `paths` under the gate takes. Raises UsageError."""
    _refuse_unknown(library, said)
    _refuse_unmatched(library, said.covers)
    pages = _pages(library, tuple(paths))
    guesses = Guesses(library, said)
    outcomes = [_outcome(library, guesses, page) for page in pages if page.front is None]
    changes = [outcome for outcome in outcomes if isinstance(outcome, Change)]
    foreign = [key for change in changes for key in _foreign(parse_runbook(change.path, change.after))]
    return Import(
        changes=(*_allowing(library, dict.fromkeys(foreign)), *changes),
        left=tuple(outcome for outcome in outcomes if isinstance(outcome, Left)),
        done=tuple(page.path for page in pages if page.front is not None),
        dated=tuple(page.path for page in pages if any(_DATES.fullmatch(key) for key in _dates(page))),
    )


def _refuse_unknown(library: Library, said: Said) -> None:
    if said.kind and said.kind not in library.kinds:
        known = ", ".join(library.kinds)
        raise UsageError(f"no kind `{said.kind}`{suggest(said.kind, library.kinds) or '.'} Known: {known}.")
    components = library.catalogue.components if library.catalogue else {said.component: None}
    if said.component and said.component not in components:
        known = ", ".join(components)
        raise UsageError(
            f"no component `{said.component}` in the catalogue{suggest(said.component, components) or '.'} "
            f"Known: {known}."
        )


def _refuse_unmatched(library: Library, covers: Iterable[str]) -> None:
    for text in covers:
        try:
            anchor = parse_anchor(text)
        except ValueError as error:
            raise UsageError(f"--covers {text}: {error}.") from None
        if not anchor.source and not match(library.worktree, anchor.pattern):
            raise UsageError(f"--covers {text}: no file of the repository matches. A folder is covered by `folder/**`.")


def _pages(library: Library, paths: tuple[str, ...]) -> list[Runbook]:
    home = library.policy.runbooks
    for path in paths:
        if not (is_below(path, (home,)) or is_below(home, (path,))):
            raise UsageError(
                f"{path}: not below `{home}`, where the gate looks for runbooks. Move it there with `git mv`, "
                f"or name its folder in {FILE_NAME}: `runbooks: {path.rpartition('/')[0] or path}`."
            )
    return [runbook for runbook in library.runbooks if is_below(runbook.path, paths)]


def _outcome(library: Library, guesses: Guesses, page: Runbook) -> Change | Left:
    if page.page.broken and (not page.text or page.text.startswith("---")):
        return Left(page.path, page.page.broken[0].message, page.page.broken[0].fix)
    if page.page.broken and page.text.startswith(("+++", ";;;", "{")):
        return Left(page.path, "its front matter is not YAML", "Write it as YAML between two lines `---`.")
    if page.yaml.problems or not isinstance(page.yaml.data, dict | None):
        problem = (*page.yaml.problems, *page.problems)[0]
        return Left(page.path, f"line {problem.line}: {problem.message}", problem.fix)
    if page.head.lstrip().startswith("{"):
        return Left(page.path, "its front matter is in braces", "Write it as plain `key: value` lines.")
    found, wide = guesses.of(page)
    missing = {"component", "owner", "covers"} - {guess.key for guess in found} - set(page.yaml.data or {})
    if missing:
        return _needs(page, sorted(missing), wide)
    return _checked(library, page, found)


def _needs(page: Runbook, missing: list[str], wide: tuple[str, ...]) -> Left:
    if "covers" in missing:
        reason = "names only folders, which hold too much" if wide else "names no file that the repository has"
        fix = "Say what code they speak about: blackstart import PAGE --covers FILE"
        return Left(page.path, reason, fix, ", ".join(wide[:3]))
    hints = {"owner": "Say who keeps them true: --owner TEAM", "component": "Say what they are about: --component NAME"}
    return Left(page.path, f"nothing tells the {' and the '.join(missing)}", ". ".join(hints[key] for key in missing))


def _checked(library: Library, page: Runbook, found: list[Guess]) -> Change | Left:
    """The change, if the result is what the gate reads as front matter, and nothing below it has moved."""
    before = read_bytes(library.root, page.path) or b""
    after = composed(page, before, {guess.key: guess.value for guess in found})
    foreign = (*library.policy.foreign_keys, *_foreign(parse_runbook(page.path, after)))
    written = parse_runbook(page.path, after, foreign)
    if written.front is None:
        problem = written.problems[0]
        return Left(page.path, f"line {problem.line}: {problem.message}", problem.fix)
    if unknown := _unknown(library, written.front):
        return Left(page.path, *unknown)
    if not _holds_all(page, written):
        fix = "Write it as plain `key: value` lines that begin at the left margin."
        return Left(page.path, "nothing can be added to its front matter", fix)
    return Change(page.path, before, after, tuple(found), tuple(_notes(page)))


def _unknown(library: Library, front: FrontMatter) -> tuple[str, str] | None:
    """A name that the page brings along and nobody here knows."""
    if front.kind not in library.kinds:
        return f"`kind: {front.kind}` is no kind here", f"Known kinds: {', '.join(library.kinds)}."
    if library.catalogue and front.component not in library.catalogue.components:
        return f"`component: {front.component}` is not in the catalogue", f"Add it to {library.policy.catalogue}."
    return None


def _holds_all(page: Runbook, written: Runbook) -> bool:
    """Whether all that the page said is still there: what is below the front matter, and every key's value."""
    bodies = [runbook.text[runbook.body_start :].lstrip("\r\n") for runbook in (page, written)]
    kept = {
        key: value for key, value in (page.yaml.data or {}).items() if not (key == "reviewed" and is_bare_date(page))
    }
    return bodies[0] == bodies[1] and all(written.yaml.data.get(key) == value for key, value in kept.items())


def _notes(page: Runbook) -> Iterator[str]:
    if is_bare_date(page):
        yield f"`reviewed` is `{MOVED}` now: here, `reviewed` says what was looked at"


def _dates(page: Runbook) -> Iterable[str]:
    data = page.yaml.data
    return data if isinstance(data, dict) and not isinstance(data.get("reviewed"), dict) else ()


def _foreign(page: Runbook) -> list[str]:
    """The keys that are not ours."""
    data = page.yaml.data
    known = {field.name for field in fields_of(FrontMatter)}
    return [key for key in data if key not in known] if isinstance(data, dict) else []


def _allowing(library: Library, keys: Iterable[str]) -> Iterator[Change]:
    """The policy's change, so that the keys of other tools may stay. Raises UsageError where it cannot be made."""
    new = [key for key in keys if key not in library.policy.foreign_keys]
    if not new:
        return
    before = read_bytes(library.root, FILE_NAME) or b""
    items = [yaml.safe_dump([key], default_flow_style=True, width=1_000_000, allow_unicode=True)[1:-2] for key in new]
    text = _with_items(library, before.decode("utf-8-sig"), items)
    policy, _ = validate(Policy, parse(FILE_NAME, text))
    if policy is None or not set(new) <= set(policy.foreign_keys):
        raise UsageError(f"{FILE_NAME}: add `foreign_keys: [{', '.join(items)}]`, then import again.")
    mark = MARK if before.startswith(MARK) else b""
    yield Change(FILE_NAME, before, mark + text.encode(), notes=("keys of other tools may stay in the front matter",))


def _with_items(library: Library, text: str, items: list[str]) -> str:
    span = library.policy.span("foreign_keys")
    if span is None:
        gap = "" if not text or text.endswith("\n") else "\n"
        return f"{text}{gap}foreign_keys: [{', '.join(items)}]  # of other tools, in the runbooks' front matter\n"
    if text.startswith("[", span.start):
        more = ", ".join([*items, ""] if library.policy.foreign_keys else items)
        return f"{text[: span.start + 1]}{more}{text[span.start + 1 :]}"
    indent = " " * (span.start - text.rfind("\n", 0, span.start) - 1)
    return text[: span.start] + "".join(f"- {item}\n{indent}" for item in items) + text[span.start :]


def write(root: Path, changes: Iterable[Change]) -> None:
    """Write the changes. Raises UsageError for a file that is no longer what was shown."""
    for change in changes:
        now = read_bytes(root, change.path)
        if (now or b"") != change.before:
            raise UsageError(f"{change.path} has changed meanwhile. Import again.")
        if now is None:
            create(root, change.path, change.after.decode())
        else:
            replace_file(root / change.path, change.after)
