"""Many processes find what one finds, and lose nothing when one of them dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from blackstart.crew import Crew, hands
from repo import Repo, on_one_core, sample

SEVERAL = len(os.sched_getaffinity(0)) > 1
PARENT = os.getpid()


def test_results_are_those_of_the_items_in_any_order() -> None:
    power: Callable[[int], int] = lambda number: number**3  # noqa: E731 - it cannot be sent, only inherited
    with Crew(power, range(50)) as crew:
        assert [crew.take(index) for index in (49, 0, 25)] == [49**3, 0, 25**3]


def test_what_the_work_raises_is_raised() -> None:
    def refuse(item: int) -> None:
        raise ValueError(item)

    with Crew(refuse, [7]) as crew, pytest.raises(ValueError, match="7"):
        crew.take(0)


def test_an_item_that_kills_its_process_has_no_result() -> None:
    def fall(item: int) -> int:
        if item == 3 and os.getpid() != PARENT:
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    with Crew(fall, range(900)) as crew:
        taken = [crew.take(index) for index in range(900)]
    assert taken[3] is None
    assert all(one in (index, None) for index, one in enumerate(taken))


def test_without_locks_for_processes_there_are_no_results(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("multiprocessing.synchronize.SemLock.__init__", refuse)
    with Crew(str, range(3)) as crew:
        assert [crew.take(index) for index in range(3)] == [None] * 3


def test_no_fork_beside_a_thread() -> None:
    alone, done = hands(), threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    beside = hands()
    done.set()
    thread.join()
    assert (alone > 1, beside) == (SEVERAL, 1)


PAGES = [
    "fine",
    "```\nno language\n```",
    "```bash\nif true; then\n```",
    "See [that](../nowhere.md) and [this](page-000.md#nowhere).",
    "<script>alert(1)</script>",
    "TODO",
    "```bash\napp/gone.sh\n```",
]


@pytest.mark.slow
def test_a_large_library_is_judged_alike_on_one_core_and_on_all(tmp_path: Path) -> None:
    repo: Repo = sample(tmp_path)
    text = repo.read("runbooks/restore.md")
    for number in range(120):
        trouble = PAGES[number % len(PAGES)]
        repo.write(f"runbooks/page-{number:03}.md", f"{text}\n## More {number}\n\n{trouble}\n")
    repo.commit("Write many")
    command = [sys.executable, "-m", "blackstart", "check", "--format", "json"]
    ran = [
        subprocess.run(command, cwd=repo.root, capture_output=True, text=True, check=False, preexec_fn=place)
        for place in (None, on_one_core, None)
    ]
    assert [(one.returncode, one.stderr) for one in ran] == [(1, "")] * 3
    assert all(f'"{rule}"' in ran[0].stdout for rule in ("dead-link", "dead-reference", "raw-html", "shell-syntax"))
    assert ran[0].stdout == ran[1].stdout == ran[2].stdout
