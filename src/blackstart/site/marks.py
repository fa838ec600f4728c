"""Places of the source, found again in the rendered page: each code block, and every line that is in doubt.

A mark is written into the Markdown, two private-use characters with a name between, and taken out of the HTML. So no
second parser has to agree with the first. What cannot be marked safely is not marked; the box lists it all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from blackstart.model import Finding
from blackstart.runbook import Runbook
from blackstart.site.tree import Node, add_class, nodes, set_nodes
from blackstart.written.parts import Fence

_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}([a-z])(\\d+){_CLOSE}")
_ANY = re.compile(f"[{_OPEN}{_CLOSE}]")
_FENCE, _DOUBT = "f", "d"
_UNMARKABLE = re.compile(
    r"\s*(?:\[[^\]]+\]:|[<!?:{=]|\*\[)|(?=[|:\s]*-)[|:\s-]+$"
)  # definitions, tags, boxes, underlines; rules
_SPAN = re.compile(r"(?<!`)(`{1,9})(?!`)(.{1,1000}?)(?<!`)\1(?!`)")
_TITLE, _UNDERLINE = re.compile(r"[>\s]*#"), re.compile(r"[>\s]*(?:=+|-+)\s*$")
_LEADING = re.compile(r"(?:>|[-*+](?=\s)|\d+[.)](?=\s)|#{1,6}(?=\s)|\|)?\s*")
_OPENING = re.compile(r"[*_\[(\"'“„]*")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A finding whose line is in the runbook's text. Its number is the page's own."""

    number: int
    finding: Finding


def marked(runbook: Runbook, markdown: str, doubts: Sequence[Doubt]) -> str:
    """The Markdown that MkDocs is about to render, with marks; lines that something changed before stay as they are."""
    lines = _ANY.sub("", markdown).split("\n")
    page = _Page(runbook, lines)
    inside = _lines_of_fences(runbook)
    for index, fence in enumerate(runbook.document.fences):
        at = _last_line(page, fence) if fence.closed else None
        if at is not None:
            lines[at] += f"{_OPEN}{_FENCE}{index}{_CLOSE}"
    places: list[tuple[int, int, int]] = []
    for doubt in doubts:
        finding = doubt.finding
        at = page.index(finding.line) if finding.line not in inside else None
        place = _place(lines[at], finding.column - 1) if at is not None and not _is_title(lines, at) else None
        if at is not None and place is not None:
            places.append((at, place, doubt.number))
    for at, place, number in sorted(places, reverse=True):  # from the right: a mark moves what is behind it
        lines[at] = f"{lines[at][:place]}{_OPEN}{_DOUBT}{number}{_CLOSE}{lines[at][place:]}"
    return "\n".join(lines)


class _Page:
    """MkDocs drops blank lines at the beginning, and another hook may have changed the text."""

    def __init__(self, runbook: Runbook, lines: list[str]) -> None:
        self._source = runbook.text.split("\n")
        self.lines = lines
        first = runbook.text.count("\n", 0, runbook.body_start)
        self._shift = _filled(self._source, first) - _filled(lines, 0)

    def index(self, line: int) -> int | None:
        at = line - 1 - self._shift
        same = 0 <= at < len(self.lines) and line <= len(self._source)
        plain = _MARK.sub("", self.lines[at]) if same else ""
        return at if same and plain == _ANY.sub("", self._source[line - 1].rstrip("\r")) else None


def _filled(lines: Sequence[str], start: int) -> int:
    return next((index for index in range(start, len(lines)) if lines[index].strip()), start)


def _lines_of_fences(runbook: Runbook) -> Mapping[int, tuple[int, Fence]]:
    """The block, with its index, of every line that is in one; its opening line counts."""
    return {
        line: (index, fence)
        for index, fence in enumerate(runbook.document.fences)
        for line in range(fence.line, fence.line + fence.content.count("\n") + 1)
    }


def _last_line(page: _Page, fence: Fence) -> int | None:
    """The last line of a block that stays what it is with a mark at its end, also where Python-Markdown sees no block.

    None for a block which Python-Markdown takes for a title, as a rule follows at once.
    """
    opening, *inner, closing = map(page.index, range(fence.line, fence.line + fence.content.count("\n") + 2))
    if opening is None or closing is None or _is_title(page.lines, closing):
        return None
    sure = opening == 0 or not page.lines[opening - 1].strip(" \t>")  # after a blank line, it is one to both
    for at in reversed(inner):
        if at is None or not page.lines[at].strip() or _is_title(page.lines, at):
            continue
        if sure or not _UNMARKABLE.match(page.lines[at]):
            return at
    return None


def _is_title(lines: Sequence[str], at: int) -> bool:
    """Ids are made from titles, and must not change."""
    below = lines[at + 1] if at + 1 < len(lines) else ""
    return bool(_TITLE.match(lines[at]) or _UNDERLINE.match(below))


def _place(line: str, column: int) -> int | None:
    """Where a mark changes nothing: inside the code span or the link's text at the column, else at the first word."""
    if any(span.start(2) <= column < span.end(2) and line[column] != "`" for span in _SPAN.finditer(line)):
        return column
    opened = line.rfind("](", 0, column + 1)
    if opened >= 0 and line.find(")", opened) >= column:
        return opened
    if _UNMARKABLE.match(line):
        return None
    at = 0
    while (found := _LEADING.match(line, at)) and found[0]:
        at = found.end()
    opening = _OPENING.match(line, at)
    at = opening.end() if opening else at
    if line[at : at + 1] == "`":
        at += len(line[at:]) - len(line[at:].lstrip("`"))
    return at if line[at : at + 1].strip() and line[at] not in "<!&\\{" else None


# --- in the rendered page


def blocks_of(root: HtmlElement, runbook: Runbook) -> Mapping[int, HtmlElement]:
    """The `<pre>` of each fenced block, by the block's index."""
    found: dict[int, HtmlElement] = {}
    for pre in root.iter("pre"):
        for index in _taken(pre, _FENCE):
            if index < len(runbook.document.fences):
                found.setdefault(index, pre)
    return found


def doubted(
    root: HtmlElement, runbook: Runbook, doubts: Sequence[Doubt], blocks: Mapping[int, HtmlElement]
) -> Mapping[int, HtmlElement]:
    """Mark the doubtful lines; by the doubt's number, the element that is marked."""
    inside = _lines_of_fences(runbook)
    found: dict[int, HtmlElement | None] = dict(_marked_texts(root)) if doubts else {}
    for doubt in doubts:
        index, fence = inside.get(doubt.finding.line, (-1, None))
        if fence is not None and index in blocks:
            found[doubt.number] = _marked_line(blocks[index], max(doubt.finding.line - fence.line - 1, 0))
    return {number: item for number, item in found.items() if item is not None}


def forgotten(content: str) -> str:
    """The page without what is left of marks, wherever it ended up."""
    return _ANY.sub("", _MARK.sub("", content))


def _taken(root: HtmlElement, sort: str) -> Iterator[int]:
    for item in root.iter():
        for part in ("text", "tail"):
            for mark in _MARK.finditer(getattr(item, part) or ""):
                if mark[1] == sort:
                    yield int(mark[2])
                    setattr(item, part, getattr(item, part).replace(mark[0], ""))


def _marked_texts(root: HtmlElement) -> Iterator[tuple[int, HtmlElement]]:
    """Marks in running text: the code span or the link around it, else the words up to the end of the line."""
    for item in list(root.iter()):
        if not isinstance(item.tag, str) or not any(_MARK.search(node) for node in _texts(item)):
            continue
        around = next((up for up in (item, *item.iterancestors()) if up.tag in ("code", "a")), None)
        for node in list(_texts(item)):
            for mark in _MARK.finditer(node):
                if mark[1] == _DOUBT:
                    target = around if around is not None else _words(item, mark[0])
                    yield int(mark[2]), _wrapped(target) if target is around else target


def _texts(item: HtmlElement) -> Iterable[str]:
    return (node for node in nodes(item) if isinstance(node, str))


def _words(item: HtmlElement, mark: str) -> HtmlElement:
    """A new `<mark>` around what stands between the mark and the end of its line."""
    new, content, within = item.makeelement("mark", {}), list[Node](), False
    inner: list[Node] = []
    for node in nodes(item):
        if isinstance(node, str) and mark in node:
            before, _, node = node.partition(mark)
            content += [before, new]
            within = True
        if within and isinstance(node, str) and "\n" in node:
            end, _, rest = node.partition("\n")
            inner.append(end)
            content.append(f"\n{rest}")
            within = False
        else:
            (inner if within else content).append(node)
    set_nodes(item, content)
    set_nodes(new, inner)
    return new


def _wrapped(item: HtmlElement) -> HtmlElement:
    new = item.makeelement("mark", {})
    new.tail, item.tail = item.tail, None
    item.addprevious(new)
    new.append(item)
    return new


def _marked_line(pre: HtmlElement, number: int) -> HtmlElement | None:
    """A `<mark>` around line `number` of a block, counted from 0. The highlighter closes all its tags in each line."""
    code = next(pre.iter("code"), pre)
    lines: list[list[Node]] = [[]]
    for node in nodes(code):
        if isinstance(node, str):
            first, *rest = node.split("\n")
            lines[-1].append(first)
            lines += [[text] for text in rest]
        else:
            lines[-1].append(node)
            lines += [[] for _ in range("".join(node.itertext()).count("\n"))]
    if number >= len(lines):
        return None
    new = code.makeelement("mark", {})
    set_nodes(new, lines[number])
    lines[number] = [new]
    flat: list[Node] = []
    for index, line in enumerate(lines):
        flat += ["\n", *line] if index else line
    set_nodes(code, flat)
    add_class(new, "bs-line")
    return new
