"""What MkDocs asks for, answered from an edition. The files in hooks/ choose among these event handlers."""

from __future__ import annotations

import html

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from blackstart.site.building import address, build_of, note_command, put_asset, put_file
from blackstart.site.coverage import coverage_pages
from blackstart.site.gating import add_banner, add_banner_to_template, add_record, gate, prepare_banner
from blackstart.site.links import LinkExtension
from blackstart.site.pages import RULES, expanded, rule_nav, rule_pages
from blackstart.site.runbook_pages import (
    add_box,
    add_follow_files,
    add_runbooks,
    clean_runbook,
    complete_runbook,
    follow_runbook,
    mark_lines,
)

__all__ = [
    "add_asset_files",
    "add_assets",
    "add_banner",
    "add_banner_to_template",
    "add_box",
    "add_coverage",
    "add_follow_files",
    "add_imprint",
    "add_links",
    "add_record",
    "add_rules",
    "add_runbooks",
    "clean_runbook",
    "complete_runbook",
    "follow_runbook",
    "gate",
    "mark_lines",
    "note_command",
    "point_links",
    "prepare_banner",
    "settle_addresses",
    "settle_own_addresses",
    "stamp",
    "stamp_template",
]
_ASSETS = ("blackstart.css", "binder.css", "iframe-worker.js", "offline.js")


# --- the rules as pages


def add_rules(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: one reference page a rule."""
    for uri, text in rule_pages().items():
        put_file(files, File.generated(config, uri, content=text))
    config.nav = expanded(config.nav, f"{RULES}/index.md", rule_nav())
    return files


# --- what is not covered


def add_coverage(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: the page about coverage, unless a person wrote one."""
    for uri, text in coverage_pages(build_of(config).edition).items():
        if uri not in files.src_uris:
            put_file(files, File.generated(config, uri, content=text))
    return files


# --- addresses and links


@event_priority(-100)  # when all pages are known
def settle_addresses(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: every page in a folder of its own, so that alerts can point at addresses that stay, also offline."""
    for file in files.documentation_pages():
        file.dest_uri = address(file.src_uri)
    return _noted(files, config)


def settle_own_addresses(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: the same for the pages that we make. In a site that was there before, the others stay as they are."""
    for file in files.documentation_pages():
        if file.generated_by:
            file.dest_uri = address(file.src_uri)
    return _noted(files, config)


def _noted(files: Files, config: MkDocsConfig) -> Files:
    build = build_of(config)
    known = set(build.uris.values())
    for file in files:
        if file.src_uri not in known:
            build.uris[f"{build.docs}/{file.src_uri}" if file.src_dir else file.src_uri] = file.src_uri
    build.paths = {uri: path for path, uri in build.uris.items()}
    return files


def add_links(config: MkDocsConfig) -> MkDocsConfig:
    """on_config: relative links mean what they mean on the git host."""
    build = build_of(config)
    source = str(config.extra.get("source_url") or "").replace("{commit}", build.edition.report.commit or "HEAD")
    build.links = LinkExtension(build.uris, build.edition.library.exists, source)
    config.markdown_extensions.append(build.links)  # type: ignore[arg-type]  # the option is typed for names only
    return config


def point_links(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """on_page_markdown: tell the link extension which page comes next."""
    del files
    build = build_of(config)
    if build.links:
        build.links.page = build.paths[page.file.src_uri]
    return markdown


# --- stamp and assets


def add_imprint(config: MkDocsConfig) -> MkDocsConfig:
    """on_config: the footer of every page says what it was built from."""
    imprint = html.escape(f"Built from {build_of(config).edition.state_of_code}.")
    config.copyright = f"{config.copyright} {imprint}" if config.copyright else imprint
    return config


def stamp(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """on_post_page: the meta tags that a machine asserts."""
    return _stamped(output, config, build_of(config).paths.get(page.file.src_uri, ""))


def stamp_template(output: str, *, template_name: str, config: MkDocsConfig) -> str:
    """on_post_template: the same for pages without a source, such as 404.html."""
    return _stamped(output, config, "") if template_name.endswith(".html") else output


def _stamped(output: str, config: MkDocsConfig, path: str) -> str:
    facts = build_of(config).edition.stamp(path).items()
    tags = "".join(f'<meta name="{name}" content="{html.escape(value)}">' for name, value in facts)
    output = output.replace('role="dialog">', 'role="dialog" aria-label="Search">', 1)  # the theme's has no name
    return output.replace("</head>", f"{tags}</head>", 1)


@event_priority(100)  # before the offline plugin, which would link the same shim on another host
def add_assets(config: MkDocsConfig) -> MkDocsConfig:
    """on_config: our style sheet, and the shim that lets search work from a folder."""
    config.extra_css.append("assets/blackstart/blackstart.css")
    config.extra.setdefault("polyfills", []).append("assets/blackstart/iframe-worker.js")
    return config


def add_asset_files(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: what add_assets names."""
    for name in _ASSETS:
        put_asset(files, config, name)
    return files
