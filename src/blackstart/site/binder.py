"""The binder: every runbook in one document, to print or to keep. It needs neither the theme nor JavaScript."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files as resources
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

ADDRESS = "binder/index.html"
_FOR_SCREENS = re.compile(
    r'<a\b[^<>]*\b(?:class="headerlink"|id="__codelineno-)[^<>]*>.*?</a>'
    r'|<nav class="bs-dock".*?</nav>\s*<script\b[^<>]*></script>',
    re.DOTALL,
)
_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_ATTRIBUTE = re.compile(r'\s(id|for|name|href|src|aria-labelledby|aria-describedby|aria-controls)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Leaf:
    """One runbook as the site shows it, at `address`."""

    title: str
    address: str
    content: str


@dataclass(frozen=True, slots=True)
class _Sheet:
    id: str
    title: str
    html: Markup
    style: Markup


def render_binder(site: str, language: str, revision: str, chapters: Sequence[tuple[str, Sequence[Leaf]]]) -> str:
    """HTML of the document; links between runbooks stay inside of it."""
    leaves = [leaf for _, members in chapters for leaf in members]
    ids = {leaf.address: f"r{number}" for number, leaf in enumerate(leaves, 1)}
    bound = [(title, [_sheet(leaf, ids) for leaf in members]) for title, members in chapters]
    environment = Environment(loader=PackageLoader("blackstart.site"), autoescape=True, undefined=StrictUndefined)
    template = environment.get_template("binder.html")
    return template.render(site=site, language=language, revision=revision, chapters=bound)


def print_style(site: str, revision: str) -> str:
    """The style sheet for paper, with what stands on every sheet."""
    text = (resources("blackstart.site") / "assets" / "print.css").read_text("utf-8")
    return text.replace('"SITE"', _css(site), 1).replace('"REVISION"', _css(revision), 1)


def title_style(title: str, page: str = "") -> str:
    """The rule that puts a runbook's title on its sheets."""
    return f"@page {page}{{@top-right{{content:{_css(title)};font:8pt sans-serif}}}}"


def _css(text: str) -> str:
    """A CSS string that shows the text and nothing else."""
    return '"' + "".join(char if char.isalnum() or char in " .,:-" else f"\\{ord(char):x} " for char in text) + '"'


def _sheet(leaf: Leaf, ids: Mapping[str, str]) -> _Sheet:
    content = _FOR_SCREENS.sub("", leaf.content)
    content = _TAG.sub(lambda tag: _ATTRIBUTE.sub(lambda found: _moved(found, leaf, ids), tag[0]), content)
    own = ids[leaf.address]
    style = f"#{own}{{page:{own}}}{title_style(leaf.title, own)}"
    return _Sheet(own, leaf.title, Markup(content), Markup(style))  # noqa: S704 (what the page itself shows)


def _moved(found: re.Match[str], leaf: Leaf, ids: Mapping[str, str]) -> str:
    name, value = found[1], html.unescape(found[2])
    if name in ("href", "src"):
        value = _target(value, leaf, ids)
    else:
        value = " ".join(f"{ids[leaf.address]}-{word}" for word in value.split())
    return f' {name}="{html.escape(value)}"'


def _target(target: str, leaf: Leaf, ids: Mapping[str, str]) -> str:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or target.startswith("/"):
        return target
    address = posixpath.normpath(posixpath.join(posixpath.dirname(leaf.address), unquote(parts.path)))
    if not parts.path or address in ids:
        own = ids[address if parts.path else leaf.address]
        return f"#{own}-{parts.fragment}" if parts.fragment else f"#{own}"
    moved = posixpath.relpath(posixpath.join(posixpath.dirname(leaf.address), parts.path), posixpath.dirname(ADDRESS))
    return parts._replace(path=moved).geturl()
