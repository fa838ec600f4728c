"""What an import or a set-up would write, as text: the reason of every guess, then the lines that change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import unified_diff

from click import style

from blackstart.adoption.guess import Guess
from blackstart.adoption.importing import Change, Import, Left
from blackstart.adoption.setting_up import Plan
from blackstart.model import Report
from blackstart.report.words import printable
from blackstart.runbook import quoted

_WIDTH = 10


def shown(change: Change) -> Iterator[str]:
    """One file: what was guessed and why, then the diff."""
    yield style(printable(change.path), bold=True)
    for guess in change.guesses:
        yield f"  {guess.key:<{_WIDTH}} {_value(guess)}  {style(f'({printable(guess.why)})', dim=True)}"
    yield from (f"  {printable(note)}" for note in change.notes)
    yield from diff(change.path, change.before.decode("utf-8-sig"), change.after.decode("utf-8-sig"))
    yield ""


def diff(path: str, before: str, after: str) -> Iterator[str]:
    """A unified diff; a new file is compared with nothing."""
    old, new = (text.replace("\r\n", "\n").splitlines() for text in (before, after))
    old_name = f"a/{path}" if before else "/dev/null"
    for line in unified_diff(old, new, old_name, f"b/{path}", lineterm="", n=1):
        colour = {"+": "green", "-": "red"}.get(line[:1]) if not line.startswith(("+++", "---")) else None
        yield style(f"  {printable(line)}", fg=colour)


def planned(found: Plan) -> Iterator[str]:
    """What `init` would write, and what it leaves to the user."""
    for change in found.changes:
        yield from shown(change)
    for note in found.notes:
        first, *rest = note.split("\n")
        yield from (printable(first), *(f"    {printable(line)}" for line in rest), "")
    if not found.changes:
        yield "Everything is there already; nothing to write."


def next_steps(found: Plan, report: Report) -> Iterator[str]:
    """What to do after `init`, from what the gate says now."""
    yield f"The gate is in {printable(found.root.name)}: {report.verdict}, {_pages(report.checked.runbooks)}."
    if any(finding.rule == "front-matter" for finding in (*report.findings, *report.baselined)):
        yield "  blackstart import      give the pages that are there their front matter; it shows each line first"
    yield "  blackstart new KIND NAME --component C    start a page"
    yield "  blackstart check       judge all of them"


def summary(found: Import) -> Iterator[str]:
    """What a person has to know besides the changes."""
    yield from _left(found.left)
    if found.dated:
        yield (
            f"{_pages(len(found.dated))} with a date of review from elsewhere: it stays, and proves nothing here, "
            "for nobody knows what was looked at."
        )
        yield "  Record a review: blackstart review PAGE -m 'what you looked at'"
    if found.done:
        yield f"{_pages(len(found.done))} under the gate already."
    count = len(found.pages)
    yield f"{_pages(count)} can be imported, {_pages(len(found.left))} left to you."


def _left(left: Iterable[Left]) -> Iterator[str]:
    """The pages that need a person, one list for each reason."""
    by_reason: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in left:
        by_reason[one.reason, one.fix].append(f"{quoted(one.path)}{one.detail and f'  {one.detail}'}")
    for (reason, fix), paths in by_reason.items():
        yield f"{_pages(len(paths))}: {style(reason, fg='yellow')}"
        yield from (f"  {printable(path)}" for path in paths)
        yield f"  {printable(fix)}"
        yield ""


def _value(guess: Guess) -> str:
    return printable(guess.value if isinstance(guess.value, str) else ", ".join(guess.value))


def _pages(count: int) -> str:
    return f"{count} page" if count == 1 else f"{count} pages"
