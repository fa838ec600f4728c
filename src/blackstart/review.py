"""Reviews: show what nobody has read yet, and write a person's word into the runbook's own front matter."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import yaml

from blackstart.errors import UsageError
from blackstart.library import Library
from blackstart.runbook import Review, Runbook, front_matter_span, parse_runbook, quoted
from blackstart.verdict import State, Verdict, anchors_of

_SHOWN_LINES = 200


def find_runbook(library: Library, path: str) -> Runbook:
    """The runbook at `path`, fit to be reviewed. Raises UsageError with what to do first."""
    runbook = next((runbook for runbook in library.runbooks if runbook.path == path), None)
    if runbook is None:
        raise UsageError(f"{path}: no runbook of that name below `{library.policy.runbooks}`.")
    if runbook.front is None:
        first = runbook.problems[0]
        raise UsageError(f"{path}:{first.line}:{first.column}: {first.message}\n  {first.fix} Then review again.")
    for verdict in library.verdicts[path]:
        if verdict.state is State.UNMATCHED:
            raise UsageError(f"{path}: `{verdict.anchor}` matches nothing. Correct `covers`, then review again.")
    if len(library.verdicts[path]) < len(runbook.front.covers):
        raise UsageError(f"{path}: an entry of `covers` is not a path. See: blackstart check {quoted(path)}")
    return runbook


def unseen(library: Library, runbook: Runbook) -> Iterator[str]:
    """Line by line, the changes of each stale anchor since it was last vouched for, as git prints them."""
    for verdict in library.verdicts[runbook.path]:
        if verdict.state is State.FRESH:
            continue
        yield f"{verdict.anchor}: {_reason(verdict)}"
        yield from _diff(library, verdict)


def _reason(verdict: Verdict) -> str:
    if verdict.state is State.UNKNOWN:
        return verdict.reason
    commits = verdict.drift.commits if verdict.drift else ()
    return "; ".join(f"{c.sha[:7]} {c.date:%Y-%m-%d} {c.author}: {c.subject}" for c in commits) or "changed"


def _diff(library: Library, verdict: Verdict) -> Iterator[str]:
    tip = verdict.vouch.tip if verdict.vouch else None
    if not (tip and verdict.drift and library.history):
        yield "  read it as a whole: what it said when it was last vouched for is not known here"
        return
    lines = library.history.diff(tip, verdict.drift.files).splitlines()
    yield from (f"  {line}" for line in lines[:_SHOWN_LINES])
    if len(lines) > _SHOWN_LINES:
        files = " ".join(quoted(path) for path in verdict.drift.files)
        yield f"  … {len(lines) - _SHOWN_LINES} more lines: git diff {tip[:10]} -- {files}"


def make_review(library: Library, runbook: Runbook, on: date, by: str, note: str) -> Review:
    """The record that says: `by` has looked at every anchor as it stands now. Raises UsageError."""
    seen = {anchor.text: library.judge.fingerprint(anchor) or "" for _, anchor in anchors_of(runbook)}
    note, by = " ".join(note.split()), " ".join(by.split())
    if not note or len(note) > 300:
        raise UsageError("-m needs a reason of 1 to 300 characters: what you looked at and why the runbook holds.")
    return Review(on=on, by=by, note=note, seen=seen)


def record(root: Path, runbook: Runbook, review: Review) -> None:
    """Write the review into the runbook's front matter; every other byte stays. Raises UsageError."""
    file = root / runbook.path
    data = file.read_bytes()
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    text = with_review(runbook, review)
    written = parse_runbook(runbook.path, text.encode())
    if written.front is None or written.front.reviewed != review or written.document.source != runbook.document.source:
        raise UsageError(
            f"{runbook.path}: the record does not fit into this front matter. "
            "Write it as plain `key: value` lines that begin at the left margin, then review again."
        )
    _replace(file, mark + text.encode())


def with_review(runbook: Runbook, review: Review) -> str:
    """The runbook's text with its `reviewed` entry replaced, or added as the last entry."""
    start, end = front_matter_span(runbook.text)
    lines = runbook.text[start:end].splitlines(keepends=True)
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    entry = yaml.safe_dump({"reviewed": review.model_dump()}, sort_keys=False, allow_unicode=True, width=1_000_000)
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


def _replace(file: Path, data: bytes) -> None:
    """Write next to the file and rename, so that a crash leaves the old text or the new."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name[:50]}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        Path(name).chmod(file.stat().st_mode & 0o777)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
