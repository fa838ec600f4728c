"""No text that a stranger can put into a repository gets out of its place, in any format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from attacks import ATTACKS, READERS, assert_harmless
from blackstart.model import Checked, Report
from blackstart.report import FORMATS, render
from hostile import blackstart
from repo import Repo
from reports import CODE, PAGE, full, stale_repo

EMPTY = Report("1c0ffee" * 5, False, (), (), (), Checked(1, 1, 0))


def test_every_format_is_read() -> None:
    assert set(READERS) == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("attack", ATTACKS)
def test_from_every_field(name: str, attack: str) -> None:
    report = full(EMPTY, ATTACKS[attack])
    text = render(name, report)
    if name == "text":
        text = text.replace("\x1b", "")  # its own colours
    assert_harmless(name, text)


@pytest.mark.slow
def test_from_a_real_repository(tmp_path: Path) -> None:
    """As commit subject, author, names of runbook and code, and in its front matter, through the command line."""
    repo = stale_repo(Repo(tmp_path / "repo"))
    attacks = {number: text for number, text in enumerate(ATTACKS.values()) if text.strip() and "\0" not in text}
    for number, text in attacks.items():
        name = text.replace("/", "_")[:60]
        front = {
            "title": text,
            "kind": "restore",
            "component": "db",
            "owner": text,
            "covers": [f"app/{number:02} *", text],
        }
        page = f"---\n{yaml.safe_dump(front)}---\n".encode("utf-8", "surrogatepass")
        repo.write(f"runbooks/{name}.md", page).write(f"app/{number:02} {name}.py", "x = 1\n")
    for number, text in attacks.items():
        repo.environment = {"GIT_AUTHOR_NAME": f"a {text[:500]}"}
        repo.write(f"runbooks/plain-{number}.md", repo.read(PAGE).replace(CODE, f"app/{number:02} *")).commit("A page")
        repo.write(f"app/{number:02} {text.replace('/', '_')[:60]}.py", "x = 2\n").commit(text)
    outputs = [option for name in FORMATS for option in ("--output", f"{name}={tmp_path}/out.{name}")]
    code, said = blackstart(repo.root, "check", "--format", "github", *outputs)
    assert code == 1
    assert_harmless("github", said)
    for name in FORMATS:
        assert_harmless(name, (tmp_path / f"out.{name}").read_text())
    stale = [one for one in json.loads((tmp_path / "out.json").read_text())["findings"] if one["rule"] == "stale"]
    assert len(stale) > len(attacks)
