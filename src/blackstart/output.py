"""Where a report goes: one format to the terminal, any number to files, a summary to the CI job's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from click import unstyle

from blackstart.errors import UsageError
from blackstart.model import Checked, NotJudged, Report
from blackstart.report import FORMATS, render
from blackstart.written.near import suggest
from blackstart.written.text import replace_file

SUMMARY_MOST = 1024 * 1024  # bytes; GitHub drops a larger summary of a step whole


@dataclass(frozen=True, slots=True)
class Output:
    """What the user asked for. `summary` is the file that GitHub shows on the job's page."""

    shown: str
    files: tuple[tuple[str, Path], ...]
    summary: Path | None = None

    def deliver(self, report: Report) -> str:
        """Write every file, whole or not at all, then give what is to be shown. Raises UsageError."""
        texts = {name: render(name, report) for name in {self.shown, *(name for name, _ in self.files)}}
        for name, path in self.files:
            _write(path, texts[name])
        if self.summary and self.shown == "github":
            _append(self.summary, report)
        return texts[self.shown]


def plan(shown: str, asked: Sequence[str], summary: str | None) -> Output:
    """Read `--format` and each `--output FORMAT=PATH`, before anything is judged. Raises UsageError."""
    files = tuple(_file(one) for one in asked)
    paths = [path.absolute() for _, path in files]
    for path in paths:
        if paths.count(path) > 1:
            raise UsageError(f"--output: two formats for {path}. Name another file for one of them.")
    return Output(_format(shown), files, Path(summary) if summary else None)


def could_not_judge(reason: str) -> Report:
    """The report of a run that broke off: nothing was checked, so that no reader takes it for a good one."""
    trouble = NotJudged("", 1, "", reason, "Run blackstart check again when that is put right.")
    return Report(None, False, (), (trouble,), (), Checked(0, 0, 0))


def _format(name: str) -> str:
    if name not in FORMATS:
        raise UsageError(f"no format `{name}`{suggest(name, FORMATS) or '.'} Known: {', '.join(FORMATS)}.")
    return name


def _file(asked: str) -> tuple[str, Path]:
    name, equals, path = asked.partition("=")
    if not equals or path in ("", "-"):
        raise UsageError(f"--output {asked}: write FORMAT=PATH, such as sarif=out.sarif. For the terminal: --format.")
    file = Path(path)
    if not file.parent.is_dir():
        raise UsageError(f"--output {asked}: there is no folder {file.parent}. Make it first: mkdir -p {file.parent}")
    if file.is_dir():
        raise UsageError(f"--output {asked}: that is a folder. Name a file in it.")
    return _format(name), file


def _write(path: Path, text: str) -> None:
    try:
        replace_file(path, unstyle(text).encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}.") from None


def _append(path: Path, report: Report) -> None:
    """Behind what other commands of the same step have written."""
    try:
        written = path.stat().st_size if path.exists() else 0
        from blackstart.report import markdown  # only a job on GitHub needs it

        text = markdown.summary(report, SUMMARY_MOST - written).encode("utf-8", "backslashreplace")
        if written + len(text) <= SUMMARY_MOST:
            with path.open("ab") as stream:
                stream.write(text)
    except OSError as error:
        raise UsageError(f"{path}: the job summary cannot be written: {error.strerror}.") from None
