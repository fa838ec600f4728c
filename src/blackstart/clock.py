"""The time, read once at the edge and passed in: no rule looks at a clock."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

from blackstart.errors import UsageError


def today() -> date:
    """The day on the reader's calendar, or that of SOURCE_DATE_EPOCH, which makes builds repeatable."""
    repeatable = _epoch()
    return repeatable.date() if repeatable else date.today()  # noqa: DTZ011 - people set dates by their own calendar


def now() -> datetime:
    """This second in UTC, or that of SOURCE_DATE_EPOCH."""
    return _epoch() or datetime.now(UTC).replace(microsecond=0)


def _epoch() -> datetime | None:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return None
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH: `{epoch[:40]}` is no number of seconds since 1970.") from None
