"""A component lacks a kind of runbook that it must have, or the service lacks rebuild, restore or comms.

Why: the outage that has no page is the one nobody thought about.

Bad:

    metadata: {name: pennant-search}          # new in the catalogue, and no runbook names it

Good:

    kind: component
    component: pennant-search                 # in runbooks/component/search.md

Fix: start the page with the command that the finding gives. Which kinds a type of component needs is set in
blackstart.yml under `coverage`.
"""

from __future__ import annotations

from collections.abc import Iterator

from blackstart.catalogue import Component
from blackstart.library import Library
from blackstart.model import Family, Problem, Severity

FAMILY = Family.COVERAGE
SEVERITY = Severity.ERROR


def check(library: Library) -> Iterator[Problem]:
    if library.catalogue is None:
        return
    written = {(book.front.kind, book.front.component) for book in library.runbooks if book.front}
    components = library.catalogue.components.values()
    for component in components:
        for kind in () if component.is_system else library.policy.coverage.needed(component.type):
            if (kind, component.name) not in written:
                yield _lacks(library, component, kind)
    yield from _service(library, written, next((c for c in components if c.is_system), None))


def _lacks(library: Library, component: Component, kind: str) -> Problem:
    message = f"the {component.type} `{component.name}` has no {kind} runbook"
    return _problem(library, component.line, message, kind, component.name)


def _service(library: Library, written: set[tuple[str, str]], system: Component | None) -> Iterator[Problem]:
    kinds = {kind for kind, _ in written}
    for kind in library.policy.coverage.service:
        if kind not in kinds:
            line, name = (system.line, system.name) if system else (1, "service")
            yield _problem(library, line, f"the service has no {kind} runbook", kind, name)


def _problem(library: Library, line: int, message: str, kind: str, component: str) -> Problem:
    fix = f"Start it: blackstart new {kind} {component} --component {component}"
    return Problem(library.policy.catalogue, line, 1, message, fix)
