"""bash as a parser: it reads scripts and runs nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from blackstart.errors import UsageError

Script: TypeAlias = tuple[str, str]
"""The dialect (`bash` or `sh`) and the text."""

_SECONDS = 10
_BUNDLE = 50
_EXTENDED = "extglob"
_WHERE = re.compile(r"^.*?line (\d+): ")
_UNFINISHED = ("unexpected EOF", "unexpected end of file", "delimited by end-of-file")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What the parser says; the line counts from 1 in the script. `unfinished`: more text could make it right."""

    line: int
    message: str
    unfinished: bool = False


def complaints(
    scripts: Iterable[Script], is_closed: Callable[[str], bool] = lambda _: False
) -> Mapping[Script, Complaint]:
    """The scripts that do not parse. Raises UsageError where there is no bash to ask.

    A text that `is_closed` cannot swallow what follows it, so many of them are asked about at once.
    """
    scripts = list(scripts)
    if not scripts:
        return {}
    bash = shutil.which("bash")
    if bash is None:
        raise UsageError("there is no bash here to read shell blocks with. Install it, or switch shell-syntax off.")
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = pool.map(lambda bundle: _ask_together(bash, bundle), _bundles(scripts, is_closed))
        return {script: complaint for answer in answers for script, complaint in answer.items()}


def _bundles(scripts: Iterable[Script], is_closed: Callable[[str], bool]) -> Iterator[list[Script]]:
    """To start a bash takes longer than to read fifty blocks. A here-document could reach into the next one."""
    together: dict[tuple[str, bool], list[Script]] = {}
    for dialect, text in scripts:
        if "<<" in text or not is_closed(text):
            yield [(dialect, text)]
        else:
            together.setdefault((dialect, _EXTENDED in text), []).append((dialect, text))
    for alike in together.values():
        yield from (alike[start : start + _BUNDLE] for start in range(0, len(alike), _BUNDLE))


def _ask_together(bash: str, bundle: list[Script]) -> dict[Script, Complaint]:
    dialect, _ = bundle[0]
    if len(bundle) > 1 and _ask(bash, dialect, "\n\n".join(text for _, text in bundle)) is None:
        return {}
    return {script: complaint for script in bundle if (complaint := _ask(bash, *script))}


def _ask(bash: str, dialect: str, text: str) -> Complaint | None:
    options = ["--posix"] if dialect == "sh" else []
    # `shopt -s extglob` is only read, not run, so the patterns behind it would be errors.
    options += ["-O", "extglob"] if _EXTENDED in text else []
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
