"""Break glass: a site that is published although the gate fails says so on every page, and why, and who did it."""

from __future__ import annotations

import getpass
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from markupsafe import Markup

from blackstart.errors import HistoryError, UsageError
from blackstart.history import History
from blackstart.model import Finding, NotJudged, Report, Severity
from blackstart.report.words import many, printable

VARIABLE = "BLACKSTART_BREAK_GLASS"
RECORD = "break-glass.json"
VERSION = 1
_LONGEST = 500
_EXAMPLE = f"{VARIABLE}='database down, the new restore steps are needed now' mkdocs build"


@dataclass(frozen=True, slots=True)
class Glass:
    """Who published what against the gate, when and why."""

    reason: str
    actor: str
    at: datetime
    commit: str | None
    dirty: bool
    findings: tuple[Finding, ...]
    not_judged: tuple[NotJudged, ...]

    @property
    def pages(self) -> tuple[str, ...]:
        """The files that the gate refused."""
        return tuple(sorted({one.path for one in self.findings} | {one.path for one in self.not_judged}))


def break_glass(report: Report, history: History | None, environment: Mapping[str, str], at: datetime) -> Glass | None:
    """None where nobody asks for it, or the gate passes. Raises UsageError for a reason that is none."""
    said = environment.get(VARIABLE)
    if said is None or not report.exit_code:
        return None
    return Glass(
        reason=_reason(said.strip()),
        actor=_actor(history, environment),
        at=at,
        commit=report.commit,
        dirty=report.dirty,
        findings=tuple(finding for finding in report.findings if finding.severity is Severity.ERROR),
        not_judged=tuple(item for item in report.not_judged if not item.tolerated),
    )


def _reason(said: str) -> str:
    if not said:
        raise UsageError(f"{VARIABLE} is set and gives no reason. Say why the site cannot wait:\n  {_EXAMPLE}")
    if len(said) > _LONGEST or not said.isprintable():
        raise UsageError(f"{VARIABLE} must give its reason in one line of at most {_LONGEST} characters.")
    return said


def _actor(history: History | None, environment: Mapping[str, str]) -> str:
    """CI knows who started it; elsewhere it is whoever git would name as author."""
    named = environment.get("GITHUB_ACTOR") or environment.get("GITLAB_USER_LOGIN") or _author(history)
    return printable(" ".join(named.split()))[:100]


def _author(history: History | None) -> str:
    try:
        if history:
            return history.author
    except HistoryError:
        pass
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


# --- what is said of it


def record(glass: Glass) -> str:
    """The file in the site; its form is described by data/break-glass.schema.json."""
    facts = asdict(glass) | {"at": _time(glass.at)}
    return json.dumps({"version": VERSION, **facts}, indent=2, default=str) + "\n"


def shout(glass: Glass) -> str:
    """What the build's log says, ahead of the report."""
    bar = "=" * 80
    lines = [
        "GLASS BROKEN: the site is published although the gate fails.",
        f"reason      {glass.reason}",
        f"actor       {glass.actor}",
        f"time        {_time(glass.at)}",
        f"commit      {_commit(glass)}",
        f"overridden  {_overridden(glass)}",
    ]
    return "\n".join([bar, *lines, bar])


def annotation(glass: Glass) -> str:
    """The same for GitHub Actions; the command ends with the line, so no reason can begin another one."""
    text = f"Published although the gate fails ({_overridden(glass)}), by {glass.actor}: {glass.reason}"
    return "::warning title=Glass broken::" + text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def marked(glass: Glass, output: str, path: str, pages: Sequence[tuple[str, str]]) -> str:
    """A page of HTML with the banner for people and the tag for machines."""
    tag = Markup('<meta name="blackstart:break-glass" content="{}">').format(glass.reason)
    top = str(_banner(glass, path, pages))
    return re.sub("<body[^>]*>", lambda found: found[0] + top, output.replace("</head>", f"{tag}</head>", 1), count=1)


def _banner(glass: Glass, path: str, pages: Sequence[tuple[str, str]]) -> Markup:
    """At the top of the page made from `path`; `pages` are titles and addresses of those that the gate refused."""
    refusals = _refusals(glass, path)
    head, advice = "This site was published although its gate failed.", "Pages that it refused say so here."
    if refusals:
        head, advice = f"The gate refused this page: {', '.join(refusals)}.", "Check every step before you follow it."
    parts = [
        Markup("<p><strong>{}</strong> {}</p>").format(head, advice),
        Markup("<p>Reason given by {} on {}, for commit {}: <q>{}</q></p>").format(
            glass.actor, glass.at.strftime("%Y-%m-%d %H:%M UTC"), _commit(glass)[:7], glass.reason
        ),
        _list(Markup('<a href="{}">{}</a>').format(address, title) for title, address in pages),
    ]
    kind = " bs-glass--here" if refusals else ""
    return Markup('<section class="bs-glass{}" role="alert">{}</section>').format(kind, Markup("").join(parts))


def _refusals(glass: Glass, path: str) -> list[str]:
    """The rules that a page breaks; the box on it says the rest."""
    unsure = ["not judged"] if any(item.path == path for item in glass.not_judged) else []
    return [*sorted({finding.rule for finding in glass.findings if finding.path == path}), *unsure]


def _list(items: Iterator[str]) -> Markup:
    entries = Markup("").join(Markup("<li>{}</li>").format(item) for item in items)
    return Markup("<ul>{}</ul>").format(entries) if entries else Markup("")


def _overridden(glass: Glass) -> str:
    unsure = f", {many(len(glass.not_judged), 'anchor')} not judged" if glass.not_judged else ""
    return f"{many(len(glass.findings), 'finding')}{unsure} in {many(len(glass.pages), 'file')}"


def _commit(glass: Glass) -> str:
    return (glass.commit or "none") + (" with uncommitted edits" if glass.dirty else "")


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
