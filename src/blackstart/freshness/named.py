"""Which of a thousand pages cover any of a few files: most tell without being parsed."""

from __future__ import annotations

import re
from collections.abc import Collection

from blackstart.freshness.tree import WILD, fixed_part, is_named

_WRITTEN_AS_IT_IS = re.compile(r"[\w./@+-]+")  # in YAML
_OTHERS = re.compile(r"[^\w./@+-]")
_MARKS = str.maketrans(dict.fromkeys("#\"',:[]{}", " "))  # what may stand beside it there, but for white space


class Wanted:
    """Some files, whether or not they are there."""

    def __init__(self, files: Collection[str]) -> None:
        self._files = frozenset(files)
        self._are_plain = all(map(_WRITTEN_AS_IT_IS.fullmatch, files))
        self._listed = "\n".join(files)

    def is_named(self, patterns: str) -> bool:
        """Whether any of the paths and globs, one a line, names any of the files."""
        lines = patterns.split("\n")
        if not self._files.isdisjoint(lines):
            return True
        return WILD.search(patterns) is not None and any(map(self._fits, filter(WILD.search, lines)))

    def may_stand_in(self, head: str) -> bool:
        """Whether an entry of this front matter could name any of the files, as far as its text tells."""
        if not self._are_plain or "\\" in head or not self._files.isdisjoint(head.translate(_MARKS).split()):
            return True
        return any(self._may_fit(head, sign.start()) for sign in WILD.finditer(head))

    def _fits(self, glob: str) -> bool:
        fixed = fixed_part(glob)
        return any(file.startswith(fixed) and is_named(glob, file) for file in self._files)

    def _may_fit(self, head: str, at: int) -> bool:
        """Whether the wildcard there could be one of a glob that names any of the files."""
        line = head[head.rfind("\n", 0, at) + 1 : at]
        if head[at] == "[" and line.strip() and line[-1].isspace():
            return False  # a list in brackets
        return _OTHERS.split(line)[-1] in self._listed  # what stands right before it in the glob
