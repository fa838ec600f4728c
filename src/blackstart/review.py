"""Reviews: show what nobody has read yet, and write a person's word into the runbook's own front matter."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path

import yaml

from blackstart.contradiction import contradictions, told
from blackstart.errors import UsageError
from blackstart.freshness.anchor import parse_anchor
from blackstart.freshness.identifiers import MAX_COMPARED, defined, uses
from blackstart.freshness.meaning import without_comments
from blackstart.freshness.tree import Tree, lookup
from blackstart.history import Entry
from blackstart.library import Library
from blackstart.runbook import Review, Runbook, front_matter_span, parse_runbook, quoted
from blackstart.verdict import State, Verdict, anchors_of
from blackstart.written.code import present_code
from blackstart.written.near import suggest
from blackstart.written.text import replace_file

_SHOWN_LINES = 200
_CONTEXT = 1
_SHOWN_PLACES = 20


def find_runbook(library: Library, path: str) -> Runbook:
    """The runbook at `path`. Raises UsageError where there is none, or its front matter cannot be read."""
    runbook = next((runbook for runbook in library.runbooks if runbook.path == path), None)
    if runbook is None:
        raise UsageError(f"{path}: no runbook of that name below `{library.policy.runbooks}`.")
    if runbook.front is None:
        first = runbook.problems[0]
        raise UsageError(f"{path}:{first.line}:{first.column}: {first.message}\n  {first.fix} Then try again.")
    return runbook


def refuse_unmatched(library: Library, runbook: Runbook, anchors: Collection[str]) -> None:
    """Raises UsageError where an entry of `covers` names nothing that a reviewer could have looked at."""
    assert runbook.front is not None
    for verdict in library.verdicts[runbook.path]:
        if verdict.state is State.UNMATCHED:
            raise UsageError(
                f"{runbook.path}: `{verdict.anchor}` matches nothing. Correct `covers`, then review again."
            )
        if verdict.fingerprint is None and verdict.anchor in anchors:
            raise UsageError(f"{runbook.path}: `{verdict.anchor}`: {verdict.reason}. First: {verdict.fix}")
    if len(library.verdicts[runbook.path]) < len(runbook.front.covers):
        raise UsageError(
            f"{runbook.path}: an entry of `covers` is not a path. See: blackstart check {quoted(runbook.path)}"
        )


def refuse_contradicted(library: Library, runbook: Runbook, anchors: Collection[str]) -> None:
    """Raises UsageError where the runbook still names what is gone: no word of a reviewer makes that right."""
    found = [one for one in contradictions(library, runbook) if one.anchor in anchors]
    if found:
        lines = [f"  {runbook.path}:{one.line}:{one.column}: {told(one)}" for one in found[:10]]
        raise UsageError("\n".join([f"{runbook.path}: a step is plainly wrong, so edit it first:", *lines]))


def chosen_anchors(runbook: Runbook, anchors: Collection[str]) -> tuple[str, ...]:
    """The anchors a review is about: those named, else all. Raises UsageError for one that is not covered."""
    known = [anchor.text for _, anchor in anchors_of(runbook)]
    for text in anchors:
        if text not in known:
            raise UsageError(f"{runbook.path}: covers no `{text}`{suggest(text, known) or '.'}")
    return tuple(text for text in known if text in anchors or not anchors)


def unseen(library: Library, runbook: Runbook, anchors: Collection[str]) -> Iterator[str]:
    """Line by line, the change of each stale anchor since it was vouched for, and where the runbook speaks of it."""
    for verdict in library.verdicts[runbook.path]:
        if verdict.state in (State.FRESH, State.UNRECORDED) or verdict.anchor not in anchors:
            continue
        yield f"{verdict.anchor}: {_reason(verdict)}"
        changes = list(_changes(library, verdict))
        yield from changes
        yield from _speaking(runbook, "\n".join(changes))


def _speaking(runbook: Runbook, changes: str) -> Iterator[str]:
    """The runbook's lines that name what the change touched."""
    changed = "\n".join(line[2:] for line in changes.split("\n") if line.startswith(("  +", "  -")))
    wanted = defined("", changed.encode("utf-8", "replace"))
    lines = {code.line for code in present_code(runbook.document) if any(uses(code.text, wanted))}
    if lines:
        yield "  this runbook names the same things here:"
        text = dict(runbook.document.numbered())
        yield from (f"  {runbook.path}:{line}: {text[line].strip()}" for line in sorted(lines)[:_SHOWN_PLACES])


def _reason(verdict: Verdict) -> str:
    if verdict.state is State.UNKNOWN:
        return verdict.reason
    commits = verdict.drift.commits if verdict.drift else ()
    return "; ".join(f"{c.sha[:7]} {c.date:%Y-%m-%d} {c.author}: {c.subject}" for c in commits) or "changed"


def _changes(library: Library, verdict: Verdict) -> Iterator[str]:
    """The change of meaning, file by file: comments, docstrings and white space are left out."""
    tip = verdict.vouch.tip if verdict.vouch else None
    checkout = library.judge.checkout(parse_anchor(verdict.anchor))
    if not (tip and verdict.drift and checkout):
        yield "  read it as a whole: what it said when it was last vouched for is not known here"
        return
    before = checkout.tree(tip)
    lines = [line for path in verdict.drift.files for line in _file_change(path, before, checkout.worktree)]
    yield from (f"  {line}" for line in lines[:_SHOWN_LINES])
    if len(lines) > _SHOWN_LINES:
        yield f"  … {len(lines) - _SHOWN_LINES} more lines: {verdict.drift.command(tip)}"


def _file_change(path: str, before: Tree, now: Tree) -> Iterator[str]:
    then, there = lookup(before, path), lookup(now, path)
    if then == there:
        return
    if then and there and then.mode != there.mode:
        yield f"{path}: {then.mode} is {there.mode} now"
    old, new = _meaningful(before, path, then), _meaningful(now, path, there)
    if max(len(old), len(new)) > MAX_COMPARED:
        yield f"{path}: more than {MAX_COMPARED} lines, too many to compare here"
        return
    matcher = SequenceMatcher(None, [text for _, text in old], [text for _, text in new], autojunk=False)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        first = new[group[0][3]][0] if group[0][3] < len(new) else 1
        yield f"{path}:{first}"
        for tag, a, b, c, d in group:
            yield from (f"-{text}" for _, text in old[a:b] if tag != "equal")
            yield from (f"{' ' if tag == 'equal' else '+'}{text}" for _, text in new[c:d])


def _meaningful(tree: Tree, path: str, entry: Entry | None) -> list[tuple[int, str]]:
    """The numbered lines of a file that say something; none where there is no file."""
    if entry is None:
        return []
    lines = without_comments(path, tree.read(path, entry)).split("\n")
    return [(number, line.rstrip()) for number, line in enumerate(lines, 1) if line.strip()]


@dataclass(frozen=True, slots=True)
class Word:
    """A reviewer's word: the day, who, and why the runbook holds."""

    on: date
    by: str
    note: str


def make_review(library: Library, runbook: Runbook, anchors: Collection[str], word: Word) -> Review:
    """The record that the anchors were seen as they stand now; others keep what was recorded. Raises UsageError."""
    assert runbook.front is not None
    earlier = runbook.front.reviewed.seen if runbook.front.reviewed else {}
    seen = {
        anchor.text: (library.judge.fingerprint(anchor) or "") if anchor.text in anchors else earlier[anchor.text]
        for _, anchor in anchors_of(runbook)
        if anchor.text in anchors or anchor.text in earlier
    }
    note, by = " ".join(word.note.split()), " ".join(word.by.split())
    if not note or len(note) > 300:
        raise UsageError("-m needs a reason of 1 to 300 characters: what you looked at and why the runbook holds.")
    return Review(on=word.on, by=by, note=note, seen=seen)


def record(root: Path, runbook: Runbook, review: Review) -> None:
    """Write the review into the runbook's front matter; every other byte stays. Raises UsageError."""
    file = root / runbook.path
    data = file.read_bytes()
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    text = with_review(runbook, review)
    written = parse_runbook(runbook.path, text.encode(), runbook.foreign)
    if written.front is None or written.front.reviewed != review or written.document.source != runbook.document.source:
        raise UsageError(
            f"{runbook.path}: the record does not fit into this front matter. "
            "Write it as plain `key: value` lines that begin at the left margin, then review again."
        )
    replace_file(file, mark + text.encode())


def with_review(runbook: Runbook, review: Review) -> str:
    """The runbook's text with its `reviewed` entry replaced, or added as the last entry."""
    start, end = front_matter_span(runbook.text)
    lines = runbook.text[start:end].splitlines(keepends=True)
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    entry = yaml.safe_dump({"reviewed": asdict(review)}, sort_keys=False, allow_unicode=True, width=1_000_000)
    first, last = _entry_lines(runbook, lines)
    lines[first:last] = [entry.replace("\n", newline)]
    return runbook.text[:start] + "".join(lines) + runbook.text[end:]


def _entry_lines(runbook: Runbook, lines: list[str]) -> tuple[int, int]:
    """Which lines of the front matter hold `reviewed`; an empty range at the end where it is absent."""
    mark = runbook.yaml.keys.get(("reviewed",))
    if mark is None:
        return len(lines), len(lines)
    first = last = mark.line - 2  # the front matter begins on line 2 of the file
    for number in range(first, len(lines)):
        if number == first or lines[number][:1] in (" ", "\t"):
            last = number + 1
        elif lines[number].strip():
            break
    return first, last
