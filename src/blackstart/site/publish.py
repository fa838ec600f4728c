"""What makes a built site safe to publish, the same each time, and readable without a server: MkDocs' later events."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from blackstart.site import adapter, building, gating
from blackstart.site.binder import ADDRESS as BINDER
from blackstart.site.binder import Leaf, print_style, render_binder, title_style
from blackstart.site.bundle import FACTS, facts
from blackstart.site.bundle import Edition as Built
from blackstart.site.csp import hardened
from blackstart.site.offline import SCRIPT, remover, worker
from blackstart.site.pages import kinds

_ASSETS = "assets/blackstart"
_SEARCH = "search.md"
# What the search plugin passes over, part by part: what is excluded, headings' own links, and all but a few tags.
_EXCLUDED = re.compile(r'<(\w+)\b[^>]*\sdata-search-exclude\b.*?</\1>|<a class="headerlink".*?</a>', re.DOTALL)
_KEPT = "p|code|pre|li|ol|ul|sub|sup|h[1-6]|script|style|object"
_INLINE = "a|abbr|b|button|em|i|input|kbd|label|mark|q|s|small|span|strong|time|u|var"
_UNSEARCHED = re.compile(rf"</?(?:{_INLINE})\b[^>]*>|(\s*</?(?!(?:{_KEPT}|{_INLINE})\b)\w[^>]*>\s*)+")
_SEARCH_PAGE = """\
---
title: Search
hide: [navigation, toc]
search: {exclude: true}
---

# Search

Type into the field at the top of this page: every word of every page is searched.
"""


@dataclass
class _State:
    """What one build gathers page by page."""

    leaves: dict[str, Leaf] = field(default_factory=dict)
    polyfills: list[Any] = field(default_factory=list)
    content: str = ""  # of the page that is being indexed


_state = _State()


# --- the same bytes each time


@event_priority(100)
def fix_date(config: MkDocsConfig) -> MkDocsConfig:
    """on_config: the date in the site is the commit's, not the build's."""
    commit = building.edition_of(config).built_from
    if commit and not building.is_preview():
        os.environ.setdefault("SOURCE_DATE_EPOCH", str(int(commit.date.timestamp())))
    return config


def write_facts(*, config: MkDocsConfig) -> None:
    """on_post_build: what the site was built from, for machines."""
    edition = building.edition_of(config)
    date = edition.built_from.date.astimezone(UTC).isoformat() if edition.built_from else ""
    commit = edition.stamp("")["blackstart:commit"]
    _write(config, FACTS, facts(Built(config.site_name, commit, date, edition.state_of_code)))


# --- security


def align_by_attribute(config: MkDocsConfig) -> MkDocsConfig:
    """on_config: tables are aligned without style attributes, which the policy forbids."""
    if "tables" in config.markdown_extensions:
        config.mdx_configs.setdefault("tables", {}).setdefault("use_align_attribute", True)
    return config


@event_priority(-100)  # when the page is as it will be published
def harden(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """on_post_page: the content security policy, and links that give nothing away."""
    del config
    return output if building.is_preview() else hardened(output, page.content or "")


@event_priority(-100)
def harden_template(output: str, *, template_name: str, config: MkDocsConfig) -> str:
    """on_post_template: the same for 404.html and its like."""
    del config
    return hardened(output) if template_name.endswith(".html") and not building.is_preview() else output


def write_headers(*, config: MkDocsConfig) -> None:
    """on_post_build: what only a server can say, in the form that Netlify and Cloudflare Pages read."""
    _write(config, "_headers", _asset("_headers"))


# --- search


def add_search_page(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: the theme's search has a page of its own."""
    if _SEARCH not in files.src_uris:
        building.put_file(files, File.generated(config, _SEARCH, content=_SEARCH_PAGE))
    return files


@event_priority(100)  # before the search plugin, which takes apart every coloured word of a command
def thin_for_search(context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation) -> Any:
    """on_page_context: the search plugin gets the page without what it passes over, most of its work."""
    del config, nav
    _state.content = page.content or ""
    page.content = _UNSEARCHED.sub(lambda found: "\n" if found[1] else "", _EXCLUDED.sub("", _state.content))
    return context


@event_priority(-100)  # after the search plugin has indexed the page
def keep_search_off(context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation) -> Any:
    """on_page_context: elsewhere the theme would load the whole index on every page, searched or not."""
    del nav
    page.content = _state.content
    if page.file.src_uri != _SEARCH:
        _enable_search(config, on=False)
    return context


@event_priority(100)
def turn_search_on(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """on_post_page: the next page must be indexed too."""
    del page
    _enable_search(config, on=True)
    return output


def _enable_search(config: MkDocsConfig, *, on: bool) -> None:
    plugin = config.plugins.get("material/search")
    if plugin is None:
        return
    plugin.config.enabled = on
    if on and _state.polyfills:
        config.extra["polyfills"] = _state.polyfills
    elif not on:
        _state.polyfills, config.extra["polyfills"] = config.extra.get("polyfills", []), []


# --- paper


def add_paper(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: the style sheet for paper; the binder is announced here, so that pages can link to it."""
    edition = building.edition_of(config)
    style = print_style(config.site_name, edition.state_of_code)
    building.put_file(files, File.generated(config, f"{_ASSETS}/print.css", content=style))
    building.put_file(files, File.generated(config, BINDER, content=""))
    _state.leaves = {}
    return files


def announce_binder(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """on_page_markdown: the index of the runbooks leads to the binder."""
    del files
    if page.file.src_uri != f"{building.runbooks_folder(config)}/index.md":
        return markdown
    return f"{markdown}\n\n[All runbooks in one document, to print or to keep](../{BINDER})\n"


@event_priority(-100)  # as the page will show it
def keep_leaf(content: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """on_page_content: remember each runbook for the binder."""
    del files
    if runbook := building.runbook_at(page, config):
        _state.leaves[runbook.path] = Leaf(runbook.title, page.file.dest_uri, content)
    return content


def link_print_style(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """on_post_page: for paper only, so that no reader of the screen waits for it."""
    del config
    root = "../" * page.file.dest_uri.count("/")
    link = f'<link rel="stylesheet" media="print" href="{root}{_ASSETS}/print.css">'
    title = f'<style media="print">{title_style(str(page.title))}</style>'
    return output.replace("</head>", f"{link}{title}</head>", 1)


def write_binder(*, config: MkDocsConfig) -> None:
    """on_post_build: the runbooks in the order of the navigation."""
    edition = building.edition_of(config)
    if building.is_preview() and edition.runbooks.keys() - _state.leaves.keys():
        return  # pages that did not change were not made again, so the last one stands
    chapters = [(title, list(_leaves(members))) for title, members in kinds(edition)]
    page = render_binder(config.site_name, config.theme.get("language", "en"), edition.state_of_code, chapters)
    page = gating.banner_on(page, BINDER, config)
    content = page[page.index("<main>") :]
    _write(config, BINDER, page if building.is_preview() else hardened(_stamped(page, config), content))


def _leaves(members: list[Any]) -> Iterator[Leaf]:
    return (_state.leaves[runbook.path] for runbook in members if runbook.path in _state.leaves)


def _stamped(page: str, config: MkDocsConfig) -> str:
    return adapter.stamp_template(page, template_name=BINDER, config=config)


# --- without a server


@event_priority(-200)  # the binder says it once for all its pages
def add_copy_line(content: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """on_page_content: above the title, which copy of the site this is."""
    del page, files
    state = building.edition_of(config).state_of_code
    return f'<p class="bs-edition" data-search-exclude>Built from {state}.</p>\n{content}'


def add_offline_script(config: MkDocsConfig) -> MkDocsConfig:
    """on_config: the script that saves the site in the browser; a preview must not."""
    if _offers_copy(config):
        config.extra_javascript.append(f"{_ASSETS}/offline.js")
    return config


@event_priority(-200)  # when every file is as it will be published
def write_worker(*, config: MkDocsConfig) -> None:
    """on_post_build: the service worker, or what takes an earlier one away."""
    _write(config, SCRIPT, worker(Path(config.site_dir)) if _offers_copy(config) else remover())


def _offers_copy(config: MkDocsConfig) -> bool:
    return not building.is_preview() and bool(config.extra.get("offline", True))


def _asset(name: str) -> str:
    return (resources("blackstart.site") / "assets" / name).read_text("utf-8")


def _write(config: MkDocsConfig, address: str, text: str) -> None:
    path = Path(config.site_dir) / address
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
