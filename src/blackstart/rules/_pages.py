"""What the rules about pages share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from blackstart.library import Library
from blackstart.model import Problem
from blackstart.runbook import Runbook

MOST = 100  # a reader needs no more to see that a page is broken, and reports stay readable


def each_page(library: Library, find: Callable[[Library, Runbook], Iterator[Problem]]) -> Iterator[Problem]:
    """The problems of every runbook, up to a limit each."""
    for runbook in library.runbooks:
        yield from islice(find(library, runbook), MOST)
