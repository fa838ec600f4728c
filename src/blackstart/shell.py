"""bash as a parser: it reads scripts and runs nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

from blackstart.errors import UsageError

Script: TypeAlias = tuple[str, str]
"""The dialect (`bash` or `sh`) and the text."""

_SECONDS = 10
_WHERE = re.compile(r"^.*?line (\d+): ")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What the parser says; the line counts from 1 in the script."""

    line: int
    message: str


def complaints(scripts: Iterable[Script]) -> Mapping[Script, Complaint]:
    """The scripts that do not parse. Raises UsageError where there is no bash to ask."""
    scripts = list(scripts)
    if not scripts:
        return {}
    bash = shutil.which("bash")
    if bash is None:
        raise UsageError("there is no bash here to read shell blocks with. Install it, or switch shell-syntax off.")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = pool.map(lambda script: _ask(bash, *script), scripts)
        return {script: answer for script, answer in zip(scripts, answers, strict=True) if answer}


def _ask(bash: str, dialect: str, text: str) -> Complaint | None:
    posix = ["--posix"] if dialect == "sh" else []
    command = [bash, "--noprofile", "--norc", *posix, "-n"]
    try:
        done = subprocess.run(
            command, input=text.encode(), env={"LC_ALL": "C"}, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Complaint(1, f"bash took more than {_SECONDS} seconds to read it")
    if done.returncode == 0:
        return None
    lines = done.stderr.decode("utf-8", "replace").splitlines() or [f"bash gave up with exit {done.returncode}"]
    where = _WHERE.match(lines[0])
    return Complaint(int(where[1]) if where else 1, lines[0][where.end() :][:200] if where else lines[0][:200])
