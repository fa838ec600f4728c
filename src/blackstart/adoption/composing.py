"""A page's bytes with front matter added: what was there stays as it was."""

from __future__ import annotations

from typing import Any

import yaml

from blackstart.runbook import Runbook, front_matter_span

MARK = b"\xef\xbb\xbf"
MOVED = "last_reviewed"  # where a date goes that stands under our own key


def composed(page: Runbook, before: bytes, entries: dict[str, Any]) -> bytes:
    """The page with entries added at the end of its front matter, or with front matter at its beginning."""
    text, newline = page.text, "\r\n" if "\r\n" in page.text[: page.text.find("\n") + 1] else "\n"
    lines = yaml.dump(entries, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000)
    lines = lines.replace("\n", newline)
    if page.page.broken:
        gap = "" if text.startswith(("\n", "\r")) or not text else newline
        text = f"---{newline}{lines}---{newline}{gap}{text}"
    else:
        start, end = front_matter_span(text)
        text = text[:start] + _without_our_dates(page, text[start:end]) + lines + text[end:]
    return (MARK if before.startswith(MARK) else b"") + text.encode()


def _without_our_dates(page: Runbook, head: str) -> str:
    """`reviewed: 2024-05-01` of another tool under another key, for ours says what was looked at."""
    if not is_bare_date(page):
        return head
    line = page.yaml.keys["reviewed",].line - 2
    lines = head.split("\n")
    lines[line] = lines[line].replace("reviewed", MOVED, 1)
    return "\n".join(lines)


def is_bare_date(page: Runbook) -> bool:
    data = page.yaml.data or {}
    return "reviewed" in data and not isinstance(data["reviewed"], dict) and MOVED not in data


class _Dumper(yaml.SafeDumper):
    """Lists stand two columns to the right of their key, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)
