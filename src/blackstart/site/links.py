"""Links as written for the git host, made to work in the site too.

A page may stand elsewhere in the site than in the repository, and code is no page at all. So a relative link is
first read as a path in the repository. A page gets its address in the site; code gets the git host's address, or
where none is known becomes plain text. What matches nothing is left alone: the gate has its own rule for it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote, urlsplit
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

_BEFORE_MKDOCS = 5  # its own treeprocessor has priority 0; attributes are set at 8
_ATTRIBUTES = {"a": "href", "img": "src"}


class LinkExtension(Extension):
    """Set `page`, the path of the page in the repository, before each conversion."""

    def __init__(self, uris: Mapping[str, str], exists: Callable[[str], bool], source_url: str) -> None:
        super().__init__()
        self.page = ""
        self._uris, self._exists, self._source_url = uris, exists, source_url

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        md.treeprocessors.register(_Links(self, md), "blackstart-links", _BEFORE_MKDOCS)

    def translate(self, element: Element) -> None:
        attribute = _ATTRIBUTES.get(element.tag, "")
        target = urlsplit(element.get(attribute, "")) if attribute else None
        if target is None or target.scheme or target.netloc or not target.path or target.path.startswith("/"):
            return
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.page), unquote(target.path)))
        fragment = f"#{target.fragment}" if target.fragment else ""
        if uri := self._uris.get(path) or self._uris.get(posixpath.normpath(f"{path}/index.md")):
            here = posixpath.dirname(self._uris[self.page])
            element.set(attribute, quote(posixpath.relpath(uri, here)) + fragment)
        elif not path.startswith("..") and self._exists(path.removeprefix(".")):
            self._to_source(element, attribute, path, fragment)

    def _to_source(self, element: Element, attribute: str, path: str, fragment: str) -> None:
        if self._source_url:
            element.set(attribute, f"{self._source_url.rstrip('/')}/{quote(path)}{fragment}")
            return
        alone = len(element) == 0 and (element.text or "").strip() in (path, posixpath.basename(path))
        text = element.get("alt") if element.tag == "img" else element.text
        element.tag, element.text = "code" if alone else "span", text
        element.attrib.clear()
        element.set("title", path)


class _Links(Treeprocessor):
    def __init__(self, links: LinkExtension, md: Markdown) -> None:
        super().__init__(md)
        self._links = links

    def run(self, root: Element) -> None:
        for element in root.iter():
            if isinstance(element.tag, str):
                self._links.translate(element)
