"""Several formats at once, written whole, whatever the verdict; and what a consumer finds when there was none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import blackstart.engine
from attacks import READERS, runner
from blackstart.cli import main
from blackstart.report import FORMATS
from hostile import blackstart as run
from repo import Repo, sample


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """With one finding."""
    repo = sample(tmp_path / "repo")
    return repo.replace("app/backup.py", "backups", "elsewhere")


def every(folder: Path) -> list[str]:
    return [option for name in FORMATS for option in ("--output", f"{name}={folder}/out.{name}")]


def test_several_at_once(repo: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert repo.blackstart("check", "--select", "stale", "--format", "github", *every(tmp_path)) == 1
    out = capsys.readouterr().out
    assert [command.name for command in runner(out)] == ["error"]
    assert (tmp_path / "out.github").read_text() == out
    for name, read in READERS.items():
        read((tmp_path / f"out.{name}").read_text())
    assert "\x1b" not in (tmp_path / "out.text").read_text()


def test_exit_zero_is_for_uploads(repo: Repo, tmp_path: Path) -> None:
    assert repo.blackstart("check", "--select", "stale", "--exit-zero") == 0
    repo.write("blackstart.yml", "runbook: x\n")
    assert repo.blackstart("check", "--exit-zero") == 2
    clone = sample(tmp_path / "full")
    clone.replace("app/backup.py", "backups", "elsewhere").commit("Rename")
    shallow = clone.clone(tmp_path / "shallow", "--depth", "1")
    assert shallow.blackstart("check", "--select", "stale", "--exit-zero") == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--format", "sarfi"), "no format `sarfi`, did you mean `sarif`?"),
        (("--output", "jnit=x.xml"), "no format `jnit`, did you mean `junit`?"),
        (("--output", "sarif"), "write FORMAT=PATH"),
        (("--output", "sarif="), "write FORMAT=PATH"),
        (("--output", "sarif=-"), "For the terminal: --format"),
        (("--output", "sarif=nowhere/x.sarif"), "there is no folder nowhere. Make it first: mkdir -p nowhere"),
        (("--output", "sarif=app"), "that is a folder"),
        (("--output", "sarif=x", "--output", "json=x"), "two formats for"),
    ],
)
def test_what_cannot_be_written_is_refused_first(
    repo: Repo, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    assert repo.blackstart("check", *arguments) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert not said.out


def test_help_names_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--help"]) == 0
    assert ", ".join([*FORMATS][:-1]) in " ".join(capsys.readouterr().out.split())


def test_a_link_in_the_repository_is_not_followed(repo: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "precious"
    outside.write_text("mine")
    (repo.root / "out.sarif").symlink_to(outside)
    repo.blackstart("check", "--output", "sarif=out.sarif")
    assert outside.read_text() == "mine"
    assert not (repo.root / "out.sarif").is_symlink()


def test_a_file_is_written_whole_or_not_at_all(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "out.sarif"
    old.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert repo.blackstart("check", "--output", f"sarif={old}") == 2
    assert f"{old}: cannot be written: No space left on device." in capsys.readouterr().err
    assert old.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["out.sarif"]


@pytest.fixture(params=[(2, "unknown key `runbook`"), (3, "a bug of ours: ZeroDivisionError")], ids=["policy", "bug"])
def trouble(repo: Repo, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> tuple[int, str]:
    """A policy that nobody can read, or a bug of ours: the exit code and what is said."""
    code, why = request.param
    if code == 2:
        repo.write("blackstart.yml", "runbook: x\n")
        return code, why

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("::error::x")

    monkeypatch.setattr(blackstart.engine, "run", fail)
    return code, why


def test_what_breaks_off_is_never_green(
    repo: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str], trouble: tuple[int, str]
) -> None:
    code, why = trouble
    assert repo.blackstart("check", "--format", "github", "--exit-zero", *every(tmp_path)) == code
    said = capsys.readouterr()
    assert why in said.err
    (command,) = runner(said.out)
    assert command.name == "error"
    assert why in command.data
    for name in FORMATS:
        text = (tmp_path / f"out.{name}").read_text()
        READERS[name](text)
        assert why in text
    run_ = json.loads((tmp_path / "out.sarif").read_text())["runs"][0]
    assert run_["invocations"][0]["executionSuccessful"] is False
    assert json.loads((tmp_path / "out.json").read_text())["verdict"] == "fail"
    assert 'errors="1"' in (tmp_path / "out.junit").read_text()


def test_an_error_gives_the_runner_no_orders(repo: Repo) -> None:
    repo.write("runbooks/_kinds/x.yml", "name: ['##[add-mask]x']\n::error ::x: y\n")
    code, said = run(repo.root, "check")
    assert code == 2
    assert not list(runner(said))
