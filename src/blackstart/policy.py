"""blackstart.yml: where things are, and how much each rule weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlsplit

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
from blackstart.written.reading import Files
from blackstart.written.schema import validate
from blackstart.written.shapes import Check, Entries, Meant, Number, Text
from blackstart.written.text import decode
from blackstart.written.yaml import Mark, Span, Yaml, parse

FILE_NAME = POLICY_FILE
EVERYWHERE = "**"


# YAML reads a bare `off` as the boolean false.
Level = Annotated[Literal["error", "warning", "note", "off"], Meant(lambda value: "off" if value is False else value)]


def _glob(pattern: str) -> str:
    inside(whole_folders(pattern.removeprefix("!")))
    return pattern


Glob = Annotated[str, Text(1, 200), Check(printable), Check(_glob)]
Globs = Annotated[tuple[Glob, ...], Entries(0, 100)]

# One level for the rule, or one for each glob of paths.
Levels = Level | Annotated[dict[Glob, Level], Entries(0, 100)]


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("write the whole address, such as `https://runbooks.example.com/`")
    return url.rstrip("/") + "/"


SiteUrl = Annotated[Line, Check(printable), Check(_address)]


@dataclass(frozen=True, kw_only=True)
class CoveragePolicy:
    """Which kinds of runbook must exist, and which files a runbook must cover."""

    service: Annotated[Names, "At least one runbook of each kind for the whole service."] = (
        "rebuild",
        "restore",
        "comms",
    )
    components: Annotated[
        dict[Name, Names], "Kinds a component needs, by its catalogue type; `default` for types not named."
    ] = field(default_factory=lambda: {"default": ("component",), "database": ("component", "restore")})
    include: Annotated[Globs, "What makes up the service: files, folders and globs."] = ("**",)
    exclude: Annotated[
        Globs, "Files that no runbook needs, besides prose, tests and the like; `!` in front takes one back in."
    ] = ()
    threshold: Annotated[
        Annotated[int, Number(0, 100)] | None, "The least per cent of the files that runbooks must cover."
    ] = None

    def needed(self, component_type: str) -> tuple[str, ...]:
        return self.components.get(component_type, self.components.get("default", ()))


@dataclass(frozen=True, kw_only=True)
class Source:
    """Another repository whose code runbooks cover, as `NAME:path`."""

    path: Annotated[SiblingPath, "Where it is checked out, as seen from this repository's root: `../api`."]
    url: Annotated[Line | None, "Where to clone it from."] = None
    optional: Annotated[bool, "Whether its absence may pass the gate; it is reported as not judged."] = False

    @property
    def fetch(self) -> str:
        """What a reader does to get it."""
        return f"git clone {self.url or 'URL'} {self.path}"


Days = Annotated[int, Number(1, 3650)]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """After how many days something is due again; of those that apply the shortest."""

    days: Annotated[Days | None, "For every runbook; without it, only where another applies."] = None
    kinds: Annotated[dict[Name, Days], "By the runbook's kind."] = field(default_factory=dict)
    tiers: Annotated[dict[Tier, Days], "By the tier of its component in the catalogue."] = field(default_factory=dict)

    def due(self, kind: str, tier: str) -> tuple[int, str] | None:
        """The days, and which entry says so."""
        said = [(self.kinds.get(kind), f"kinds.{kind}"), (self.tiers.get(tier), f"tiers.{tier}"), (self.days, "days")]
        return min(((days, entry) for days, entry in said if days), default=None, key=lambda one: one[0])


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """An exception from one rule, with a reason and an end."""

    rule: Annotated[Name, "The rule whose findings it excuses."]
    path: Annotated[Glob, "The file or glob in which it excuses them; `**` crosses folders."]
    reason: Annotated[Line, "Why the finding may stand until then."]
    owner: Annotated[Line, "Who sees to it that it ends."]
    expires: Annotated[date, "The last day on which it excuses anything."]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The whole file; every key has a default."""

    runbooks: Annotated[FolderPath, "The folder of the runbooks."] = "runbooks"
    catalogue: Annotated[FolderPath, "The catalogue, in Backstage's format."] = "catalog-info.yaml"
    coverage: CoveragePolicy = field(default_factory=CoveragePolicy)
    site: Annotated[SiteUrl, "Where the site is published; findings link to its pages."] = ""
    sources: Annotated[dict[SourceName, Source], "Other repositories whose code runbooks cover."] = field(
        default_factory=dict
    )
    foreign_keys: Annotated[Lines, "Keys of other tools in the runbooks' front matter; they pass unread."] = ()
    require_record: Annotated[bool, "Accept only recorded reviews, not git history, as proof."] = False
    copy_days: Annotated[Days, "After how many days a page says that the copy being read is old."] = 7
    severity: Annotated[
        dict[Name, Levels],
        "Severity by rule; of a rule's globs of paths the first that matches decides. `off` disables it.",
    ] = field(default_factory=dict)
    waivers: Annotated[tuple[Waiver, ...], Entries(0, 100), "Findings that may stand for a while."] = ()
    waiver_days: Annotated[Days | None, "The most days that a waiver may still have to run."] = None
    review: Annotated[Interval, "How often a runbook is to be reviewed."] = field(default_factory=Interval)
    exercise: Annotated[Interval, "How often people are to go through a runbook."] = field(default_factory=Interval)
    _written: Yaml = field(default_factory=lambda: Yaml(FILE_NAME), repr=False, compare=False)

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

    def says(self, key: str) -> bool:
        """Whether the file has that entry."""
        return key in self._written.data if isinstance(self._written.data, dict) else False

    def span(self, *key: str | int) -> Span | None:
        """Which characters of the file the entry `key` takes; None where it is not written."""
        return self._written.spans.get(key)


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
    return replace(policy, _written=document)
