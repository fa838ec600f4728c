"""Runbooks cover less of the service's files than the policy demands.

Why: code that no runbook covers can change as it likes, and nobody is asked whether a procedure still holds. New
folders are the usual case: the pages for them were never written.

Bad:

    coverage: {include: [services/shop], threshold: 80}   # and 60 % of services/shop is covered

Good:

    covers: [services/shop/deploy/**]                     # in the runbook that speaks about the deployment

Fix: `blackstart coverage` lists what is not covered. Add files and globs to `covers` of the page that speaks about
them, or write the page. What no runbook needs goes under `coverage: exclude`. Without `coverage: threshold` nothing
is demanded.

Options: `coverage` in blackstart.yml: `include` and `exclude` say which files count, `threshold` how many must be
covered; `severity`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.policy import FILE_NAME

if TYPE_CHECKING:
    from blackstart.coverage import Coverage

SEVERITY = Severity.ERROR
OF_THE_WHOLE = True
_NAMED = 3  # of the largest gaps; the command lists them all


def check(library: Library) -> Iterator[Problem]:
    if library.policy.coverage.threshold is None:
        return
    from blackstart.coverage import extent

    coverage = extent(library)
    for index, pattern in coverage.idle:
        message = f"`{pattern}` finds no file that counts, so nothing of it can be covered or missing"
        yield _problem(library, ("include", index), message, "Correct the path, or remove the entry.")
    if coverage.missing:
        yield _problem(library, ("threshold",), _message(coverage), _fix(coverage))


def _message(coverage: Coverage) -> str:
    gaps = ", ".join(f"`{gap.path or '.'}` ({len(gap.uncovered)})" for gap in coverage.gaps[:_NAMED])
    share = f"{coverage.percent:g} % of the service's {len(coverage.files)} files"
    return f"runbooks cover {share}, less than {coverage.threshold} %; most is missing in {gaps}"


def _fix(coverage: Coverage) -> str:
    gap = coverage.gaps[0]
    glob = f"{gap.path}/**" if gap.path and not gap.covered else gap.uncovered[0].path
    count = "1 file more" if coverage.missing == 1 else f"{coverage.missing} files more"
    return (
        f"Cover {count}: add them, such as `{glob}`, to `covers` of the runbook that speaks about them.\n"
        "blackstart coverage lists them all. What no runbook needs goes under `coverage: exclude`."
    )


def _problem(library: Library, key: tuple[str | int, ...], message: str, fix: str) -> Problem:
    mark = library.policy.mark("coverage", *key)
    return Problem(FILE_NAME, mark.line, mark.column, message, fix, subject=".".join(map(str, key)))
