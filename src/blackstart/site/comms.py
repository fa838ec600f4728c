"""Posts to fill in: the text for each state of an incident, and the minutes until the next one is due."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement
from markupsafe import Markup

from blackstart.site.tree import add_class, element, insert_after, nodes, set_nodes, text_of

_STATES = re.compile(r"\s*(Investigating|Identified|Monitoring|Resolved)\b", re.IGNORECASE)
_MINUTES = re.compile(r"(\d{1,3})\s*min")
_NEXT = {"investigating": 5, "identified": 20, "monitoring": 20, "resolved": 0}
"""Minutes until the next post where the page says nothing: the field's custom; 0 means that none follows."""
_HEAD = Markup('<div class="bs-head"><a class="bs-permalink" href="#{}" title="Link to this text">{}</a></div>')


def mark_templates(below: Sequence[HtmlElement]) -> None:
    """A label that names a state and the text block below it, or a paragraph that begins with the state in bold."""
    for block in below:
        text = text_of(block)
        state = _STATES.match(text) if block.tag in ("p", "h3", "h4") else None
        if state is None:
            continue
        body = block.getnext()
        if text.rstrip().endswith(":") or not text[state.end() :].strip(" .\n\u00b6"):
            if body is not None and (body.tag in ("p", "pre") or body.find(".//pre") is not None):
                _make(block, body, state[1].lower(), text)
        elif (behind := _without_label(block)) is not None:
            insert_after(block, behind)
            _make(block, behind, state[1].lower(), "")


def _without_label(paragraph: HtmlElement) -> HtmlElement | None:
    """The paragraph behind its bold label."""
    content = nodes(paragraph)
    if isinstance(content[0], str) or content[0].tag not in ("strong", "b"):
        return None
    new = paragraph.makeelement("p", {})
    rest = content[1:]
    set_nodes(new, [rest[0].lstrip(" .:"), *rest[1:]] if rest and isinstance(rest[0], str) else rest)
    return new


def _make(label: HtmlElement, body: HtmlElement, state: str, said: str) -> None:
    minutes = _MINUTES.search(said)
    whole = label.makeelement("section", {"id": f"template-{state}", "data-state": state})
    whole.set("data-minutes", minutes[1] if minutes else str(_NEXT[state]))
    whole.set("aria-label", f"Template: {state}")
    add_class(whole, "bs-template")
    label.addprevious(whole)
    head = element(_HEAD.format(f"template-{state}", state.capitalize()))
    if minutes:
        note = head.makeelement("span", {"class": "bs-next"})
        note.text = f"next update in {minutes[1]} min"
        head.append(note)
    label.drop_tree()
    whole.append(head)
    tail, body.tail = body.tail, None
    whole.append(body)
    whole.tail = tail
    add_class(body, "bs-text")
