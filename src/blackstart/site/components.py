"""The components page: what the catalogue knows today, as a picture and in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from blackstart.catalogue import Catalogue, Component
from blackstart.runbook import Runbook
from blackstart.site.graph import Node, graph
from blackstart.site.html import render
from blackstart.site.sitemap import Sitemap, relative

COMPONENTS = "components/index.html"
_OBJECTIVES = {"rto": "Back within (RTO)", "rpo": "At most lost (RPO)", "mtd": "At the latest (MTD)"}


@dataclass(frozen=True)
class Entry:
    """A component with its neighbours, by their names in the catalogue where it has them."""

    component: Component
    anchor: str
    needs: list[tuple[str, str]]
    needed_by: list[tuple[str, str]]
    runbooks: list[Runbook]
    objectives: list[tuple[str, str]]


def components_page(sitemap: Sitemap) -> str:
    """Every component with owner, dependencies both ways, runbooks and objectives."""
    catalogue = sitemap.edition.library.catalogue
    assert catalogue is not None
    entries = list(_entries(sitemap, catalogue))
    parts = [entry for entry in entries if not entry.component.is_system or entry.needs or entry.needed_by]
    edges = [(e.component.name, name) for e in parts for name, anchor in e.needs if anchor]
    nodes = [Node(e.component.name, e.component.title, f"#{e.anchor}") for e in parts]
    titles = {component.name: component.title for component in catalogue.components.values()}
    text = ". ".join(_told(entry, titles) for entry in parts if entry.needs) or "Nothing depends on anything"
    picture = graph(nodes, edges, "What depends on what", f"{text}. The table below says the same.") if nodes else ""
    return render(
        "components.html",
        picture=picture,
        entries=entries,
        titles=titles,
        sitemap=sitemap,
        link=partial(relative, COMPONENTS),
    )


def _told(entry: Entry, titles: dict[str, str]) -> str:
    return f"{entry.component.title} needs {', '.join(titles.get(name, name) for name, _ in entry.needs)}"


def _entries(sitemap: Sitemap, catalogue: Catalogue) -> Iterator[Entry]:
    components = sorted(catalogue.components.values(), key=lambda c: (not c.is_system, c.title.casefold(), c.name))
    numbers = {component.name: f"component-{number}" for number, component in enumerate(components, 1)}
    resolved = {c.name: [_resolve(catalogue, reference) for reference in c.depends_on] for c in components}
    for component in components:
        needed_by = [other.name for other in components if component.name in resolved[other.name]]
        yield Entry(
            component,
            numbers[component.name],
            [(name, numbers.get(name, "")) for name in resolved[component.name]],
            [(name, numbers[name]) for name in needed_by],
            [r for r in sitemap.runbooks if r.front and r.front.component == component.name],
            list(_objectives(component)),
        )


def _resolve(catalogue: Catalogue, reference: str) -> str:
    """The catalogue's name for what Backstage lets people write as `kind:namespace/name`."""
    name = reference.rpartition(":")[2].rpartition("/")[2]
    found = {known.casefold(): known for known in catalogue.components}
    return found.get(reference.casefold()) or found.get(name.casefold()) or reference


def _objectives(component: Component) -> Iterator[tuple[str, str]]:
    said = getattr(component, "objectives", None)
    for field, words in _OBJECTIVES.items():
        value = getattr(said, field, None)
        if isinstance(value, timedelta):
            yield words, _duration(value)


def _duration(value: timedelta) -> str:
    minutes = int(value.total_seconds()) // 60
    units = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{count} {unit}" for count, unit in units if count) or f"{int(value.total_seconds())} s"
