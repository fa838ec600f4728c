"""Text that strangers wrote, as Markdown that shows it and does nothing else.

GitHub and GitLab look for mentions, references and addresses in the rendered page, where an escaped `@` is an `@`
again. Only code is left alone, so whatever is not a plain word becomes code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from blackstart.report.words import printable

_MOST = 300
_WORD = re.compile(r"[(\"']?(?:[^\W\d_]+(?:['’-][^\W\d_]+)*|\d{4}-\d\d-\d\d|\d{1,5})[),;:!?\"']*\.?")  # noqa: RUF001
_BARE = re.compile(r"\d+\.|[0-9a-f]{7,}\W*")  # the number of a list's item; what could be a commit
_AROUND = re.compile(r"([(\"']*)(.*?)([),.;:!?\"']*)")
_COMMAND = re.compile(r"(?:git|blackstart) .+")
_TOLD = re.compile(r"(.+: )(git (?:-C \S+ )?diff .+)")


def code(text: str, most: int = _MOST) -> str:
    """A code span."""
    shown = clip(text, most)
    ticks = "`" * (_longest(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or shown[:1] == shown[-1:] == " " else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}" if shown.strip() else "`?`"


def fence(lines: list[str], most: int = 1000) -> list[str]:
    """A block of shell."""
    shown = [clip(line, most) for line in lines]
    ticks = "`" * max(3, *(_longest(line) + 1 for line in shown))
    return [f"{ticks}bash", *shown, ticks]


def prose(text: str) -> str:
    """One line: its words, and as code what stands between backticks or is no word."""
    said = ""
    for index, part in enumerate(re.split("`([^`\n]+)`", text)):
        piece = code(part) if index % 2 else _words(part)
        said += f" {piece}" if said.endswith("`") and piece.startswith("`") else piece  # two spans would be one
    return said.strip()


def steps(text: str) -> Iterator[str]:
    """The lines of a fix, its commands ready to be copied."""
    for is_command, lines in groupby(text.split("\n"), key=lambda line: bool(_COMMAND.fullmatch(line))):
        if is_command:
            yield from ("", *fence(list(lines)), "")
            continue
        for line in lines:
            told = _TOLD.fullmatch(line)
            yield f"{prose(told[1])} {code(told[2], 1000)}  " if told else f"{prose(line)}  "


def clip(text: str, most: int = _MOST) -> str:
    """One line of at most so many characters."""
    shown = printable(text)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _words(text: str) -> str:
    """The text, with a space where it has one at its ends."""
    runs = groupby(clip(" ".join(text.split())).split(), _is_plain)
    said = " ".join(" ".join(run) if plain else _odd(" ".join(run)) for plain, run in runs)
    return f"{' ' * text[:1].isspace()}{said}{' ' * (text[-1:].isspace() and bool(said))}"


def _is_plain(token: str) -> bool:
    return bool(_WORD.fullmatch(token) and not _BARE.fullmatch(token))


def _odd(text: str) -> str:
    """As code, but for the punctuation around it."""
    found = _AROUND.fullmatch(text)
    assert found
    before, inside, after = found.groups()
    return f"{before}{code(inside)}{after}" if inside else text


def _longest(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
