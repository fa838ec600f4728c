"""Reporters: each takes a report and returns a string."""

from __future__ import annotations

from importlib import import_module

from blackstart.model import Report

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit", "markdown")
"""Each is a module here, loaded when somebody wants it."""


def render(name: str, report: Report) -> str:
    """The report in the format of that name."""
    text: str = import_module(f"{__name__}.{name}").render(report)
    return text
