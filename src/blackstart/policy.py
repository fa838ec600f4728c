"""blackstart.yml: where things are, and how much each rule weighs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, PrivateAttr, Tag
from pydantic import Strict as StrictMode

from blackstart.errors import ConfigurationError
from blackstart.freshness.anchor import whole_folders
from blackstart.freshness.glob import matches
from blackstart.model import Severity
from blackstart.root import POLICY_FILE
from blackstart.written.names import (
    FolderPath,
    Line,
    Lines,
    Name,
    Names,
    SiblingPath,
    SourceName,
    Tier,
    inside,
    printable,
)
from blackstart.written.schema import MANY, ONE, Strict, validate
from blackstart.written.text import decode, read_bytes
from blackstart.written.yaml import Mark, Span, Yaml, parse

FILE_NAME = POLICY_FILE
EVERYWHERE = "**"


# YAML reads a bare `off` as the boolean false.
Level = Annotated[
    Literal["error", "warning", "note", "off"], BeforeValidator(lambda value: "off" if value is False else value)
]


def _glob(pattern: str) -> str:
    inside(whole_folders(pattern.removeprefix("!")))
    return pattern


Glob = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable), AfterValidator(_glob)]
Globs = Annotated[tuple[Glob, ...], StrictMode(False), Field(max_length=100)]

# One level for the rule, or one for each glob of paths.
Levels = Annotated[
    Annotated[Level, Tag(ONE)] | Annotated[dict[Glob, Level], Field(max_length=100), Tag(MANY)],
    Discriminator(lambda value: MANY if isinstance(value, dict) else ONE),
]


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


Days = Annotated[int, Field(ge=1, le=3650)]


class Interval(Strict):
    """After how many days something is due again; of those that apply the shortest."""

    days: Days | None = Field(default=None, description="For every runbook; without it, only where another applies.")
    kinds: dict[Name, Days] = Field(default={}, description="By the runbook's kind.")
    tiers: dict[Tier, Days] = Field(default={}, description="By the tier of its component in the catalogue.")

    def due(self, kind: str, tier: str) -> tuple[int, str] | None:
        """The days, and which entry says so."""
        said = [(self.kinds.get(kind), f"kinds.{kind}"), (self.tiers.get(tier), f"tiers.{tier}"), (self.days, "days")]
        return min(((days, entry) for days, entry in said if days), default=None, key=lambda one: one[0])


class Waiver(Strict):
    """An exception from one rule, with a reason and an end."""

    rule: Name = Field(description="The rule whose findings it excuses.")
    path: Glob = Field(description="The file or glob in which it excuses them; `**` crosses folders.")
    reason: Line = Field(description="Why the finding may stand until then.")
    owner: Line = Field(description="Who sees to it that it ends.")
    expires: date = Field(description="The last day on which it excuses anything.")


class Policy(Strict):
    """The whole file; every key has a default."""

    runbooks: FolderPath = Field(default="runbooks", description="The folder of the runbooks.")
    catalogue: FolderPath = Field(default="catalog-info.yaml", description="The catalogue, in Backstage's format.")
    coverage: CoveragePolicy = CoveragePolicy.model_construct()
    site: SiteUrl = Field(default="", description="Where the site is published; findings link to its pages.")
    sources: dict[SourceName, Source] = Field(default={}, description="Other repositories whose code runbooks cover.")
    foreign_keys: Lines = Field(
        default=(), description="Keys of other tools in the runbooks' front matter; they pass unread."
    )
    require_record: bool = Field(default=False, description="Accept only recorded reviews, not git history, as proof.")
    severity: dict[Name, Levels] = Field(
        default={},
        description="Severity by rule; of a rule's globs of paths the first that matches decides. `off` disables it.",
    )
    waivers: Annotated[tuple[Waiver, ...], StrictMode(False), Field(max_length=100)] = Field(
        default=(), description="Findings that may stand for a while."
    )
    waiver_days: int | None = Field(
        default=None, ge=1, le=3650, description="The most days that a waiver may still have to run."
    )
    review: Interval = Field(default=Interval(), description="How often a runbook is to be reviewed.")
    exercise: Interval = Field(default=Interval(), description="How often people are to go through a runbook.")
    _written: Yaml = PrivateAttr(default_factory=lambda: Yaml(FILE_NAME))

    def severity_of(self, rule: str, default: Severity, path: str) -> Severity | None:
        """The severity the policy gives the rule's findings in the file `path`, or None where it is off."""
        level = next((level for glob, level in self._levels(rule).items() if matches(glob, path)), default.value)
        return None if level == "off" else Severity(level)

    def is_off(self, rule: str) -> bool:
        """Whether the rule is off everywhere."""
        return next(iter(self._levels(rule).items()), None) == (EVERYWHERE, "off")

    @property
    def off(self) -> dict[str, tuple[str, ...]]:
        """The globs of paths at which each rule is switched off."""
        found = {
            rule: tuple(glob for glob, level in self._levels(rule).items() if level == "off") for rule in self.severity
        }
        return {rule: globs for rule, globs in found.items() if globs}

    def _levels(self, rule: str) -> Mapping[str, str]:
        chosen = self.severity.get(rule, {})
        return {EVERYWHERE: chosen} if isinstance(chosen, str) else chosen

    def mark(self, *key: str | int) -> Mark:
        """Where the entry `key` stands in the file."""
        return self._written.mark(key)

    def span(self, *key: str | int) -> Span | None:
        """Which characters of the file the entry `key` takes; None where it is not written."""
        return self._written.spans.get(key)


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
    policy._written = document  # noqa: SLF001 - pydantic keeps what is not a field out of its constructor
    return policy
