"""The lines of a page that a reader sees, one for one: comments blanked, admonitions and tabs taken apart."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FENCE = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*(`{3,}(?=[^`]*$)|~{3,})")
_BLOCK = re.compile(r'^ *(?:!!! ?|\?\?\?\+? ?|===[+!]{0,2} +)(?=[\w"])')


def visible(source: Sequence[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The lines, and the indices of those that give a box its title, which are blank here.

    Lines may lose what stands before them, never behind, so columns can be counted from the end.
    """
    scanner = _Scanner(source)
    lines = tuple(scanner.read(number, line) for number, line in enumerate(source))
    return lines, tuple(scanner.titles)


def closes(line: str, fence: str) -> bool:
    """Whether the line ends a block that was opened by `fence`."""
    mark = line.strip(" \t>")
    return mark.startswith(fence) and not mark.strip(fence[0])


class _Scanner:
    """`fence` and `commented` say what the line before left open; `columns` are those of the blocks around it."""

    def __init__(self, source: Sequence[str]) -> None:
        self.source = source
        self.fence, self.commented = "", False
        self.columns = [0]
        self.titles: list[int] = []
        self._open_until = 0

    def read(self, number: int, line: str) -> str:
        if self.fence:
            self.fence = "" if closes(line, self.fence) else self.fence
            return self._moved(line)
        if self.commented or line.lstrip().startswith("<!--"):
            self.commented = "-->" not in line
            return "" if self.commented else line.partition("-->")[2]
        line = self._without_comments(number, line)
        while line.strip() and len(line) - len(line.lstrip(" ")) < self.columns[-1]:
            self.columns.pop()
        moved = self._moved(line)
        if _BLOCK.match(moved):
            self.columns.append(len(line) - len(line.lstrip(" ")) + 4)
            self.titles.append(number)
            return ""
        if opened := _FENCE.match(moved):
            self.fence = opened[1]
        return moved

    def _moved(self, line: str) -> str:
        """What is inside of a block stands four columns to the right of it."""
        shift = 4 * (len(self.columns) - 1)
        return line[shift:] if not line[:shift].strip(" ") else line

    def _without_comments(self, number: int, line: str) -> str:
        """Blank each comment, but not what stands between back ticks."""
        kept: list[str] = []
        at = ticks = 0
        while (start := line.find("<!--", at)) >= 0:
            kept.append(line[at:start])
            ticks += line.count("`", at, start)
            at = start + 4
            if ticks % 2:
                kept.append("<!--")
            elif (end := line.find("-->", at)) >= 0:
                kept.append(" " * (end + 3 - start))
                at = end + 3
            elif self._ends_below(number):
                self.commented = True
                return "".join(kept).ljust(len(line))
            else:
                return "".join([*kept, line[start:]])
        return "".join([*kept, line[at:]])

    def _ends_below(self, number: int) -> bool:
        """Whether the comment that begins in the line is closed in the same paragraph."""
        if number < self._open_until:
            return False
        for index in range(number + 1, len(self.source)):
            if "-->" in self.source[index]:
                return True
            if not self.source[index].strip():
                self._open_until = index
                return False
        self._open_until = len(self.source)
        return False
