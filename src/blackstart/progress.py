"""A progress bar on a terminal for what takes longer than a second; silence everywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

AFTER = 1.0  # seconds; before that nobody wonders


@contextmanager
def progress(steps: int) -> Iterator[Callable[[], None]]:
    """What to call after each of so many steps."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    counter = _Counter(steps)
    try:
        yield counter.advance
    finally:
        counter.close()


class _Counter:
    def __init__(self, steps: int) -> None:
        self._steps, self._done, self._begun = steps, 0, time.monotonic()
        self._bar: ProgressBar[int] | None = None

    def advance(self) -> None:
        self._done += 1
        if self._bar is None and time.monotonic() - self._begun >= AFTER and self._done < self._steps:
            self._bar = click.progressbar(length=self._steps, label="judging", file=sys.stderr, update_min_steps=1)
            self._bar.__enter__()
            self._bar.update(self._done)
        elif self._bar is not None:
            self._bar.update(1)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.update(max(self._steps - self._done, 0))
            self._bar.__exit__(None, None, None)
