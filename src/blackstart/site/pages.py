"""Pages that no person writes: the runbooks by kind, and the rules."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from blackstart.model import Family
from blackstart.rules import Rule, all_rules
from blackstart.runbook import Runbook
from blackstart.site.box import WORDS
from blackstart.site.edition import Edition

RULES = "rules"


def runbook_pages(edition: Edition, folder: str) -> Mapping[str, str]:
    """Markdown by address: the index of the runbooks, which stand in `folder`."""
    return {f"{folder}/index.md": "\n".join(_by_kind(edition, folder))}


def rule_pages() -> Mapping[str, str]:
    """Markdown by address: one page a rule, from its docstring, and their index."""
    pages = {f"{RULES}/{rule.slug}.md": _rule(rule) for rule in all_rules().values()}
    return pages | {f"{RULES}/index.md": "\n".join(_rule_index())}


def _rule_index() -> Iterator[str]:
    yield from ("# Rules", "", "What the gate checks. `blackstart.yml` can change a rule's severity.", "")
    for family in Family:
        yield from (f"## {family.capitalize()}", "")
        members = (rule for rule in all_rules().values() if rule.family is family)
        yield from (f"- [{rule.slug}]({rule.slug}.md) ({rule.severity}): {rule.summary}" for rule in members)
        yield ""


def runbook_nav(edition: Edition, folder: str, uris: Mapping[str, str]) -> list[object]:
    """MkDocs navigation: the index, then the runbooks by kind. `uris` maps a runbook's path to its address."""
    nav: list[object] = [{"All runbooks": f"{folder}/index.md"}]
    for title, runbooks in kinds(edition):
        nav.append({title: [{html.escape(runbook.title): uris[runbook.path]} for runbook in runbooks]})
    return nav


def rule_nav() -> list[object]:
    return [{"All rules": f"{RULES}/index.md"}, *({slug: f"{RULES}/{slug}.md"} for slug in all_rules())]


def expanded(nav: Any, uri: str, items: list[object]) -> Any:
    """MkDocs navigation with the entry for `uri` replaced by `items`."""
    if isinstance(nav, list):
        return [expanded(item, uri, items) for item in nav]
    if isinstance(nav, dict):
        return {title: items if value == uri else expanded(value, uri, items) for title, value in nav.items()}
    return nav


def _rule(rule: Rule) -> str:
    facts = f"Family {rule.family}, severity {rule.severity} unless `blackstart.yml` says otherwise."
    return f"---\ntitle: {rule.slug}\n---\n\n# {rule.slug}\n\n{rule.summary}\n\n{facts}\n\n{rule.markdown}\n"


def _by_kind(edition: Edition, folder: str) -> Iterator[str]:
    yield from ("# Runbooks", "")
    for title, runbooks in kinds(edition):
        purpose = next((kind.purpose for kind in edition.library.kinds.values() if kind.title == title), "")
        yield from (f"## {escape(title)}", "", escape(purpose), "", *_table(edition, runbooks, folder, "component"), "")


def kinds(edition: Edition) -> Iterator[tuple[str, list[Runbook]]]:
    """The title of each kind that has runbooks; those of no known kind come last."""
    rest = sorted(edition.library.runbooks, key=lambda runbook: runbook.title.casefold())
    for name, kind in edition.library.kinds.items():
        members = [runbook for runbook in rest if runbook.front and runbook.front.kind == name]
        if members:
            yield kind.title, members
            rest = [runbook for runbook in rest if not runbook.front or runbook.front.kind != name]
    if rest:
        yield "Of no known kind", rest


def _table(edition: Edition, runbooks: Iterable[Runbook], folder: str, fact: str) -> Iterator[str]:
    yield from (f"| Runbook | {fact.capitalize()} | State |", "|---|---|---|")
    for runbook in runbooks:
        link = quote(posixpath.relpath(runbook.path, folder))
        known = escape(getattr(runbook.front, fact)) if runbook.front else ""
        state = WORDS[edition.standings[runbook.path].state]
        yield f"| [{escape(runbook.title)}]({link}) | {known} | {state} |"


def escape(text: str) -> str:
    """Text that a person wrote, as Markdown that shows it and nothing else."""
    return re.sub(r"[^\w\s.,/-]|_", lambda found: f"&#{ord(found[0])};", text)
