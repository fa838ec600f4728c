"""New files in a repository: never over an old one, and nothing outside of it."""

from __future__ import annotations

from pathlib import Path

from blackstart.errors import UsageError


def create(root: Path, path: str, text: str) -> None:
    """Write a new file; an existing one is never touched, nor anything outside of `root`. Raises UsageError."""
    file = root / path
    if not file.parent.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{path}: a folder there is a link out of the repository. Replace it by a folder.")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        if file.exists() or file.is_symlink():
            raise UsageError(f"{path} exists already. Choose another name, or edit it.") from None
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
