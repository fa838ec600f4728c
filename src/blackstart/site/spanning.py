"""MkDocs' events for what spans all runbooks: finder, alerts, status board, components, feed."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files as resources
from urllib.parse import urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from blackstart.site import building, gating
from blackstart.site.alerts import ALERTS, missing_page
from blackstart.site.finder import finder_at
from blackstart.site.follow import AGE_SCRIPT, age_script
from blackstart.site.overview import overview_files, overview_pages
from blackstart.site.sitemap import Sitemap, relative

_FOLDER = "assets/blackstart"
_ASSETS = ("finder.css", "finder.js", "finder-search.js")
_PLACE = "<!-- blackstart: missing -->"  # in theme/404.html
_PAGE = """\
---
title: {title}
hide: [toc]
search: {{exclude: true}}
---

# {title}
"""


@dataclass
class _State:
    """What one build knows; `contents` makes the content of a page, by MkDocs' name for it."""

    config: MkDocsConfig | None = None
    sitemap: Sitemap | None = None
    contents: dict[str, Callable[[], str]] = field(default_factory=dict)


_state = _State()


def add_templates(config: MkDocsConfig) -> MkDocsConfig:
    """on_config: the finder on every page; a theme of one's own comes before our templates."""
    config.extra_css.append(f"{_FOLDER}/finder.css")
    config.extra_javascript.append(f"{_FOLDER}/finder.js")
    own = resources("blackstart.site") / "theme"
    config.theme.dirs.insert(1 if config.theme.custom_dir else 0, str(own))
    return config


def add_files(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: the pages and files that no person writes; one that a person wrote stands."""
    sitemap = _sitemap(config)
    for address, title, content in overview_pages(sitemap):
        uri = _uri(address)
        if uri not in files.src_uris:
            text = _PAGE.format(title=title)
            building.put_file(files, File.generated(config, uri, content=text, inclusion=InclusionLevel.NOT_IN_NAV))
            _state.contents[uri] = content
    for address, data in overview_files(sitemap):
        page = address.endswith(".html")
        shown = gating.banner_on(data.decode(), address, config) if page else data
        building.put_file(files, File.generated(config, address, content=shown))
    building.put_file(files, File.generated(config, AGE_SCRIPT, content=age_script()))
    for name in _ASSETS:
        data = (resources("blackstart.site") / "assets" / name).read_bytes()
        building.put_file(files, File.generated(config, f"{_FOLDER}/{name}", content=data))
    return files


def fill(content: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """on_page_content: what the pages say, and the finder below the title of the front page."""
    del files
    if page.is_homepage:
        before, title, after = content.partition("</h1>")
        return f"{before}{title}\n{finder_at(_sitemap(config), page.file.dest_uri)}{after}"
    made = _state.contents.get(page.file.src_uri)
    return f"{content}\n{_dated(made(), page.file.dest_uri)}" if made else content


def fill_missing(output: str, *, template_name: str, config: MkDocsConfig) -> str:
    """on_post_template: what a reader gets where nothing is, such as at the address of an unknown alert."""
    if template_name != "404.html":
        return output
    base = posixpath.join(urlsplit(config.site_url or "").path or "/", "")
    return output.replace(_PLACE, missing_page(_sitemap(config), base), 1)


def _dated(content: str, address: str) -> str:
    """A page with dates gets the script that says how long ago they are."""
    if "<time " not in content:
        return content
    return f'{content}\n<script src="{relative(address, AGE_SCRIPT)}" defer></script>'


def _sitemap(config: MkDocsConfig) -> Sitemap:
    """Made anew for every build of `serve`, which brings its own configuration."""
    if _state.config is not config or _state.sitemap is None:
        edition = building.edition_of(config)
        home = f"{building.docs_folder(config)}/index.md"
        front = edition.library.page(home)
        addresses, url = building.addresses_of(config), config.site_url or ""
        _state.config, _state.contents = config, {}
        _state.sitemap = Sitemap(edition, addresses, config.site_name, url, {home: front} if front else {})
    return _state.sitemap


def _uri(address: str) -> str:
    """What MkDocs calls the page at an address; that of a folder with pages of its own is its index."""
    return "alerts/index.md" if address == ALERTS else f"{posixpath.dirname(address)}.md"
