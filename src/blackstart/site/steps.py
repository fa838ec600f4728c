"""What a reader follows: numbered steps with an address each, their commands, and what the author says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement
from markupsafe import Markup

from blackstart.commands import DIALECTS, SESSIONS, typed
from blackstart.site.destructive import destructive
from blackstart.site.tree import (
    Node,
    add_class,
    element,
    has_class,
    insert_after,
    nodes,
    sections,
    set_nodes,
    text_of,
)
from blackstart.written.parts import Fence

_LABELS = {
    "expect": re.compile(r"Expect(?:ed)?(?: result)?(?::|(?=\s))"),
    "radius": re.compile(r"Blast radius:"),
    "undo": re.compile(r"Undo:"),
    "destructive": re.compile(r"Destructive:"),
}
WHOLE = ("Choose the recovery point", "Verify")
"""Sections that are one step where their author did not number any."""
_OPTIONAL = ("Roll back", "Escalation", "When to use", "Symptoms", "Impact")
_CHIP = Markup('<strong class="bs-chip">⚠ Destructive</strong>')
_TITLE = 90  # characters


def mark_effects(root: HtmlElement) -> None:
    """Paragraphs and lines that begin with `Expect`, `Blast radius:`, `Undo:` or `Destructive:` stand out."""
    for paragraph in list(root.iter("p")):
        first, *others = _parts(paragraph)
        if not others and _label(first) is None:
            continue
        set_nodes(paragraph, first)
        for part in reversed(others):
            new = paragraph.makeelement("p", {})
            set_nodes(new, part)
            insert_after(paragraph, new)
            _name_effect(new)
        _name_effect(paragraph)


def _parts(paragraph: HtmlElement) -> list[list[Node]]:
    """What the paragraph holds, cut before each line that begins with a label."""
    parts: list[list[Node]] = [[]]
    for node in nodes(paragraph):
        if not isinstance(node, str):
            parts[-1].append(node)
            continue
        first, *lines = node.split("\n")
        parts[-1].append(first)
        for line in lines:
            if _label([line]):
                parts.append([line.lstrip()])
            else:
                parts[-1].append(f"\n{line}")
    return [part for part in parts if part] or [[]]


def _label(part: Sequence[Node]) -> tuple[str, str, Node] | None:
    """The label's name, its text, and the node that it stands in."""
    node = next((node for node in part if not isinstance(node, str) or node.strip()), None)
    if node is None or (not isinstance(node, str) and node.tag not in ("strong", "b")):
        return None
    text = (node if isinstance(node, str) else text_of(node)).lstrip()
    found = ((name, label.match(f"{text} ")) for name, label in _LABELS.items())
    return next(((name, match[0], node) for name, match in found if match), None)


def _name_effect(paragraph: HtmlElement) -> None:
    content = nodes(paragraph)
    label = _label(content)
    if label is None:
        return
    name, text, node = label
    add_class(paragraph, "bs-effect", f"bs-effect--{name}")
    if isinstance(node, str):
        strong = paragraph.makeelement("strong", {})
        strong.text = text
        at = content.index(node)
        set_nodes(paragraph, [strong, node.lstrip()[len(text) :], *content[at + 1 :]])


@dataclass(frozen=True, slots=True)
class Outline:
    """`roles` maps a heading's id to the title that the kind gives its section."""

    roles: Mapping[str, str]

    def role(self, heading: HtmlElement) -> str:
        return self.roles.get(heading.get("id", ""), "")


def mark_steps(root: HtmlElement, outline: Outline) -> None:
    """Every numbered list right below a section becomes a checklist; some sections are one step as a whole."""
    taken = set(root.xpath("//@id"))
    for heading, below in list(sections(root)):
        name = heading.get("id", "")
        items = [item for block in below if block.tag == "ol" for item in block if item.tag == "li"]
        optional = outline.role(heading) in _OPTIONAL
        for number, item in enumerate(items, start=1):
            anchor = next(text for text in _names(f"{name}-{number}") if text not in taken)
            taken.add(anchor)
            _make_step(item, anchor, str(number), _title_of(item), optional=optional)
            ordered = item.getparent()
            if ordered is not None and not has_class(ordered, "bs-steps"):
                add_class(ordered, "bs-steps")
        if not items and outline.role(heading) in WHOLE and any(_is_code(block) for block in below):
            whole = _wrapped(below)
            title = _heading_text(heading)
            anchor = next(text for text in _names(f"{name}-1") if text not in taken)
            _make_step(whole, anchor, title, title, optional=False)
            add_class(whole, "bs-step--whole")


def _names(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-step{'' if again == 1 else again}" for again in range(1, 100))


def _make_step(item: HtmlElement, anchor: str, number: str, title: str, *, optional: bool) -> None:
    add_class(item, "bs-step", *(("bs-step--optional",) if optional else ()))
    item.set("id", anchor)
    item.set("data-title", title)
    label = number if not number.isdigit() else f"Step {number}"
    head = Markup('<div class="bs-head"><a class="bs-permalink" href="#{}" title="Link to this step">{}</a></div>')
    first = element(head.format(anchor, label))
    first.tail, item.text = item.text, None
    item.insert(0, first)


def _title_of(item: HtmlElement) -> str:
    """The first sentence of the step."""
    first = next((child for child in item if child.tag == "p"), item)
    text = " ".join((text_of(first) if first is not item else item.text or text_of(item)).split())
    sentence = re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0].rstrip(".:")
    return sentence if len(sentence) <= _TITLE else f"{sentence[: _TITLE - 1].rstrip()}…"


def _heading_text(heading: HtmlElement) -> str:
    words = "".join(node if isinstance(node, str) else "" for node in nodes(heading))
    return " ".join(words.split()) or " ".join(text_of(heading).split()).rstrip("¶")


def _is_code(block: HtmlElement) -> bool:
    return block.tag == "pre" or next(block.iter("pre"), None) is not None


def _wrapped(below: Sequence[HtmlElement]) -> HtmlElement:
    whole = below[0].makeelement("div", {})
    below[0].addprevious(whole)
    for block in below:
        whole.append(block)
    return whole


# --- commands


def mark_commands(blocks: Mapping[int, HtmlElement], fences: Sequence[Fence]) -> None:
    """Shell blocks are commands: they can be copied, and what they destroy is said before them."""
    for index, pre in blocks.items():
        fence = fences[index]
        box = _box(pre)
        add_class(box, "bs-block", "no-copy")  # our own button works from a folder, too
        pre.set("tabindex", "0")  # a long line scrolls, also by keyboard
        box.set("data-language", fence.language)
        if fence.language not in (*DIALECTS, *SESSIONS):
            continue
        add_class(box, "bs-command")
        step = _step_of(box)
        said = step is not None and any(has_class(p, "bs-effect--destructive") for p in step.iter("p"))
        found = destructive(typed(fence) or "")
        if not said and not found:
            continue
        add_class(box, "bs-command--destructive")
        if not said:
            box.addprevious(_warning(found))
        if step is not None and not has_class(step, "bs-step--destructive"):
            add_class(step, "bs-step--destructive")
            next(iter(step.find_class("bs-head"))).append(element(_CHIP))


def _box(pre: HtmlElement) -> HtmlElement:
    """What the highlighter wraps around a block, else the block itself."""
    around = pre.getparent()
    return around if around is not None and has_class(around, "highlight") else pre


def _step_of(box: HtmlElement) -> HtmlElement | None:
    return next((up for up in box.iterancestors() if has_class(up, "bs-step")), None)


def _warning(found: Sequence[str]) -> HtmlElement:
    names = Markup(", ").join(Markup("<code>{}</code>").format(name) for name in found)
    warning = Markup('<p class="bs-effect bs-effect--destructive"><strong>Destructive:</strong> this runs {}.</p>')
    return element(warning.format(names))
