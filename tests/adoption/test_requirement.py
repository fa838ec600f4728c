"""What CI is told to install is the blackstart that wrote its configuration, as pip recorded it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from blackstart import __version__
from blackstart.adoption.requirement import requirement
from repo import Repo

COMMIT = "1f" * 20
OURS = f"blackstart=={__version__}"


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch, origin: dict[str, Any] | None) -> None:
    """An installation in front of the one under test, whose record pip would have written like this."""
    info = folder / f"blackstart-{__version__}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: blackstart\nVersion: {__version__}\n")
    if origin:
        (info / "direct_url.json").write_text(json.dumps(origin))
    monkeypatch.syspath_prepend(str(folder))


def from_git(url: str) -> dict[str, Any]:
    return {"url": url, "vcs_info": {"vcs": "git", "commit_id": COMMIT}}


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (None, OURS),
        (
            from_git("https://github.com/acme/blackstart"),
            f"blackstart @ git+https://github.com/acme/blackstart@{COMMIT}",
        ),
        (
            from_git("https://ann:t0ken@git.acme.io:8443/b.git"),
            f"blackstart @ git+https://git.acme.io:8443/b.git@{COMMIT}",
        ),
        (from_git("ssh://git@git.acme.io/b.git"), f"blackstart @ git+ssh://git@git.acme.io/b.git@{COMMIT}"),
        (from_git("file:///home/ann/b"), OURS),
        (from_git('https://git.acme.io/b";id;".git'), OURS),
        ({"url": "https://acme.io/b.whl", "archive_info": {}}, "blackstart @ https://acme.io/b.whl"),
        ({"url": "file:///tmp/b.whl", "archive_info": {}}, OURS),
        ({"url": "file:///nowhere/b", "dir_info": {"editable": True}}, OURS),
    ],
)
def test_it_is_what_the_installation_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: dict[str, Any] | None, expected: str
) -> None:
    installed(tmp_path, monkeypatch, origin)
    assert requirement() == expected
    Requirement(requirement())


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("git@github.com:acme/blackstart.git", "blackstart @ git+ssh://git@github.com/acme/blackstart.git@{}"),
        ("https://github.com/acme/blackstart.git", "blackstart @ git+https://github.com/acme/blackstart.git@{}"),
        ("../elsewhere", OURS),
        ("", OURS),
    ],
)
def test_of_a_checkout_its_remote_and_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remote: str, expected: str
) -> None:
    checkout = Repo(tmp_path / "checkout").init()
    commit = checkout.write("a", "").commit("Start")
    if remote:
        checkout.git("remote", "add", "origin", remote)
    origin = {"url": checkout.root.as_uri(), "dir_info": {"editable": True}}
    installed(tmp_path / "site", monkeypatch, origin)
    assert requirement() == expected.format(commit)


@pytest.mark.parametrize(("host", "path"), [("github", ".github/workflows/runbooks.yml"), ("gitlab", ".gitlab-ci.yml")])
def test_ci_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, path: str) -> None:
    installed(tmp_path / "site", monkeypatch, from_git("https://github.com/acme/blackstart"))
    repo = Repo(tmp_path / "shop").init()
    repo.blackstart("init", "--yes", "--ci", host)
    text = json.dumps(yaml.safe_load(repo.read(path)))
    assert json.dumps(f'pip install "{requirement()}"').strip('"') in text
