"""The command line: one thin function a command; the only place that prints and exits."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from blackstart import __version__
from blackstart.errors import BlackstartError, UsageError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="blackstart")
def cli() -> None:
    """Runbooks that cannot quietly go out of date."""


@cli.command()
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@click.option("--select", default="", metavar="RULE|FAMILY,…", help="Check only these rules or families.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check(paths: tuple[str, ...], select: str, format_: str) -> int:
    """Judge every runbook, or only those at PATH or covering PATH.

    Exit codes: 0 clean, 1 findings, 2 it could not judge, 3 a bug of ours.
    """
    from blackstart.engine import run
    from blackstart.library import load
    from blackstart.report import REPORTERS

    root = _root()
    names = [name.strip() for name in select.split(",") if name.strip()]
    report = run(load(root), names, [_relative(root, path) for path in paths])
    click.echo(REPORTERS[format_](report), nl=False)
    return report.exit_code


def _root() -> Path:
    from blackstart.library import find_root

    return find_root(Path.cwd())


def _relative(root: Path, path: str) -> str:
    """`path` as the repository names it. Raises UsageError for what is not in it."""
    file = Path(path).absolute()
    resolved = Path(file.parent.resolve(), file.name)
    if file.name == "..":
        resolved = file.resolve()
    if not resolved.is_relative_to(root):
        raise UsageError(f"{path}: outside the repository {root}.")
    return "" if resolved == root else resolved.relative_to(root).as_posix()


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit code is 0, 1, 2 or 3."""
    try:
        return int(cli.main(arguments, prog_name="blackstart", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
    except BlackstartError as error:
        click.echo(f"blackstart: {error}", err=True)
    except Exception as error:
        _report_bug(error)
        return 3
    return 2


def _report_bug(error: Exception) -> None:
    import traceback

    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(where.filename).name}:{where.lineno}"
    click.echo(f"blackstart: a bug of ours: {type(error).__name__}: {error} ({place}). Please report it.", err=True)


if __name__ == "__main__":
    sys.exit(main())
