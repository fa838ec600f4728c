"""Work for all cores: forked processes, which know all that was worked out before and send back what they find."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from types import TracebackType
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class _Job:
    """What a fork leaves in each process, as functions and pages cannot be sent."""

    work: Callable[[Any], Any]
    items: Sequence[Any]


def hands() -> int:
    """How many processes can work at once: one where no fork is safe, elsewhere than on Linux or beside threads."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return len(os.sched_getaffinity(0))


class Crew(Generic[T, R]):
    """Begins to do `work` on each of the items, in their order. What it returns must be picklable."""

    def __init__(self, work: Callable[[T], R], items: Sequence[T]) -> None:
        _Job.work, _Job.items = work, items
        self._pool: ProcessPoolExecutor | None = None
        self._results: dict[int, Future[R]] = {}
        with suppress(OSError, ImportError, BrokenProcessPool):  # not every system has locks for processes
            self._pool = ProcessPoolExecutor(hands(), get_context("fork"), initializer=_leave_interrupts)
            for index in range(len(items)):
                self._results[index] = self._pool.submit(_do, index)

    def __enter__(self) -> Crew[T, R]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    def end(self) -> None:
        """Nothing more is wanted."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def take(self, index: int) -> R | None:
        """The result for an item, once. Raises what its work raised; None where a process died or none could begin."""
        begun = self._results.pop(index, None)
        if begun is None:
            return None
        try:
            return begun.result()
        except BrokenProcessPool:
            return None


def _leave_interrupts() -> None:
    """The process that all is for is told, too, and says so once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _do(index: int) -> Any:
    return _Job.work(_Job.items[index])
