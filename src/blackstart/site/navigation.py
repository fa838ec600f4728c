"""MkDocs' events for the navigation: a kind with many runbooks is not listed again on the page of each of them."""

from __future__ import annotations

from typing import Any

from markdown.extensions.toc import slugify
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Link, Navigation, Section
from mkdocs.structure.pages import Page

from blackstart.site import building

_MANY = 30  # nobody finds a page among more, and each page carries the list


class _State:
    """The sections of the last navigation that are too long, with where their whole list is."""

    long: tuple[tuple[Section, Page, Link], ...] = ()


def note_long_sections(nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
    """on_nav: when all sections are known."""
    index = files.get_file_from_path(f"{building.runbooks_folder(config)}/index.md")
    of_runbooks = {page.parent for page in nav.pages if building.runbook_at(page, config)}
    found = []
    for section in of_runbooks:
        if index and isinstance(section, Section) and len(section.children) > _MANY:
            first = next(child for child in section.children if isinstance(child, Page))
            anchor = slugify(section.title, "-")  # where our index of the runbooks lists them
            found.append((section, first, Link(f"All {len(section.children)} runbooks", f"{index.url}#{anchor}")))
    _State.long = tuple(found)
    return nav


@event_priority(100)
def shorten(context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation) -> Any:
    """on_page_context: of a long section, this page, or the first for a way there, and a link to all."""
    del config, nav
    for section, first, link in _State.long:
        section.children = [page if page.parent is section else first, link]
    return context
