"""bash as a parser: it reads scripts and runs nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from blackstart.errors import UsageError

Script: TypeAlias = tuple[str, str]
"""The dialect (`bash` or `sh`) and the text."""

_SECONDS = 10
_WHERE = re.compile(r"^.*?line (\d+): ")
_UNFINISHED = ("unexpected EOF", "unexpected end of file", "delimited by end-of-file")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What the parser says; the line counts from 1 in the script. `unfinished`: more text could make it right."""

    line: int
    message: str
    unfinished: bool = False


def complaints(scripts: Iterable[Script]) -> Mapping[Script, Complaint]:
    """The scripts that do not parse. Raises UsageError where there is no bash to ask."""
    scripts = list(scripts)
    if not scripts:
        return {}
    bash = shutil.which("bash")
    if bash is None:
        raise UsageError("there is no bash here to read shell blocks with. Install it, or switch shell-syntax off.")
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = pool.map(lambda script: _ask(bash, *script), scripts)
        return {script: answer for script, answer in zip(scripts, answers, strict=True) if answer}


def _ask(bash: str, dialect: str, text: str) -> Complaint | None:
    options = ["--posix"] if dialect == "sh" else []
    # `shopt -s extglob` is only read, not run, so the patterns behind it would be errors.
    options += ["-O", "extglob"] if "extglob" in text else []
    command = [bash, "--noprofile", "--norc", *options, "-n"]
    try:
        done = subprocess.run(
            command,
            input=text.encode(),
            env={"LC_ALL": "C"},
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            cwd="/",
        )
    except subprocess.TimeoutExpired:
        return Complaint(1, f"bash took more than {_SECONDS} seconds to read it")
    lines = done.stderr.decode("utf-8", "replace").splitlines()
    if done.returncode == 0 and not any("delimited by end-of-file" in line for line in lines):
        return None
    return _complaint(lines[0] if lines else f"bash gave up with exit {done.returncode}")


def _complaint(line: str) -> Complaint:
    where = _WHERE.match(line)
    message = line[where.end() :] if where else line
    unfinished = any(sign in message for sign in _UNFINISHED)
    return Complaint(int(where[1]) if where else 1, message.removeprefix("warning: ")[:200], unfinished)
