"""Reports to render: found in a real repository, or with everything in it that a report can hold."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date

from attacks import SITE
from blackstart.engine import run
from blackstart.library import load
from blackstart.model import Family, Finding, NotJudged, Report, Severity, Since, Waived
from repo import TODAY, Repo, sample

STALE = ("--select", "stale")
PAGE, CODE = "runbooks/restore.md", "app/backup.py"


def stale_repo(repo: Repo) -> Repo:
    """The sample, whose code Ben changed after the runbook was written."""
    sample(repo.root)
    repo.write("blackstart.yml", f"runbooks: runbooks\nsite: {SITE}\n").commit("Name the site")
    repo.git("config", "user.name", "Ben")
    repo.replace(CODE, '"pg_dump"', '"pg_dump", "--tar"').commit("Write dumps as tar")
    return repo


def judged(repo: Repo, *select: str) -> Report:
    with closing(load(repo.root, TODAY)) as library:
        return run(library, select)


def finding(text: str, number: int = 0, severity: Severity = Severity.ERROR) -> Finding:
    """A stale finding with `text` wherever a stranger can put some."""
    commit = {"sha": "1c0ffee" * 5, "date": "2026-01-05T10:00:00+00:00", "author": text, "subject": text}
    details = {
        "anchor": text,
        "commits": [commit] * 7,
        "uncommitted": [text],
        "added": 1,
        "removed": 1,
        "code": f"{text or 'x'}:3",
    }
    return Finding(
        rule="stale",
        family=Family.FRESHNESS,
        severity=severity,
        path=text.lstrip("/") or "x",
        line=7,
        column=5,
        message=f"`{text}` has changed since this runbook was reviewed on 2026-11-23 by {text}",
        fix=f"Read the change: git diff 1c0ffee -- {text}\nThen record it:\nblackstart review {text} -m 'why'",
        fingerprint=f"{number:016x}",
        details=details,
    )


def full(report: Report, text: str = "plain") -> Report:
    """The report with one more of everything."""
    found = [finding(text, number, severity) for number, severity in enumerate(Severity)]
    before, gone, waived, old = (finding(text, number) for number in range(10, 14))
    return replace(
        report,
        findings=(*report.findings, *found),
        waived=(Waived(waived, text, text, date(2026, 3, 1)),),
        baselined=(old,),
        since=Since(text, "1c0ffee" * 5, (before,), (gone,), (text or "x", PAGE)),
        not_judged=(
            NotJudged(text.lstrip("/") or "x", 3, text, text, text),
            NotJudged(PAGE, 7, text, "absent", "fetch it", True),
        ),
        not_checked=(text,),
        site=SITE,
    )
