"""The few numbers that deploy/alerts.yml asks about, in Prometheus' text format."""

import threading
from collections import Counter
from datetime import datetime
from typing import Any

BUCKETS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5)


class Requests:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_status: Counter[int] = Counter()
        self._by_bucket: Counter[float] = Counter()
        self._seconds = 0.0

    def observe(self, status: int, seconds: float) -> None:
        with self._lock:
            self._by_status[status] += 1
            self._seconds += seconds
            for bound in BUCKETS:
                self._by_bucket[bound] += seconds <= bound

    def render(self) -> list[str]:
        with self._lock:
            total = self._by_status.total()
            lines = ["# TYPE pennant_requests_total counter"]
            lines += [
                f'pennant_requests_total{{status="{status}"}} {count}'
                for status, count in sorted(self._by_status.items())
            ]
            lines += ["# TYPE pennant_request_seconds histogram"]
            lines += [f'pennant_request_seconds_bucket{{le="{bound}"}} {self._by_bucket[bound]}' for bound in BUCKETS]
            lines += [f'pennant_request_seconds_bucket{{le="+Inf"}} {total}']
            lines += [f"pennant_request_seconds_sum {self._seconds:.6f}"]
            return [*lines, f"pennant_request_seconds_count {total}"]


def render(requests: Requests, health: dict[str, Any]) -> str:
    checks, backup = health["checks"], health["newest_backup"]
    values: dict[str, float] = {
        "pennant_database_up": checks["database"]["ok"],
        "pennant_cache_up": checks["cache"]["ok"],
        "pennant_schema_current": checks["schema"]["ok"],
        "pennant_accepts_changes": health["accepts_changes"],
    }
    if wal := checks.get("wal_archive"):
        values["pennant_wal_archive_ok"] = wal["ok"]
        if wal["last_archived_at"]:
            archived_at = datetime.fromisoformat(wal["last_archived_at"])
            values["pennant_wal_last_archived_timestamp_seconds"] = archived_at.timestamp()
    if backup:
        taken_at = datetime.fromisoformat(backup["taken_at"])
        values["pennant_backup_timestamp_seconds"] = taken_at.timestamp()
    gauges = [f"# TYPE {name} gauge\n{name} {float(value):.15g}" for name, value in values.items()]
    return "\n".join([*gauges, *requests.render()]) + "\n"
