"""Where the user stands, what a path of theirs is called in the repository, and the library of what is there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from blackstart.clock import today
from blackstart.errors import UsageError
from blackstart.root import find_root

if TYPE_CHECKING:
    from blackstart.library import Library


def here() -> Path:
    """The root of the repository around the user."""
    return find_root(Path.cwd())


def relative(root: Path, path: str) -> str:
    """`path` as the repository names it. Raises UsageError for what is not in it."""
    file = Path(path).absolute()
    resolved = Path(file.parent.resolve(), file.name)
    if file.name == "..":
        resolved = file.resolve()
    if not resolved.is_relative_to(root):
        raise UsageError(f"{path}: outside the repository {root}.")
    if not os.path.lexists(resolved):
        raise UsageError(f"{path}: there is no such file or folder.")
    return "" if resolved == root else resolved.relative_to(root).as_posix()


def open_library(root: Path) -> Library:
    """Load the library there, as of today."""
    from blackstart.history import open_history

    history = open_history(root)  # git works while Python loads the rest
    from blackstart.library import assemble

    return assemble(root, today(), history)
