"""The known word that is probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

_MOST_CANDIDATES = 2_000  # looking for a near word takes time for each


def suggest(word: str, known: Iterable[str]) -> str:
    """`, did you mean …?` where a known word is near, else nothing."""
    from difflib import get_close_matches  # only where something is wrong

    near = get_close_matches(word[:100], [*islice(known, _MOST_CANDIDATES)], n=1)
    return f", did you mean `{near[0]}`?" if near else ""
