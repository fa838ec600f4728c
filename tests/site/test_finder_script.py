"""The finder's own tests, which run in the Node.js that playwright brings."""

from __future__ import annotations

import subprocess
from pathlib import Path

import playwright
import pytest

NODE = Path(playwright.__file__).parent / "driver" / "node"
TESTS = Path(__file__).parent / "js"


@pytest.mark.parametrize("script", sorted(TESTS.glob("*.test.js")), ids=lambda path: path.stem)
def test_the_scripts_pass_their_tests(script: Path) -> None:
    done = subprocess.run([NODE, "--test", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
