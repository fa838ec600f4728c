"""A page's content as a tree, and back: what the steps of the rendering share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from lxml import html
from lxml.html import HtmlElement
from markupsafe import Markup

Node: TypeAlias = str | HtmlElement


def parse(content: str) -> HtmlElement:
    """The content below one `<div>`, so that every element has a parent."""
    return html.fragment_fromstring(content, create_parent="div")


def serialise(root: HtmlElement) -> str:
    """The content without that `<div>`."""
    text = html.tostring(root, encoding="unicode", method="html")
    return text.removeprefix("<div>").removesuffix("</div>")


def element(markup: Markup) -> HtmlElement:
    """One element from markup in which everything that people wrote is escaped."""
    return html.fragment_fromstring(str(markup))


def nodes(parent: HtmlElement) -> list[Node]:
    """Texts and elements in the order of the page. An element's tail is a node of its own here."""
    found: list[Node] = [parent.text] if parent.text else []
    for child in parent:
        found.append(child)
        if child.tail:
            found.append(child.tail)
    return found


def set_nodes(parent: HtmlElement, content: Iterable[Node]) -> None:
    """Replace all that is inside of the element."""
    for child in list(parent):
        parent.remove(child)
    parent.text = None
    last: HtmlElement | None = None
    for node in content:
        if isinstance(node, str):
            if last is None:
                parent.text = (parent.text or "") + node
            else:
                last.tail = (last.tail or "") + node
            continue
        node.tail = None
        parent.append(node)
        last = node


def insert_after(anchor: HtmlElement, new: HtmlElement) -> None:
    """As `addnext`, but the text behind the anchor stays behind the anchor's new neighbour."""
    new.tail, anchor.tail = anchor.tail, None
    anchor.addnext(new)


def text_of(item: HtmlElement) -> str:
    return str(item.text_content())


def add_class(item: HtmlElement, *names: str) -> None:
    item.set("class", " ".join([*item.get("class", "").split(), *names]))


def has_class(item: HtmlElement, name: str) -> bool:
    return name in item.get("class", "").split()


def sections(root: HtmlElement) -> Iterator[tuple[HtmlElement, Sequence[HtmlElement]]]:
    """Every second-level heading with the elements below it, up to the next heading of its level or above."""
    heading: HtmlElement | None = None
    below: list[HtmlElement] = []
    for child in root:
        if child.tag in ("h1", "h2"):
            if heading is not None:
                yield heading, below
            heading, below = (child if child.tag == "h2" else None), []
        elif heading is not None and isinstance(child.tag, str):
            below.append(child)
    if heading is not None:
        yield heading, below
