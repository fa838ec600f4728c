"""A command names a path, target, service, unit, flag or variable that exists nowhere in the repository.

Why: it fails in the reader's hands. Covers watch what a page says it is about; this looks at what it tells
people to type, also when the name was wrong from the first day.

Bad:

    make restroe                              # the Makefile has `restore`
    docker compose restart database           # the service is called `db`
    scripts/restore.sh --form latest          # the script knows `--from`

Good:

    make restore
    docker compose restart db
    scripts/restore.sh --from latest

Fix: correct the name, or restore what it named. Judged are the commands of shell blocks and code spans, and of them
only what is the repository's own: paths in its folders, targets of its makefiles, services of its compose files,
units that share a first name with its own, variables that share one with the covered code's, long flags of its
scripts and of the commands that its `pyproject.toml` installs. What a page makes itself, or git ignores, may be
missing.

Options: `severity` in blackstart.yml.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.rules._pages import each_page
from blackstart.runbook import Runbook

if TYPE_CHECKING:
    from blackstart.inventory import Inventory
    from blackstart.references import Dead

SEVERITY = Severity.WARNING
OF_THE_TEXT = True


def check(library: Library) -> Iterator[Problem]:
    from blackstart.inventory import Inventory

    inventory = Inventory(library)
    yield from each_page(library, partial(_problems, inventory))


def _problems(inventory: Inventory, library: Library, runbook: Runbook) -> Iterator[Problem]:
    from blackstart.references import dead_references

    return (_problem(runbook, dead) for dead in dead_references(inventory, runbook, library.covered(runbook)))


def _problem(runbook: Runbook, dead: Dead) -> Problem:
    fix = f"Did you mean `{dead.near}`?" if dead.near else _otherwise(dead)
    details = {"what": dead.what, "name": dead.name, "near": dead.near or None}
    message = f"there is no {dead.what} `{dead.name}` in {dead.home}"
    return Problem(runbook.path, dead.line, dead.column, message, fix, details, f"{dead.what} {dead.name}")


def _otherwise(dead: Dead) -> str:
    if dead.others:
        return f"It has {', '.join(f'`{name}`' for name in dead.others)}."
    return "Correct the command, or bring back what it names."
