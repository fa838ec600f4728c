"""What leads a reader to a runbook: alerts, symptoms, error texts, titles and components, as people wrote them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from urllib.parse import unquote

from blackstart.alerts import alerts_of
from blackstart.runbook import Runbook
from blackstart.site.edition import Edition
from blackstart.written.blocks import sentences, text_of
from blackstart.written.markdown import Document
from blackstart.written.parts import Block, Span, Spans

_MOST = 60  # clues of one page; a hostile one could fill every reader's memory
_LONGEST = 160
_PAGES = 2_000  # a preview asks again after each edit of one page
_SECTIONS = ("symptoms", "when to use")
_LEAST = 6  # a shorter cell, such as `both`, says nothing without its table
_DECIDES = re.compile(r"says?|see|happened|symptom|alert|error|notice|what\b|health", re.IGNORECASE)
_USE_WHEN = re.compile(r"^\W*use this when\s+", re.IGNORECASE)
_JOINTS = re.compile(r"^[\s,;:(]*(?:(?:not when|and|or|otherwise|except)\b[\s,;:]*)*", re.IGNORECASE)
_TELLS = re.compile(r"→|\b(?:says?|reports?|answers?|complains?|shows?|fails?|refuses?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clue:
    """`kind` is alert, title, component, symptom or error."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Found:
    """A clue to the runbook at `path`."""

    path: str
    clue: Clue


def clues_of(edition: Edition, front_pages: Mapping[str, Document]) -> dict[str, tuple[Clue, ...]]:
    """The clues to each runbook by its path; `front_pages` are others whose tables and links point at runbooks."""
    found: dict[str, dict[str, Clue]] = {path: {} for path in edition.runbooks}
    for one in _all(edition, front_pages):
        ours, text = found.get(one.path), _short(one.clue.text)
        if ours is not None and len(ours) < _MOST and re.search(r"\w", text):
            ours.setdefault(text.casefold(), Clue(one.clue.kind, text))
    return {path: tuple(ours.values()) for path, ours in found.items()}


def _all(edition: Edition, front_pages: Mapping[str, Document]) -> Iterator[_Found]:
    for runbook in edition.library.runbooks:
        yield from (_Found(runbook.path, clue) for clue in _of_front_matter(edition, runbook))
    documents = {runbook.path: runbook.document for runbook in edition.library.runbooks}
    told = frozenset(name.casefold() for name in _symptom_sections(edition))
    programs = frozenset().union(*map(_programs, documents.values()))
    for path, document in {**front_pages, **documents}.items():
        for one in _of_page(path, document, told if path in documents else None):
            if one.clue.kind != "error" or _is_error(one.clue.text, programs):
                yield one


@lru_cache(_PAGES)
def _of_page(path: str, document: Document, told: frozenset[str] | None) -> tuple[_Found, ...]:
    """What stands in its text; a page that is no runbook has no clues to itself, and nothing `told`."""
    found, leads = list[_Found](), False
    for block in document.blocks:
        found += _pointers(path, block)
        if told is not None:
            leads = leads or (not block.is_row and _USE_WHEN.match(text_of(block.cells[0])) is not None)
            found += (_Found(path, clue) for clue in _of_block(block, told, leads=leads))
    return tuple(found)


def use_when(runbook: Runbook) -> str:
    """In one sentence, when it is the right one, as far as it says so."""
    told = [block for block in runbook.document.blocks if not block.is_row]
    for block in told:
        if found := _USE_WHEN.match(text := text_of(block.cells[0])):
            return _short(text[found.end() :])
    first = next((block for block in told if block.section.casefold() in _SECTIONS), None)
    return _short(text_of(next(sentences(first.cells[0])))) if first else ""


def _of_front_matter(edition: Edition, runbook: Runbook) -> Iterator[Clue]:
    yield Clue("title", runbook.title)
    if runbook.front is None:
        return
    catalogue, rules = edition.library.catalogue, alerts_of(edition.library).by_name
    yield from (Clue("alert", name) for name in runbook.front.alerts)
    for name in runbook.front.alerts:
        yield from (Clue("symptom", rule.summary) for rule in rules.get(name, ()))
    component = catalogue.components.get(runbook.front.component) if catalogue else None
    yield Clue("component", runbook.front.component)
    if component:
        yield Clue("component", component.title)


def _symptom_sections(edition: Edition) -> Iterator[str]:
    """The headings, and their other names, under which a kind says when its runbooks are the right ones."""
    yield from _SECTIONS
    for kind in edition.library.kinds.values():
        for section in kind.sections:
            if any(name.casefold() in _SECTIONS for name in section.names):
                yield from section.names


@lru_cache(_PAGES)
def _programs(document: Document) -> frozenset[str]:
    """The first words of what readers are told to type."""
    lines = (line.split(maxsplit=1) for fence in document.fences for line in fence.content.splitlines())
    return frozenset(words[0] for words in lines if words)


def _is_error(text: str, programs: frozenset[str]) -> bool:
    """Whether a program may say it: neither a command, nor a variable, nor a path."""
    first, *more = text.split() or [""]
    return first not in programs and not text.startswith(("$", "-")) and ("/" not in first or bool(more))


def _of_block(block: Block, told: frozenset[str], *, leads: bool) -> Iterator[Clue]:
    """`leads`: the page begins with "use this when", so that prose under "when to use" speaks of other things."""
    if block.section.casefold() in told:
        if block.is_row or block.is_item or not leads or block.section.casefold() == _SECTIONS[0]:
            yield from _of_symptoms(block)
    elif block.is_row:
        if any(_DECIDES.search(title) for title in block.head[:1]):
            yield from _stated(block.cells[0])
    elif found := _USE_WHEN.match(text_of(block.cells[0])):
        yield Clue("symptom", text_of(block.cells[0])[found.end() :])
        yield from _errors(block.cells[0])
    elif any(span.is_code for span in block.cells[0]):
        for sentence in sentences(block.cells[0]):
            if _tells(sentence):
                yield from _errors(sentence)


def _of_symptoms(block: Block) -> Iterator[Clue]:
    cells = block.cells[:-1] if block.is_row and len(block.cells) > 1 else block.cells
    for cell in cells:
        for sentence in sentences(cell) if not block.is_row else (cell,):
            yield from _stated(sentence)


def _stated(spans: Spans) -> Iterator[Clue]:
    if len(text_of(spans)) >= _LEAST:
        yield Clue("symptom", text_of(spans))
    yield from _errors(spans)


def _errors(spans: Spans) -> Iterator[Clue]:
    """What a program says: in code, or between quotation marks."""
    yield from (Clue("error", span.text) for span in spans if span.is_code and len(span.text) > 3)
    yield from (Clue("error", text) for text in re.findall(r"[\"“]([^\"”]{6,})[\"”]", text_of(_prose(spans))))


def _prose(spans: Spans) -> Spans:
    return tuple(span for span in spans if not span.is_code)


def _tells(sentence: Spans) -> bool:
    """Whether it says what to do about what a program says; what is expected is no error."""
    text = text_of(sentence)
    if text.startswith("Expect"):
        return False
    after_code = any(one.is_code and other.text.startswith((":", " alone")) for one, other in pairwise(sentence))
    return after_code or _TELLS.search(text_of(_prose(sentence))) is not None


def _pointers(path: str, block: Block) -> Iterator[_Found]:
    """`what is the matter → [runbook]` in a text, and rows whose last cells link to a runbook, are clues to it."""
    if block.is_row:
        targets = {_target(path, span) for cell in block.cells[1:] for span in cell if span.href} - {path}
        for target in sorted(targets) if len(text_of(block.cells[0])) >= _LEAST else ():
            yield from (_Found(target, clue) for clue in _stated(block.cells[0]))
        return
    before: list[Span] = []
    for span in block.cells[0] if any(span.href for span in block.cells[0]) else ():
        if not span.href:
            cut = re.split(r"[.;](?=\s|$)", span.text) if not span.is_code else [span.text]
            before = [*before, Span(cut[0], span.is_code)] if len(cut) == 1 else [Span(cut[-1])]
            continue
        said = text_of(before)
        if said.endswith("→"):
            target, phrase = _target(path, span), _JOINTS.sub("", said.removesuffix("→"))
            if len(phrase.split()) > 1 and phrase.strip() != "if not":
                yield _Found(target, Clue("symptom", phrase.strip()))
            yield from (_Found(target, clue) for clue in _errors(tuple(before)))
        before = []


def _target(path: str, span: Span) -> str:
    """The path in the repository that a link leads to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(span.href.partition("#")[0])))


def _short(text: str) -> str:
    if not text.isprintable():
        text = "".join(symbol if symbol.isprintable() else " " for symbol in text)
    text = " ".join(text.split()).strip(" ,;:-")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rsplit(' ', 1)[0]}…"
