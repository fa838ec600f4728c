"""The binder as a PDF, printed by Chromium: it alone puts page numbers and the revision on each sheet."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pypdf import PdfReader

from blackstart.errors import UsageError
from blackstart.site.binder import ADDRESS
from blackstart.site.bundle import told

_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_REFERENCE = re.compile(r'(<a\b[^<>]*?) href="#(r\d+[^"]*)"')
_PAPER = re.compile(r"[A-Za-z0-9. ]+")
_PASSES = 6  # a number that grows by a digit can move what follows; two or three are usual
_SECONDS = 300


def bind(site: Path, to: Path | None, paper: str, browser: str | None) -> Path:
    """Print the binder of a built site. Raises UsageError."""
    edition = told(site)
    if not (site / ADDRESS).is_file():
        raise UsageError(f"{site} has no {ADDRESS}. Was it built without hooks/paper.py?")
    if browser is None:
        raise UsageError("needs Chromium. On Debian and Ubuntu: apt-get install chromium")
    if not _PAPER.fullmatch(paper):
        raise UsageError(f"`{paper}` is no paper that CSS knows: try A4, letter or `A5 landscape`")
    target = to or Path("dist") / f"{edition.name}.pdf"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        _print_numbered(site, Path(folder).resolve(), paper, browser).replace(target)
    return target


def _print_numbered(site: Path, folder: Path, paper: str, browser: str) -> Path:
    """Print until the numbers that stand in the text are those of the pages."""
    page = _POLICY.sub("", (site / ADDRESS).read_text("utf-8"), count=1)
    page = page.replace("</head>", f"<style>@page{{size:{paper}}}</style></head>", 1)
    copy = _beside_the_rest(site, folder / "site")
    numbers: dict[str, int] = {}
    for _ in range(_PASSES):
        copy.write_text(_numbered(page, numbers), "utf-8")
        printed = _print(copy, folder, browser)
        before, numbers = numbers, _page_numbers(printed)
        if numbers == before:
            return printed
    raise UsageError(f"the page numbers do not settle on {paper}; try another paper")


def _beside_the_rest(site: Path, folder: Path) -> Path:
    """Where the binder can be changed and still finds its pictures and style sheets."""
    copy = folder / ADDRESS
    copy.parent.mkdir(parents=True)
    for entry in site.resolve().iterdir():
        if entry.name != copy.parent.name:
            (folder / entry.name).symlink_to(entry)
    return copy


def _numbered(page: str, numbers: Mapping[str, int]) -> str:
    return _REFERENCE.sub(lambda found: f'{found[1]} data-page="{numbers.get(found[2], 0)}" href="#{found[2]}"', page)


def _print(page: Path, folder: Path, browser: str) -> Path:
    printed = folder / "binder.pdf"
    printed.unlink(missing_ok=True)
    command = [
        browser,
        "--headless",
        "--disable-gpu",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),  # as root Chromium refuses to start with it
        f"--user-data-dir={folder / 'profile'}",
        "--generate-pdf-document-outline",
        "--no-pdf-header-footer",
        f"--print-to-pdf={printed}",
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
    if done.returncode or not printed.is_file():
        raise UsageError(f"{browser} printed nothing:\n{done.stderr.strip()[-2000:]}")
    return printed


def _page_numbers(printed: Path) -> dict[str, int]:
    reader = PdfReader(printed)
    places = reader.named_destinations.items()
    numbers = {name: reader.get_destination_page_number(place) for name, place in places}
    return {name.removeprefix("/"): number + 1 for name, number in numbers.items() if number is not None}
