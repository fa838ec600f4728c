"""An alert that the code defines has no runbook, or a runbook waits for an alert that no rule defines.

Why: a pager that rings with a name nobody wrote a page for costs the first half hour. And a page for an alert that
was renamed is never opened again.

Bad:

    - alert: ShopQueueStuck                   # in deploy/alerts.yml; no runbook lists it
    alerts: [ShopDatabaseGone]                # in a runbook; the rule is called ShopDatabaseDown

Good:

    alerts: [ShopDatabaseDown, ShopQueueStuck]

Fix: list the alert under `alerts` of the runbook that its reader needs, or write that runbook; correct or remove a
name that no rule has. Looked at are the Prometheus rule files (`groups`, also below `spec` of a PrometheusRule) of
the service's code and of what runbooks cover. Where there are none, nothing is demanded. A runbook that covers a
source which is not checked out may wait for any alert.

Options: `severity`, also by path; `waivers`. `coverage` says with `include` and `exclude` which files are the
service's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.runbook import Runbook
from blackstart.written.near import suggest

if TYPE_CHECKING:
    from blackstart.alerts import AlertRule, Alerts

SEVERITY = Severity.ERROR


def check(library: Library) -> Iterator[Problem]:
    from blackstart.alerts import alerts_of, covers_absent, handlers

    alerts = alerts_of(library)
    if not alerts.rules:
        return
    handled = handlers(library)
    yield from (_unhandled(rules[0]) for name, rules in alerts.by_name.items() if name not in handled)
    for runbook in library.runbooks:
        if not covers_absent(library, runbook):
            yield from _unknown(runbook, alerts)


def _unhandled(rule: AlertRule) -> Problem:
    message = f"the alert `{rule.name}` has no runbook"
    fix = "List it under `alerts` of the runbook that its reader needs."
    return Problem(rule.path, rule.line, rule.column, message, fix, {"alert": rule.name}, rule.name)


def _unknown(runbook: Runbook, alerts: Alerts) -> Iterator[Problem]:
    for index, name in enumerate(runbook.front.alerts if runbook.front else ()):
        if name not in alerts.by_name and name not in alerts.elsewhere:
            message = f"no alert rule defines `{name}`{suggest(name, alerts.by_name)}"
            fix = "Correct the name, or remove the entry."
            yield runbook.problem(("alerts", index), message, fix, subject=name, alert=name)
