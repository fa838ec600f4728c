"""What MkDocs asks for, answered from an edition: the only module that imports mkdocs.

Each function is one event handler; the files in hooks/ choose among them.
"""

from __future__ import annotations

import html
import logging
import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.resources import files as resources
from pathlib import Path

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink

from blackstart.clock import now
from blackstart.errors import BlackstartError, UsageError
from blackstart.report import render
from blackstart.runbook import Runbook
from blackstart.site.box import render_box
from blackstart.site.clean import clean
from blackstart.site.coverage import coverage_pages
from blackstart.site.edition import Edition, load_edition
from blackstart.site.follow import SCRIPT, Place, followed, mark_source, run_script
from blackstart.site.glass import RECORD, VARIABLE, Glass, annotation, break_glass, marked, record, shout
from blackstart.site.links import LinkExtension
from blackstart.site.pages import RULES, escape, expanded, rule_nav, rule_pages, runbook_nav, runbook_pages

_log = logging.getLogger("mkdocs.plugins.blackstart")
_NOT_BUILT = "blackstart: the site was not built; what was built before is untouched."
_ASSETS = ("blackstart.css", "binder.css", "iframe-worker.js", "offline.js")
_GLASS_STYLE = "assets/blackstart/glass.css"


@dataclass
class _Build:
    """One run of MkDocs. `uris` maps paths in the repository to addresses in MkDocs' own terms."""

    config: MkDocsConfig
    edition: Edition
    glass: Glass | None = None
    files: Files | None = None
    uris: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    links: LinkExtension | None = None
    foreseen: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def docs(self) -> str:
        """The folder of the hand-written pages, as seen from the repository's root."""
        root = self.edition.library.root.as_posix()
        return posixpath.relpath(Path(self.config.docs_dir).resolve().as_posix(), root)

    def title(self, path: str) -> str:
        runbook = self.edition.runbooks.get(path)
        return runbook.title if runbook else path


class _State:
    """MkDocs keeps hook modules alive between the builds of `serve`; a new configuration means a new build."""

    serving = False
    build: _Build | None = None


def note_command(*, command: str, dirty: bool) -> None:
    """on_startup: a preview reports what it finds; everything else is gated."""
    del dirty
    _State.serving = command == "serve"


def _build(config: MkDocsConfig) -> _Build:
    if _State.build is None or _State.build.config is not config:
        edition = _edition(config)
        _State.build = _Build(config, edition, None if _State.serving else _glass(edition))
    return _State.build


def _edition(config: MkDocsConfig) -> Edition:
    last = _State.build.edition if _State.serving and _State.build else None
    try:
        return load_edition(Path(config.config_file_path).parent, last)
    except BlackstartError as error:
        if last:  # a preview that dies takes the author's page with it
            _log.warning("%s", error)
            return replace(last, trouble=str(error))
        raise Abort(f"{_NOT_BUILT}\n\n{error}") from None


def _glass(edition: Edition) -> Glass | None:
    try:
        return break_glass(edition.report, edition.library.history, os.environ, now())
    except UsageError as error:
        raise Abort(f"{_NOT_BUILT}\n\n{render('text', edition.report)}\n{error}") from None


def edition_of(config: MkDocsConfig) -> Edition:
    """What this build is made from."""
    return _build(config).edition


def runbook_at(page: Page, config: MkDocsConfig) -> Runbook | None:
    build = _build(config)
    return build.edition.runbooks.get(build.paths.get(page.file.src_uri, ""))


def path_of(file: File, config: MkDocsConfig) -> str:
    """The file's path in the repository, empty where it has none."""
    return _build(config).paths.get(file.src_uri, "")


def is_preview() -> bool:
    return _State.serving


def runbooks_folder(config: MkDocsConfig) -> str:
    return _folder(_build(config))


def put_file(files: Files, file: File) -> None:
    _put(files, file)


def _folder(build: _Build) -> str:
    """The runbooks' folder in MkDocs' own terms."""
    folder = build.edition.library.policy.runbooks
    return folder.removeprefix(f"{build.docs}/")


def docs_folder(config: MkDocsConfig) -> str:
    """The folder of the hand-written pages, as seen from the repository's root."""
    return _build(config).docs


def addresses_of(config: MkDocsConfig) -> dict[str, str]:
    """Where each runbook is in the site, by its path."""
    build = _build(config)
    return {path: _address(build.uris[path]) for path in build.edition.runbooks}


# --- the gate


def gate(*, config: MkDocsConfig) -> None:
    """on_pre_build: every problem at once, before the old site is removed."""
    build = _build(config)
    report, glass = build.edition.report, build.glass
    text = render("text", report)
    if glass:
        _say_broken(glass, text)
        return
    if report.exit_code and not _State.serving:
        raise Abort(f"{_NOT_BUILT}\n\n{text}")
    if os.environ.get(VARIABLE, "").strip():
        _log.info("%s has no effect: %s", VARIABLE, "a preview" if _State.serving else "the gate passes")
    for line in filter(str.strip, click.unstyle(text).splitlines()):  # MkDocs would fold several lines into one
        _log.log(logging.WARNING if report.exit_code else logging.INFO, "%s", line)


def _say_broken(glass: Glass, text: str) -> None:
    """Not through the log: under --strict MkDocs would take each warning for a reason to stop."""
    click.echo(f"{click.style(shout(glass), fg='red', bold=True)}\n\n{text}", err=True)
    if os.environ.get("GITHUB_ACTIONS"):
        click.echo(annotation(glass))


# --- break glass


def prepare_banner(config: MkDocsConfig) -> MkDocsConfig:
    """on_config: the banner's style; and what the gate let through must not stop the build as MkDocs' own warning."""
    if _build(config).glass:
        config.extra_css.append(_GLASS_STYLE)
        links = config.validation.links
        links.not_found = links.anchors = links.absolute_links = links.unrecognized_links = logging.INFO
    return config


@event_priority(-200)  # when all addresses are settled
def add_record(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: who published against the gate, when and why."""
    build = _build(config)
    build.files = files
    if build.glass:
        _put(files, File.generated(config, RECORD, content=record(build.glass)))
        _put_asset(files, config, "glass.css")
    return files


def add_banner(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """on_post_page: the front page names the pages that the gate refused."""
    build = _build(config)
    refused = build.glass.pages if build.glass and page.is_homepage else ()
    files = ((path, build.files.get_file_from_path(build.uris.get(path, ""))) for path in refused if build.files)
    pages = [(build.title(path), file.url_relative_to(page.file)) for path, file in files if file]
    return marked(build.glass, output, build.paths.get(page.file.src_uri, ""), pages) if build.glass else output


def add_banner_to_template(output: str, *, template_name: str, config: MkDocsConfig) -> str:
    """on_post_template: the same for pages without a source, such as 404.html."""
    glass = _build(config).glass
    return marked(glass, output, "", ()) if glass and template_name.endswith(".html") else output


def banner_on(output: str, address: str, config: MkDocsConfig) -> str:
    """The same for the document at `address` that MkDocs knows nothing of; it needs the banner's style too."""
    glass = _build(config).glass
    if not glass:
        return output
    style = f'<link rel="stylesheet" href="{"../" * address.count("/")}{_GLASS_STYLE}">'
    return marked(glass, output.replace("</head>", f"{style}</head>", 1), "", ())


# --- the runbooks as pages


@event_priority(100)  # before plugins that look at all files, such as redirects and link checkers
def add_runbooks(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: the runbooks, what lies beside them, and their indexes."""
    build = _build(config)
    for path in build.edition.published:
        build.uris[path] = path.removeprefix(f"{build.docs}/")
        _put(files, _runbook_file(build, path))
    for uri, text in runbook_pages(build.edition, _folder(build)).items():
        if uri not in files.src_uris:  # a hand-written index stands
            _put(files, File.generated(config, uri, content=text))
    nav = runbook_nav(build.edition, _folder(build), build.uris)
    config.nav = expanded(config.nav, f"{_folder(build)}/index.md", nav)
    return files


def _runbook_file(build: _Build, path: str) -> File:
    runbook, uri = build.edition.runbooks.get(path), build.uris[path]
    if runbook:
        file = File.generated(build.config, uri, content=runbook.text[runbook.body_start :])
    else:
        file = File.generated(build.config, uri, abs_src_path=str(build.edition.library.root / path))
    file.edit_uri = posixpath.relpath(path, build.docs)
    return file


def _put(files: Files, file: File) -> None:
    if earlier := files.get_file_from_path(file.src_uri):
        files.remove(earlier)
    files.append(file)


def complete_runbook(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """on_page_markdown: title from the front matter, also as the heading where the text has none."""
    del files
    build = _build(config)
    runbook = build.edition.runbooks.get(build.paths.get(page.file.src_uri, ""))
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
    build = _build(config)
    path = build.paths.get(page.file.src_uri, "")
    if path not in build.edition.runbooks:
        return content
    for item in _toc_items(page):  # themes print addresses as they are
        item.id = html.escape(item.id)
    return _foreseen(build, path, content) or clean(content)


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
    build = _build(config)
    path = build.paths.get(page.file.src_uri, "")
    return mark_source(build.edition, path, markdown) if path in build.edition.runbooks else markdown


@event_priority(50)  # before the box
def follow_runbook(content: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """on_page_content: steps, commands, variables and templates."""
    del files
    build = _build(config)
    path = build.paths.get(page.file.src_uri, "")
    if path not in build.edition.runbooks:
        return content
    if page.present_anchor_ids is not None:  # steps get theirs after MkDocs looked
        page.present_anchor_ids |= build.edition.runbooks[path].document.anchors
    return _foreseen(build, path, content) or _followed(build, page, path, content)


def _followed(build: _Build, page: Page, path: str, content: str) -> str:
    script = posixpath.relpath(SCRIPT, posixpath.dirname(page.file.dest_uri))
    return followed(build.edition, path, content, Place(build.config.site_name, page.canonical_url or "", script))


def stages_of(page: Page, config: MkDocsConfig) -> tuple[str, ...]:
    """A runbook's page as rendered, then clean, then made to be followed."""
    build, content = _build(config), page.content or ""
    cleaned = clean(content)
    return content, cleaned, _followed(build, page, build.paths[page.file.src_uri], cleaned)


def foresee(page: Page, config: MkDocsConfig, stages: tuple[str, ...]) -> None:
    """Take these for what the handlers below would make, where each gets what the one before it made."""
    build = _build(config)
    build.foreseen[build.paths[page.file.src_uri]] = stages


def _foreseen(build: _Build, path: str, content: str) -> str:
    """The next stage, empty where another handler changed the page."""
    first, *rest = build.foreseen.pop(path, ("",))
    if first != content or not rest:
        return ""
    build.foreseen[path] = tuple(rest)
    return rest[0]


def add_follow_files(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: the script of the runbooks."""
    _put(files, File.generated(config, SCRIPT, content=run_script()))
    return files


def add_box(content: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """on_page_content: the box goes right below the title."""
    del files
    build = _build(config)
    path = build.paths.get(page.file.src_uri, "")
    if build.edition.trouble:
        content = f'<pre class="bs-trouble" role="alert">{html.escape(build.edition.trouble)}</pre>\n{content}'
    if path not in build.edition.runbooks:
        return content
    before, title, after = content.partition("</h1>")
    top = "../" * page.file.dest_uri.count("/")
    return f"{before}{title}\n{render_box(build.edition, path, content, top)}{after}"


# --- the rules as pages


def add_rules(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: one reference page a rule."""
    for uri, text in rule_pages().items():
        _put(files, File.generated(config, uri, content=text))
    config.nav = expanded(config.nav, f"{RULES}/index.md", rule_nav())
    return files


# --- what is not covered


def add_coverage(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: the page about coverage, unless a person wrote one."""
    for uri, text in coverage_pages(_build(config).edition).items():
        if uri not in files.src_uris:
            _put(files, File.generated(config, uri, content=text))
    return files


# --- addresses and links


@event_priority(-100)  # when all pages are known
def settle_addresses(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: every page in a folder of its own, so that alerts can point at addresses that stay, also offline."""
    for file in files.documentation_pages():
        file.dest_uri = _address(file.src_uri)
    return _noted(files, config)


def settle_own_addresses(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: the same for the pages that we make. In a site that was there before, the others stay as they are."""
    for file in files.documentation_pages():
        if file.generated_by:
            file.dest_uri = _address(file.src_uri)
    return _noted(files, config)


def _noted(files: Files, config: MkDocsConfig) -> Files:
    build = _build(config)
    known = set(build.uris.values())
    for file in files:
        if file.src_uri not in known:
            build.uris[f"{build.docs}/{file.src_uri}" if file.src_dir else file.src_uri] = file.src_uri
    build.paths = {uri: path for path, uri in build.uris.items()}
    return files


def _address(uri: str) -> str:
    """Where the page is in the site: in a folder of its own."""
    folder, _, name = uri.removesuffix(".md").rpartition("/")
    return posixpath.join(folder, "index.html" if name in ("index", "README") else f"{name}/index.html")


def add_links(config: MkDocsConfig) -> MkDocsConfig:
    """on_config: relative links mean what they mean on the git host."""
    build = _build(config)
    source = str(config.extra.get("source_url") or "").replace("{commit}", build.edition.report.commit or "HEAD")
    build.links = LinkExtension(build.uris, build.edition.library.exists, source)
    config.markdown_extensions.append(build.links)  # type: ignore[arg-type]  # the option is typed for names only
    return config


def point_links(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """on_page_markdown: tell the link extension which page comes next."""
    del files
    build = _build(config)
    if build.links:
        build.links.page = build.paths[page.file.src_uri]
    return markdown


# --- stamp and assets


def add_imprint(config: MkDocsConfig) -> MkDocsConfig:
    """on_config: the footer of every page says what it was built from."""
    imprint = html.escape(f"Built from {_build(config).edition.state_of_code}.")
    config.copyright = f"{config.copyright} {imprint}" if config.copyright else imprint
    return config


def stamp(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """on_post_page: the meta tags that a machine asserts."""
    return _stamped(output, config, _build(config).paths.get(page.file.src_uri, ""))


def stamp_template(output: str, *, template_name: str, config: MkDocsConfig) -> str:
    """on_post_template: the same for pages without a source, such as 404.html."""
    return _stamped(output, config, "") if template_name.endswith(".html") else output


def _stamped(output: str, config: MkDocsConfig, path: str) -> str:
    facts = _build(config).edition.stamp(path).items()
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
        _put_asset(files, config, name)
    return files


def _put_asset(files: Files, config: MkDocsConfig, name: str) -> None:
    content = (resources("blackstart.site") / "assets" / name).read_bytes()
    _put(files, File.generated(config, f"assets/blackstart/{name}", content=content))
