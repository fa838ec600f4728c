"""MkDocs' events for the gate: no site while a runbook breaks a rule, unless somebody breaks the glass."""

from __future__ import annotations

import logging
import os

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from blackstart.report import render
from blackstart.site.building import NOT_BUILT, build_of, is_preview, log, put_asset, put_file
from blackstart.site.glass import RECORD, VARIABLE, Glass, annotation, marked, record, shout

_GLASS_STYLE = "assets/blackstart/glass.css"


def gate(*, config: MkDocsConfig) -> None:
    """on_pre_build: every problem at once, before the old site is removed."""
    build = build_of(config)
    report, glass = build.edition.report, build.glass
    text = render("text", report)
    if glass:
        _say_broken(glass, text)
        return
    if report.exit_code and not is_preview():
        raise Abort(f"{NOT_BUILT}\n\n{text}")
    if os.environ.get(VARIABLE, "").strip():
        log.info("%s has no effect: %s", VARIABLE, "a preview" if is_preview() else "the gate passes")
    for line in filter(str.strip, click.unstyle(text).splitlines()):  # MkDocs would fold several lines into one
        log.log(logging.WARNING if report.exit_code else logging.INFO, "%s", line)


def _say_broken(glass: Glass, text: str) -> None:
    """Not through the log: under --strict MkDocs would take each warning for a reason to stop."""
    click.echo(f"{click.style(shout(glass), fg='red', bold=True)}\n\n{text}", err=True)
    if os.environ.get("GITHUB_ACTIONS"):
        click.echo(annotation(glass))


# --- break glass


def prepare_banner(config: MkDocsConfig) -> MkDocsConfig:
    """on_config: the banner's style; and what the gate let through must not stop the build as MkDocs' own warning."""
    if build_of(config).glass:
        config.extra_css.append(_GLASS_STYLE)
        links = config.validation.links
        links.not_found = links.anchors = links.absolute_links = links.unrecognized_links = logging.INFO
    return config


@event_priority(-200)  # when all addresses are settled
def add_record(files: Files, *, config: MkDocsConfig) -> Files:
    """on_files: who published against the gate, when and why."""
    build = build_of(config)
    build.files = files
    if build.glass:
        put_file(files, File.generated(config, RECORD, content=record(build.glass)))
        put_asset(files, config, "glass.css")
    return files


def add_banner(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """on_post_page: the front page names the pages that the gate refused."""
    build = build_of(config)
    refused = build.glass.pages if build.glass and page.is_homepage else ()
    files = ((path, build.files.get_file_from_path(build.uris.get(path, ""))) for path in refused if build.files)
    pages = [(build.title(path), file.url_relative_to(page.file)) for path, file in files if file]
    return marked(build.glass, output, build.paths.get(page.file.src_uri, ""), pages) if build.glass else output


def add_banner_to_template(output: str, *, template_name: str, config: MkDocsConfig) -> str:
    """on_post_template: the same for pages without a source, such as 404.html."""
    glass = build_of(config).glass
    return marked(glass, output, "", ()) if glass and template_name.endswith(".html") else output


def banner_on(output: str, address: str, config: MkDocsConfig) -> str:
    """The same for the document at `address` that MkDocs knows nothing of; it needs the banner's style too."""
    glass = build_of(config).glass
    if not glass:
        return output
    style = f'<link rel="stylesheet" href="{"../" * address.count("/")}{_GLASS_STYLE}">'
    return marked(glass, output.replace("</head>", f"{style}</head>", 1), "", ())
