"""MkDocs' events for a site of many runbooks: their pages are rendered by all cores before MkDocs comes to them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import TableOfContents

from blackstart.crew import Crew, hands
from blackstart.site import building, runbook_pages
from blackstart.site.links import LinkExtension

_MANY = 100  # fewer are rendered before a second process has started


@dataclass(frozen=True, slots=True)
class _Rendered:
    """What MkDocs makes of a page's Markdown, stage by stage, and what it said meanwhile: logger, level, message."""

    markdown: str
    toc: TableOfContents
    title: str | None
    ids: set[str] | None
    links: dict[str, dict[str, str]] | None
    said: list[tuple[str, int, str]]
    stages: tuple[str, ...]


class _State:
    crew: Crew[Page, _Rendered] | None = None


@event_priority(-300)  # when every page and every address is known
def render_ahead(nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
    """on_nav: a page that another handler changes after all is rendered again, as MkDocs would have."""
    pages = [page for page in nav.pages if building.runbook_at(page, config)]
    if len(pages) < _MANY or hands() < 2 or building.is_preview() or not _is_known(config):
        return nav
    _State.crew = Crew(partial(_rendered, config, files), pages)
    for index, page in enumerate(pages):
        page.render = partial(_take, page, index)  # type: ignore[method-assign]  # MkDocs has no event for it
    return nav


def _rendered(config: MkDocsConfig, files: Files, page: Page) -> _Rendered:
    """What MkDocs does with a page, in a process of its own."""
    said = _listen()
    config._current_page = page  # noqa: SLF001 - as MkDocs does
    page.read_source(config)
    markdown = config.plugins.on_page_markdown(page.markdown or "", page=page, config=config, files=files)
    said.clear()  # MkDocs will come to hear it
    page.markdown = markdown
    page.render(config, files)
    links = page.links_to_anchors
    return _Rendered(
        markdown,
        page.toc,
        page._title_from_render,  # noqa: SLF001 - there is no other way
        page.present_anchor_ids,
        None if links is None else {file.src_uri: anchors for file, anchors in links.items()},
        list(said),
        runbook_pages.stages_of(page, config),
    )


def _take(page: Page, index: int, config: MkDocsConfig, files: Files) -> None:
    """In the place of `Page.render`."""
    assert _State.crew
    done = _State.crew.take(index)
    if done is None or done.markdown != page.markdown:
        type(page).render(page, config, files)
        return
    page.content, page.toc, page.present_anchor_ids = done.stages[0], done.toc, done.ids
    page._title_from_render = done.title  # noqa: SLF001 - there is no other way
    if done.links is not None:
        known = ((files.get_file_from_path(uri), anchors) for uri, anchors in done.links.items())
        page.links_to_anchors = {file: anchors for file, anchors in known if file}
    for name, level, message in done.said:
        logging.getLogger(name).log(level, "%s", message)
    runbook_pages.foresee(page, config, done.stages)


class _Compiled(BytecodeCache):
    """Templates from the last build of a preview; MkDocs begins each with an environment of its own."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if known := self._known.get(bucket.key):
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.said: list[tuple[str, int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append((record.name, record.levelno, record.getMessage()))


def _listen() -> list[tuple[str, int, str]]:
    """What anything says from now on in this process; it is said where the page is taken."""
    listener, mkdocs = _Listener(), logging.getLogger("mkdocs")
    logging.getLogger().handlers = mkdocs.handlers = [listener]
    mkdocs.propagate = False
    return listener.said


def end(env: Environment, *, config: MkDocsConfig, files: Files) -> Environment:
    """on_env: all pages are rendered. Templates do not change while a site is built, so none is looked up again."""
    del config, files
    env.auto_reload, env.bytecode_cache = building.is_preview(), _compiled
    abandon()
    return env


def abandon(**_: object) -> None:
    """on_build_error: nothing is rendered for a site that will not be."""
    if _State.crew:
        _State.crew.end()
        _State.crew = None


def _is_known(config: MkDocsConfig) -> bool:
    """Whether no extension could remember for a plugin what it came across: those that are named cannot."""
    return all(isinstance(one, str | LinkExtension) for one in config.markdown_extensions)
