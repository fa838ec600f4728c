"""Kinds: the schema of each sort of runbook, one YAML file each, built in or a team's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from blackstart.errors import ConfigurationError
from blackstart.written.names import Line, Lines, Slug
from blackstart.written.reading import Files
from blackstart.written.schema import validate
from blackstart.written.shapes import Entries
from blackstart.written.text import decode
from blackstart.written.yaml import parse


@dataclass(frozen=True, kw_only=True)
class SectionSpec:
    """A second-level heading that a runbook of the kind has."""

    title: Line
    aliases: Lines = ()
    hint: Annotated[Line, "What belongs there; the template shows it to the author."]
    optional: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return (self.title, *self.aliases)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What every runbook of one kind has in common."""

    name: Annotated[Slug, "What `kind` in a front matter says; also the folder of its runbooks."]
    title: Line
    purpose: Line
    order: Annotated[int, "Its place in lists; the smallest comes first."] = 100
    requires: Annotated[
        tuple[Literal["alerts", "access", "reviewed"], ...],
        "Front matter that is optional elsewhere and required here.",
    ] = ()
    sections: Annotated[tuple[SectionSpec, ...], Entries(1, 100)]


def load_kinds(files: Files, own: str) -> Mapping[str, Kind]:
    """The built-in kinds and those in the folder `own`, by name; a team's own wins."""
    built_in = Path(__file__).parent / "data/kinds"
    kinds = [_parse(entry.name, entry.read_bytes()) for entry in built_in.iterdir() if entry.name.endswith(".yml")]
    _, names = files.listed(own) or ((), ())
    paths = [f"{own}/{name}" for name in names if PurePosixPath(name).suffix in (".yml", ".yaml")]
    kinds += [_parse(path, files.read(path) or b"") for path in paths]
    by_name = {kind.name: kind for kind in kinds}
    return dict(sorted(by_name.items(), key=lambda item: (item[1].order, item[0])))


def _parse(path: str, data: bytes) -> Kind:
    decoded = decode(path, data)
    kind, problems = validate(Kind, parse(path, decoded.text))
    if kind is None or decoded.problems:
        raise ConfigurationError.at([*decoded.problems, *problems])
    return kind
