"""Where everything that people wrote is read from: the disk, or a commit that looks the same."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Protocol

from blackstart.errors import ConfigurationError
from blackstart.written.text import read_bytes, stays_inside


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
        self._stays_inside = cache(stays_inside)  # of the few folders that hold a thousand files

    def read(self, path: str) -> bytes | None:
        return read_bytes(self._root, path, stays_inside=self._stays_inside)

    def listed(self, folder: str) -> tuple[list[str], list[str]] | None:
        place = self._root / folder
        if not place.is_dir():
            return None
        if not place.resolve().is_relative_to(self._root.resolve()):
            raise ConfigurationError(f"{folder}: a link out of the repository. Replace it by a folder.")
        folders: list[str] = []
        others: list[str] = []
        for entry in _entries(place):
            if not entry.is_symlink():
                (folders if entry.is_dir(follow_symlinks=False) else others).append(entry.name)
            elif not os.path.isdir(entry.path):  # noqa: PTH112 - quicker, and never raises
                others.append(entry.name)
        return sorted(folders), sorted(others)


def _entries(place: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:  # which knows what is a folder without a look at it
            return list(entries)
    except OSError:
        return []
