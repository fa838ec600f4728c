"""The style of a runbook in the page itself: over a bad network a page that waits for style sheets stays white.

The sheets follow at the end of the body, where they hold up nothing above them, also without JavaScript. They repeat in
their own order what the page has, so they decide in the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from blackstart.site.csp import permitting_style
from blackstart.site.slim import slimmed

_LINK = re.compile(r'<link rel="stylesheet" href="([^"]+)">')  # one with a medium does not hold up the screen
_END = '<script id="__config"'  # the first of the theme's scripts, which measure the page as its sheets make it
_OTHER_FILE = re.compile(r"@import|url\((?!\s*[\"']?data:)", re.IGNORECASE)  # named as seen from the sheet
_SET_FIRST = {"js"}  # the class that the theme's script in the head sets
_CHARSET = '@charset "UTF-8";'


def linked_sheets(page: str) -> list[str]:
    """The addresses of what the page waits for, as it has them."""
    return _LINK.findall(page.partition("</head>")[0])


def early_style(sheets: Mapping[str, str], words: AbstractSet[str]) -> str:
    """What of the sheets pages with these classes need before a script runs; nothing if that cannot be told."""
    if any(map(_OTHER_FILE.search, sheets.values())):
        return ""
    return "".join(slimmed(sheets, words | _SET_FIRST).values()).replace(_CHARSET, "")


def with_early_style(page: str, style: str) -> str:
    """The page with the style in its head and its sheets at its end."""
    head, end_of_head, body = page.partition("</head>")
    above, scripts, below = body.rpartition(_END)
    links = "".join(found[0] for found in _LINK.finditer(head))
    if not style or not links or not scripts:
        return page
    first = head.index('<link rel="stylesheet"')
    head = permitting_style(f"{head[:first]}<style data-bs-early>{style}</style>{_LINK.sub('', head[first:])}", style)
    return f"{head}{end_of_head}{above}{links}{scripts}{below}"
