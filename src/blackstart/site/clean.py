"""Rendered runbooks without anything that could run or call home: for what the rule `raw-html` overlooks."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import nh3
from lxml.html import HtmlElement

from blackstart.site.tree import parse, serialise

SCHEMES = frozenset({"http", "https", "mailto", "tel", "ssh", "slack", "msteams"})
_EVERYWHERE = {"class", "id", "title", "lang", "dir", "role"}
_ATTRIBUTES = nh3.ALLOWED_ATTRIBUTES | {
    "*": _EVERYWHERE,
    "a": {"href", "hreflang", "name"},
    "details": {"open"},
    "input": {"type", "checked", "disabled", "name"},
    "label": {"for"},
    "ol": {"start", "reversed"},
}
_ALIGNED = re.compile(r'style="text-align: (left|right|center);"')
_CLEANER = nh3.Cleaner(
    tags=nh3.ALLOWED_TAGS | {"input", "label", "section"},
    attributes=_ATTRIBUTES,
    url_schemes=set(SCHEMES),
    link_rel=None,  # only links to other hosts get one, see below
)


def clean(content: str) -> str:
    """HTML of a runbook's text, with harmless elements and attributes alone."""
    root = parse(_CLEANER.clean(_ALIGNED.sub(r'align="\1"', content)))
    _tame(root, ours="bs-" in content)
    return serialise(root)


def _tame(root: HtmlElement, *, ours: bool) -> None:
    """No image of another host, no name that is ours, and no way back to this page for pages of other hosts."""
    for image in root.iter("img"):
        if _is_foreign(image.get("src", "")):
            del image.attrib["src"]
    for link in root.iter("a"):
        if _is_foreign(link.get("href", "")):
            link.set("rel", "noopener")
    for item in root.xpath("//*[contains(@class, 'bs-')]") if ours else ():
        item.set("class", " ".join(name for name in item.get("class").split() if not name.startswith("bs-")))
    for item in root.xpath("//*[starts-with(@id, 'bs-')]") if ours else ():
        del item.attrib["id"]


def _is_foreign(address: str) -> bool:
    try:
        parts = urlsplit(address.replace("\\", "/").strip())
    except ValueError:
        return True
    return bool(parts.netloc) or parts.scheme in ("http", "https")
