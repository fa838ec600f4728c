"""The catalogue: the service's components, read from Backstage's entity format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Annotated, Any, Literal

from blackstart.freshness.anchor import whole_folders
from blackstart.model import Problem
from blackstart.written.duration import parse_duration
from blackstart.written.names import Line, Lines, Name, inside, is_tier, printable
from blackstart.written.near import suggest
from blackstart.written.schema import validate
from blackstart.written.shapes import Tolerant, Written
from blackstart.written.text import decode
from blackstart.written.yaml import Yaml, parse_all

SOURCE = "blackstart/source"
TIER = "blackstart/tier"
OBJECTIVES = {"rto": "blackstart/rto", "rpo": "blackstart/rpo", "mtd": "blackstart/mtd"}
_MOST_PROBLEMS = 100


@dataclass(frozen=True, kw_only=True)
class Metadata(Tolerant):
    name: Name
    title: Line | None = None
    description: str = ""
    annotations: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Spec(Tolerant):
    type: Name = "service"
    owner: Line
    depends_on: Annotated[Lines, Written("dependsOn")] = ()


@dataclass(frozen=True, kw_only=True)
class Entity(Tolerant):
    """The part of a Backstage entity that recovery needs."""

    kind: Literal["Component", "Resource", "System"]
    metadata: Metadata
    spec: Spec


@dataclass(frozen=True, slots=True)
class Objectives:
    """How long a component may be away (RTO, at the very most MTD) and how much may be lost (RPO); None: not said."""

    rto: timedelta | None = None
    rpo: timedelta | None = None
    mtd: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """One entry of the catalogue. `entity` is Backstage's kind: Component, Resource or System.

    `sources` are its files, folders and globs in this repository. `tier` is a digit, the smaller the sooner it must be
    back, or empty.
    """

    name: str
    title: str
    description: str
    entity: str
    type: str
    owner: str
    depends_on: tuple[str, ...]
    line: int
    sources: tuple[str, ...] = ()
    tier: str = ""
    objectives: Objectives = Objectives()

    @property
    def is_system(self) -> bool:
        """Whether it stands for the whole service, not for a part."""
        return self.entity == "System"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All components by name, and what was wrong with the file."""

    path: str
    components: dict[str, Component]
    problems: tuple[Problem, ...] = ()


def parse_catalogue(path: str, data: bytes) -> Catalogue:
    """Parse every entity of a catalogue file; entities of other Backstage kinds are passed over."""
    decoded = decode(path, data)
    problems = list(decoded.problems)
    components: dict[str, Component] = {}
    documents = parse_all(path, decoded.text)
    for document in documents:
        component = _component(document, problems)
        if component and component.name in components:
            problems.append(_at(document, ("metadata", "name"), f"the name `{component.name}` is taken", "Rename one."))
        elif component:
            components[component.name] = component
    known = {reference.lower() for component in components.values() for reference in _references(component)}
    unknown = (problem for document in documents for problem in _unknown_dependencies(document, known))
    problems = [*problems[:_MOST_PROBLEMS], *islice(unknown, _MOST_PROBLEMS)]
    return Catalogue(path, components, tuple(problems))


def _component(document: Yaml, problems: list[Problem]) -> Component | None:
    data = document.data
    foreign = isinstance(data, dict) and data.get("kind") in ("API", "Domain", "Group", "User", "Location", "Template")
    if (data is None or foreign) and not document.problems:
        return None
    entity, found = validate(Entity, document)
    problems += found
    if entity is None:
        return None
    meta, spec = entity.metadata, entity.spec
    return Component(
        name=meta.name,
        title=meta.title or meta.name,
        description=meta.description,
        entity=entity.kind,
        type=spec.type,
        owner=spec.owner,
        depends_on=spec.depends_on,
        line=document.mark(("metadata", "name")).line,
        sources=tuple(_sources(document, meta, problems)),
        tier=_tier(document, meta, problems),
        objectives=_objectives(document, meta, problems),
    )


def _sources(document: Yaml, metadata: Metadata, problems: list[Problem]) -> Iterator[str]:
    """Backstage allows only text in an annotation, so the patterns stand in one, with commas between."""
    said = metadata.annotations.get(SOURCE, "")
    if not isinstance(said, str):
        problems.append(_annotation(document, SOURCE, "must be text", "Write files, folders and globs, with commas."))
        return
    for pattern in filter(None, map(str.strip, said.split(","))):
        try:
            yield inside(whole_folders(printable(pattern)))
        except ValueError as error:
            problems.append(_annotation(document, SOURCE, str(error), "Correct the path."))


def _tier(document: Yaml, metadata: Metadata, problems: list[Problem]) -> str:
    said = metadata.annotations.get(TIER, "")
    if said == "" or (isinstance(said, str) and is_tier(said)):
        return str(said)
    problems.append(
        _annotation(document, TIER, "must be a digit in quotes", 'Write `"1"` for what must be back first.')
    )
    return ""


def _annotation(document: Yaml, name: str, message: str, fix: str) -> Problem:
    return _at(document, ("metadata", "annotations", name), f"`{name}`: {message}", fix)


def _objectives(document: Yaml, metadata: Metadata, problems: list[Problem]) -> Objectives:
    found: dict[str, timedelta] = {}
    for name, annotation in OBJECTIVES.items():
        if annotation not in metadata.annotations:
            continue
        try:
            found[name] = parse_duration(str(metadata.annotations[annotation]))
        except ValueError as error:
            problems.append(_annotation(document, annotation, "must be a duration", str(error)))
    return Objectives(**found)


def _references(component: Component) -> tuple[str, ...]:
    """The ways Backstage lets others name an entity."""
    kind, name = component.entity.lower(), component.name
    return (name, f"{kind}:{name}", f"{kind}:default/{name}", f"default/{name}")


def _unknown_dependencies(document: Yaml, known: set[str]) -> Iterator[Problem]:
    spec = document.data.get("spec") if isinstance(document.data, dict) else None
    listed = spec.get("dependsOn") if isinstance(spec, dict) else None
    for index, name in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(name, str) and name.lower() not in known and not name.lower().startswith("api:"):
            message = f"the dependency `{name}` is not in the catalogue{suggest(name, known)}"
            yield _at(document, ("spec", "dependsOn", index), message, "Add the component, or correct the name.", name)


def _at(document: Yaml, key: tuple[str | int, ...], message: str, fix: str, subject: str = "") -> Problem:
    mark = document.mark(key)
    return Problem(document.path, mark.line, mark.column, message, fix, subject=subject)
