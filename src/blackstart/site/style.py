"""MkDocs' events for the style sheets: no more than is used, and for runbooks none to wait for."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.pages import Page
from pygments.style import Style, StyleMeta

from blackstart.site import building
from blackstart.site.first_paint import early_style, linked_sheets, with_early_style
from blackstart.site.slim import slimmed, words_of_page, words_of_script


@dataclass
class _Words:
    """The classes that one build finds page by page."""

    of_pages: set[str] = field(default_factory=set)
    of_runbooks: set[str] = field(default_factory=set)


_words = _Words()


class _NoRules(StyleMeta):
    def __iter__(self) -> Iterator[Any]:
        return iter(())


class Classes(Style, metaclass=_NoRules):
    """Classes for the theme's style sheet. Pygments makes the rules of a style for each block anew."""


def leave_colours_to_theme(config: MkDocsConfig) -> MkDocsConfig:
    """on_config: no style of Pygments where nothing shows it."""
    if "pymdownx.highlight" in config.markdown_extensions:
        options = config.mdx_configs.setdefault("pymdownx.highlight", {})
        if not options.get("noclasses"):
            options.setdefault("pygments_style", Classes)
    return config


@event_priority(-100)
def note_words(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """on_post_page: which classes the pages have."""
    words = words_of_page(output)
    _words.of_pages |= words
    if building.runbook_at(page, config):
        _words.of_runbooks |= words
    return output


@event_priority(-100)
def note_template_words(output: str, *, template_name: str, config: MkDocsConfig) -> str:
    """on_post_template: the same for 404.html and its like."""
    del template_name, config
    _words.of_pages |= words_of_page(output)
    return output


def fit_styles(*, config: MkDocsConfig) -> None:
    """on_post_build: the theme's style sheets cut down to this site, and in each runbook what it needs of them."""
    if building.is_preview():  # which may yet need the rest
        return
    site = Path(config.site_dir)
    _slim(site / "assets")
    styles: dict[tuple[str, ...], str] = {}
    for address in building.addresses_of(config).values():
        path = site / address
        page = path.read_text("utf-8")
        sheets = tuple(
            posixpath.normpath(posixpath.join(posixpath.dirname(address), one)) for one in linked_sheets(page)
        )
        if sheets not in styles:
            styles[sheets] = _early_style(site, sheets)
        path.write_text(with_early_style(page, styles[sheets]), encoding="utf-8", newline="\n")


def _slim(assets: Path) -> None:
    scripts = (path.read_text("utf-8") for path in assets.rglob("*.js") if "lunr" not in path.parts)
    words = _words.of_pages.union(*map(words_of_script, scripts))
    sheets = {path.relative_to(assets).as_posix(): path.read_text("utf-8") for path in sorted(assets.rglob("*.css"))}
    for name, text in slimmed(sheets, words).items():
        if name.startswith("stylesheets/"):  # the theme's; ours are read for the variables they use
            (assets / name).write_text(text, "utf-8")


def _early_style(site: Path, sheets: tuple[str, ...]) -> str:
    if not all((site / sheet).is_file() for sheet in sheets):  # of another host, or made by nobody
        return ""
    return early_style({sheet: (site / sheet).read_text("utf-8") for sheet in sheets}, _words.of_runbooks)
