"""The composite action, its steps run as the runner would, on a real clone of a real remote."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from repo import Repo, sample
from runner import Runner

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CODE = "app/backup.py"


class Comments(BaseHTTPRequestHandler):
    """GitHub's comments of one pull request, in memory."""

    kept: list[dict[str, Any]]
    refuse = False

    def do_GET(self) -> None:
        self._answer(self.kept if "page=1" in self.path else [])

    def do_POST(self) -> None:
        self.kept.append({"id": len(self.kept) + 1, "user": {"type": "Bot"}, "body": self._body()})
        self._answer(self.kept[-1])

    def do_PATCH(self) -> None:
        (one,) = [one for one in self.kept if one["id"] == int(self.path.rpartition("/")[2])]
        one["body"] = self._body()
        self._answer(one)

    def _body(self) -> str:
        return str(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"])

    def _answer(self, value: object) -> None:
        self.send_response(403 if self.refuse else 200)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def comments() -> Iterator[HTTPServer]:
    handler = type("Handler", (Comments,), {"kept": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def action(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the runner downloads: the files that git tracks or would, and nothing else."""
    to = tmp_path_factory.mktemp("action") / "blackstart"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "runbooks/", "services/")):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


@pytest.fixture(scope="module")
def quick(action: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The action, installed already: its install step takes half a minute, and one test that runs it is enough."""
    quick = tmp_path_factory.mktemp("quick") / "blackstart"
    shutil.copytree(action, quick)
    program = Path(sys.executable).with_name("blackstart")
    (quick / "integrations/github/install").write_text(f'echo "BLACKSTART={program}" >>"$GITHUB_ENV"\n')
    return quick


@pytest.fixture
def checkout(tmp_path: Path) -> Repo:
    """A pull request's branch as actions/checkout leaves it: detached, with all of the remote's branches."""
    origin = sample(tmp_path / "origin")
    origin.git("checkout", "-q", "-b", "topic")
    origin.replace(CODE, "backups", "copies").commit("Rename the bucket")
    origin.git("checkout", "-q", "main")
    clone = origin.clone(tmp_path / "work")
    clone.git("checkout", "-q", "--detach", "origin/topic")
    return clone


def job(action: Path, checkout: Repo, server: HTTPServer, *, fork: bool = False) -> Runner:
    temp = checkout.root.parent / f"temp-{len(list(checkout.root.parent.iterdir()))}"
    temp.mkdir()
    return Runner(
        action=action,
        workspace=checkout.root,
        temp=temp,
        event={"number": 7, "pull_request": {"head": {"repo": {"fork": fork}}}},
        github={
            "base_ref": "main",
            "repository": "shop/shop",
            "sha": checkout.git("rev-parse", "HEAD"),
            "token": "t",
            "api_url": f"http://127.0.0.1:{server.server_port}",
        },
        inputs={"sarif": "true"},
    )


def run(runner: Runner) -> bool:
    return runner.run(given={"python": {"python-path": sys.executable}})


def test_a_stale_runbook_stops_the_pull_request_on_the_line(action: Path, checkout: Repo, comments: HTTPServer) -> None:
    runner = job(action, checkout, comments)
    assert not run(runner), runner.log
    assert runner.env["BLACKSTART"] == str(runner.temp / "blackstart/bin/blackstart")
    assert f"::error file={CODE},line=1" in runner.log
    assert "runbooks/restore.md" in runner.summary
    assert json.loads(Path(runner.outputs["check"]["sarif"]).read_text())["version"] == "2.1.0"
    assert any(use.startswith("github/codeql-action/upload-sarif@") for use in runner.uses)


def test_one_comment_is_kept_and_updated(quick: Path, checkout: Repo, comments: HTTPServer) -> None:
    kept = comments.RequestHandlerClass.kept  # type: ignore[attr-defined]
    kept.append({"id": 1, "user": {"type": "User"}, "body": "<!-- blackstart --> from someone else"})
    run(job(quick, checkout, comments))
    assert [one["id"] for one in kept] == [1, 2]
    stopped = kept[1]["body"]
    assert "blackstart review runbooks/restore.md" in stopped
    checkout.blackstart("review", "runbooks/restore.md", "-m", "only the bucket's name")
    checkout.commit("Review the page")
    again = job(quick, checkout, comments)
    assert run(again), again.log
    assert len(kept) == 2
    assert kept[1]["body"] != stopped
    assert "from someone else" in kept[0]["body"]


def test_a_clean_pull_request_gets_no_comment(quick: Path, checkout: Repo, comments: HTTPServer) -> None:
    checkout.git("checkout", "-q", "--detach", "origin/main")
    checkout.write("notes.txt", "x\n").commit("Note something")
    assert run(job(quick, checkout, comments))
    assert comments.RequestHandlerClass.kept == []  # type: ignore[attr-defined]


def test_a_fork_has_no_token_and_is_judged_all_the_same(quick: Path, checkout: Repo, comments: HTTPServer) -> None:
    runner = job(quick, checkout, comments, fork=True)
    assert not run(runner)
    assert f"::error file={CODE}" in runner.log
    assert comments.RequestHandlerClass.kept == []  # type: ignore[attr-defined]
    assert not any("upload-sarif" in use for use in runner.uses)


def test_a_comment_that_is_refused_is_said_and_does_not_decide(
    quick: Path, checkout: Repo, comments: HTTPServer
) -> None:
    comments.RequestHandlerClass.refuse = True  # type: ignore[attr-defined]
    checkout.git("checkout", "-q", "--detach", "origin/main")
    runner = job(quick, checkout, comments)
    assert run(runner), runner.log
    assert "no comment on the pull request: HTTP Error 403" in runner.log


def test_a_branch_with_a_shell_in_its_name_runs_nothing(quick: Path, checkout: Repo, comments: HTTPServer) -> None:
    runner = job(quick, checkout, comments)
    runner.github["base_ref"] = "main$(touch${IFS}owned)`touch${IFS}owned`"
    assert not run(runner)
    assert runner.outputs["check"]["exit-code"] == "2"
    assert not (checkout.root / "owned").exists()
