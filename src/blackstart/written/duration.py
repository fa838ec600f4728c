"""Durations as people write them: `4h`, `30m`, `1d12h`."""

from __future__ import annotations

import re
from datetime import timedelta

_DURATION = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,4})m)?")
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def parse_duration(text: str) -> timedelta:
    """Raises ValueError with what was expected."""
    found = _DURATION.fullmatch(text)
    days, hours, minutes = (int(number or 0) for number in found.groups()) if found else (0, 0, 0)
    if not days + hours + minutes:
        raise ValueError("Write days, hours and minutes, such as `4h`, `30m` or `1d12h`.")
    return timedelta(days=days, hours=hours, minutes=minutes)


def duration_words(duration: timedelta) -> str:
    """`1 d 12 h`: short, and never mistaken for a time of day."""
    left, words = int(duration.total_seconds()), []
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {unit}")
    return " ".join(words)
