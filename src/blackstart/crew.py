"""Work for all cores: forked processes, which know all that was worked out before and send back what they find."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
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
        self._work, self._items = work, items
        self._pool = ProcessPoolExecutor(hands(), mp_context=get_context("fork"))
        self._results: list[Future[R] | None] = [self._pool.submit(_do, index) for index in range(len(items))]

    def __enter__(self) -> Crew[T, R]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(wait=kind is None, cancel_futures=True)

    def take(self, index: int) -> R:
        """The result for an item, once. Raises what its work raised; what killed a process is tried again here."""
        result, self._results[index] = self._results[index], None
        assert result is not None
        try:
            return result.result()
        except BrokenProcessPool:
            return self._work(self._items[index])


def _do(index: int) -> Any:
    return _Job.work(_Job.items[index])
