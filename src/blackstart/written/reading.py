"""Where everything that people wrote is read from: the disk, or a commit that looks the same."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from blackstart.errors import ConfigurationError
from blackstart.written.text import read_bytes


class Files(Protocol):
    """A repository's files by path; paths use `/`."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None where it is absent. Raises ConfigurationError for anything odd."""

    def listed(self, folder: str) -> tuple[list[str], list[str]] | None:
        """The names of the folders and of the other things in a folder, sorted; None where there is no such folder.

        A link is never a folder. Raises ConfigurationError where the folder is not of this repository.
        """


class Disk:
    """The files as they stand."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes | None:
        return read_bytes(self._root, path)

    def listed(self, folder: str) -> tuple[list[str], list[str]] | None:
        place = self._root / folder
        if not place.is_dir():
            return None
        if not place.resolve().is_relative_to(self._root.resolve()):
            raise ConfigurationError(f"{folder}: a link out of the repository. Replace it by a folder.")
        folders: list[str] = []
        others: list[str] = []
        for name in sorted(_names(place)):
            kind = folders if os.path.isdir(place / name) else others  # noqa: PTH112 - quicker, and never raises
            if kind is others or not (place / name).is_symlink():
                kind.append(name)
        return folders, others


def _names(place: Path) -> list[str]:
    try:
        return os.listdir(place)  # noqa: PTH208 - names are all that is needed
    except OSError:
        return []
