"""Begin the baseline with today's findings, or take out what is resolved; nothing is ever added to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from blackstart.baseline import FILE_NAME, Entry, render
from blackstart.model import Finding
from blackstart.outcome import Outcome
from blackstart.report.words import many
from blackstart.written.text import replace_file

_SHOWN = 20


def keep_baseline(root: Path, outcome: Outcome) -> Iterator[str]:
    """Write the file and say what was done, line by line."""
    baseline = outcome.library.baseline
    if baseline is None:
        yield from _begin(root, outcome)
        return
    resolved = {entry for _, entry in outcome.resolved()}
    left = [entry for entry in baseline.entries if entry not in resolved]
    if resolved:
        replace_file(root / FILE_NAME, render(left).encode())
        yield f"{FILE_NAME}: {many(len(resolved), 'finding')} resolved and removed, {len(left)} left. Commit it."
    else:
        yield f"{FILE_NAME}: nothing is resolved, {many(len(left), 'finding')} left."
    if not left:
        yield f"It is empty: delete {FILE_NAME}, and every finding counts."
    yield from _new(outcome.findings)


def _begin(root: Path, outcome: Outcome) -> Iterator[str]:
    if not outcome.findings:
        yield "no findings, so there is nothing to record"
        return
    replace_file(root / FILE_NAME, render(_entry(finding) for finding in outcome.findings).encode())
    files = len({finding.path for finding in outcome.findings})
    yield f"{FILE_NAME} written: {many(len(outcome.findings), 'finding')} in {many(files, 'file')}. Commit it."
    yield "From now on only other findings fail. Settle one of these, and `blackstart baseline` removes it."


def _new(findings: tuple[Finding, ...]) -> Iterator[str]:
    if not findings:
        return
    yield f"{many(len(findings), 'finding')} not in it, and not added:"
    yield from (f"  {f.path}:{f.line}  {f.severity}  {f.message}  {f.rule}" for f in findings[:_SHOWN])
    if len(findings) > _SHOWN:
        yield f"  … and {len(findings) - _SHOWN} more"
    yield "Settle them; `blackstart check` says how."
    yield f"To record anew, delete {FILE_NAME} first; whoever reviews the change will see it."


def _entry(finding: Finding) -> Entry:
    return Entry(finding.fingerprint, finding.rule, finding.path, finding.message)
