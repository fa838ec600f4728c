"""What a page may load and run: nothing of other hosts, and no script in the page but the theme's own."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256

_DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self'{scripts}",
    "style-src 'self'{styles}",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
)
_INLINE = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1\s*>", re.DOTALL | re.IGNORECASE)
_IS_DATA = re.compile(r"\bsrc\s*=|\btype\s*=\s*[\"']?application/(ld\+)?json", re.IGNORECASE)
_LINK_AWAY = re.compile(r"<a\b(?=[^>]*\bhref=[\"']?(?:https?:)?//)[^>]*>", re.IGNORECASE)
_REL = re.compile(r"\srel=(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)


def hardened(page: str, content: str = "") -> str:
    """The page with its policy. `content` is what people wrote: a script in there gets no permission to run."""
    policy = _policy(page.replace(content, "", 1) if content else page)
    tags = f'<meta http-equiv="Content-Security-Policy" content="{policy}"><meta name="referrer" content="no-referrer">'
    page = re.sub(r"<meta charset=[^>]*>|<head>", lambda found: found[0] + tags, page, count=1)
    return _LINK_AWAY.sub(lambda found: _without_opener(found[0]), page)


def permitting_style(head: str, style: str) -> str:
    """The head of a page with one more style that its policy, if it has one, permits."""
    return head.replace("style-src 'self'", f"style-src 'self' {_hash(style)}", 1)


def _policy(frame: str) -> str:
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for tag, attributes, text in _INLINE.findall(frame):
        if not _IS_DATA.search(attributes):
            hashes[tag.lower()].append(_hash(text))
    scripts, styles = ("".join(f" {one}" for one in dict.fromkeys(hashes[tag])) for tag in ("script", "style"))
    return "; ".join(_DIRECTIVES).format(scripts=scripts, styles=styles)


@lru_cache(maxsize=256)
def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _without_opener(tag: str) -> str:
    """The page behind the link must not reach back into the tab it was opened from."""
    rel = _REL.search(tag)
    if rel is None:
        return f'{tag[:2]} rel="noopener"{tag[2:]}'
    words = next(group for group in rel.groups() if group is not None).split()
    return tag if "noopener" in words else tag.replace(rel[0], f' rel="{" ".join([*words, "noopener"])}"', 1)
