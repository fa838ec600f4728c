"""Coverage → text for people and JSON for programs. The JSON's form is described by data/coverage.schema.json."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from blackstart.coverage import Coverage, Directory, File, Group, Share
from blackstart.report.words import as_json, many, printable
from blackstart.runbook import quoted

VERSION = 1
_MOST = 10  # files of a folder, names of a file; whoever asks for the folder gets all


def render_text(coverage: Coverage, paths: tuple[str, ...] = ()) -> str:
    """By component and folder what is not covered, and what nobody watches, below `paths`; the sum of everything."""
    lines = [line for group in coverage.groups_below(paths) for line in _group(group, bool(paths))]
    return "\n".join([*lines, *_sum(coverage), ""])


def render_json(coverage: Coverage, paths: tuple[str, ...] = ()) -> str:
    """Every file below `paths`; the totals at the top are those of everything."""
    document = {
        "version": VERSION,
        "commit": coverage.commit,
        "dirty": coverage.dirty,
        "verdict": "fail" if coverage.falls_short else "pass",
        "threshold": coverage.threshold,
        **_share(coverage),
        "idle": [pattern for _, pattern in coverage.idle],
        "groups": [_group_data(group) for group in coverage.groups_below(paths)],
    }
    return as_json(document)


RENDERERS: Mapping[str, Callable[[Coverage, tuple[str, ...]], str]] = {"text": render_text, "json": render_json}


def percent(share: Share) -> str:
    """In words, also where there is nothing to cover."""
    return "no files" if share.percent is None else f"{share.percent:g} %"


def uncovered_of(gap: Directory) -> str:
    """In words: `7 of 25 files not covered`."""
    return f"{len(gap.uncovered)} of {many(len(gap.files), 'file')} not covered"


# --- text


def _group(group: Group, everything: bool) -> Iterator[str]:  # noqa: FBT001 - the only argument besides the group
    most = len(group.files) if everything else _MOST
    title = f"  {printable(group.title)}" if group.title != group.name else ""
    name = click.style(printable(group.name), bold=True, underline=True)
    count = f"  {group.covered} of {many(len(group.files), 'file')}" if group.files else ""
    yield f"{name}{title}  {percent(group)}{count}"
    for gap in group.gaps:
        yield from _gap(gap, most)
    for file in group.files:
        if file.unwatched:
            yield f"  {printable(file.path)}  {click.style('nobody watches', fg='yellow')}  {_names(file, most)}"
    yield ""


def _gap(gap: Directory, most: int) -> Iterator[str]:
    uncovered = gap.uncovered
    yield f"  {printable(gap.path or '.')}/  {click.style(uncovered_of(gap), fg='red')}"
    yield from (f"    {printable(file.path)}" for file in uncovered[:most])
    if more := uncovered[most:]:
        yield f"    … and {len(more)} more: blackstart coverage {printable(quoted(gap.path or '.'))}"


def _names(file: File, most: int) -> str:
    more = f" … and {len(file.unwatched) - most} more" if len(file.unwatched) > most else ""
    return printable(", ".join(file.unwatched[:most])) + more


def _sum(coverage: Coverage) -> Iterator[str]:
    for _, pattern in coverage.idle:
        yield f"include: {click.style(printable(pattern), fg='yellow')} finds no file that counts"
    partly = sum(file.extent == "part" for file in coverage.files)
    some = f", {partly} of them in part" if partly else ""
    held = f"{percent(coverage)}: runbooks cover {coverage.covered} of {many(len(coverage.files), 'file')}{some}"
    if coverage.threshold is None:
        yield click.style(held, bold=True)
        return
    verdict = f"{coverage.missing} more needed for" if coverage.missing else "at least"
    colour = "red" if coverage.falls_short else "green"
    yield click.style(f"{held}; {verdict} {coverage.threshold} %", fg=colour, bold=True)


# --- JSON


def _group_data(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "title": group.title,
        "component": group.is_component,
        **_share(group),
        "directories": [{"path": directory.path, **_share(directory)} for directory in group.directories],
        "files": [_file_data(file) for file in group.files],
    }


def _file_data(file: File) -> dict[str, Any]:
    lists: Mapping[str, Sequence[str]] = {
        "runbooks": file.runbooks,
        "fragments": file.fragments,
        "unwatched": file.unwatched,
    }
    return {"path": file.path, "covered": file.extent, **{name: list(value) for name, value in lists.items()}}


def _share(share: Share) -> dict[str, Any]:
    return {"total": len(share.files), "covered": share.covered, "percent": share.percent}
