"""An entry of the catalogue is broken, or depends on something that is not in it.

Why: coverage, ownership and the order of recovery are read from the catalogue; a component with a typo is a component
nobody watches.

Bad:

    kind: Component
    metadata: {name: pennant-api}
    spec: {dependsOn: [resource:pennant-dbb]} # no owner, and no such component

Good:

    kind: Component
    metadata: {name: pennant-api}
    spec: {owner: platform, dependsOn: [resource:pennant-db]}

Fix: correct the entry. The format is Backstage's; owner and name must be there.

Options: `catalogue` in blackstart.yml names the file, `severity` what a broken entry weighs.
"""

from __future__ import annotations

from collections.abc import Iterator

from blackstart.library import Library
from blackstart.model import Problem, Severity

SEVERITY = Severity.ERROR


def check(library: Library) -> Iterator[Problem]:
    if library.catalogue:
        yield from library.catalogue.problems
