"""One build of MkDocs: the edition that it is made from, and where each page of it is."""

from __future__ import annotations

import logging
import os
import posixpath
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.resources import files as resources
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from blackstart.clock import now
from blackstart.errors import BlackstartError, UsageError
from blackstart.report import render
from blackstart.runbook import Runbook
from blackstart.site.edition import Edition, load_edition
from blackstart.site.glass import Glass, break_glass
from blackstart.site.links import LinkExtension

log = logging.getLogger("mkdocs.plugins.blackstart")
NOT_BUILT = "blackstart: the site was not built; what was built before is untouched."


@dataclass
class Build:
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

    @property
    def folder(self) -> str:
        """The runbooks' folder in MkDocs' own terms."""
        return self.edition.library.policy.runbooks.removeprefix(f"{self.docs}/")

    def title(self, path: str) -> str:
        runbook = self.edition.runbooks.get(path)
        return runbook.title if runbook else path


class State:
    """MkDocs keeps hook modules alive between the builds of `serve`; a new configuration means a new build."""

    serving = False
    build: Build | None = None


def note_command(*, command: str, dirty: bool) -> None:
    """on_startup: a preview reports what it finds; everything else is gated."""
    del dirty
    State.serving = command == "serve"


def build_of(config: MkDocsConfig) -> Build:
    if State.build is None or State.build.config is not config:
        edition = _edition(config)
        State.build = Build(config, edition, None if State.serving else _glass(edition))
    return State.build


def _edition(config: MkDocsConfig) -> Edition:
    last = State.build.edition if State.serving and State.build else None
    try:
        return load_edition(Path(config.config_file_path).parent, last)
    except BlackstartError as error:
        if last:  # a preview that dies takes the author's page with it
            log.warning("%s", error)
            return replace(last, trouble=str(error))
        raise Abort(f"{NOT_BUILT}\n\n{error}") from None


def _glass(edition: Edition) -> Glass | None:
    try:
        return break_glass(edition.report, edition.library.history, os.environ, now())
    except UsageError as error:
        raise Abort(f"{NOT_BUILT}\n\n{render('text', edition.report)}\n{error}") from None


def edition_of(config: MkDocsConfig) -> Edition:
    """What this build is made from."""
    return build_of(config).edition


def runbook_at(page: Page, config: MkDocsConfig) -> Runbook | None:
    build = build_of(config)
    return build.edition.runbooks.get(build.paths.get(page.file.src_uri, ""))


def path_of(file: File, config: MkDocsConfig) -> str:
    """The file's path in the repository, empty where it has none."""
    return build_of(config).paths.get(file.src_uri, "")


def is_preview() -> bool:
    return State.serving


def runbooks_folder(config: MkDocsConfig) -> str:
    """The runbooks' folder in MkDocs' own terms."""
    return build_of(config).folder


def put_file(files: Files, file: File) -> None:
    """In the place of the one at the same address."""
    if earlier := files.get_file_from_path(file.src_uri):
        files.remove(earlier)
    files.append(file)


def put_asset(files: Files, config: MkDocsConfig, name: str) -> None:
    content = (resources("blackstart.site") / "assets" / name).read_bytes()
    put_file(files, File.generated(config, f"assets/blackstart/{name}", content=content))


def docs_folder(config: MkDocsConfig) -> str:
    """The folder of the hand-written pages, as seen from the repository's root."""
    return build_of(config).docs


def addresses_of(config: MkDocsConfig) -> dict[str, str]:
    """Where each runbook is in the site, by its path."""
    build = build_of(config)
    return {path: address(build.uris[path]) for path in build.edition.runbooks}


def address(uri: str) -> str:
    """Where the page is in the site: in a folder of its own."""
    folder, _, name = uri.removesuffix(".md").rpartition("/")
    return posixpath.join(folder, "index.html" if name in ("index", "README") else f"{name}/index.html")
