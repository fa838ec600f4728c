"""What the rules about intervals share."""

from __future__ import annotations

from blackstart.library import Library
from blackstart.policy import Interval
from blackstart.runbook import Runbook


def due(library: Library, runbook: Runbook, interval: Interval) -> tuple[int, str] | None:
    """After how many days it is due again for the runbook and which entry of the interval says so, if any does."""
    front = runbook.front
    if front is None:
        return None
    component = library.catalogue.components.get(front.component) if library.catalogue else None
    return interval.due(front.kind, component.tier if component else "")
