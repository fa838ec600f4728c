"""Reporters: each takes a report and returns a string."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from blackstart.model import Report
from blackstart.report import github, gitlab, json, junit, markdown, sarif, text

REPORTERS: Mapping[str, Callable[[Report], str]] = {
    "text": text.render,
    "json": json.render,
    "sarif": sarif.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "junit": junit.render,
    "markdown": markdown.render,
}
