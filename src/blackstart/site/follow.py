"""A rendered runbook, made to be followed: steps with addresses, marked doubts, variables, templates and the dock."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files as resources

from lxml.html import HtmlElement
from markupsafe import Markup

from blackstart.runbook import Runbook
from blackstart.site.box import anchor_of, component_of, doubts_of, roles_of, with_code
from blackstart.site.clocks import table_of_clocks
from blackstart.site.comms import mark_templates
from blackstart.site.edition import Edition
from blackstart.site.html import environment
from blackstart.site.marks import Doubt, blocks_of, doubted, forgotten, marked
from blackstart.site.steps import Outline, mark_commands, mark_effects, mark_steps
from blackstart.site.tree import add_class, element, insert_after, parse, sections, serialise, text_of
from blackstart.site.variables import table_of, variables_of

SCRIPT = "assets/blackstart/run.js"
AGE_SCRIPT = "assets/blackstart/age.js"
_AGE_PARTS = ("time", "dom", "box", "age")
_PARTS = (
    "time",
    "shell",
    "run",
    "export",
    "store",
    "dom",
    "copy",
    "box",
    "variables",
    "steps",
    "comms",
    "keys",
    "main",
    "age",
)
_COMMENT = re.compile(
    r"^\s*//[^\n]*\n|^\s*/\*\*.*?\*/\n", re.MULTILINE | re.DOTALL
)  # whole lines; a third of the bytes
_BLOCKS = ("p", "li", "td", "th", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "summary")
_INSIDE = ("li", "td", "th", "dd", "dt", "summary")


def run_script() -> str:
    """The script of a runbook's page."""
    return _script(_PARTS)


def age_script() -> str:
    """The script of any other page with dates: it says how long ago they are."""
    return _script(_AGE_PARTS)


def _script(names: Sequence[str]) -> str:
    """One file, since a page from a folder cannot load modules."""
    folder = resources("blackstart.site") / "assets" / "run"
    parts = ((folder / f"{name}.js").read_text(encoding="utf-8") for name in names)
    text = "".join(("(() => {\n", '"use strict";\n', *parts, "})();\n"))
    return _COMMENT.sub("", text)


def mark_source(edition: Edition, path: str, markdown: str) -> str:
    """The Markdown with marks, before it is rendered."""
    return marked(edition.runbooks[path], markdown, doubts_of(edition, path))


@dataclass(frozen=True, slots=True)
class Place:
    """The site's name, the page's published address if there is one, and where the page finds its script."""

    site: str
    address: str
    script: str


def followed(edition: Edition, path: str, content: str, place: Place) -> str:
    """The content of the page, with all that makes it followable."""
    runbook = edition.runbooks[path]
    root = parse(content)
    outline = Outline({anchor: title for title, anchor in roles_of(edition, runbook).items()})
    blocks = blocks_of(root, runbook)
    _mark_doubts(root, runbook, doubts_of(edition, path), blocks)
    mark_effects(root)
    _add_comms(root, runbook, outline)
    mark_steps(root, outline)
    mark_commands(blocks, runbook.document.fences)
    _add_variables(root, runbook, blocks)
    for table in list(root.iter("table")):
        if not table.get("class"):
            _make_scrollable(table)
    return forgotten(serialise(root)) + _dock(edition, runbook, outline, place)


def _mark_doubts(
    root: HtmlElement, runbook: Runbook, doubts: Sequence[Doubt], blocks: Mapping[int, HtmlElement]
) -> None:
    """Each doubtful line says what is wrong with it, right behind the block that it stands in."""
    places = doubted(root, runbook, doubts, blocks)
    for doubt in doubts:
        item = places.get(doubt.number)
        if item is None:
            continue
        add_class(item, "bs-doubt")
        item.set("id", anchor_of(doubt))
        block = next((up for up in item.iterancestors() if up.tag in _BLOCKS), item)
        tag = "span" if block.tag in _INSIDE else "p"
        note = element(
            Markup('<{0} class="bs-doubt-note"><strong>In doubt:</strong> {1}.</{0}>').format(
                tag, with_code(doubt.finding.message.rstrip("."))
            )
        )
        if block.tag in _INSIDE:
            block.append(note)
        else:
            around = block.getparent()
            insert_after(around if block.tag == "pre" and around is not None and around.tag == "div" else block, note)


def _add_comms(root: HtmlElement, runbook: Runbook, outline: Outline) -> None:
    if runbook.front is None or runbook.front.kind != "comms":
        return
    for heading, below in list(sections(root)):
        if outline.role(heading) == "Templates":
            mark_templates(below)
        elif outline.role(heading) == "Cadence":
            insert_after(below[-1] if below else heading, table_of_clocks())


def _add_variables(root: HtmlElement, runbook: Runbook, blocks: Mapping[int, HtmlElement]) -> None:
    """Below the section that sets the first of them, or above the steps where that is inside of one."""
    fences = runbook.document.fences
    table = table_of(variables_of(fences, [text_of(text) for text in root.find_class("bs-text")]))
    if table is None:
        return
    exporting = (pre for index, pre in sorted(blocks.items()) if "export " in fences[index].content)
    first = next(exporting, None)
    place = first if first is not None else next(iter(root.find_class("bs-step")), None)
    for heading, below in sections(root):
        if place is not None and any(block is place or block in place.iterancestors() for block in below):
            if first is None or any(up.tag == "li" for up in first.iterancestors()):
                heading.addprevious(table)
            else:
                insert_after(below[-1], table)
            return
    root.append(table)


def _make_scrollable(table: HtmlElement) -> None:
    """A wide table scrolls in a box of its own, also by keyboard."""
    parent = table.getparent()
    if parent is None:
        return
    box = table.makeelement("div", {"class": "bs-wide", "tabindex": "0", "role": "group", "aria-label": "Table"})
    box.tail, table.tail = table.tail, None
    parent.replace(table, box)
    box.append(table)
    add_class(table, "bs-table")  # so that the theme does not wrap it in a box that no key reaches


def _dock(edition: Edition, runbook: Runbook, outline: Outline, place: Place) -> str:
    component = component_of(edition, runbook)
    rto = component.objectives.rto if component else None
    escalation = next((anchor for anchor, title in outline.roles.items() if title == "Escalation"), "")
    return (
        environment()
        .get_template("dock.html")
        .render(
            path=runbook.path,
            title=runbook.title,
            kind=runbook.front.kind if runbook.front else "",
            commit=edition.report.commit or "",
            rto=int(rto.total_seconds()) if rto else 0,
            escalation=escalation,
            place=place,
        )
    )
