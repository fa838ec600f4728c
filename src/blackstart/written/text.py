"""Bytes to text, with every way that can go wrong named at its place."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from blackstart.errors import ConfigurationError
from blackstart.model import Problem

MAX_BYTES = 1_000_000  # parsers stay quick


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a file without its byte order mark, and what was wrong with it."""

    text: str
    problems: tuple[Problem, ...] = ()


def stays_inside(root: Path, folder: str) -> bool:
    """Whether no link leads from the folders in the path `folder` out of `root`."""
    parts = folder.split("/") if folder else []
    folders = (os.path.join(root, *parts[:count]) for count in range(1, len(parts) + 1))  # noqa: PTH118
    if ".." not in parts and not any(map(os.path.islink, folders)):
        return True
    return (root / folder).resolve().is_relative_to(root.resolve())


def read_bytes(
    root: Path, path: str, limit: int = MAX_BYTES, stays_inside: Callable[[Path, str], bool] = stays_inside
) -> bytes | None:
    """The bytes of a file of the repository, None where it is absent. Raises ConfigurationError for anything odd.

    Of a file with more bytes than `limit`, one more than that.

    A link could lead to a file whose lines then show up in the messages of a public CI log.
    """
    file = f"{root}/{path}"  # a Path takes longer to make than the file to read
    try:
        status = os.lstat(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}.") from None
    if not stat.S_ISREG(status.st_mode) or not stays_inside(root, path.rpartition("/")[0]):
        raise ConfigurationError(f"{path}: not a regular file of this repository. Replace the link by the file.")
    try:
        return _first_bytes(file, min(status.st_size, limit) + 1)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}.") from None


def _first_bytes(file: str, size: int) -> bytes:
    """Without the buffers of `open`, which take as long to make as a page to read."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        return os.read(descriptor, size)
    finally:
        os.close(descriptor)


def digest(*parts: str) -> str:
    """Of texts without NUL, in hexadecimal; as short as its first digits for who has few of them."""
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def replace_file(file: Path, data: bytes) -> None:
    """Write next to the file and rename, so that a crash leaves the old text or the new."""
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
    import tempfile  # which takes long to load, and most runs write nothing

    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name[:50]}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        Path(name).chmod(mode)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def decode(path: str, data: bytes, limit: int = MAX_BYTES) -> Text:
    """Read UTF-8; what is not text gives empty text and the problem."""
    if len(data) > limit:
        return _unreadable(path, 1, 1, f"the file has more than {limit:,} bytes", "Split it.")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _position(data, error.start)
        byte = data[error.start]
        return _unreadable(
            path,
            line,
            column,
            f"byte 0x{byte:02x} is not UTF-8 text",
            "Save the file as UTF-8, for example with iconv.",
        )
    if (at := text.find("\0")) >= 0:
        line, column = _position(data, len(text[:at].encode()))
        return _unreadable(path, line, column, "a NUL character: this is not a text file", "Remove the character.")
    return Text(text)


def _unreadable(path: str, line: int, column: int, message: str, fix: str) -> Text:
    return Text("", (Problem(path, line, column, message, fix),))


def _position(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset]
    line = before[before.rfind(b"\n") + 1 :]
    return before.count(b"\n") + 1, len(line.decode("utf-8", "replace")) + 1
