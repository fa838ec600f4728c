"""blackstart.yml: where things are, and how much each rule weighs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from blackstart.errors import ConfigurationError
from blackstart.model import Severity
from blackstart.written.names import FolderPath, Line, Name, Names, SiblingPath, SourceName
from blackstart.written.schema import Strict, validate
from blackstart.written.text import decode, read_bytes
from blackstart.written.yaml import Yaml, parse

FILE_NAME = "blackstart.yml"


# YAML reads a bare `off` as the boolean false.
Level = Annotated[
    Literal["error", "warning", "note", "off"], BeforeValidator(lambda value: "off" if value is False else value)
]


class CoveragePolicy(Strict):
    """Which kinds of runbook must exist."""

    service: Names = Field(
        default=("rebuild", "restore", "comms"), description="At least one runbook of each kind for the whole service."
    )
    components: dict[Name, Names] = Field(
        default={"default": ("component",), "database": ("component", "restore")},
        description="Kinds a component needs, by its catalogue type; `default` for types not named.",
    )

    def needed(self, component_type: str) -> tuple[str, ...]:
        return self.components.get(component_type, self.components.get("default", ()))


class Source(Strict):
    """Another repository whose code runbooks cover, as `NAME:path`."""

    path: SiblingPath = Field(description="Where it is checked out, as seen from this repository's root: `../api`.")
    url: Line | None = Field(default=None, description="Where to clone it from.")
    optional: bool = Field(
        default=False, description="Whether its absence may pass the gate; it is reported as not judged."
    )

    @property
    def fetch(self) -> str:
        """What a reader does to get it."""
        return f"git clone {self.url or 'URL'} {self.path}"


class Policy(Strict):
    """The whole file; every key has a default."""

    runbooks: FolderPath = Field(default="runbooks", description="The folder of the runbooks.")
    catalogue: FolderPath = Field(default="catalog-info.yaml", description="The catalogue, in Backstage's format.")
    coverage: CoveragePolicy = CoveragePolicy()
    sources: dict[SourceName, Source] = Field(default={}, description="Other repositories whose code runbooks cover.")
    require_record: bool = Field(default=False, description="Accept only recorded reviews, not git history, as proof.")
    severity: dict[Name, Level] = Field(default={}, description="Severity by rule; `off` disables the rule.")

    def severity_of(self, rule: str, default: Severity) -> Severity | None:
        """The severity the policy gives the rule, or None where it is off."""
        chosen = self.severity.get(rule, default.value)
        return None if chosen == "off" else Severity(chosen)


def load_policy(root: Path) -> Policy:
    """Read blackstart.yml below `root`; without the file, the defaults. Raises ConfigurationError."""
    data = read_bytes(root, FILE_NAME)
    if data is None:
        return Policy()
    decoded = decode(FILE_NAME, data)
    document = parse(FILE_NAME, decoded.text)
    if document.data is None and not document.problems:
        document = Yaml(FILE_NAME, {})
    policy, problems = validate(Policy, document)
    if policy is None or decoded.problems:
        raise ConfigurationError.at([*decoded.problems, *problems])
    return policy
