"""A component lacks a kind of runbook that it must have, or the service lacks rebuild, restore or comms.

Why: the outage that has no page is the one nobody thought about.

Bad:

    metadata: {name: pennant-search}          # new in the catalogue, and no runbook names it

Good:

    kind: component
    component: pennant-search                 # in runbooks/component/search.md

Fix: start the page with the command that the finding gives. Which kinds a type of component needs is set in
blackstart.yml under `coverage`.

Options: `coverage` in blackstart.yml: `service` and `components` list the kinds that must exist; `severity`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from blackstart.catalogue import Component
from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.runbook import said

SEVERITY = Severity.ERROR
OF_THE_WHOLE = True


def check(library: Library) -> Iterator[Problem]:
    if library.catalogue is None:
        return
    # A page whose front matter is broken elsewhere is there all the same.
    written = {(said(runbook, "kind"), said(runbook, "component")) for runbook in library.runbooks}
    for component in library.catalogue.components.values():
        for kind in () if component.is_system else library.policy.coverage.needed(component.type):
            if (kind, component.name) not in written:
                message = f"the {component.type} `{component.name}` has no {kind} runbook"
                yield _problem(library, component, message, kind)
    yield from _service(library, {kind for kind, _ in written})


def _service(library: Library, written: set[str]) -> Iterator[Problem]:
    components = library.catalogue.components.values() if library.catalogue else ()
    system = next((c for c in components if c.is_system), next(iter(components), None))
    for kind in library.policy.coverage.service:
        if kind not in written:
            yield _problem(library, system, f"the service has no {kind} runbook", kind)


def _problem(library: Library, component: Component | None, message: str, kind: str) -> Problem:
    path = library.policy.catalogue
    if component is None:
        return Problem(path, 1, 1, message, "Describe the service here first, as an entity of kind System.")
    name = "-".join(re.findall(r"[a-z0-9]+", component.name.lower()))
    fix = f"Start it: blackstart new {kind} {name} --component {component.name}"
    return Problem(path, component.line, 1, message, fix)
