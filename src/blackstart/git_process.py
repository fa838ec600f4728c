"""Starts git such that no repository can make it run, fetch, page or colour anything, and takes what it says.

What every run asks does not go through GitPython: importing it takes a third of the time that a check of one file may
take.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TypeAlias

from blackstart.errors import HistoryError

Process: TypeAlias = "subprocess.Popen[bytes]"

# A hostile repository's own configuration must not run anything or change what git prints.
_OPTIONS = [
    "--no-replace-objects",
    "--no-pager",
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", f"core.attributesFile={os.devnull}"),
    *("-c", "core.quotePath=false"),
    *("-c", "diff.external="),
    *("-c", "log.showSignature=false"),
    *("-c", "protocol.allow=never"),
]
_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
_CHUNK = 1 << 16


def start(
    root: Path,
    *arguments: str,
    stdin: int = subprocess.DEVNULL,
    literal: bool = True,
    settings: Sequence[tuple[str, str]] = (),
) -> Process:
    """`literal`: no path is a pattern; one command of git's refuses to be told so. FileNotFoundError without git."""
    options = ["--literal-pathspecs"] if literal else []
    given = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        given |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return subprocess.Popen(
        ["git", *options, *_OPTIONS, *arguments],
        cwd=root,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | _ENVIRONMENT | given,
    )


def said(root: Path, *arguments: str) -> str:
    """One line that git says, empty where it has none. Nobody who is in a hurry asks for one."""
    from git import Git, GitCommandError

    try:
        return str(Git(root).execute(["git", *_OPTIONS, *arguments], env=_ENVIRONMENT)).strip()
    except GitCommandError:
        return ""


def answer(process: Process) -> bytes:
    """All that git says. Raises HistoryError where it fails."""
    output, errors = process.communicate()
    if process.returncode:
        raise failed(process, errors)
    return output


def failed(process: Process, errors: bytes) -> HistoryError:
    """Why git could not answer."""
    text = errors.decode("utf-8", "replace").strip().removeprefix("fatal: ")
    return HistoryError(f"git could not answer: {text or f'exit {process.returncode}'}")


def pieces(process: Process, end: bytes) -> Generator[str]:
    """What git says, piece by piece; it waits where nobody asks for more, and ends when this is closed."""
    assert process.stdout
    rest = b""
    try:
        while chunk := process.stdout.read1(_CHUNK):  # type: ignore[attr-defined]
            *whole, rest = (rest + chunk).split(end)
            yield from map(decoded, whole)
        answer(process)
    finally:
        stop(process)


def stop(process: Process) -> None:
    """Wait for nothing more of it."""
    if process.returncode is None:
        process.kill()
        process.communicate()


def decoded(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def encoded(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
