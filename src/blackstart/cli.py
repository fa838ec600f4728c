"""The command line: one thin function a command; the only place that prints and exits."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blackstart import __version__
from blackstart.cli_adoption import import_, init
from blackstart.cli_answers import affected, coverage, explain, rules
from blackstart.errors import BlackstartError, UsageError
from blackstart.places import here, open_library, relative
from blackstart.progress import progress

if TYPE_CHECKING:
    from blackstart.library import Library
    from blackstart.model import Report

_FORMATS = "text, json, sarif, github, gitlab, junit or markdown."


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="blackstart")
@click.pass_context
def cli(context: click.Context) -> None:
    """Runbooks that cannot quietly go out of date."""
    if os.environ.get("NO_COLOR"):
        context.color = False


for _command in (init, import_, affected, explain, coverage, rules):
    cli.add_command(_command)


@cli.command()
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@click.option("--select", default="", metavar="RULE|FAMILY,…", help="Check only these rules or families.")
@click.option("--since", metavar="REV", help="Only what is worse than at this commit, or at merge-base:REV.")
@click.option("--format", "format_", metavar="FORMAT", default="text", show_default=True, help=_FORMATS)
@click.option("--output", "outputs", multiple=True, metavar="FORMAT=PATH", help="Also write a file; may be repeated.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 instead of 1; what could not be judged stays 2 or 3.")
def check(  # noqa: PLR0913, PLR0917 - click passes them by name
    paths: tuple[str, ...],
    select: str,
    since: str | None,
    format_: str,
    outputs: tuple[str, ...],
    exit_zero: bool,  # noqa: FBT001 - click passes names
) -> int:
    """Judge every runbook, or only those at PATH or covering PATH.

    Exit codes: 0 clean, 1 findings, 2 it could not judge, 3 a bug of ours.
    """
    from blackstart.output import could_not_judge, plan

    output = plan(format_, outputs, os.environ.get("GITHUB_STEP_SUMMARY"))
    try:
        report = _judged(paths, select, since)
    except Exception as error:
        told = output.deliver(could_not_judge(_told(error)))
        click.echo("" if format_ == "text" else told, nl=False)  # text has it on the other stream
        raise
    click.echo(output.deliver(report), nl=False)
    return 0 if exit_zero and report.exit_code == 1 else report.exit_code


def _judged(paths: tuple[str, ...], select: str, since: str | None) -> Report:
    root = here()
    names = [name.strip() for name in select.split(",") if name.strip()]
    with closing(open_library(root)) as loaded:
        from blackstart.engine import run, select_rules  # git answers meanwhile

        below = [relative(root, path) for path in paths]
        steps = len(loaded.runbooks) + len(select_rules(names))
        with progress(steps) as advance, closing(replace(loaded, advance=advance)) as library:
            if since is None:
                return run(library, names, below)
            from blackstart.since import check_since

            return check_since(library, since, names, below)


@cli.command()
def baseline() -> int:
    """Record today's findings, so that only new ones fail; later, remove from the record what is resolved.

    Exit code 1 where there are new errors: the record only shrinks.
    """
    from blackstart.baselining import keep_baseline
    from blackstart.engine import judge
    from blackstart.report.words import many, printable

    root = here()
    with closing(open_library(root)) as library:
        outcome = judge(library)
        for line in keep_baseline(root, outcome):
            click.echo(printable(line))
    unsure = [item for item in outcome.not_judged if not item.tolerated]
    if unsure:
        click.echo(f"not judged, so not in it: {many(len(unsure), 'anchor')}. See: blackstart check")
    if library.baseline and any(finding.severity == "error" for finding in outcome.findings):
        return 1
    return 2 if unsure else 0


@cli.command()
@click.argument("runbooks", nargs=-1, required=True, metavar="RUNBOOK…")
@click.option("-m", "--message", metavar="WHY", help="What you looked at and why the runbook holds.")
@click.option("--by", metavar="NAME", help="Who reviewed; by default git's author.")
@click.option("--anchor", "anchors", multiple=True, metavar="A", help="Only this entry of `covers`; may be repeated.")
def review(runbooks: tuple[str, ...], message: str | None, by: str | None, anchors: tuple[str, ...]) -> int:
    """Show what changed since RUNBOOK was last vouched for, and record that you looked."""
    from blackstart.report.words import printable
    from blackstart.review import (
        Word,
        chosen_anchors,
        find_runbook,
        make_review,
        record,
        refuse_contradicted,
        refuse_unmatched,
        unseen,
    )

    root = here()
    with closing(open_library(root)) as library:
        for runbook in [find_runbook(library, relative(root, path)) for path in runbooks]:
            click.echo(click.style(runbook.path, bold=True))
            chosen = chosen_anchors(runbook, anchors)
            refuse_unmatched(library, runbook, chosen)
            shown = "\n".join(printable(line) for line in unseen(library, runbook, chosen))
            click.echo(shown or "nothing has changed")
            refuse_contradicted(library, runbook, chosen)
            word = Word(library.today, by or _author(library), _why(message))
            record(root, runbook, make_review(library, runbook, chosen, word))
            click.echo(f"recorded: {len(chosen)} anchors reviewed. Commit {runbook.path}.")
    return 0


@cli.command()
@click.argument("kind")
@click.argument("name")
@click.option("--component", required=True, metavar="C", help="The catalogue's name of what the runbook is about.")
def new(kind: str, name: str, component: str) -> int:
    """Start a runbook: KIND is rebuild, restore, component, comms or your own; NAME becomes the file's."""
    from blackstart.template import draft
    from blackstart.written.files import create

    root = here()
    with closing(open_library(root)) as library:
        path, text = draft(library, kind, name, component)
    create(root, path, text)
    click.echo(f"{path} written. Fill `covers` and every section; `blackstart check {path}` says what is missing.")
    return 0


def _why(message: str | None) -> str:
    if message is not None:
        return message
    if not sys.stdin.isatty():
        raise UsageError("say why the runbook holds: blackstart review RUNBOOK -m 'what you looked at'")
    return str(click.prompt("Why does it hold"))


def _author(library: Library) -> str:
    if library.history is None:
        raise UsageError("there is no git here to take your name from: add --by NAME.")
    return library.history.author


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit code is 0, 1, 2 or 3."""
    try:
        return int(cli.main(arguments, prog_name="blackstart", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
    except Exception as error:  # noqa: BLE001 - whatever it is, a user never sees a traceback
        _complain(error)
        return 2 if isinstance(error, BlackstartError) else 3
    return 2


def _complain(error: Exception) -> None:
    """On the other stream, line by line, so that a path in it gives no orders."""
    from blackstart.report.words import printable

    for line in f"blackstart: {_told(error)}".split("\n"):
        click.echo(printable(line), err=True)


def _told(error: Exception) -> str:
    import traceback

    if isinstance(error, BlackstartError):
        return str(error)
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(where.filename).name}:{where.lineno}"
    return f"a bug of ours: {type(error).__name__}: {error} ({place}). Please report it."
