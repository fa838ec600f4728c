"""The commands that bring a repository under the gate: `init` and `import`. Both show first and then ask."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import click

from blackstart.places import here, open_library, relative
from blackstart.root import POLICY_FILE


@click.command()
@click.option("--runbooks", default="", metavar="FOLDER", help="Where the runbooks are, or will be.")
@click.option("--ci", type=click.Choice(["github", "gitlab", "none"]), help="By default the host of `origin`.")
@click.option("--owner", default="", metavar="TEAM", help="Who owns the service; by default what CODEOWNERS says.")
@click.option("--yes", is_flag=True, help="Write without asking.")
def init(*, yes: bool, **asked: str | None) -> int:
    """Put the gate into this repository: policy, catalogue, CI, and the hook of an MkDocs site.

    Shows every file first; nothing that exists is overwritten.
    """
    from blackstart.adoption.importing import write
    from blackstart.adoption.setting_up import Asked, plan
    from blackstart.adoption.show import next_steps, planned
    from blackstart.engine import run

    found = plan(_root_to_be(), Asked(**{key: value or "" for key, value in asked.items()}))
    for line in planned(found):
        click.echo(line)
    if not found.changes or not _agreed(f"Write {len(found.changes)} files?", yes=yes):
        return 0
    write(found.top, found.changes)
    _record(found.root, yes=yes)
    with closing(open_library(found.root)) as library:
        report = run(library)
    for line in next_steps(found, report):
        click.echo(line)
    return 0


@click.command("import")
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@click.option("--kind", default="", metavar="K", help="The kind of all these pages.")
@click.option("--component", default="", metavar="C", help="What they are all about, by the catalogue's name.")
@click.option("--owner", default="", metavar="TEAM", help="Who keeps them true.")
@click.option("--covers", multiple=True, metavar="A", help="Code that they all speak about; may be repeated.")
@click.option("--yes", is_flag=True, help="Write without asking.")
def import_(paths: tuple[str, ...], *, covers: tuple[str, ...], yes: bool, **said: str) -> int:
    """Give existing pages at PATH, or all below the runbooks' folder, the front matter that the gate needs.

    Shows what it guessed, why, and every line it would add; it writes only when you say so. Exit code 1 where pages
    were left that need you.
    """
    from blackstart.adoption.guess import Said
    from blackstart.adoption.importing import propose, write
    from blackstart.adoption.show import shown, summary

    root = here()
    with closing(open_library(root)) as library:
        found = propose(library, [relative(root, path) for path in paths], Said(**said, covers=covers))
    for line in (*(line for change in found.changes for line in shown(change)), *summary(found)):
        click.echo(line)
    if not found.changes or not _agreed(f"Write {len(found.changes)} files?", yes=yes):
        return int(yes and bool(found.left))
    write(root, found.changes)
    _renew(root)
    click.echo(
        f"Written. Look at it with `git diff`, then: blackstart check {found.pages[0].path if found.pages else ''}"
    )
    return int(bool(found.left))


def _record(root: Path, *, yes: bool) -> None:
    """Begin the baseline, so that what is wrong already does not fail."""
    from blackstart.baseline import FILE_NAME
    from blackstart.baselining import keep_baseline
    from blackstart.engine import judge
    from blackstart.report.words import many, printable

    with closing(open_library(root)) as library:
        outcome = judge(library)
        question = (
            f"Record today's {many(len(outcome.findings), 'finding')} in {FILE_NAME}, so that only new ones fail?"
        )
        if outcome.findings and library.baseline is None and _agreed(question, yes=yes):
            for line in keep_baseline(root, outcome):
                click.echo(printable(line))


def _renew(root: Path) -> None:
    """Begin a baseline anew that nobody has committed: what an import brings to light was there before the gate."""
    from blackstart.baseline import FILE_NAME

    with closing(open_library(root)) as library:
        is_fresh = library.baseline and library.history and not library.worktree.tracked(FILE_NAME)
    if is_fresh:
        (root / FILE_NAME).unlink()
        _record(root, yes=True)


def _agreed(question: str, *, yes: bool) -> bool:
    """Whether to write. Without a terminal nobody can be asked, and nothing is written."""
    if yes:
        return True
    if sys.stdin.isatty():
        return click.confirm(question)
    click.echo("Nothing was written: there is no terminal to ask on. Add --yes to write.")
    return False


def _root_to_be() -> Path:
    """Where the gate is, else where the user stands."""
    root = here()
    return root if (root / POLICY_FILE).exists() else Path.cwd().resolve()
