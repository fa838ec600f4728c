"""The page that says what no runbook covers: the same content as `blackstart coverage`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from blackstart.coverage import Coverage, Directory, File, Group
from blackstart.report.coverage import percent, uncovered_of
from blackstart.report.words import many, printable
from blackstart.site.edition import Edition
from blackstart.site.pages import escape

PAGE = "coverage.md"
_MOST = 50  # files of a folder; the command lists them all
_HEAD = "---\ntitle: Coverage\nsearch: {exclude: true}\n---\n"  # file names would crowd out the runbooks


def coverage_pages(edition: Edition) -> Mapping[str, str]:
    """Markdown by address."""
    return {PAGE: "\n".join([_HEAD, *_page(edition, edition.coverage)])}


def _page(edition: Edition, coverage: Coverage) -> Iterator[str]:
    yield from (
        "# Coverage",
        "",
        _sum(coverage),
        "",
        "What no runbook covers can change without anyone being asked.",
        "",
    )
    yield from ("| Part | Covered | Files |", "|---|---|---|")
    for group in coverage.groups:
        yield f"| {escape(_title(group))} | {percent(group)} | {group.covered} of {len(group.files)} |"
    for group in coverage.groups:
        partly = [file for file in group.files if file.unwatched]
        if group.gaps or partly:
            yield from ("", f"## {escape(_title(group))}", "")
        for gap in group.gaps:
            yield from _gap(gap)
        if partly:
            yield from ("Covered in part; nobody watches these names:", "")
            yield from (_names(edition, file) for file in partly)


def _sum(coverage: Coverage) -> str:
    partly = sum(file.extent == "part" for file in coverage.files)
    some = f", {partly} of them in part" if partly else ""
    held = f"Runbooks cover {coverage.covered} of {many(len(coverage.files), 'file')}{some}: **{percent(coverage)}**."
    return held if coverage.threshold is None else f"{held} The policy demands {coverage.threshold} %."


def _title(group: Group) -> str:
    return printable(group.title)


def _gap(gap: Directory) -> Iterator[str]:
    uncovered = gap.uncovered
    yield from (f"{_code(f'{gap.path}/' if gap.path else './')}: {uncovered_of(gap)}", "")
    yield from (f"- {_code(file.path)}" for file in uncovered[:_MOST])
    if more := uncovered[_MOST:]:
        yield f"- and {len(more)} more"
    yield ""


def _names(edition: Edition, file: File) -> str:
    unwatched = ", ".join(map(_code, file.unwatched[:_MOST]))
    more = f" and {len(file.unwatched) - _MOST} more" if len(file.unwatched) > _MOST else ""
    pages = ", ".join(
        f"[{escape(printable(edition.runbooks[path].title))}]({quote(path, errors='replace')})"
        for path in file.runbooks
    )
    return f"- {_code(file.path)}: {unwatched}{more}. Covered by {pages}."


def _code(text: str) -> str:
    """As `code`, whatever the text holds: a file's name may be anything."""
    return f"<code>{escape(printable(text))}</code>"
