"""HTML, or a link or attribute, that could run or load something in the reader's browser.

Why: a runbook is text from many hands, read on trusted machines in a hurry. What is no plain mark-up the site does not
show at all, so `<host>` in a sentence is a word that nobody reads.

Bad:

    <script src="https://cdn.example.com/chart.js"></script>
    Connect to <host>, then see [the graph](javascript:open()).
    ![Load](https://graphs.example.com/load.png)

Good:

    Connect to `<host>`, then see [the graph](https://graphs.example.com/load).
    ![Load](load.png)
    <details><summary>When the host is down</summary>Ask the vendor.</details>

Fix: write it as Markdown, or in backticks. Comments and harmless tags such as `<details>`, `<kbd>`, `<br>`, `<sub>` may
stay; pictures belong beside the page.

Options: `severity` in blackstart.yml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from blackstart.library import Library
from blackstart.model import Problem, Severity
from blackstart.rules._pages import each_page
from blackstart.runbook import Runbook
from blackstart.written.code import code_of

if TYPE_CHECKING:
    from blackstart.written.parts import Tag

SEVERITY = Severity.ERROR
OF_THE_TEXT = True

HARMLESS = frozenset(
    (
        *("a", "abbr", "b", "br", "code", "del", "em", "i", "img", "ins", "kbd", "mark", "q", "s", "samp", "small"),
        *("span", "strong", "sub", "sup", "u", "var"),
        *("dd", "details", "div", "dl", "dt", "hr", "li", "ol", "p", "summary", "ul"),
        *("table", "tbody", "td", "th", "thead", "tr"),
    )
)
"""Tags that structure text and do nothing else."""
ATTRIBUTES = frozenset(
    (
        *("align", "alt", "class", "colspan", "dir", "height", "href", "id", "lang", "markdown", "name", "open"),
        *("rowspan", "scope", "src", "title", "width"),
    )
)
_SCHEME = re.compile(r"(?:javascript|data|vbscript|livescript|blob|file):", re.IGNORECASE)
_TARGET = re.compile(r"\]\(\s*<?([^\s)>]+)|^\s*\[[^\]]+\]:\s*<?([^\s>]+)|<([a-zA-Z][a-zA-Z0-9+.&#;-]*:[^\s>]*)>")
_LIST = re.compile(r"\{:?(?=[ .#\w])([^{}\n]{0,400})\}")
_HANDLER = re.compile(r"(?:^|\s)(on\w+|style|srcdoc|formaction)\s*=", re.IGNORECASE)
_FIX = "Write it as Markdown, or in backticks if the reader should see it."


def check(library: Library) -> Iterator[Problem]:
    return each_page(library, _problems)


def _problems(library: Library, runbook: Runbook) -> Iterator[Problem]:
    del library
    for tag in runbook.document.tags:
        if message := _wrong(tag):
            yield Problem(runbook.path, tag.line, tag.column, message, _FIX)
    for link in runbook.document.links:
        if link.image and re.match(r"(?:https?:)?//", link.target):
            message = "the image comes from another host, which would learn of every reader"
            yield Problem(runbook.path, link.line, link.column, message, "Put the picture beside the page.")
    yield from _in_text(runbook)


def _wrong(tag: Tag) -> str:
    if tag.name not in HARMLESS:
        return f"`<{tag.name}>` is raw HTML, which the site does not show"
    for name, value in tag.attributes:
        if name not in ATTRIBUTES and not name.startswith("aria-"):
            return f"the attribute `{name}` of `<{tag.name}>` is not allowed"
        if name in ("href", "src") and _runs(value):
            return f"the link of `<{tag.name}>` could run something"
    return ""


def _in_text(runbook: Runbook) -> Iterator[Problem]:
    """What the parser of links refuses is a link all the same to the one that makes the page."""
    code: dict[int, list[str]] = {}
    fenced: set[int] = set()
    for item in code_of(runbook.document):
        if item.language is None:
            code.setdefault(item.line, []).append(item.text)
        else:
            fenced.add(item.line)
    for number, line in runbook.document.numbered():
        if number in fenced:
            continue
        for span in code.get(number, ()):
            line = line.replace(span, " " * len(span), 1)
        for found in _TARGET.finditer(line):
            if _runs(found[1] or found[2] or found[3]):
                message = "the link could run something in the reader's browser"
                yield Problem(runbook.path, number, runbook.document.column(number, found.start()), message, _FIX)
        for listed in _LIST.finditer(line):
            if handler := _HANDLER.search(listed[1]):
                column = runbook.document.column(number, listed.start())
                message = f"the attribute `{handler[1]}` could run something in the reader's browser"
                yield Problem(runbook.path, number, column, message, "Remove the attribute.")


def _runs(target: str) -> bool:
    """Browsers read entities, and pass over white space and control characters in a scheme."""
    plain = re.sub(r"[\x00-\x20\x7f-\x9f\u200b]", "", unescape(unquote(target)))
    return bool(_SCHEME.match(plain))
