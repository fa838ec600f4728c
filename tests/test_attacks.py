"""Repositories that attack whoever judges them. Every one is played: nothing of theirs may run, leave, or speak."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from hostile import blackstart
from repo import Repo, sample

pytestmark = pytest.mark.slow

CODE, PAGE = "app/backup.py", "runbooks/restore.md"
COMMANDS = (
    ("check",),
    ("check", "--format", "json"),
    ("check", "--since", "HEAD~1"),
    ("affected", "HEAD~1"),
    ("coverage",),
    ("explain", PAGE),
    ("review", PAGE, "-m", "read"),
)


def canary(repo: Repo) -> Path:
    return repo.root.parent / "ran"


def program(repo: Repo, name: str = "evil") -> str:
    """A program that says in a file that it ran, and then does as asked so that git goes on."""
    file = repo.root.parent / name
    file.write_text(f"#!/bin/sh\necho {name} >> {canary(repo)}\ncat 2>/dev/null\n")
    file.chmod(0o755)
    return str(file)


def configured(*keys: str, attributes: str = "") -> Callable[[Repo], None]:
    def attack(repo: Repo) -> None:
        for key in keys:
            name, _, value = key.partition("=")
            repo.git("config", name, value or program(repo))
        if attributes:
            repo.write(".gitattributes", attributes)

    return attack


def hooks(repo: Repo) -> None:
    for name in ("post-index-change", "post-checkout", "pre-commit", "reference-transaction", "fsmonitor-watchman"):
        file = repo.root / ".git/hooks" / name
        file.write_text(f"#!/bin/sh\necho {name} >> {canary(repo)}\n")
        file.chmod(0o755)


def included(repo: Repo) -> None:
    repo.write("evil.cfg", f"[core]\n\tfsmonitor = {program(repo)}\n[diff]\n\texternal = {program(repo)}\n")
    repo.git("config", "include.path", "../evil.cfg")


def submodule(repo: Repo) -> None:
    repo.write(
        ".gitmodules", f'[submodule "x"]\n\tpath = x\n\turl = ext::{program(repo)}\n\tupdate = !{program(repo)}\n'
    )
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.git('rev-parse', 'HEAD')},x")


def promisor(repo: Repo) -> None:
    """A partial clone whose missing objects would be fetched by a program."""
    repo.git("config", "extensions.partialClone", "evil")
    repo.git("config", "remote.evil.url", f"ext::{program(repo)}")
    repo.git("config", "remote.evil.promisor", "true")
    blob = repo.git("rev-parse", "HEAD~1:app/backup.py")
    (repo.root / ".git/objects" / blob[:2] / blob[2:]).unlink()


def module(repo: Repo) -> None:
    """Code where Python looks first."""
    for name in ("yaml.py", "git.py", "sitecustomize.py", "blackstart.py", "conftest.py", "encodings.py"):
        repo.write(name, f"open({str(canary(repo))!r}, 'a').write({name!r})\n")


def covered_program(repo: Repo) -> None:
    repo.write("app/setup.py", f"import os\nos.system('echo ran >> {canary(repo)}')\n")
    repo.replace(PAGE, "  - app/backup.py", "  - app/**")


def commands_in_a_page(repo: Repo) -> None:
    text = f"\n```bash\necho ran >> {canary(repo)}\n```\n\n`$(touch {canary(repo)})`\n"
    repo.write(PAGE, repo.read(PAGE) + text)


def tag_in_yaml(repo: Repo) -> None:
    repo.replace(PAGE, "owner: platform", f"owner: !!python/object/apply:os.system ['touch {canary(repo)}']")


def link_out(repo: Repo) -> None:
    (repo.root / "runbooks/secret.md").symlink_to("/etc/passwd")
    (repo.root / "app/secret").symlink_to("/etc")


def git_in_path(repo: Repo) -> None:
    for folder in (repo.root, repo.root / "app"):
        file = folder / "git"
        file.write_text(f"#!/bin/sh\necho git >> {canary(repo)}\n")
        file.chmod(0o755)


def replaced_objects(repo: Repo) -> None:
    """A replacement that would show the old code as today's."""
    new, old = repo.git("rev-parse", f"HEAD:{CODE}"), repo.git("rev-parse", f"HEAD~1:{CODE}")
    repo.git("update-ref", f"refs/replace/{new}", old)


def grafts(repo: Repo) -> None:
    repo.write(".git/info/grafts", repo.git("rev-parse", "HEAD") + "\n")


def options_as_names(repo: Repo) -> None:
    repo.write("app/--output=stolen", "x").write("-rf", "x").write("app/:(top)x", "x")
    repo.replace(PAGE, "  - app/backup.py", '  - app/backup.py\n  - "app/--output=stolen"')


def terminal(repo: Repo) -> None:
    repo.write(CODE, repo.read(CODE).replace("copies", "other"))
    repo.git("-c", "user.name=\x1b]0;owned\x07\x1b[2J", "commit", "-q", "-am", "\x1b[31mred\r::error::x\u202e")


ATTACKS: dict[str, Callable[[Repo], None]] = {
    "core.fsmonitor runs a program": configured("core.fsmonitor"),
    "core.hooksPath": configured("core.hooksPath=.evil-hooks"),
    "hooks in .git/hooks": hooks,
    "diff.external": configured("diff.external"),
    "a diff driver by attribute": configured("diff.evil.command", attributes="* diff=evil\n"),
    "a textconv by attribute": configured("diff.evil.textconv", attributes="* diff=evil\n"),
    "a clean filter by attribute": configured("filter.evil.clean", attributes="* filter=evil\n"),
    "a filter process by attribute": configured("filter.evil.process", attributes="* filter=evil\n"),
    "a smudge filter by attribute": configured("filter.evil.smudge", attributes="* filter=evil\n"),
    "a required filter": configured("filter.evil.clean", "filter.evil.required=true", attributes="* filter=evil\n"),
    "core.pager": configured("core.pager", "pager.log", "pager.diff", "pager.grep", "pager.config"),
    "core.editor and sequence.editor": configured("core.editor", "sequence.editor"),
    "gpg.program": configured("gpg.program", "log.showSignature=true"),
    "core.sshCommand and credential.helper": configured("core.sshCommand", "credential.helper"),
    "core.alternateRefsCommand": configured("core.alternateRefsCommand"),
    "include.path to a file of the repository": included,
    "a submodule that updates by a program": submodule,
    "a promisor remote that fetches by a program": promisor,
    "Python modules in the root": module,
    "covered code that would run": covered_program,
    "commands in a page": commands_in_a_page,
    "a YAML tag": tag_in_yaml,
    "links out of the repository": link_out,
    "a program called git": git_in_path,
    "replaced objects": replaced_objects,
    "grafts": grafts,
    "files named like options": options_as_names,
    "a terminal's escapes in a commit": terminal,
}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Stale on purpose, so that stories are told and differences shown; one file is edited, too."""
    repo = sample(tmp_path / "repo")
    repo.replace(CODE, "backups", "copies").commit("Rename the bucket")
    repo.write(CODE, repo.read(CODE) + "# edited\n")
    return repo


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_theirs_runs_leaves_or_speaks(repo: Repo, attack: str) -> None:
    outside = {path: path.stat().st_mtime_ns for path in repo.root.parent.iterdir() if path != repo.root}
    ATTACKS[attack](repo)
    (repo.root / CODE).touch()  # git has to look again
    before = _names(repo.root)
    for command in COMMANDS:
        code, said = blackstart(repo.root, *command, quiet=command[0] == "affected")
        assert not canary(repo).exists(), f"{command} ran {canary(repo).read_text()}"
        assert "\x1b" not in said
        assert not any(line.startswith(("::", "##[")) for line in said.splitlines())
        assert "root:x:0" not in said
        if command[0] == "check" and "--since" not in command:  # page and code in one change vouch for each other
            assert code in (1, 2), f"{command} called it clean"
    assert _names(repo.root) == before
    assert all(path.stat().st_mtime_ns == when for path, when in outside.items())


def _names(root: Path) -> set[str]:
    """What is in the work tree; git's own folder may hold our cache."""
    return {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if ".git" not in path.relative_to(root).parts or stat.S_ISFIFO(path.lstat().st_mode)
    }


def test_the_count_of_attacks() -> None:
    """Twenty are promised."""
    assert len(ATTACKS) >= 20
