"""The alert rules of the code that runbooks speak about: Prometheus rule files and the operator's PrometheusRule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from blackstart.counted import eligible
from blackstart.freshness.tree import Tree, lookup, match
from blackstart.library import Library
from blackstart.runbook import Runbook
from blackstart.verdict import anchors_of
from blackstart.written.text import decode
from blackstart.written.yaml import Yaml, parse_all

_SUFFIXES = (".yml", ".yaml", ".rules")
_NAMES_ALERTS = "alert[\"']?[[:space:]]*:"  # an extended regular expression
_LINE = re.compile(r"^([ \t]*(?:-[ \t]+)?)alert:[ \t]*([\"']?)([^\s\"'{}#]+)\2[ \t]*(?:#.*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One rule; `lasting` is its `for`. Of a file that is no plain YAML, such as a template, only names are known."""

    name: str
    path: str
    line: int
    column: int
    expression: str = ""
    lasting: str = ""
    severity: str = ""
    summary: str = ""
    description: str = ""


@dataclass(frozen=True)
class Alerts:
    """`rules` are those of this repository; `elsewhere` are names that other, covered repositories define."""

    rules: tuple[AlertRule, ...]
    elsewhere: frozenset[str] = frozenset()
    by_name: dict[str, list[AlertRule]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for rule in self.rules:
            self.by_name.setdefault(rule.name, []).append(rule)


@lru_cache(maxsize=1)
def alerts_of(library: Library) -> Alerts:
    """Every alert rule of the service's code and of what runbooks cover, by file and line."""
    rules = tuple(rule for path in _files(library) for rule in _rules(library.worktree, path))
    return Alerts(rules, frozenset(_elsewhere(library)))


def handlers(library: Library) -> dict[str, list[Runbook]]:
    """The runbooks that each alert leads to, as their front matter says."""
    found: dict[str, list[Runbook]] = {}
    for runbook in library.runbooks:
        for name in dict.fromkeys(runbook.front.alerts if runbook.front else ()):
            found.setdefault(name, []).append(runbook)
    return found


def names_in(tree: Tree, path: str) -> frozenset[str]:
    """The alerts that a file defines."""
    return frozenset(rule.name for rule in _rules(tree, path)) if path.endswith(_SUFFIXES) else frozenset()


def covers_absent(library: Library, runbook: Runbook) -> bool:
    """Whether it covers code that is not checked out, which may define any alert."""
    return any(anchor.source in library.absent for _, anchor in anchors_of(runbook))


def _files(library: Library) -> list[str]:
    """The files that name alerts, as far as they make up the service or are covered."""
    every = library.history.files_with(_NAMES_ALERTS) if library.history else library.worktree.paths
    named = frozenset(path for path in every if path.endswith(_SUFFIXES))
    ours = named & eligible(library) if named else named
    covered = (path for path in named - ours if any(library.covers(runbook, [path]) for runbook in library.runbooks))
    return sorted([*ours, *covered])


def _elsewhere(library: Library) -> Iterator[str]:
    anchors = {anchor for runbook in library.runbooks for _, anchor in anchors_of(runbook) if anchor.source}
    for anchor in sorted(anchors, key=lambda anchor: anchor.text):
        checkout = library.judge.checkout(anchor)
        for path, _ in match(checkout.worktree, anchor.pattern) if checkout else ():
            if path.endswith(_SUFFIXES):
                yield from (rule.name for rule in _rules(checkout.worktree, path)) if checkout else ()


def _rules(tree: Tree, path: str) -> Iterator[AlertRule]:
    entry = lookup(tree, path)
    if entry is None or not entry.mode.startswith("100"):
        return
    text = decode(path, tree.read(path, entry)).text
    documents = parse_all(path, text)
    if any(document.data is None and document.problems for document in documents):
        yield from _by_line(path, text)
        return
    for document in documents:
        yield from _of_document(document)


def _of_document(document: Yaml) -> Iterator[AlertRule]:
    data = document.data
    spec = data.get("spec") if isinstance(data, dict) else None
    for above, holder in (((), data), (("spec",), spec)):
        for group_at, group in _list(holder, "groups"):
            for at, rule in _list(group, "rules"):
                name = rule.get("alert") if isinstance(rule, dict) else None
                if isinstance(name, str) and name:
                    mark = document.mark((*above, "groups", group_at, "rules", at, "alert"))
                    yield _rule(name, rule, document.path, mark.line, mark.column)


def _rule(name: str, rule: dict[str, Any], path: str, line: int, column: int) -> AlertRule:
    labels, annotations = rule.get("labels"), rule.get("annotations")
    return AlertRule(
        name,
        path,
        line,
        column,
        _text(rule, "expr"),
        _text(rule, "for"),
        _text(labels, "severity"),
        _text(annotations, "summary") or _text(annotations, "message"),
        _text(annotations, "description"),
    )


def _by_line(path: str, text: str) -> Iterator[AlertRule]:
    """What a template would define, as far as its lines say so."""
    for found in _LINE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield AlertRule(found[3], path, line, len(found[1]) + len("alert:") + 2)


def _list(data: Any, key: str) -> Iterator[tuple[int, Any]]:
    value = data.get(key) if isinstance(data, dict) else None
    return enumerate(value if isinstance(value, list) else ())


def _text(data: Any, key: str) -> str:
    value = data.get(key) if isinstance(data, dict) else None
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
