"""The commands that only tell: nothing is written, and only `coverage` can fail a gate."""

from __future__ import annotations

from contextlib import closing

import click

from blackstart.errors import UsageError
from blackstart.places import here, open_library, relative


@click.command()
@click.argument("revs", nargs=-1, metavar="[REV [REV]]")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def affected(revs: tuple[str, ...], format_: str) -> int:
    """List the runbooks that speak about what was changed: since HEAD, since REV, or from one REV to the other.

    REV may be merge-base:REV. Only meaning counts, so a change of comments affects no page.
    """
    from blackstart.branch import open_branch, until
    from blackstart.report.affected import RENDERERS

    if len(revs) > 2:
        raise UsageError("name at most two commits: from which, and to which.")
    with closing(open_library(here())) as library:
        branch = open_branch(until(library, revs[1]) if len(revs) == 2 else library, *(revs[:1] or ("HEAD",)))
        click.echo(RENDERERS[format_](branch), nl=False)
    return 0


@click.command()
@click.argument("path", metavar="RUNBOOK")
def explain(path: str) -> int:
    """Tell the full story of RUNBOOK: what vouches for each anchor, since when, and what changed after."""
    from blackstart.explain import story
    from blackstart.report.words import printable
    from blackstart.review import find_runbook

    root = here()
    with closing(open_library(root)) as library:
        runbook = find_runbook(library, relative(root, path))
        click.echo(click.style(runbook.path, bold=True))
        for line in story(library, runbook):
            click.echo(printable(line))
    return 0


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def coverage(paths: tuple[str, ...], format_: str) -> int:
    """List the files that no runbook covers and the names that nobody watches, or only those at or below PATH.

    Exit code 1 where less of everything is covered than `coverage: threshold` in blackstart.yml demands.
    """
    from blackstart.coverage import measure
    from blackstart.report.coverage import RENDERERS

    root = here()
    below = tuple(relative(root, path) for path in paths)
    with closing(open_library(root)) as library:
        measured = measure(library)
    click.echo(RENDERERS[format_](measured, below), nl=False)
    return int(measured.falls_short)


@click.command()
@click.argument("rule", required=False)
def rules(rule: str | None) -> int:
    """List the rules, or explain RULE: why, bad, good, fix, options."""
    from blackstart.engine import select_rules

    if rule:
        for chosen in select_rules([rule]):
            click.echo(f"{click.style(chosen.slug, bold=True)}  {chosen.family}, {chosen.severity}\n")
            click.echo(chosen.documentation + "\n")
        return 0
    for listed in select_rules([]):
        click.echo(f"{listed.slug:<22} {listed.family:<10} {listed.severity:<8} {listed.summary}")
    return 0
