"""The runbooks that a branch affects → a path a line, or JSON. Its form is described by data/affected.schema.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict

from blackstart.branch import Branch, affected
from blackstart.report.words import printable

VERSION = 1


def render_text(branch: Branch) -> str:
    """For `xargs` and eyes."""
    return "".join(f"{printable(one.path)}\n" for one in affected(branch))


def render_json(branch: Branch) -> str:
    """One JSON document with a final line break."""
    document = {
        "version": VERSION,
        "since": branch.base,
        "commit": branch.now.commit,
        "dirty": bool(branch.now.worktree.uncommitted),
        "changed": sorted(branch.paths),
        "runbooks": [asdict(one) for one in affected(branch)],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


RENDERERS: Mapping[str, Callable[[Branch], str]] = {"text": render_text, "json": render_json}
