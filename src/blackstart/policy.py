"""blackstart.yml: where things are, and how much each rule weighs."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr
from pydantic import Strict as StrictMode

from blackstart.errors import ConfigurationError
from blackstart.freshness.anchor import whole_folders
from blackstart.model import Severity
from blackstart.written.files import Files
from blackstart.written.names import FolderPath, Line, Name, Names, SiblingPath, SourceName, inside, printable
from blackstart.written.schema import Strict, validate
from blackstart.written.text import decode
from blackstart.written.yaml import Mark, Yaml, parse

FILE_NAME = "blackstart.yml"


# YAML reads a bare `off` as the boolean false.
Level = Annotated[
    Literal["error", "warning", "note", "off"], BeforeValidator(lambda value: "off" if value is False else value)
]


def _glob(pattern: str) -> str:
    inside(whole_folders(pattern.removeprefix("!")))
    return pattern


Glob = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable), AfterValidator(_glob)]
Globs = Annotated[tuple[Glob, ...], StrictMode(False), Field(max_length=100)]


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("write the whole address, such as `https://runbooks.example.com/`")
    return url.rstrip("/") + "/"


SiteUrl = Annotated[Line, AfterValidator(printable), AfterValidator(_address)]


class CoveragePolicy(Strict):
    """Which kinds of runbook must exist, and which files a runbook must cover."""

    service: Names = Field(
        default=("rebuild", "restore", "comms"), description="At least one runbook of each kind for the whole service."
    )
    components: dict[Name, Names] = Field(
        default={"default": ("component",), "database": ("component", "restore")},
        description="Kinds a component needs, by its catalogue type; `default` for types not named.",
    )
    include: Globs = Field(default=("**",), description="What makes up the service: files, folders and globs.")
    exclude: Globs = Field(
        default=(),
        description="Files that no runbook needs, besides prose, tests and the like; `!` in front takes one back in.",
    )
    threshold: int | None = Field(
        default=None, ge=0, le=100, description="The least per cent of the files that runbooks must cover."
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
    site: SiteUrl = Field(default="", description="Where the site is published; findings link to its pages.")
    sources: dict[SourceName, Source] = Field(default={}, description="Other repositories whose code runbooks cover.")
    require_record: bool = Field(default=False, description="Accept only recorded reviews, not git history, as proof.")
    severity: dict[Name, Level] = Field(default={}, description="Severity by rule; `off` disables the rule.")
    _written: Yaml = PrivateAttr(default_factory=lambda: Yaml(FILE_NAME))

    def severity_of(self, rule: str, default: Severity) -> Severity | None:
        """The severity the policy gives the rule, or None where it is off."""
        chosen = self.severity.get(rule, default.value)
        return None if chosen == "off" else Severity(chosen)

    def mark(self, *key: str | int) -> Mark:
        """Where the entry `key` stands in the file."""
        return self._written.mark(key)


def load_policy(files: Files) -> Policy:
    """Read blackstart.yml; without the file, the defaults. Raises ConfigurationError."""
    data = files.read(FILE_NAME)
    if data is None:
        return Policy()
    decoded = decode(FILE_NAME, data)
    document = parse(FILE_NAME, decoded.text)
    if document.data is None and not document.problems:
        document = Yaml(FILE_NAME, {})
    policy, problems = validate(Policy, document)
    if policy is None or decoded.problems:
        raise ConfigurationError.at([*decoded.problems, *problems])
    policy._written = document  # noqa: SLF001 - pydantic keeps what is not a field out of its constructor
    return policy
