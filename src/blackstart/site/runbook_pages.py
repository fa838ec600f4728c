"""MkDocs' events for the runbooks: they become pages that can be trusted and followed."""

from __future__ import annotations

import html
import posixpath
from collections.abc import Iterator

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink

from blackstart.site.box import render_box
from blackstart.site.building import Build, build_of, edition_of, put_file, runbook_at
from blackstart.site.clean import clean
from blackstart.site.follow import SCRIPT, Place, followed, mark_source, run_script
from blackstart.site.pages import escape, expanded, runbook_nav, runbook_pages


@event_priority(100)  # before plugins that look at all files, such as redirects and link checkers
def add_runbooks(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: the runbooks, what lies beside them, and their indexes."""
    build = build_of(config)
    for path in build.edition.published:
        build.uris[path] = path.removeprefix(f"{build.docs}/")
        put_file(files, _runbook_file(build, path))
    for uri, text in runbook_pages(build.edition, build.folder).items():
        if uri not in files.src_uris:  # a hand-written index stands
            put_file(files, File.generated(config, uri, content=text))
    nav = runbook_nav(build.edition, build.folder, build.uris)
    config.nav = expanded(config.nav, f"{build.folder}/index.md", nav)
    return files


def _runbook_file(build: Build, path: str) -> File:
    runbook, uri = build.edition.runbooks.get(path), build.uris[path]
    if runbook:
        file = File.generated(build.config, uri, content=runbook.text[runbook.body_start :])
    else:
        file = File.generated(build.config, uri, abs_src_path=str(build.edition.library.root / path))
    file.edit_uri = posixpath.relpath(path, build.docs)
    return file


def complete_runbook(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """on_page_markdown: title from the front matter, also as the heading where the text has none."""
    del files
    runbook = runbook_at(page, config)
    if runbook is None:
        return markdown
    # Themes print these as they are. Whatever else MkDocs took for front matter is the page's own text.
    page.meta = {"title": html.escape(runbook.title)}
    has_title = any(heading.level == 1 for heading in runbook.document.headings)
    return markdown if has_title else f"# {escape(runbook.title)}\n\n{markdown}"


@event_priority(90)  # nothing sees a runbook before it is clean
def clean_runbook(content: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """on_page_content: nothing that a runbook's author wrote can run in a reader's browser."""
    del files
    runbook = runbook_at(page, config)
    if runbook is None:
        return content
    for item in _toc_items(page):  # themes print addresses as they are
        item.id = html.escape(item.id)
    return _foreseen(build_of(config), runbook.path, content) or clean(content)


def _toc_items(page: Page) -> Iterator[AnchorLink]:
    pending = list(page.toc)
    while pending:
        item = pending.pop()
        yield item
        pending += item.children


# --- the runbooks as checklists


@event_priority(50)  # before a title is put in front, while the lines are still the author's
def mark_lines(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """on_page_markdown: marks by which the rendered page finds its code blocks and the lines in doubt."""
    del files
    runbook = runbook_at(page, config)
    return mark_source(edition_of(config), runbook.path, markdown) if runbook else markdown


@event_priority(50)  # before the box
def follow_runbook(content: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """on_page_content: steps, commands, variables and templates."""
    del files
    build, runbook = build_of(config), runbook_at(page, config)
    if runbook is None:
        return content
    if page.present_anchor_ids is not None:  # steps get theirs after MkDocs looked
        page.present_anchor_ids |= runbook.document.anchors
    return _foreseen(build, runbook.path, content) or _followed(build, page, runbook.path, content)


def _followed(build: Build, page: Page, path: str, content: str) -> str:
    script = posixpath.relpath(SCRIPT, posixpath.dirname(page.file.dest_uri))
    return followed(build.edition, path, content, Place(build.config.site_name, page.canonical_url or "", script))


def stages_of(page: Page, config: MkDocsConfig) -> tuple[str, ...]:
    """A runbook's page as rendered, then clean, then made to be followed."""
    build, content = build_of(config), page.content or ""
    cleaned = clean(content)
    return content, cleaned, _followed(build, page, build.paths[page.file.src_uri], cleaned)


def foresee(page: Page, config: MkDocsConfig, stages: tuple[str, ...]) -> None:
    """Take these for what the handlers below would make, where each gets what the one before it made."""
    build = build_of(config)
    build.foreseen[build.paths[page.file.src_uri]] = stages


def _foreseen(build: Build, path: str, content: str) -> str:
    """The next stage, empty where another handler changed the page."""
    first, *rest = build.foreseen.pop(path, ("",))
    if first != content or not rest:
        return ""
    build.foreseen[path] = tuple(rest)
    return rest[0]


def add_follow_files(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: the script of the runbooks."""
    put_file(files, File.generated(config, SCRIPT, content=run_script()))
    return files


def add_box(content: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """on_page_content: the box goes right below the title."""
    del files
    edition, runbook = edition_of(config), runbook_at(page, config)
    if edition.trouble:
        content = f'<pre class="bs-trouble" role="alert">{html.escape(edition.trouble)}</pre>\n{content}'
    if runbook is None:
        return content
    before, title, after = content.partition("</h1>")
    top = "../" * page.file.dest_uri.count("/")
    return f"{before}{title}\n{render_box(edition, runbook.path, content, top)}{after}"
