"""What commands share."""

import getpass
import os
from pathlib import Path

import click

from pennant.errors import PennantError
from pennant.flags import Because
from pennant.reads import Reads
from pennant.settings import Settings

say = click.echo
reason = click.option("--reason", required=True, help="Why. It lands in the audit log.")
as_json = click.option("--json", "as_json", is_flag=True, help="For programs.")
PATH = click.Path(path_type=Path)


def because(why: str) -> Because:
    return Because(os.environ.get("PENNANT_ACTOR") or _user(), why)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container or sandbox without this user in /etc/passwd
        return f"uid-{os.getuid()}"


def refresh_cache(settings: Settings) -> None:
    try:
        Reads(settings).refresh()
    except PennantError as error:
        say(f"note: the cache was not refreshed: {error}", err=True)
