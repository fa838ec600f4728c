"""The first draft of a runbook: every section of its kind, with the hint where the text goes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from blackstart.errors import UsageError
from blackstart.kinds import Kind
from blackstart.library import Library
from blackstart.written.near import suggest


def draft(library: Library, kind_name: str, name: str, component: str) -> tuple[str, str]:
    """The path and text of a new runbook. Raises UsageError for an unknown kind or component, or a bad name."""
    if kind_name not in library.kinds:
        known = ", ".join(library.kinds)
        raise UsageError(f"no kind `{kind_name}`{suggest(kind_name, library.kinds) or '.'} Known: {known}.")
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name):
        raise UsageError(
            f"`{name}` cannot be a file name here: use lower-case words with hyphens, like `lost-database`."
        )
    path = f"{library.policy.runbooks}/{kind_name}/{name}.md"
    return path, "\n".join(_lines(library.kinds[kind_name], name, component, _owner(library, component)))


def _owner(library: Library, component: str) -> str:
    if library.catalogue is None:
        return ""
    known = library.catalogue.components
    if component not in known:
        raise UsageError(
            f"no component `{component}` in the catalogue{suggest(component, known) or '.'} Known: {', '.join(known)}."
        )
    return known[component].owner


def _lines(kind: Kind, name: str, component: str, owner: str) -> Iterator[str]:
    title = name.replace("-", " ").capitalize()
    facts = {"title": title, "kind": kind.name, "component": component, "owner": owner or "", "covers": []}
    facts |= {field: [] for field in kind.requires}
    yield "---"
    yield yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=1_000_000).rstrip("\n")
    yield "---"
    yield ""
    yield f"# {title}"
    for section in kind.sections:
        if not section.optional:
            yield from ("", f"## {section.title}", "", f"<!-- {section.hint} -->")
    yield ""
