"""Reporters: each takes a report and returns a string."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from blackstart.model import Report
from blackstart.report import json, text

REPORTERS: Mapping[str, Callable[[Report], str]] = {"text": text.render, "json": json.render}
