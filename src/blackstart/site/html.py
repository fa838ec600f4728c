"""Templates to HTML; everything a person wrote is escaped."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(template: str, **values: Any) -> str:
    return environment().get_template(template).render(values)


@cache
def environment() -> Environment:
    """Templates escape everything unless it is marked as safe."""
    return Environment(
        loader=PackageLoader("blackstart.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
