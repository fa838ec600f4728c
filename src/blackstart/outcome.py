"""What the rules found, and what excuses some of it: waivers first, then the baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from blackstart.baseline import Entry
from blackstart.freshness.glob import matches
from blackstart.library import Library
from blackstart.model import Finding, NotJudged, Waived
from blackstart.policy import Waiver


@dataclass(frozen=True, eq=False)
class Outcome:
    """`found` is everything that the ordinary rules found, excused or not.

    `unknown` are pairs of rule and page that could not be judged: that nothing was found there says nothing. `whole`
    is False where the run looked at some paths only.
    """

    library: Library
    found: tuple[Finding, ...]
    not_judged: tuple[NotJudged, ...]
    unknown: frozenset[tuple[str, str]]
    whole: bool

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those that nothing excuses."""
        excused = self._waivers.keys() | {finding.fingerprint for finding in self.baselined}
        return tuple(finding for finding in self.found if finding.fingerprint not in excused)

    @property
    def waived(self) -> tuple[Waived, ...]:
        excused = ((finding, self._waivers.get(finding.fingerprint)) for finding in self.found)
        return tuple(Waived(finding, w[0].reason, w[0].owner, w[0].expires) for finding, w in excused if w)

    @cached_property
    def baselined(self) -> tuple[Finding, ...]:
        known = self.library.baseline.fingerprints if self.library.baseline else frozenset()
        kept = known - self._waivers.keys()
        return tuple(finding for finding in self.found if finding.fingerprint in kept)

    def is_idle(self, waiver: Waiver) -> bool:
        """Whether the waiver surely excuses nothing."""
        unknown = (rule == waiver.rule and matches(waiver.path, path) for rule, path in self.unknown)
        used = (waiver in waivers for waivers in self._waivers.values())
        return self.whole and not any(used) and not any(unknown)

    def resolved(self) -> Iterator[tuple[int, Entry]]:
        """The entries of the baseline whose findings are surely gone, with their lines."""
        there = {finding.fingerprint for finding in self.found}
        for line, entry in self.library.baseline.numbered() if self.library.baseline and self.whole else ():
            if entry.fingerprint not in there and (entry.rule, entry.path) not in self.unknown:
                yield line, entry

    @cached_property
    def _waivers(self) -> dict[str, tuple[Waiver, ...]]:
        """The waivers that excuse each finding today, by its fingerprint."""
        valid = [waiver for waiver in self.library.policy.waivers if self.library.today <= waiver.expires]
        found = (
            (finding.fingerprint, tuple(w for w in valid if w.rule == finding.rule and matches(w.path, finding.path)))
            for finding in self.found
        )
        return {fingerprint: waivers for fingerprint, waivers in found if waivers}
